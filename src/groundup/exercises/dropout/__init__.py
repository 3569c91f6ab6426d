"""Dropout: nodes off at random in training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.chance import are_alike, fits
from groundup.exercises.dropout.mistakes import MISTAKES
from groundup.exercises.repeating import call_often
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation

DROPOUT = "dropout"
SHAPE, PASSES = (4, 5, 6), 60
DIMENSIONS = ("first", "second", "last")
MOST_SCALES = 3
OTHER_SEED = 0x5EED
SHARE = "share that is off"
NO_SHARE = {"off": 0, "count": 0, "share": None}


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {DROPOUT: step.dropout}


SHARES = st.sampled_from([0.2, 0.5, 0.75]) | st.integers(5, 90).map(lambda percent: percent / 100)


@dataclass(frozen=True)
class Chance(Check):
    """A check of what is off in training. Shares that chance explains are the same."""

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the answer's own share where a candidate's may be the same."""
        seen = self.observe(candidate, case)
        if context and context["share"] and SHARE in seen.value:
            pooled = (context["off"] + seen.context["off"]) / (context["count"] + seen.context["count"])
            slack = 5 * math.sqrt(pooled * (1 - pooled) * (1 / context["count"] + 1 / seen.context["count"]))
            if abs(context["off"] / context["count"] - seen.context["off"] / seen.context["count"]) <= slack:
                seen.value[SHARE] = context["share"]
        yield seen.value


def format_share(off: int, count: int, p: float) -> str:
    """Return the share that is off in words: p itself where chance explains it."""
    if fits([off, count - off], [p, 1 - p]):
        return f"about {p:g}"
    return f"{off / count:.2f}" if off else "nothing is off"


def format_spread(counts: Sequence[int], size: int, p: float) -> str:
    """Return how far counts of what is off lie apart, each of so many nodes, against what chance makes of a share."""
    share = sum(counts) / (size * len(counts))
    if not 0 < share < 1:
        return "all alike"
    expected = size * share * (1 - share)
    found = sum((count - size * share) ** 2 for count in counts) / len(counts) / expected
    # The mean of n squares of standard normal numbers strays from 1 by about √(2/n).
    slack = 6 * math.sqrt(2 / len(counts))
    if found < 1e-9:
        return "always the same number is off"
    return "as chance has it" if max(0.1, 1 - slack) < found < 1 + slack else "nodes are off together or never together"


def look_at_ones(answer: Answer, p: float, seed: int) -> Observation:
    """Tell what many passes over ones do: how many are off, whether each by itself, and what the others become."""
    import torch

    ones = torch.ones(SHAPE)
    seen = call_often(answer, DROPOUT, (ones, p, True), PASSES, seed=seed, renewed=1)
    results = [as_tensor(result) for result in seen["results"]]
    if any(result.shape != ones.shape for result in results):
        return Observation({"shape": [list(result.shape) for result in results][:1]}, NO_SHARE)
    passes = torch.stack(results)
    off = passes == 0
    told: dict[str, Any] = {"what 1 becomes where it stays on": list_scales(passes[~off])}
    alike = [name for place, name in enumerate(DIMENSIONS, 1) if bool((off == off.narrow(place, 0, 1)).all())]
    if not off.any() or off.all():
        told["what is off"] = "everything" if off.any() else "nothing"
    elif (off == off[0]).all():
        first = off[0].flatten()
        ordered = "the first ones" if (first.int().diff() <= 0).all() and first[0] else "some here, some there"
        told["what is off"] = f"the same nodes in every pass, {ordered}"
    elif alike:
        told["what is off"] = f"the same all along the dimension: {', '.join(alike)}"
    else:
        told[SHARE] = format_share(int(off.sum()), off.numel(), p)
        told["how many are off in a pass"] = format_spread(off.flatten(1).sum(1).tolist(), ones.numel(), p)
        told["how often each node is off"] = format_spread(off.sum(0).flatten().tolist(), len(off), p)
    return Observation(told, {"off": int(off.sum()), "count": off.numel(), "share": told.get(SHARE)})


def look_at_values(answer: Answer, x: Any, p: float, seed: int) -> dict[str, Any]:
    """Tell what becomes of values of either sign and of any size, in training."""
    result = as_tensor(answer.call(DROPOUT, x, p, True, seed=seed))
    if result.shape != x.shape:
        return {"shape": list(result.shape)}
    some = x != 0
    off = (result == 0)[some]
    large = (x > x[some].median())[some]
    counts = ([int((~off)[part].sum()), int(off[part].sum())] for part in (large, ~large))
    return {
        "large and small values are off alike": are_alike(*counts),
        "what a value is multiplied by": list_scales((result[some] / x[some])[~off]),
        "zeros stay zeros": bool((result[~some] == 0).all()),
    }


def list_scales(ratios: Any) -> list[float] | str:
    """Return the different factors, or that there are many of them."""
    scales = sorted({round(float(f"{ratio:.5g}"), 5) for ratio in ratios.flatten().tolist()})
    # Next to each other: single precision.
    merged = [scale for place, scale in enumerate(scales) if not place or scale - scales[place - 1] > 1e-4 * abs(scale)]
    return merged if len(merged) <= MOST_SCALES else "many different factors"


def as_tensor(result: Any) -> Any:
    """Return a result as a tensor, whatever holds its numbers."""
    import torch

    return result.detach() if isinstance(result, torch.Tensor) else torch.as_tensor(result)


def look_at_gradient(answer: Answer, x: Any, p: float, training: bool, seed: int) -> dict[str, Any]:
    """Tell by what the gradient of each value is multiplied on its way back, 0 where the value is off."""
    import torch

    found = answer.function_gradients(DROPOUT, (x, p, training), [0], seed=seed)
    gradient = found["gradients"].get("0")
    if not found["connected"] or gradient is None:
        return {"gradient": "there is none"}
    weights = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    ratios = gradient / weights
    kept = list_scales(ratios[ratios != 0])
    return {"gradient": kept, "some of it is 0": bool((ratios == 0).any()) and (p > 0.15 or not training)}


def look_at_argument(answer: Answer, x: Any, p: float, training: bool, seed: int) -> str:
    """Tell whether the values that are passed in are still the same afterwards."""
    seen = call_often(answer, DROPOUT, (x, p, training), 3, seed=seed, renewed=1)
    return "x is changed" if seen["changed"] else "x stays as it is"


def look_in_evaluation(answer: Answer, x: Any, p: float) -> Any:
    """Return x where that comes out, else by what its values are multiplied: what is drawn at random is none of them."""
    import torch

    result = answer.call(DROPOUT, x, p, False)
    if result is None or as_tensor(result).shape != x.shape:
        return result
    if torch.allclose(as_tensor(result), x, rtol=1e-6, atol=0):
        return x
    return {"what a value is multiplied by": list_scales(as_tensor(result) / x)}


def drop_nothing(answer: Answer, x: Any, p: float) -> Any:
    """Return what is made of x in training where p is 0."""
    return answer.call(DROPOUT, x, p, True)


@st.composite
def inputs(draw: st.DrawFn) -> Case:
    """Draw x of one to four dimensions, some of size 1."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    return draw(random_tensors(*shape)) * draw(st.sampled_from([1.0, 1e-3, 1e3])), 0.0


@st.composite
def many_values(draw: st.DrawFn) -> Case:
    """Draw so many values that some of them would be off, and p."""
    shape = draw(st.sampled_from([(200,), (1, 200), (200, 1), (2, 10, 10), (2, 5, 1, 20)]))
    return draw(random_tensors(*shape)) * draw(st.sampled_from([1.0, 1e-3, 1e3])), draw(SHARES)


def mixed_values(size: float, p: float, seed: int) -> Case:
    """Return values of either sign, a tenth of them 0, of about one size; p and another seed, so that nothing relates."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(50, 40, generator=generator) * size
    return x * (torch.rand(x.shape, generator=generator) < 0.9), p, seed ^ OTHER_SEED


def ones(*shape: int) -> Any:
    """Return ones."""
    import torch

    return torch.ones(shape)


exercise = Exercise(
    name="dropout",
    title="Dropout",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.dropout"],
    reference=reference,
    entries={DROPOUT: [DROPOUT]},
    tolerance=1e-5,
    forbidden=["torch.nn.Dropout", "torch.nn.functional.dropout", "torch.dropout"],
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "in evaluation",
            DROPOUT,
            many_values(),
            observer=look_in_evaluation,
            arguments=("x", "p"),
            edges=[(ones(200), 0.2), (ones(1), 0.0), (ones(2, 3), 0.0)],
            examples=12,
        ),
        Chance(
            "many passes over ones in training",
            DROPOUT,
            st.tuples(SHARES, SEEDS),
            observer=look_at_ones,
            arguments=("p", "seed"),
            edges=[(0.2, 0), (0.5, 1), (0.75, 2)],
            examples=3,
        ),
        Check(
            "values of either sign",
            DROPOUT,
            st.builds(mixed_values, st.sampled_from([1.0, 1e-3, 1e3]), SHARES, SEEDS),
            observer=look_at_values,
            arguments=("x", "p", "seed"),
            examples=4,
        ),
        Check(
            "with p = 0 in training",
            DROPOUT,
            inputs(),
            observer=drop_nothing,
            arguments=("x", "p"),
            edges=[(ones(5), 0.0), (ones(1), 0.0)],
            examples=6,
        ),
        Check(
            "the gradient",
            DROPOUT,
            st.tuples(random_tensors(30, 20), SHARES, st.booleans(), SEEDS),
            observer=look_at_gradient,
            arguments=("x", "p", "training", "seed"),
            edges=[(ones(10, 10), 0.5, True, 0), (ones(10, 10), 0.5, False, 0)],
            examples=4,
        ),
        Check(
            "x after the call",
            DROPOUT,
            st.tuples(random_tensors(6, 5), st.just(0.5), st.booleans(), SEEDS),
            observer=look_at_argument,
            arguments=("x", "p", "training", "seed"),
            edges=[(ones(6, 5), 0.5, True, 0), (ones(6, 5), 0.5, False, 0)],
            examples=2,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
