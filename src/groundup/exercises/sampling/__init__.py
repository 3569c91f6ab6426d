"""Sampling: the next token from logits, with temperature and top-k."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed

DRAWS = 300


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    def sample(logits: Any, temperature: float, top_k: int | None) -> int:
        return int(step.choose_token(logits, None, temperature, top_k))

    return {"sample": sample}


def as_logits(values: Any) -> Any:
    """Return logits as a tensor."""
    import torch

    return torch.tensor(values, dtype=torch.float32)


@st.composite
def greedy_cases(draw: st.DrawFn) -> Case:
    """Draw logits without ties, and top-k or none; the temperature is 0."""
    values = draw(st.lists(st.integers(-5, 5), min_size=1, max_size=5, unique=True))
    return as_logits(values), 0, draw(st.sampled_from([None, 1]))


@st.composite
def cut_cases(draw: st.DrawFn) -> Case:
    """Draw close logits and a k: every token that may come does come in so many draws."""
    values = draw(st.permutations([0.0, 0.1, 0.2, 0.3]))
    return as_logits(list(values)), draw(st.sampled_from([0.7, 1.0])), draw(st.integers(1, 4)), draw(SEEDS)


def look_at_set(answer: Answer, logits: Any, temperature: float, top_k: int | None, seed: int) -> list[int]:
    """Return which tokens ever come."""
    return sorted({int(answer.call("sample", logits, temperature, top_k, seed=seed + i)) for i in range(50)})


class Shares(Check):
    """A check of how often each token comes, up to chance."""

    def look(self, answer: Answer, case: Case) -> Observed:
        """Return how often each token comes, beside how often it should, in steps that chance does not overcome."""
        logits, temperature, seed = case
        drawn = Counter(int(answer.call("sample", logits, temperature, None, seed=seed + i)) for i in range(DRAWS))
        found = [drawn[token] / DRAWS for token in range(len(logits))]
        shares = (logits / temperature).softmax(0).tolist()
        told = [
            f"about {share:.2f}" if abs(got - share) <= stray(share, 4.5) else f"{got:.2f}"
            for got, share in zip(found, shares, strict=True)
        ]
        return Observed(told, {"found": found, "told": told})

    def expect(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own observation where a mistake draws alike, by whichever random numbers it draws."""
        seen = self.look(candidate, case)
        right = all(word.startswith("about") for word in seen.value)
        if context is None or right:
            yield seen.value
            return
        pairs = list(zip(context["found"], seen.context["found"], strict=True))
        alike = all(abs(one - other) <= stray((one + other) / 2, 4.5 * 2**0.5) for one, other in pairs)
        yield context["told"] if alike else seen.value


def stray(share: float, deviations: float) -> float:
    """Return how far a share of so many draws may be from the true one."""
    return float(deviations * (share * (1 - share) / DRAWS) ** 0.5 + 0.01)


@st.composite
def share_cases(draw: st.DrawFn) -> Case:
    """Draw logits whose shares are far apart, and a temperature."""
    values = draw(st.permutations([0.0, 1.0, 2.0]))
    return as_logits(list(values)), draw(st.sampled_from([0.5, 1.0, 3.0])), draw(SEEDS)


CHOOSE, TOP = "choose_token", "keep_top_k"

exercise = Exercise(
    name="sampling",
    title="Sampling the next token",
    room="transformer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.sampling"],
    reference=reference,
    entries={"sample": ["sample", "choose_token"]},
    libraries=("numpy", "torch"),
    part="sampler",
    after=["softmax"],
    checks=[
        Check(
            "temperature 0 takes the likeliest",
            "sample",
            greedy_cases(),
            edges=[(as_logits([0.1, 2.0, 0.3]), 0, None)],
            examples=15,
        ),
        Check(
            "which tokens can come at all",
            "sample",
            cut_cases(),
            observe=look_at_set,
            arguments=("logits", "temperature", "top_k", "seed"),
            examples=3,
            edges=[(as_logits([0.0, 0.1, 0.2, 0.3]), 1.0, 2, 0)],
        ),
        Shares(
            "how often each token comes",
            "sample",
            share_cases(),
            arguments=("logits", "temperature", "seed"),
            examples=2,
            edges=[
                (as_logits([0.0, 1.0, 2.0]), 1.0, 0),
                (as_logits([2.0, 0.0, 1.0]), 0.5, 0),
                (as_logits([0.0, 1.0, 2.0]), 3.0, 0),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "always the likeliest",
            "You always take the likeliest token. Only at temperature 0: otherwise each token comes as often as its probability says.",
            [
                Edit(
                    "return int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))",
                    "return int(logits.argmax())",
                    CHOOSE,
                )
            ],
        ),
        Mistake(
            "every token alike",
            "You draw among all tokens alike: the logits' softmax says how often each shall come.",
            [Edit("logits.softmax(dim=0)", "(logits.softmax(dim=0) > 0).float()", CHOOSE)],
        ),
        Mistake(
            "drawn from the logits themselves",
            "You draw with the logits as weights. They are no probabilities, and may be negative: take their softmax first.",
            [Edit("(logits - logits.max()) /", "logits /", CHOOSE), Edit("logits.softmax(dim=0)", "logits", CHOOSE)],
        ),
        Mistake(
            "drawn from the logits, negative ones as 0",
            "You draw with the logits as weights, negative ones as 0: take their softmax first.",
            [
                Edit("(logits - logits.max()) /", "logits /", CHOOSE),
                Edit("logits.softmax(dim=0)", "logits.clamp(min=0)", CHOOSE),
            ],
        ),
        Mistake(
            "multiplied by the temperature",
            "You multiply by the temperature, so a high one makes the model surer. Divide: a low temperature sharpens, a high one flattens.",
            [Edit(") / temperature", ") * temperature", CHOOSE)],
        ),
        Mistake(
            "temperature ignored",
            "The temperature has no effect: divide the logits by it, before the softmax. (Probabilities that are divided by it are brought back "
            "to a sum of one when you draw, so nothing changes.)",
            [Edit(") / temperature", ") / 1", CHOOSE)],
        ),
        Mistake(
            "temperature between two softmaxes",
            "You divide the probabilities by the temperature and take the softmax of that, a second one: divide the logits, and take one "
            "softmax.",
            [Edit(") / temperature", ").softmax(dim=0).div(temperature)", CHOOSE)],
        ),
        Mistake(
            "top-k ignored",
            "Tokens come that are not among the k likeliest.",
            [Edit("if top_k is not None:", "if False:", CHOOSE)],
        ),
        Mistake(
            "top-k keeps one too many",
            "You keep k + 1 tokens.",
            [
                Edit(
                    "logits = keep_top_k(logits, top_k)",
                    "logits = keep_top_k(logits, min(top_k + 1, len(logits)))",
                    CHOOSE,
                )
            ],
        ),
        Mistake(
            "top-k keeps one too few",
            "You keep k − 1 tokens: the k-th likeliest may come, too.",
            [Edit("logits = keep_top_k(logits, top_k)", "logits = keep_top_k(logits, max(top_k - 1, 1))", CHOOSE)],
        ),
        Mistake(
            "top-k keeps the least likely",
            "You keep the k least likely tokens.",
            [
                Edit(
                    "logits = keep_top_k(logits, top_k)",
                    "logits = -keep_top_k(-logits, top_k)\n        logits[logits == torch.inf] = -torch.inf",
                    CHOOSE,
                )
            ],
        ),
        Mistake(
            "seed fixed inside",
            "You set the seed inside the function, so that every draw comes out the same: a text made with it goes round in circles.",
            [
                Edit(
                    "    return int(torch.multinomial(",
                    "    torch.manual_seed(0)\n    return int(torch.multinomial(",
                    CHOOSE,
                )
            ],
        ),
        Mistake(
            "the next token's number",
            "The number you return is one too large.",
            [
                Edit("return int(logits.argmax())", "return (int(logits.argmax()) + 1) % len(logits)", CHOOSE),
                Edit("1, generator=generator))", "1, generator=generator) + 1) % len(logits)", CHOOSE),
            ],
        ),
        Mistake(
            "the least likely at temperature 0",
            "At temperature 0 you take the least likely token.",
            [Edit("logits.argmax()", "logits.argmin()", CHOOSE)],
        ),
    ],
)
