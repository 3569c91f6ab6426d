"""Questions with exactly one right answer, made by running the reference with known mistakes in it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np

from groundup.base.narrow import align
from groundup.exercises.practice.bugs import MOST_TRIALS, Change, Judge, is_error, shuffle_changes, write_plainly
from groundup.exercises.practice.curves import Curves, choose_curves, draw
from groundup.judge.answer import Raised
from groundup.judge.compare import Tolerance, is_equal
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.explain.known_mistakes import build_candidate, is_value, reference_values
from groundup.judge.explain.showing import flatten_case, name_arguments
from groundup.judge.explain.wording import fill_in, find_sizes
from groundup.judge.isolation.trials import run_apart
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import CaseResult, show_value

CHOICES = 3
KINDS = ("mistake", "result", "shape", "code", "curve")
# Enough to find three that compute different things, and few enough to wait for.
MOST_MISTAKES, MOST_CASES = 16, 4
SECONDS_EACH, SECONDS = 1.0, 3.0
MOST_LETTERS = 400
QUICK = CheckOptions(shrink_seconds=0.0, naming_seconds=0.0, share=0.5)


@dataclass(frozen=True)
class Question:
    """A question and its choices.

    Attributes
    ----------
    exercise : str
        What it is about; its title is not in the text.
    kind : str
        One of `KINDS`.
    text : str
        What is asked; lines.
    choices : list of str
        What may be right: one of them is.
    right : int
        Which one, from 0.
    explanation : str
        Why, for after the answer.
    is_code : bool
        Whether the choices are code.
    curves : Curves or None
        What the choices draw with letters, where they are curves.
    """

    exercise: str
    kind: str
    text: str
    choices: list[str]
    right: int
    explanation: str
    is_code: bool = field(default=False)
    curves: Curves | None = None


@dataclass(frozen=True)
class Outcome:
    """What the reference, or the reference with one mistake, makes of a case."""

    check: str
    case: int
    mistake: int | None
    value: object


def make_question(
    exercise: Exercise, model_answer: str, judge: Judge, seed: int, kinds: Sequence[str] = KINDS
) -> Question | None:
    """Return a question on an exercise; None if none of these kinds can be asked of it.

    Parameters
    ----------
    exercise : Exercise
        What it is about.
    model_answer : str
        Its model answer, for questions on code.
    judge : callable
        ``(source, effort) -> Verdict`` of this exercise, for questions on code.
    seed : int
        Equal seeds ask equal questions.
    kinds : sequence of str
        Which kinds may be asked; their order is left to the seed.
    """
    chance = random.Random(f"{exercise.name} {seed}")
    order = chance.sample(list(kinds), len(kinds))
    outcomes: list[Outcome] | None = None
    for kind in order:
        if kind == "code":
            question = _ask_code(exercise, model_answer, judge, chance)
        elif kind == "curve":
            question = _ask_curve(exercise, chance)
        else:
            if outcomes is None:
                count = len(exercise.mistakes)
                outcomes = observe(exercise, chance.sample(range(count), min(MOST_MISTAKES, count)))
            question = _ASKED[kind](exercise, outcomes, chance)
        if question is not None:
            return question
    return None


def observe(exercise: Exercise, mistakes: Sequence[int], seconds: float = SECONDS) -> list[Outcome]:
    """Return what the reference and mistakes, by their numbers, make of the worked examples."""
    build_candidate(exercise, ())  # what it imports is loaded here once, and not in each fork

    def attempts() -> Iterator[Callable[[], list[Outcome]]]:
        for mistake in [None, *mistakes]:
            yield partial(_try, exercise, mistake)

    found, _ = run_apart(attempts, SECONDS_EACH, seconds, enough=len(mistakes) + 1)
    return [outcome for outcomes in found for outcome in outcomes]


def _try(exercise: Exercise, mistake: int | None) -> list[Outcome]:
    candidate = build_candidate(exercise, () if mistake is None else (mistake,))
    assert candidate is not None
    outcomes = []
    for check, number, case in _list_cases(exercise):
        result = CaseResult(check.name, case, None, None, True)
        value = next(iter(reference_values(check, candidate, result)), None)
        outcomes.append(Outcome(check.name, number, mistake, value))
    return outcomes


def _list_cases(exercise: Exercise) -> Iterator[tuple[Check, int, Case]]:
    """Yield the cases that a person can follow: worked examples of functions, whose inputs are all there is to know."""
    for check in exercise.checks:
        if type(check) is not Check or check.beyond:
            continue
        for number, case in enumerate(check.edges[:MOST_CASES]):
            yield check, number, case


def _ask_mistake(exercise: Exercise, outcomes: Sequence[Outcome], chance: random.Random) -> Question | None:
    """Ask which mistake computes a wrong result."""
    for check, case, right, wrong in group(exercise, outcomes, chance):
        distinct = _choose_distinct(exercise, wrong, right, CHOICES)
        if len(distinct) < CHOICES:
            continue
        shown = distinct[0]
        if not is_value(shown.value) or not _is_short(shown.value):
            continue
        chance.shuffle(distinct)
        mistake = exercise.mistakes[shown.mistake or 0]
        text = [
            *_format_inputs(exercise, check, case),
            align("Right: ", show_value(right.value)),
            align("An answer gives: ", show_value(shown.value)),
            "Which mistake does it make?",
        ]
        says = fill_in(mistake.says, find_sizes(exercise, check.edges[case]))
        names = [exercise.mistakes[one.mistake or 0].name for one in distinct]
        return Question(exercise.name, "mistake", "\n".join(text), names, distinct.index(shown), says)
    return None


def _ask_result(exercise: Exercise, outcomes: Sequence[Outcome], chance: random.Random) -> Question | None:
    """Ask what comes out, beside what two mistakes make of it."""
    for check, case, right, wrong in group(exercise, outcomes, chance):
        if check.observer is not None:
            continue  # what is compared may not be what is returned
        values = [one for one in wrong if is_value(one.value) and _is_short(one.value)]
        distinct = _choose_distinct(exercise, values, right, CHOICES - 1)
        if len(distinct) < CHOICES - 1 or not is_value(right.value) or not _is_short(right.value):
            continue
        offered = [right, *distinct]
        chance.shuffle(offered)
        text = [*_format_inputs(exercise, check, case), f"What does {_name_entry(exercise, check)} return?"]
        told = [f"{show_value(one.value)}: {exercise.mistakes[one.mistake or 0].name}" for one in distinct]
        choices = [show_value(one.value) for one in offered]
        explanation = "The others come from mistakes. " + ". ".join(told) + "."
        return Question(exercise.name, "result", "\n".join(text), choices, offered.index(right), explanation)
    return None


def _ask_shape(exercise: Exercise, outcomes: Sequence[Outcome], chance: random.Random) -> Question | None:
    """Ask for the shape of a result."""
    for check, case, right, _ in group(exercise, outcomes, chance):
        value = right.value
        if check.observer is not None or not isinstance(value, np.ndarray) or value.ndim == 0 or value.size == 0:
            continue
        shapes = {
            value.shape[::-1],
            value.shape[:-1],
            value.shape[1:],
            (*value.shape, 1),
            (value.size,),
            (1, value.size),
        }
        others = sorted(shapes - {value.shape})
        offered = [value.shape, *chance.sample(others, CHOICES - 1)]
        chance.shuffle(offered)
        text = [
            *_format_inputs(exercise, check, case),
            f"What is the shape of the result of {_name_entry(exercise, check)}?",
        ]
        right_place = offered.index(value.shape)
        explanation = f"It returns {show_value(value)}."
        return Question(exercise.name, "shape", "\n".join(text), list(map(str, offered)), right_place, explanation)
    return None


_ASKED = {"mistake": _ask_mistake, "result": _ask_result, "shape": _ask_shape}


def _ask_code(exercise: Exercise, model_answer: str, judge: Judge, chance: random.Random) -> Question | None:
    """Ask which of three files is right: the model answer, or one of two that the judge rejects."""
    wrong: list[Change] = []
    for change in islice(shuffle_changes(model_answer, chance), MOST_TRIALS):
        if any(change.line == other.line for other in wrong):
            continue
        verdict = judge(change.source, QUICK)
        if not verdict.accepted and verdict.shown is not None and not is_error(verdict.shown):
            wrong.append(change)
        if len(wrong) == CHOICES - 1:
            break
    if len(wrong) < CHOICES - 1:
        return None
    right = write_plainly(model_answer)
    choices = [right, *(change.source for change in wrong)]
    chance.shuffle(choices)
    text = "Which of these three is right? The others differ from it in one line each."
    told = [f"`{change.wrong}` instead of `{change.right}`" for change in wrong]
    explanation = f"Wrong in the others: {' and '.join(told)}."
    return Question(exercise.name, "code", text, choices, choices.index(right), explanation, is_code=True)


def _ask_curve(exercise: Exercise, chance: random.Random) -> Question | None:
    """Ask which of three curves of a training comes from a mistake; the others come from other mistakes."""
    found = choose_curves(exercise, chance, CHOICES)
    if found is None:
        return None
    _, curves, numbers = found
    right = chance.randrange(CHOICES)
    mistake = exercise.mistakes[numbers[right]]
    text = [
        f"{curves.about} Each picture shows {curves.figure} by step, from a program with one mistake, beside that of "
        "the right program.",
        f"Which curve belongs to this mistake: {mistake.name}?",
    ]
    told = [f"{place + 1}: {exercise.mistakes[number].name}" for place, number in enumerate(numbers) if place != right]
    # What a mistake says may name sizes of a case, of which there is none here.
    says = "" if "{" in mistake.says else f"{mistake.says} "
    explanation = f"{says}The other curves come from other mistakes. {'. '.join(told)}."
    choices = [draw(curve, curves) for curve in curves.choices]
    return Question(exercise.name, "curve", "\n".join(text), choices, right, explanation, curves=curves)


def group(
    exercise: Exercise, outcomes: Sequence[Outcome], chance: random.Random
) -> Iterator[tuple[Check, int, Outcome, list[Outcome]]]:
    """Yield, case by case in a random order, the reference's outcome and those of the mistakes that differ from it."""
    checks = {check.name: check for check in exercise.checks}
    places = sorted({(outcome.check, outcome.case) for outcome in outcomes})
    shuffled = chance.sample(places, len(places))
    # Zeros, empty loops and single numbers hide more mistakes than they show.
    instructive = sorted(shuffled, key=lambda place: -min(3, _count_values(checks[place[0]].edges[place[1]])))
    for name, case in instructive:
        here = [outcome for outcome in outcomes if (outcome.check, outcome.case) == (name, case)]
        right = next((outcome for outcome in here if outcome.mistake is None), None)
        if right is None or isinstance(right.value, Raised) or not _has_short_inputs(exercise, checks[name], case):
            continue
        wrong = [one for one in here if one.mistake is not None and not are_alike(exercise, one, right)]
        yield checks[name], case, right, wrong


def _choose_distinct(exercise: Exercise, wrong: Sequence[Outcome], right: Outcome, count: int) -> list[Outcome]:
    """Return outcomes of which no two can be taken for each other, nor one for the right result."""
    chosen: list[Outcome] = []
    for one in wrong:
        if all(not are_alike(exercise, one, other) for other in (right, *chosen)):
            chosen.append(one)
        if len(chosen) == count:
            break
    return chosen


def are_alike(exercise: Exercise, one: Outcome, other: Outcome) -> bool:
    """Tell whether two outcomes are equal, or cannot be told apart as they are shown."""
    closeness = Tolerance(None, exercise.tolerance)
    return is_equal(one.value, other.value, closeness) or show_value(one.value) == show_value(other.value)


def _count_values(value: object) -> int:
    """Return how many different numbers, letters or words a case holds."""
    return len(set(_list_values(value)) - {0.0, 1.0})


def _list_values(value: object) -> Iterator[object]:
    if isinstance(value, str):
        yield from value
    elif isinstance(value, dict):
        yield from _list_values([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _list_values(item)
    elif hasattr(value, "tolist"):
        yield from _list_values([value.tolist()])
    else:
        yield value


def _is_short(value: object) -> bool:
    text = show_value(value)
    return len(text) <= MOST_LETTERS // 2 and text.count("\n") < 6


def _has_short_inputs(exercise: Exercise, check: Check, case: int) -> bool:
    return sum(map(len, _format_inputs(exercise, check, case))) <= MOST_LETTERS


def _format_inputs(exercise: Exercise, check: Check, number: int) -> list[str]:
    result = CaseResult(check.name, check.edges[number], None, None, True)
    names = name_arguments(exercise, result)
    return [align(f"{name} = ", show_value(value)) for name, value in flatten_case(exercise, result, names)]


def _name_entry(exercise: Exercise, check: Check) -> str:
    return exercise.entries[check.entry][0]
