"""Packing: which examples share a row, what the row holds, and what keeps them apart."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_each
from groundup.exercises.packing.mistakes import FILL, MASK, MISTAKES, PACK, POSITIONS
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step; a row is filled with whole examples, of which it takes inputs and targets."""

    def fill_row(examples: list[Any], room: int) -> Any:
        return step.fill_row([(example[:-1], example[1:]) for example in examples], room)

    return {
        PACK: step.pack_examples,
        FILL: fill_row,
        MASK: step.separate_examples,
        POSITIONS: step.count_positions,
    }


@st.composite
def all_lengths(draw: st.DrawFn, too_long: bool = False) -> Case:
    """Draw lengths of examples, and a row's room; one is too long if asked for."""
    room = draw(st.integers(3, 12))
    lengths = draw(st.lists(st.integers(1, room), max_size=9))
    if too_long:
        lengths.insert(draw(st.integers(0, len(lengths))), room + draw(st.integers(1, 3)))
    return lengths, room


def draw_examples(seed: int, lengths: list[int], spare: int) -> Case:
    """Return examples of these lengths, and a row with some room to spare."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    examples = [torch.randint(1, 50, (length,), generator=generator) for length in lengths]
    return examples, sum(lengths) - len(lengths) + spare


@st.composite
def rows(draw: st.DrawFn) -> Case:
    """Draw examples that fit into a row."""
    lengths = draw(st.lists(st.integers(2, 5), min_size=1, max_size=4))
    return draw_examples(draw(SEEDS), lengths, draw(st.integers(0, 3)))


def number_rows(*rows: list[int]) -> Case:
    """Return the numbers of rows with examples of these lengths; the last is the empty rest, unless its length is 0."""
    import torch

    numbers = [
        [number for number, length in enumerate(row[:-1], start=1) for _ in range(length)] + [0] * row[-1]
        for row in rows
    ]
    return (torch.tensor(numbers if len(numbers) > 1 else numbers[0]),)


@st.composite
def all_numbers(draw: st.DrawFn) -> Case:
    """Draw the numbers of one row, or of three rows of one length."""
    time = draw(st.integers(1, 8))
    drawn = []
    for _ in range(draw(st.sampled_from([1, 3]))):
        cuts = sorted(draw(st.lists(st.integers(0, time), max_size=3)))
        row = [end - begin for begin, end in zip([0, *cuts], [*cuts, time], strict=True) if end > begin]
        drawn.append([*row, 0] if draw(st.booleans()) else row)
    return number_rows(*drawn)


def look_at_rows(answer: Answer, lengths: list[int], room: int) -> Any:
    """Return how full the rows are, which is the same whatever is taken of two that are equal."""
    found = answer.call(PACK, lengths, room)
    if not isinstance(found, list | tuple) or not all(isinstance(row, list | tuple) for row in found):
        return found
    places = [place for row in found for place in row]
    if not all(isinstance(place, int) for place in places) or sorted(places) != list(range(len(lengths))):
        return {"rows in which not every example is once": found}
    return {"tokens of each row, sorted": sorted(sum(lengths[place] for place in row) for row in found)}


def look_at_refusal(answer: Answer, lengths: list[int], room: int) -> Any:
    """Return which error is raised, or what is returned instead."""
    return call_each(answer, PACK, (lengths, room))[0]


def look_at_row(answer: Answer, examples: list[Any], room: int) -> Any:
    """Return the three parts of a row by their names."""
    found = answer.call(FILL, examples, room)
    pair = isinstance(found, list | tuple) and len(found) == 3
    return dict(zip(("tokens", "numbers", "targets"), found, strict=True)) if pair else found


def look_at_mask(answer: Answer, numbers: Any) -> Any:
    """Return a mask as numbers, and the type of what it holds."""
    found = to_plain(answer.call(MASK, numbers))
    if not hasattr(found, "dtype"):
        return found
    return {"mask": found * 1, "type of what it holds": "bool" if found.dtype.kind == "b" else "no bool"}


def sizes(*case: Any) -> dict[str, int]:
    """Return how many positions a row has."""
    return {"T": case[1] if len(case) == 2 else case[0].shape[-1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return the numbers of 64 rows of 256 positions."""
    import torch

    return MASK, None, (torch.arange(256).div(32, rounding_mode="floor").repeat(64, 1),)


exercise = Exercise(
    name="packing",
    title="Packing without crossing",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.packing"],
    reference=reference,
    entries={name: [name] for name in (PACK, FILL, MASK, POSITIONS)},
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "which examples share a row",
            PACK,
            all_lengths(),
            edges=[
                ([3, 5, 2, 4], 6),
                ([4, 4], 4),
                ([7, 6, 3, 4], 10),
                ([3, 5, 1, 3], 7),
                ([4, 6, 1, 3], 8),
                ([1, 2, 3, 4, 5], 8),
                ([], 5),
            ],
            observer=look_at_rows,
        ),
        Check(
            "an example that fits into no row",
            PACK,
            all_lengths(too_long=True),
            edges=[([4], 3)],
            observer=look_at_refusal,
            examples=4,
        ),
        Check(
            "what a row holds",
            FILL,
            rows(),
            edges=[draw_examples(0, [3, 2], 1), draw_examples(1, [4], 0), draw_examples(2, [2, 3, 4], 2)],
            observer=look_at_row,
            examples=20,
        ),
        Check(
            "the mask",
            MASK,
            all_numbers(),
            edges=[number_rows([2, 1, 1]), number_rows([1, 0]), number_rows([2, 3, 0], [3, 1, 1])],
            observer=look_at_mask,
            examples=20,
        ),
        Check(
            "the positions",
            POSITIONS,
            all_numbers(),
            edges=[number_rows([2, 3, 0]), number_rows([2, 1, 3]), number_rows([2, 3, 0], [3, 1, 1])],
            examples=20,
        ),
    ],
    mistakes=MISTAKES,
)
