"""Batches for a GPT: random windows of token numbers, and their targets."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def create_batches(data: Any, context_length: int, batch_size: int) -> Any:
        return step.create_batches(data, context_length, batch_size)

    return {"create_batches": create_batches}


def look_at_windows(answer: Answer, extra: int, context: int, batch: int, seed: int) -> dict[str, Any]:
    """Draw from a text of distinct numbers; tell shapes, how targets lie to inputs, and where windows begin."""
    import torch

    data = 10 + torch.arange(context + extra)
    inputs, targets = answer.call("create_batches", data, context, batch, seed=seed)
    inputs, targets = torch.as_tensor(inputs), torch.as_tensor(targets)
    told: dict[str, Any] = {"shape of the inputs": list(inputs.shape), "shape of the targets": list(targets.shape)}
    if inputs.ndim == 2 and inputs.shape == targets.shape:
        shifts = sorted(set((targets - inputs).flatten().tolist()))
        told["targets minus inputs"] = shifts
        told["tokens in a row"] = bool((inputs.diff(dim=1) == 1).all())
        told["all from the text"] = bool((inputs >= 10).all() and (targets < 10 + len(data)).all())
    return told


def look_at_starts(answer: Answer, extra: int, context: int, seed: int) -> list[int]:
    """Return every start that ever comes, from a text with few of them; an answer may seed itself anew in each call."""
    import torch

    inputs, _ = answer.call("create_batches", torch.arange(context + extra), context, 64 * extra, seed=seed)
    return sorted({int(row[0]) for row in inputs})


WINDOWS, STARTS = "take_windows", "draw_starts"

exercise = Exercise(
    name="data-loader",
    title="A GPT's data loader",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.batches"],
    reference=reference,
    entries={"create_batches": ["create_batches"]},
    libraries=("numpy", "torch"),
    after=["vocabulary"],
    checks=[
        Check(
            "inputs and targets",
            "create_batches",
            st.tuples(st.integers(1, 8), st.integers(2, 5), st.integers(1, 4), SEEDS),
            observe=look_at_windows,
            arguments=("tokens beyond the context", "context_length", "batch_size", "seed"),
            edges=[(1, 3, 2, 0), (6, 3, 4, 0)],
            examples=20,
        ),
        Check(
            "which places a window can begin at",
            "create_batches",
            st.tuples(st.integers(1, 4), st.integers(1, 4), SEEDS),
            observe=look_at_starts,
            arguments=("tokens beyond the context", "context_length", "seed"),
            edges=[(1, 3, 0), (2, 3, 0), (3, 2, 1)],
            examples=8,
        ),
    ],
    mistakes=[
        Mistake(
            "targets not shifted",
            "Your targets are the inputs: the target of a place is the token after it.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start : start + context_length]", WINDOWS)],
        ),
        Mistake(
            "targets shifted back",
            "Your targets are the tokens before: shift them the other way.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start : start + context_length] - 1", WINDOWS)],
        ),
        Mistake(
            "targets shifted by two",
            "Your targets lie two tokens ahead: it is the very next one that is guessed.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "(data[start : start + context_length] + 2)",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "inputs shifted, too",
            "Your inputs begin one token late.",
            [Edit("data[start : start + context_length]", "data[start + 1 : start + context_length + 1]", WINDOWS)],
        ),
        Mistake(
            "only the last target",
            "You give one target for each window. Every place has one: a window of T tokens holds T lessons.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start + context_length : start + context_length + 1]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "inputs one token too short",
            "Your windows have T − 1 tokens.",
            [
                Edit("data[start : start + context_length]", "data[start : start + context_length - 1]", WINDOWS),
                Edit(
                    "data[start + 1 : start + context_length + 1]", "data[start + 1 : start + context_length]", WINDOWS
                ),
            ],
        ),
        Mistake(
            "the last window never comes",
            "The last possible start never comes: with N tokens and windows of T, the starts are 0 … N − T − 1, and randint leaves its "
            "upper bound out.",
            [
                Edit(
                    "torch.randint(length - context_length,",
                    "torch.randint(max(length - context_length - 1, 1),",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "windows beyond the end",
            "A window may begin so late that its last target is missing: the upper bound of the draw is N − T, which randint leaves out.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length - context_length + 1,", STARTS)],
        ),
        Mistake(
            "the first window never comes",
            "No window begins at the first token: starts are counted from 0.",
            [
                Edit(
                    "return torch.randint(length - context_length,",
                    "return torch.randint(min(1, length - context_length - 1), length - context_length,",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "the same window for the whole batch",
            "All windows of the batch are the same: draw a start for each.",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator).expand(batch_size)", STARTS)],
        ),
        Mistake(
            "windows always from the start",
            "Your windows lie one after the other from the beginning: draw their starts at random.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.zeros(batch_size, dtype=torch.int64)",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "transposed",
            "Your windows lie in the columns: a row is a window.",
            [
                Edit(
                    "return torch.stack(inputs), torch.stack(targets)",
                    "return torch.stack(inputs, 1), torch.stack(targets, 1)",
                    "create_batches",
                )
            ],
        ),
        Mistake(
            "inputs and targets exchanged",
            "You return the targets first: the inputs come first.",
            [
                Edit(
                    "return torch.stack(inputs), torch.stack(targets)",
                    "return torch.stack(targets), torch.stack(inputs)",
                    "create_batches",
                )
            ],
        ),
    ],
)
