"""A mixture of experts: which of them a token uses, what they return together, and how evenly they are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.mixture_of_experts.mistakes import BALANCE, CHOOSE, MISTAKES, MIX
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.gradient_check import GradientCheck

# Experts cannot be sent to an answer: they are made in its process, of their matrices, and count what they are given.
EXPERTS = """
import torch

class Expert:
    def __init__(self, matrix):
        self.matrix, self.rows = matrix, 0

    def __call__(self, x):
        self.rows += x.numel() // x.shape[-1]
        return torch.tanh(x @ self.matrix)

class Experts(tuple):
    def list_rows(self):
        return [expert.rows for expert in self]

def make(matrices):
    return Experts(Expert(matrix) for matrix in matrices)
"""


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {CHOOSE: step.choose_experts, MIX: step.mix_experts, BALANCE: step.balance_loss}


def draw_scores(seed: int, tokens: int, experts: int, ties: bool = False) -> Any:
    """Return scores of tokens for experts; whole numbers, of which many are equal, where ties are asked for."""
    import torch

    scores = 2 * torch.randn(tokens, experts, generator=torch.Generator().manual_seed(seed))
    return scores.round() if ties else scores


def draw_choices(seed: int, tokens: int, experts: int, used: int) -> tuple[Any, Any]:
    """Return weights and chosen experts, in any order; not all experts need be chosen."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    weights = torch.rand(tokens, used, generator=generator) + 0.1
    chosen = torch.stack([torch.randperm(experts, generator=generator)[:used] for _ in range(tokens)])
    return weights / weights.sum(dim=-1, keepdim=True), chosen


def draw_mixture(seed: int, tokens: int, experts: int, used: int, width: int) -> Case:
    """Return vectors, weights, chosen experts and the experts' matrices."""
    import torch

    generator = torch.Generator().manual_seed(seed + 1)
    x = torch.randn(tokens, width, generator=generator)
    return x, *draw_choices(seed, tokens, experts, used), torch.randn(experts, width, width, generator=generator)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Draw a seed, and the numbers of tokens, of experts, and of those that each uses."""
    experts = draw(st.integers(1, 5))
    return draw(SEEDS), draw(st.integers(1, 5)), experts, draw(st.integers(1, min(3, experts)))


def choices(ties: bool) -> st.SearchStrategy[Case]:
    """Draw scores, and how many experts are used."""
    return counts().map(lambda drawn: (draw_scores(*drawn[:3], ties), drawn[3]))


def mixtures() -> st.SearchStrategy[Case]:
    """Draw vectors with their experts."""
    return st.tuples(counts(), st.integers(1, 3)).map(lambda drawn: draw_mixture(*drawn[0], drawn[1]))


def balances() -> st.SearchStrategy[Case]:
    """Draw scores, and experts that were chosen, by these scores or not."""
    return counts().map(lambda drawn: (draw_scores(*drawn[:3]), draw_choices(*drawn)[1]))


def look_at_choice(answer: Answer, scores: Any, used: int) -> Any:
    """Return weights and chosen experts by their names."""
    found = answer.call(CHOOSE, scores, used)
    pair = isinstance(found, list | tuple) and len(found) == 2
    return dict(zip(("weights", "chosen"), found, strict=True)) if pair else found


def look_at_mixture(answer: Answer, x: Any, weights: Any, chosen: Any, matrices: Any) -> dict[str, Any]:
    """Return the mixed vectors, and how many tokens each expert was given."""
    experts = answer.given(EXPERTS, matrices)
    mixed = answer.call(MIX, x, weights, chosen, experts)
    return {"mixed": mixed, "tokens given to each expert": answer.method(experts, ["list_rows"])}


@dataclass(frozen=True)
class MixedGradients(GradientCheck):
    """The gradients through experts, which are made of their matrices."""

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the gradient along each argument."""
        return super().observe(answer, (*case[:3], answer.given(EXPERTS, case[3])))


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of tokens and of experts."""
    return {"N": len(case[0]), "E": len(case[3]) if len(case) == 4 else case[0].shape[-1]}


def worked() -> tuple[Case, Case]:
    """Return the statement's choice and its balance."""
    import torch

    chosen = torch.tensor([[0], [0]])
    return (torch.tensor([[1.0, 3.0, 2.0]]), 2), (torch.tensor([[3.0, 1.0], [3.0, 1.0]]).log(), chosen)


def all_to_one() -> Case:
    """Return tokens that all use one expert of three."""
    import torch

    x, weights, _, matrices = draw_mixture(3, 4, 3, 1, 2)
    return x, weights, torch.ones(4, 1, dtype=torch.int64), matrices


def benchmark_case() -> tuple[str, None, Case]:
    """Return scores of 50,000 tokens for 16 experts."""
    return CHOOSE, None, (draw_scores(0, 50_000, 16), 2)


exercise = Exercise(
    name="mixture-of-experts",
    title="Mixture of experts",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.experts"],
    reference=reference,
    entries={CHOOSE: [CHOOSE], MIX: [MIX], BALANCE: [BALANCE]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the chosen experts and their weights",
            CHOOSE,
            choices(ties=False),
            edges=[worked()[0], (draw_scores(0, 3, 4), 2), (draw_scores(1, 4, 3), 3), (draw_scores(2, 2, 1), 1)],
            observer=look_at_choice,
            absolute=1e-6,
            examples=20,
        ),
        Check(
            "experts with equal scores",
            CHOOSE,
            choices(ties=True),
            edges=[(draw_scores(0, 4, 5, ties=True) * 0, 2)],
            observer=look_at_choice,
            absolute=1e-6,
            examples=10,
        ),
        Check(
            "the mixed vectors",
            MIX,
            mixtures(),
            edges=[
                draw_mixture(0, 3, 4, 2, 2),
                draw_mixture(1, 5, 3, 2, 3),
                draw_mixture(2, 2, 1, 1, 2),
                all_to_one(),
                draw_mixture(4, 4, 3, 3, 2),
            ],
            observer=look_at_mixture,
            absolute=1e-6,
            arguments=("x", "weights", "chosen", "matrices of the experts"),
            examples=20,
        ),
        MixedGradients(
            "the gradients through the experts",
            MIX,
            mixtures(),
            edges=[draw_mixture(0, 3, 4, 2, 2)],
            along=((0, "x"), (1, "weights")),
            arguments=("x", "weights", "chosen", "matrices of the experts"),
            examples=5,
        ),
        Check(
            "the balance loss",
            BALANCE,
            balances(),
            edges=[worked()[1], (draw_scores(0, 4, 3), draw_choices(1, 4, 3, 2)[1])],
            absolute=1e-6,
            examples=20,
        ),
        GradientCheck(
            "the gradient of the balance loss",
            BALANCE,
            balances(),
            edges=[worked()[1], (draw_scores(0, 4, 3), draw_choices(1, 4, 3, 2)[1])],
            along=((0, "scores"),),
            examples=5,
        ),
    ],
    mistakes=MISTAKES,
)
