"""Batches for a GPT: random windows of token numbers, and their targets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.exercises.windows import Windows, batches, texts
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def create_batches(data: Any, context_length: int, batch_size: int) -> Any:
        return step.create_batches(data, context_length, batch_size)

    return {"create_batches": create_batches}


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of tokens, of tokens in a window, and of windows where the case tells it."""
    return dict(zip("NTB", case[:-1], strict=False))


def build(numbers: Sequence[int]) -> Any:
    """Return numbers as a tensor."""
    import torch

    return torch.tensor(numbers)


LOOK = Windows("create_batches", build, int)
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
    sizes=sizes,
    checks=[
        Check(
            "shapes of inputs and targets",
            "create_batches",
            batches(),
            observe=LOOK.look_at_shapes,
            arguments=("number of tokens", "context_length", "batch_size", "seed"),
            edges=[(5, 3, 80, 0), (3, 1, 80, 0)],
            examples=15,
        ),
        Check(
            "how targets lie to inputs",
            "create_batches",
            texts(),
            observe=LOOK.look_at_windows,
            arguments=("number of tokens, at least", "context_length", "seed"),
            edges=[(9, 3, 0)],
            examples=8,
        ),
        Check(
            "which places a window can begin at",
            "create_batches",
            st.tuples(st.integers(1, 4), st.integers(1, 4), SEEDS).map(lambda case: (sum(case[:2]), *case[1:])),
            observe=LOOK.look_at_starts,
            arguments=("number of tokens", "context_length", "seed"),
            edges=[(4, 3, 0), (5, 3, 0), (5, 2, 1)],
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
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start - 1 : start + context_length - 1]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "targets shifted by two",
            "Your targets lie two tokens ahead: it is the very next one that is guessed.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start + 2 : start + context_length + 2]",
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
            "only the last target, as a number",
            "You give one number as target for each window, so targets have one dimension. Every place has a target: a window of "
            "T = {T} tokens holds {T} lessons.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start + context_length]", WINDOWS)],
        ),
        Mistake(
            "the last target taken from the window's beginning",
            "You turn the inputs round by one place to make the targets (roll), so the last target is the window's own first token. "
            "The last target is the token that comes after the window in the text.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "torch.cat([data[start + 1 : start + context_length], data[start : start + 1]])",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "no place drawn twice",
            "You draw places without putting them back (a permutation), so a batch has never more windows than there are places. Draw each "
            "window's start anew: a place may come twice.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.randperm(length - context_length, generator=generator)[:batch_size]",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "windows laid end to end",
            "Your windows begin only at 0, T, 2T, …: a window may begin at any place, in the middle of another, too.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.randint((length - 1) // context_length, (batch_size,), generator=generator) * context_length",
                    STARTS,
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
            "upper bound out. With one possible start only, there is nothing left to draw.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length - context_length - 1,", STARTS)],
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
                    "return torch.randint(1, length - context_length,",
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
            "All your windows begin at one and the same place, in every batch: draw each start at random.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.zeros(batch_size, dtype=torch.int64)",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "starts in turn",
            "Your windows begin at one place after the other, in turn: draw their starts at random.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.arange(batch_size) % (length - context_length)",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "1 added to the tokens",
            "You add 1 to the inputs to get the targets. The target is the token that stands one place further on in the text, whatever "
            "its number.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start : start + context_length] + 1", WINDOWS)],
        ),
        Mistake(
            "inputs and targets not apart",
            "You do not return two things: is it a pair for each window, or only one of the two? Two tensors are asked for, in a tuple: one of all "
            "inputs, one of all targets.",
            [
                Edit(
                    "return torch.stack(inputs), torch.stack(targets)",
                    "return list(zip(inputs, targets))",
                    "create_batches",
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
