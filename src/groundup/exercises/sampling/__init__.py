"""Sampling: the next token from logits, with temperature and top-k."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.chance import are_alike, fits, is_same_draw
from groundup.exercises.repeating import call_often
from groundup.exercises.sampling.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

DRAWS, FIRST_DRAWS, FEW = 400, 40, 12
# A share so small that a token with it never comes in so many draws.
NEVER = 1e-9
ONE_TOKEN = "always one and the same token"
KIND = "It returns a {kind} that is no integer: int(…) makes one of it."
SAMPLE = "sample"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    def sample(logits: Any, temperature: float, top_k: int | None) -> Any:
        return step.choose_token(logits, None, temperature, top_k)

    return {SAMPLE: sample}


def as_logits(*values: float) -> Any:
    """Return logits as a tensor."""
    import torch

    return torch.tensor(values, dtype=torch.float32)


def find_shares(logits: Any, temperature: float, top_k: int | None) -> list[float]:
    """Return how often each token should come; of tokens that are equally likely all must be kept, or none."""
    scores = logits.double()
    cut = scores.sort(descending=True).values[top_k - 1] if top_k is not None else scores.min()
    if temperature == 0:
        return [float(place == int(scores.argmax())) for place in range(len(logits))]
    kept = scores.masked_fill(scores < cut, -float("inf"))
    # Next to temperature 0 nearly all shares are next to nothing: those tokens come as little as those cut off.
    return [float(share) if share > NEVER else 0.0 for share in (kept / temperature).softmax(0)]


def count(results: list[Any], size: int) -> list[int] | None:
    """Return how often each token came, at last what is no token's number; None where something is no number."""
    if not all(isinstance(token, int | float) for token in results):
        return None
    counts = [results.count(token) for token in range(size)]
    return [*counts, len(results) - sum(counts)]


@dataclass(frozen=True)
class Shares(Check):
    """A check of how often each token comes, up to chance.

    Attributes
    ----------
    draws : int
        How often to draw.
    """

    draws: int = DRAWS

    def observe(self, answer: Answer, case: Case, draws: int | None = None) -> Observation:
        """Return how often each token comes: the right share where chance explains it, what was counted elsewhere."""
        logits, temperature, top_k, seed = case
        seen = call_often(answer, SAMPLE, (logits, temperature, top_k), draws or self.draws, seed=seed)
        shares = find_shares(logits, temperature, top_k)
        counts = count(seen["results"], len(logits))
        if counts and draws is None and self.draws < DRAWS and not fits(counts, [*shares, 0.0]):
            # Few draws show that something is wrong, but not which of many things.
            seen = call_often(answer, SAMPLE, (logits, temperature, top_k), DRAWS, seed=seed)
            counts = count(seen["results"], len(logits))
        if counts is None or seen["shape"]:
            shape = f" of shape {tuple(seen['shape'])}" if seen["shape"] else ""
            return Observation({"what comes": f"a {seen['kind']}{shape}, no single number"})
        whole = all(isinstance(token, int) for token in seen["results"])
        remark = "" if whole else KIND.format(kind=seen["kind"])
        right = fits(counts, [*shares, 0.0])
        if not right and max(counts) == sum(counts) and max(shares) < 1 - NEVER and not counts[-1]:
            told: Any = {"what comes": ONE_TOKEN}
        else:
            told = format_shares(counts, shares if right else None)
        return Observation(told, {"counts": counts, "told": told, "right": right}, remark)

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own observation where a candidate draws alike, by whichever random numbers it draws."""
        few = min(FIRST_DRAWS, self.draws if context and context["right"] else DRAWS)
        seen = self.observe(candidate, case, few)
        if context and ONE_TOKEN in context["told"].values():
            # Few draws tell that it is always one token; which one it is, is chance.
            if seen.context and max(seen.context["counts"]) == sum(seen.context["counts"]):
                seen = replace(seen, value=context["told"])
        elif context and seen.context and are_alike(context["counts"], seen.context["counts"]):
            seen = self.observe(candidate, case) if few < sum(context["counts"]) else seen
            if is_same_draw(context, seen.context):
                yield context["told"]
        yield seen.value

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say which tokens come that should not, or never, or too often."""
        logits, temperature, top_k, _ = case
        shares = find_shares(logits, temperature, top_k)
        if context is None or "counts" not in context:
            return []
        if ONE_TOKEN in context["told"].values():
            return ["It returns the same token at every call. Is a seed set inside the function, or is nothing drawn?"]
        counts = context["counts"]
        if counts[-1]:
            return [
                (
                    "It returns numbers that do not belong to any token: tokens are numbered from 0 to "
                    f"{len(logits) - 1}."
                )
            ]
        total = sum(counts)
        told = []
        for token, (number, share) in enumerate(zip(counts, shares, strict=False)):
            if number and share == 0:
                why = (
                    "temperature 0 asks for the most likely one"
                    if temperature == 0
                    else f"it is not among the {top_k} most likely ones"
                )
                told.append(f"Token {token} is drawn, although {why}.")
            elif not number and share * total > 20:
                told.append(f"Token {token} is never drawn; its probability is {share:.2f}.")
        wrong = [
            f"token {token} in {number / total:.0%} of the draws ({share:.0%} is right)"
            for token, (number, share) in enumerate(zip(counts, shares, strict=False))
        ]
        return told or [f"The tokens are not drawn as often as they should be: {', '.join(wrong)}."]


def format_shares(counts: list[int], shares: list[float] | None) -> dict[str, str]:
    """Return each token's share, in words: the right one, or what was counted."""
    total = sum(counts)
    if shares is None:
        told = {f"token {token}": f"{number / total:.2f}" if number else "never" for token, number in enumerate(counts)}
        outside = told.pop(f"token {len(counts) - 1}")
        return told if outside == "never" else {**told, "no token's number": outside}
    return {f"token {token}": f"about {share:.2f}" if share else "never" for token, share in enumerate(shares)}


def look_at_ranks(answer: Answer, seed: int) -> str:
    """Return whether it is always the likeliest token that comes, or the least likely, of some that are nearly alike."""
    ranks = set()
    for call in range(FEW):
        order = [(5 * place + call) % FEW for place in range(FEW)]
        token = answer.call(SAMPLE, as_logits(*[place / 40 for place in order]), 1.0, None, seed=seed + call)
        ranks.add(order[int(token)] if 0 <= int(token) < FEW else -1)
    return {str({FEW - 1}): "always the most likely", str({0}): "always the least likely"}.get(
        str(ranks), "now one token, now another"
    )


def look_at_generator(answer: Answer, seed: int) -> str:
    """Return whether PyTorch's generator alone decides what comes."""
    seen = call_often(answer, SAMPLE, (as_logits(*[0.0] * 50), 1.0, None), FEW, seed=seed, other_generators=True)
    return "it alone decides" if len({str(token) for token in seen["results"]}) == 1 else "it does not decide"


def look_at_logits(answer: Answer, logits: Any, temperature: float, top_k: int | None, seed: int) -> str:
    """Tell whether the logits that are passed in are still the same afterwards."""
    seen = call_often(answer, SAMPLE, (logits, temperature, top_k), 1, seed=seed)
    return "the logits are changed" if seen["changed"] else "the logits stay as they are"


LEVELS = st.lists(st.integers(-8, 8), min_size=1, max_size=5, unique=True).map(lambda x: as_logits(*[n / 2 for n in x]))


@st.composite
def sure_cases(draw: st.DrawFn) -> Case:
    """Draw logits without ties, a temperature at which the likeliest token comes for sure, k or none, and a seed."""
    logits = draw(LEVELS)
    return logits, draw(st.sampled_from([0, 0.0, 0.01])), draw(st.none() | st.integers(1, len(logits))), draw(SEEDS)


@st.composite
def share_cases(draw: st.DrawFn) -> Case:
    """Draw logits that are not far apart, a temperature, k or none, and a seed."""
    values = draw(st.permutations([0.0, 1.0, 2.0, 3.0]))[: draw(st.integers(2, 4))]
    shift = draw(st.sampled_from([0.0, -1.5, -4.0]))
    temperature = draw(st.sampled_from([0.5, 1.0, 2.0, 3.0]))
    top_k = draw(st.none() | st.integers(1, len(values)))
    return as_logits(*[value + shift for value in values]), temperature, top_k, draw(SEEDS)


def benchmark_case() -> tuple[str, None, Case]:
    """Return the logits of 50,000 tokens, a temperature, and k."""
    return SAMPLE, None, (as_logits(*[(place * 7919 % 50_000) / 5_000 for place in range(50_000)]), 0.8, 200)


NAMES = ("logits", "temperature", "top_k", "seed")

exercise = Exercise(
    name="sampling",
    title="Sampling the next token",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.sampling"],
    reference=reference,
    entries={SAMPLE: [SAMPLE, "choose_token"]},
    libraries=("numpy", "torch"),
    checks=[
        Shares(
            "how often each token comes",
            SAMPLE,
            share_cases(),
            arguments=NAMES,
            examples=3,
            edges=[
                (as_logits(0.0, 1.0, 2.0), 1.0, None, 0),
                (as_logits(2.0, 0.0, 1.0), 0.5, None, 0),
                (as_logits(0.0, 1.0, 2.0), 3.0, None, 0),
                (as_logits(1.0, 3.0, 0.0, 2.0), 1.0, 2, 0),
                (as_logits(0.5, -1.0, 2.0, 1.0, 0.0), 2.0, 3, 0),
                (as_logits(-3.0, -1.0, -2.0), 0.5, 2, 0),
                (as_logits(0.0, 1.0, 0.5), 2.0, 1, 0),
                (as_logits(2.0, 1.0, 0.0), 1, 3, 0),
                (as_logits(1.0, 1.0, 0.0), 1.0, None, 0),
                (as_logits(3.0, 1.0, 3.0, 3.0), 2.0, 3, 0),
                (as_logits(0.7), 1.0, None, 0),
                (as_logits(0.7), 0.5, 1, 0),
                # Another power of the temperature shows on either side of 1, and is never as sure as at temperature 0.
                (as_logits(4.0, 0.0, 2.0), 2.0, None, 0),
                (as_logits(0.0, 0.5), 0.5, None, 0),
            ],
        ),
        Shares(
            "the most likely token at temperature 0, and next to it",
            SAMPLE,
            sure_cases(),
            arguments=NAMES,
            draws=FEW,
            examples=12,
            edges=[
                (as_logits(0.1, 2.0, 0.3), 0, None, 0),
                (as_logits(-3.0, -1.0, -2.0), 0, 2, 0),
                (as_logits(1.0, 4.0, 2.0, 3.0), 0.0, 3, 0),
                (as_logits(0.5), 0, None, 0),
                (as_logits(1.0, 3.0, 2.0), 0.01, None, 0),
                (as_logits(3.0, 1.0, 2.0), 0.01, 2, 0),
                (as_logits(-1.0, -2.0), 0.02, None, 0),
                (as_logits(0.1, 0.2, 0.3), 0.002, None, 0),
                (as_logits(0.3, 0.1, 0.2), 0.002, 2, 0),
            ],
        ),
        Check(
            "drawn, not chosen by rank",
            SAMPLE,
            st.tuples(SEEDS),
            observer=look_at_ranks,
            arguments=("seed",),
            examples=1,
            edges=[(0,)],
        ),
        Check(
            "drawn from PyTorch's own generator",
            SAMPLE,
            st.tuples(SEEDS),
            observer=look_at_generator,
            arguments=("seed",),
            examples=1,
            edges=[(0,)],
        ),
        Check(
            "the logits after the call",
            SAMPLE,
            share_cases(),
            observer=look_at_logits,
            arguments=NAMES,
            examples=2,
            edges=[
                (as_logits(1.0, 3.0, 0.0, 2.0), 0.5, 2, 0),
                (as_logits(0.0, 1.0, 2.0), 0.5, None, 0),
                (as_logits(1.0, 4.0, 2.0, 3.0), 0, 2, 0),
            ],
            repeats=True,
        ),
        Check(
            "a k larger than the number of tokens",
            SAMPLE,
            st.tuples(SEEDS),
            observer=lambda answer, seed: int(answer.call(SAMPLE, as_logits(0.0, 50.0, 1.0), 1.0, 5, seed=seed)),
            arguments=("seed",),
            examples=1,
            edges=[(0,)],
            beyond="With a top_k larger than the number of tokens it goes wrong. That is not asked for, but a vocabulary may "
            "be small: min(top_k, len(logits)) is safe.",
        ),
    ],
    mistakes=MISTAKES,
)
