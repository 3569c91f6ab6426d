"""When an exercise comes back: spaced repetition by FSRS, through the `fsrs` package.

An exercise becomes a card when it is solved. The scheduler estimates for each card how long it is remembered, and the
card is due when the chance to remember it has fallen to nine in ten (Ye et al., "A Stochastic Shortest Path Algorithm
for Optimizing Spaced Repetition Scheduling", 2022). A right answer makes the next pause longer, a wrong one shorter.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from fsrs import Card, Rating, Scheduler

from groundup.base.errors import UserError
from groundup.exercises.practice.journal import Practice

# No steps within a day: one who practises a little each day is asked on days. Nothing is left to chance.
SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def add_solved(practice: Practice, solved: Iterable[str], now: datetime) -> None:
    """Make a card of every exercise that is solved and has none; solving it counts as a first right answer."""
    for name in solved:
        if name not in practice.cards:
            card, _ = SCHEDULER.review_card(_new_card(now), Rating.Good, now)
            practice.cards[name] = _pack(card)


def list_due(practice: Practice, now: datetime, known: Iterable[str]) -> list[str]:
    """Return the exercises that are due today, in an order that changes from day to day.

    Parameters
    ----------
    practice : Practice
        With cards.
    now : datetime
        With its zone. A card that is due later on the same day is due.
    known : iterable of str
        The exercises that there are: cards of others, from another version, are left alone.
    """
    there = set(known)
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    due = sorted(name for name in practice.cards if name in there and _read_card(practice, name).due < end)
    random.Random(now.date().isoformat()).shuffle(due)
    return due


def record(
    practice: Practice, exercise: str, kind: str, seed: int, right: bool, now: datetime, *, plan: bool = True
) -> None:
    """Write an answer into the log, and ``plan`` when its exercise comes back.

    A right answer outside of a review is no reason to wait longer: it may have come minutes after the last one.
    """
    if plan:
        card = _read_card(practice, exercise) if exercise in practice.cards else _new_card(now)
        card, _ = SCHEDULER.review_card(card, Rating.Good if right else Rating.Again, now)
        practice.cards[exercise] = _pack(card)
    practice.log.append({"when": now.isoformat(), "exercise": exercise, "kind": kind, "seed": seed, "right": right})


def find_due(practice: Practice, name: str) -> datetime | None:
    """Return when an exercise is due; None if it has no card."""
    return _read_card(practice, name).due if name in practice.cards else None


def find_next_due(practice: Practice) -> datetime | None:
    """Return when the next exercise is due; None if there is none."""
    return min((_read_card(practice, name).due for name in practice.cards), default=None)


def _new_card(now: datetime) -> Card:
    return Card(card_id=1, due=now)  # the exercise's name is what tells cards apart


def _pack(card: Card) -> dict[str, Any]:
    return {key: value for key, value in card.to_dict().items() if key != "card_id"}


def _read_card(practice: Practice, name: str) -> Card:
    try:
        known: Any = {"card_id": 1, **practice.cards[name]}
        return Card.from_dict(known)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"practice.json: the card of {name} is damaged ({' '.join(str(error).split())[:100]}). Delete it there; "
            "your answers are safe."
        ) from error
