"""Curves of trainings with a mistake in them: how they are made, told apart, and drawn with letters."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from groundup.exercises.practice.trainings import STEPS, TRAININGS, Training
from groundup.judge.exercise import Exercise
from groundup.judge.explain.edits import edit_modules
from groundup.judge.isolation.trials import run_apart

# Two curves are told apart if, on average over the steps, they are so much of the picture's height apart.
MARGIN = 0.1
# The picture is so many times as high as the right curve: what climbs beyond is shown to leave it.
HEIGHT = 1.5
MOST_MISTAKES = 40
SECONDS_EACH, SECONDS = 1.0, 12.0
ROWS, APART = 8, 10  # of letters, and how many steps two numbers below them are apart


@dataclass(frozen=True)
class Curves:
    """Curves in one frame.

    Attributes
    ----------
    about : str
        What is trained, and from which start; sentences.
    figure : str
        What they show, by step.
    low, high : float
        The frame.
    right : list of float
        The curve without a mistake.
    choices : list of list of float
        The curves to choose from, cut to the frame; a training that failed on the way ends earlier.
    """

    about: str
    figure: str
    low: float
    high: float
    right: list[float]
    choices: list[list[float]]


def run_all(
    exercise: Exercise, training: Training, seed: int, mistakes: Sequence[int]
) -> dict[int | None, list[float]]:
    """Return the curves of the right program (None) and of mistakes by their numbers; of those that gave one."""

    def attempts() -> Iterator[Callable[[], tuple[int | None, list[float]] | None]]:
        for number in [None, *mistakes]:
            yield partial(_run, exercise, training, seed, number)

    # What is imported here once is not imported in each fork.
    exercise.build(edit_modules(exercise, ()))
    for name in training.libraries:
        importlib.import_module(name)
    found, _ = run_apart(attempts, SECONDS_EACH, SECONDS, enough=len(mistakes) + 1)
    return dict(found)


def _run(
    exercise: Exercise, training: Training, seed: int, number: int | None
) -> tuple[int | None, list[float]] | None:
    mistakes = () if number is None else (exercise.mistakes[number],)
    with np.errstate(all="ignore"):
        figures = [float(figure) for figure in training.run(exercise.build(edit_modules(exercise, mistakes)), seed)]
    return (number, figures[: STEPS + 1]) if len(figures) > 1 else None


def frame(right: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest figure of a picture."""
    return min(0.0, *right), HEIGHT * max(right)


def cut(curve: Sequence[float], low: float, high: float) -> list[float]:
    """Return a curve as it is drawn: what leaves the frame, or is no number, lies on its edge."""
    return [min(high, max(low, figure)) if figure == figure else high for figure in curve]


def measure_distance(one: Sequence[float], other: Sequence[float], low: float, high: float) -> float:
    """Return how far apart two curves lie on average, as a share of the picture's height.

    Where only one of them goes on, they are a whole height apart.
    """
    count = min(len(one), len(other))
    apart = np.abs(np.subtract(cut(one[:count], low, high), cut(other[:count], low, high))) / (high - low)
    return float((apart.sum() + abs(len(one) - len(other))) / max(len(one), len(other)))


def choose_curves(exercise: Exercise, chance: random.Random, count: int) -> tuple[Training, Curves, list[int]] | None:
    """Return curves of mistakes, each told apart from each other and from the right one, and the mistakes' numbers.

    Parameters
    ----------
    exercise : Exercise
        One of `TRAININGS`; None is returned for others.
    chance : random.Random
        Chooses.
    count : int
        How many curves.
    """
    trainings = TRAININGS.get(exercise.name, ())
    if not trainings:
        return None
    training, seed = chance.choice(trainings), chance.randrange(1000)
    order = chance.sample(range(len(exercise.mistakes)), min(MOST_MISTAKES, len(exercise.mistakes)))
    found = run_all(exercise, training, seed, order)
    right = found.pop(None, None)
    if right is None:
        return None
    low, high = frame(right)
    chosen: list[int] = []
    for number in order:
        others = [right, *(found[one] for one in chosen)]
        names = [exercise.mistakes[one].name for one in chosen]
        if (
            number in found
            and exercise.mistakes[number].name not in names
            and all(measure_distance(found[number], other, low, high) >= MARGIN for other in others)
        ):
            chosen.append(number)
        if len(chosen) == count:
            curves = Curves(
                training.describe(seed),
                training.figure,
                low,
                high,
                right,
                [cut(found[one], low, high) for one in chosen],
            )
            return training, curves, chosen
    return None


def draw(curve: Sequence[float], curves: Curves) -> str:
    """Return a curve as rows of letters: ``*`` is the curve, ``.`` the right program's, ``^`` what left the frame."""
    canvas = [[" "] * (STEPS + 1) for _ in range(ROWS)]

    def place(figure: float) -> int:
        share = (figure - curves.low) / (curves.high - curves.low)
        return min(ROWS - 1, int((1 - share) * ROWS))

    for step, figure in enumerate(curves.right[: STEPS + 1]):
        canvas[place(figure)][step] = "."
    for step, figure in enumerate(curve):
        canvas[place(figure)][step] = "^" if figure >= curves.high else "*"
    labels = [f"{curves.high:.3g}", *[""] * (ROWS - 2), f"{curves.low:.3g}"]
    width = max(map(len, labels))
    rows = [f"{label:>{width}} |{''.join(row).rstrip()}" for label, row in zip(labels, canvas, strict=True)]
    numbers = "".join(f"{step:<{APART}}" for step in range(0, STEPS + 1, APART)).rstrip()
    return "\n".join([*rows, f"{'':>{width}} +{'-' * (STEPS + 1)}", f"{'':>{width}}  {numbers} steps"])
