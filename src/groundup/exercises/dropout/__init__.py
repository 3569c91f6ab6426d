"""Dropout: nodes off at random in training."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"dropout": step.dropout}


SHARES = st.sampled_from([0.2, 0.5, 0.75])


def look_in_training(answer: Answer, p: float, rows: int, seed: int) -> dict[str, Any]:
    """Tell what two passes over ones do: how many are dropped, what the rest becomes, and whether the passes differ."""
    import torch

    ones = torch.ones(rows, 4096 // rows)
    first, second = (answer.call("dropout", ones, p, True, seed=seed + number) for number in (1, 2))
    off = (first == 0).double()
    kept = first[first != 0]
    # So many draws stray from p by less than this, but for once in millions.
    near = bool(abs(off.mean() - p) < 0.06)
    return {
        "share that is off": f"about {p}" if near else round(float(off.mean()), 1),
        "what 1 becomes where it stays on": sorted(round(value, 4) for value in set(kept.tolist()))[:3],
        "two passes drop the same nodes": bool(torch.equal(first, second)),
        "whole rows are dropped together": rows > 8 and bool((off.std(1) == 0).any()),
        "whole columns are dropped together": rows > 8 and bool((off.std(0) == 0).any()),
    }


def look_at_values(answer: Answer, x: Any, p: float, seed: int) -> Any:
    """Return x where it stays on, divided by what it becomes: the scale of every value, 0 where it is off."""
    import torch

    result = answer.call("dropout", x, p, True, seed=seed)
    ratio = torch.where(x.abs() > 1e-3, result / x, torch.zeros(()))
    return sorted({round(value, 3) for value in ratio.flatten().tolist() if abs(value) > 1e-6})


def look_in_evaluation(answer: Answer, x: Any, p: float) -> Any:
    """Return what evaluation makes of x."""
    return answer.call("dropout", x, p, False)


@st.composite
def inputs(draw: st.DrawFn) -> Case:
    """Draw x and p for evaluation."""
    return draw(random_tensors(draw(st.integers(1, 3)), draw(st.integers(1, 4)))), draw(SHARES)


LAST = "x * keep_mask(x, p) * (1 / (1 - p))"

exercise = Exercise(
    name="dropout",
    title="Dropout",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.dropout"],
    reference=reference,
    entries={"dropout": ["dropout"]},
    tolerance=1e-4,
    forbidden=["torch.nn.Dropout", "torch.nn.functional.dropout", "torch.dropout"],
    libraries=("numpy", "torch"),
    part="dropout",
    checks=[
        Check(
            "in evaluation",
            "dropout",
            inputs(),
            observe=look_in_evaluation,
            arguments=("x", "p"),
            examples=10,
        ),
        Check(
            "in training, on ones",
            "dropout",
            st.tuples(SHARES, st.sampled_from([1, 64]), SEEDS),
            observe=look_in_training,
            arguments=("p", "rows", "seed"),
            edges=[(0.2, 64, 0), (0.5, 1, 1)],
            examples=6,
        ),
        Check(
            "values that stay on",
            "dropout",
            st.tuples(random_tensors(20, 20), SHARES, SEEDS),
            observe=look_at_values,
            arguments=("x", "p", "seed"),
            examples=4,
        ),
    ],
    mistakes=[
        Mistake(
            "not rescaled",
            "The values that stay on stay as they are, so on average the layer shrinks by 1 − p in training. Divide them by "
            "1 − p; then evaluation needs no change.",
            [Edit(" * (1 / (1 - p))", "", "dropout")],
        ),
        Mistake(
            "rescaled by p",
            "You divide what stays on by p, the share that is off. What is left is 1 − p: divide by that.",
            [Edit("1 / (1 - p)", "1 / p", "dropout")],
        ),
        Mistake(
            "multiplied by 1 − p",
            "You multiply what stays on by 1 − p: it has to grow, so divide.",
            [Edit("(1 / (1 - p))", "(1 - p)", "dropout")],
        ),
        Mistake(
            "p is taken for the share that stays on",
            "You keep a share of p and drop the rest: p is the probability that a node is off.",
            [Edit(LAST, "x * keep_mask(x, 1 - p) * (1 / p)", "dropout")],
        ),
        Mistake(
            "a share of p kept, rescaled by 1 − p",
            "You keep a share of p but rescale by 1 − p: p is the probability of being off, in both places.",
            [Edit("keep_mask(x, p)", "keep_mask(x, 1 - p)", "dropout")],
        ),
        Mistake(
            "active in evaluation",
            "You drop in evaluation as well: then the layer returns x as it is.",
            [Edit("if not training or p == 0:", "if p == 0:", "dropout")],
        ),
        Mistake(
            "rescaled in evaluation",
            "You multiply by 1 − p in evaluation. That was the first form of dropout; here training rescales, so evaluation "
            "returns x as it is.",
            [
                Edit(
                    "if not training or p == 0:\n        return x",
                    "if not training or p == 0:\n        return x * (1 - p)",
                    "dropout",
                )
            ],
        ),
        Mistake(
            "off in training, on in evaluation",
            "You drop in evaluation and not in training: it is the other way round.",
            [Edit("if not training", "if training", "dropout")],
        ),
        Mistake(
            "seed fixed inside",
            "You set the seed inside the function, so the same nodes are off at every step: that is no dropout.",
            [Edit("    return " + LAST, "    torch.manual_seed(0)\n    return " + LAST, "dropout")],
        ),
        Mistake(
            "whole rows dropped",
            "You drop whole rows: each node of each example is off by itself. Draw as many random numbers as x has values.",
            [Edit("keep_mask(x, p)", "keep_mask(x[..., :1], p)", "dropout")],
        ),
        Mistake(
            "the same nodes in every row",
            "You drop the same nodes in every example: draw anew for each row.",
            [Edit("keep_mask(x, p)", "keep_mask(x[:1], p)", "dropout")],
        ),
        Mistake(
            "noise instead of zeros",
            "You multiply by random numbers between 0 and 1. A node is either off or on.",
            [Edit("x * keep_mask(x, p) *", "x * torch.rand_like(x) *", "dropout")],
        ),
        Mistake(
            "never dropped",
            "Nothing is ever dropped: in training each node is off with probability p.",
            [Edit("x * keep_mask(x, p) * (1 / (1 - p))", "x", "dropout")],
        ),
    ],
)
