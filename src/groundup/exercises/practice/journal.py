"""What a learner practised, in one plain file beside the answers; it can be carried to another machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import Mismatch, anything, fields, flag, list_of, mapping_of, maybe, text, whole
from groundup.base.writing import explain_read_error, locked, write_atomically

FILE = "practice.json"
FORMAT = 1


def _moment(value: Any, place: str) -> None:
    text(value, place)
    try:
        if datetime.fromisoformat(value).tzinfo is None:
            raise ValueError
    except ValueError:
        raise Mismatch(place, value, "a time with its zone, such as 2026-01-31T08:00:00+00:00") from None


_SHAPE = fields(
    {"format": whole(FORMAT, FORMAT)},
    {
        "cards": mapping_of(mapping_of(anything)),
        "asked": maybe(fields({"exercise": text, "seed": whole(0, 2**63), "review": flag})),
        "bugs": mapping_of(
            fields(
                {
                    "seed": whole(0, 2**63),
                    "line": whole(1, 10**6),
                    "wrong": text,
                    "mistake": text,
                    "inputs": list_of(list_of(text, least=2)),
                    "got": text,
                    "expected": text,
                }
            )
        ),
        "log": list_of(
            fields({"when": _moment, "exercise": text, "kind": text, "right": flag}, {"seed": whole(0, 2**63)})
        ),
    },
)


@dataclass
class Practice:
    """The content of the file.

    Attributes
    ----------
    cards : dict
        Exercise → what the scheduler remembers of it (`groundup.exercises.practice.review`).
    asked : dict or None
        The question that waits for an answer: exercise and seed, from which it is made again, and whether in a review.
    bugs : dict
        Exercise → the bug of it that is not mended yet: where it is, and the input that shows it.
    log : list of dict
        What was answered: when, exercise, kind, and whether it was right; the oldest first.
    """

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, Any] | None = None
    bugs: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)


class Journal:
    """Reads and writes a learner's practice.

    Parameters
    ----------
    folder : Path
        The folder of answers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / FILE

    def read(self) -> Practice:
        """Return what was practised; nothing if there is no file.

        Raises
        ------
        UserError
            The file is damaged, or cannot be read.
        """
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return Practice()
        except OSError as error:
            raise explain_read_error(self.path, error, "Put it right, or move it away.") from error
        try:
            found = json.loads(raw)
            _SHAPE(found, "the file")
        except (ValueError, RecursionError, Mismatch) as error:
            said = " ".join(str(error).split())[:200]
            raise UserError(
                f"{self.path}: damaged ({said}). Put back a copy, or rename it to begin a new one. "
                "Your answers are safe."
            ) from error
        return Practice(found.get("cards", {}), found.get("asked"), found.get("bugs", {}), found.get("log", []))

    @contextmanager
    def change(self) -> Iterator[Practice]:
        """Read, let change, and write, completely or not at all; one process at a time.

        Raises
        ------
        UserError
            The file is damaged or cannot be written.
        """
        with locked(self.path):
            practice = self.read()
            yield practice
            content = {"format": FORMAT, **vars(practice)}
            write_atomically(self.path, json.dumps(content, indent=1) + "\n")
