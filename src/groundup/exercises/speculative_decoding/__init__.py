"""Speculative decoding: which guesses of a draft are kept, and what replaces the first that is not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.chance import are_alike, fits, is_same_draw
from groundup.exercises.repeating import call_often
from groundup.exercises.speculative_decoding.mistakes import CHECK, MISTAKES, REST
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

DRAWS, FIRST_DRAWS = 500, 60
OTHER = "something else"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def check_guesses(guesses: Any, p: Any, q: Any) -> Any:
        return step.check_guesses(guesses, p, q)

    return {REST: step.rest, CHECK: check_guesses}


def as_rows(*rows: Sequence[float]) -> Any:
    """Return probabilities as a tensor, a row per place."""
    import torch

    return torch.tensor(rows, dtype=torch.float32)


def draw_rows(seed: int, rows: int, size: int) -> Any:
    """Return probabilities that are neither even nor very small, in another order in each row."""
    import torch

    draw = torch.Generator().manual_seed(seed)
    return (1.5 * torch.rand(rows, size, generator=draw)).softmax(-1)


def list_results(guesses: Sequence[int], size: int) -> list[tuple[int, ...]]:
    """Return every list of tokens that is not longer than a right result."""
    lengths = range(len(guesses) + 2)
    return [found for length in lengths for found in itertools.product(range(size), repeat=length)]


def find_shares(guesses: Sequence[int], p: Any, q: Any) -> list[float]:
    """Return how often each of `list_results` should come, by the definition, in float64."""
    p, q = p.double(), q.double()
    shares: dict[tuple[int, ...], float] = {}
    reached = 1.0
    for place, guess in enumerate(guesses):
        keeps = min(1.0, float(p[place, guess] / q[place, guess]))
        missing = (p[place] - q[place]).clamp(min=0)
        for token, share in enumerate((missing / missing.sum()).tolist() if keeps < 1 else []):
            shares[(*guesses[:place], token)] = reached * (1 - keeps) * share
        reached *= keeps
    for token, share in enumerate(p[len(guesses)].tolist()):
        shares[(*guesses, token)] = reached * share
    return [shares.get(found, 0.0) for found in list_results(guesses, p.shape[1])]


def read_result(result: Any) -> tuple[int, ...] | None:
    """Return a result as a tuple of whole numbers; None if it is none."""
    try:
        return tuple(int(token) for token in result)
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Results(Check):
    """A check of how often each result comes for the same guesses, up to chance."""

    def observe(self, answer: Answer, case: Case, draws: int = DRAWS) -> Observation:
        """Return how often each result comes: the right share where chance explains it, what was counted elsewhere."""
        guesses, p, q, seed = case
        seen = call_often(answer, CHECK, (list(guesses), p, q), draws, seed=seed)
        found = [read_result(result) for result in seen["results"]]
        if None in found:
            return Observation({"what comes": f"a {seen['kind']}, no list of tokens"})
        results = list_results(guesses, p.shape[1])
        counts = [found.count(result) for result in results]
        counts.append(len(found) - sum(counts))
        shares = [*find_shares(guesses, p, q), 0.0]
        right = fits(counts, shares)
        names = [str(list(result)) for result in results] + [OTHER]
        if right:
            told = {
                name: f"in about {share:.0%} of the draws" for name, share in zip(names, shares, strict=True) if share
            }
        else:
            told = {
                name: f"in {count / len(found):.0%} of {len(found)} draws"
                for name, count in zip(names, counts, strict=True)
                if count
            }
        return Observation(told, {"counts": counts, "told": told, "right": right})

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own observation where a candidate draws alike, by whichever random numbers it draws."""
        seen = self.observe(candidate, case, FIRST_DRAWS)
        if context and seen.context and are_alike(context["counts"], seen.context["counts"]):
            seen = self.observe(candidate, case)
            if is_same_draw(context, seen.context):
                yield context["told"]
        yield seen.value

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say which results come that cannot, or never, or too often."""
        if context is None:
            return []
        guesses, p, q, _ = case
        results, counts = list_results(guesses, p.shape[1]), context["counts"]
        total = sum(counts)
        if counts[-1]:
            return [f"Some results are longer than k + 1 = {len(guesses) + 1} tokens, or have numbers of no token."]
        told = []
        for result, count, share in zip(results, counts, find_shares(guesses, p, q), strict=False):
            if count and not share:
                told.append(f"The result {list(result)} comes, which cannot be.")
            elif share * total > 20 and not count:
                told.append(f"The result {list(result)} never comes; its share is {share:.2f}.")
        return told[:4] or ["The results do not come as often as they should."]


@st.composite
def two_rows(draw: st.DrawFn) -> Case:
    """Draw the target's and the draft's probabilities at one place."""
    size = draw(st.integers(1, 5))
    return draw_rows(draw(SEEDS), 1, size)[0], draw_rows(draw(SEEDS), 1, size)[0]


@st.composite
def passes(draw: st.DrawFn) -> Case:
    """Draw none to two guesses and the probabilities around them, and a seed."""
    size, count = draw(st.integers(2, 3)), draw(st.integers(0, 2))
    guesses = draw(st.lists(st.integers(0, size - 1), min_size=count, max_size=count))
    return guesses, draw_rows(draw(SEEDS), count + 1, size), draw_rows(draw(SEEDS), count, size), draw(SEEDS)


def sizes(*case: Any) -> dict[str, int]:
    """Return the number of guesses and of tokens."""
    return {"k": len(case[0]), "V": case[1].shape[-1]} if len(case) > 2 else {"V": len(case[0])}


def edge_rows() -> list[Case]:
    """Return the statement's example, equal and certain probabilities, and tiny differences."""
    import torch

    rows = [
        ([0.5, 0.25, 0.25], [0.25, 0.75, 0.0]),
        ([0.25, 0.75], [0.25, 0.75]),
        ([0.0, 1.0], [1.0, 0.0]),
        ([1.0], [1.0]),
        ([0.5, 0.2, 0.3], [0.2, 0.5, 0.3]),
        ([0.500001, 0.499999], [0.5, 0.5]),
        ([1e-6, 1 - 1e-6, 0.0], [0.0, 1 - 1e-6, 1e-6]),
    ]
    return [tuple(torch.tensor(row) for row in pair) for pair in rows]


def edge_passes() -> list[Case]:
    """Return passes in which guesses are kept always, never and sometimes, and in which there are none."""
    import torch

    first, second, last = [0.5, 0.25, 0.25], [0.2, 0.2, 0.6], [0.1, 0.7, 0.2]
    draft, other = [0.25, 0.75, 0.0], [0.5, 0.1, 0.4]
    return [
        ([1], as_rows(first, last), as_rows(draft), 0),
        ([0], as_rows(first, last), as_rows(draft), 0),
        ([], as_rows(last), torch.zeros(0, 3), 0),
        ([1, 0], as_rows(first, second, last), as_rows(draft, other), 0),
        ([0, 0], as_rows(first, second, last), as_rows(draft, other), 0),
        ([2, 2], as_rows(second, first, last), as_rows([0.1, 0.1, 0.8], [0.2, 0.2, 0.6]), 0),
        ([0, 1], as_rows([0.0, 1.0], [1.0, 0.0], [0.3, 0.7]), as_rows([1.0, 0.0], [0.0, 1.0]), 0),
        ([1, 0], as_rows([0.0, 1.0], [1.0, 0.0], [0.0, 1.0]), as_rows([0.0, 1.0], [1.0, 0.0]), 0),
        (
            [0, 1, 0],
            as_rows([0.4, 0.6], [0.7, 0.3], [0.2, 0.8], [0.5, 0.5]),
            as_rows([0.7, 0.3], [0.5, 0.5], [0.6, 0.4]),
            0,
        ),
        ([0], as_rows([1.0], [1.0]), as_rows([1.0]), 0),
    ]


exercise = Exercise(
    name="speculative-decoding",
    title="Speculative decoding",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.speculative"],
    reference=reference,
    entries={REST: [REST, "residual"], CHECK: [CHECK]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Check("what q gave too little of", REST, two_rows(), edges=edge_rows(), absolute=1e-7, examples=20),
        Check(
            "the rest, asked for twice",
            REST,
            two_rows(),
            edges=edge_rows()[:1],
            observer=partial(call_twice, entry=REST),
            absolute=1e-7,
            examples=3,
            repeats=True,
        ),
        Results(
            "how often each result comes",
            CHECK,
            passes(),
            edges=edge_passes(),
            examples=3,
            arguments=("guesses", "p", "q", "seed"),
        ),
    ],
    mistakes=MISTAKES,
)
