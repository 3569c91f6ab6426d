"""The course in one file: every answer with its checksum, so that anybody can have it judged again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from groundup import __version__
from groundup.base.errors import UserError
from groundup.base.shape import Mismatch, anything, fields, list_of, mapping_of, text, whole
from groundup.base.writing import explain_read_error
from groundup.exercises.answer_files import extract_answer
from groundup.exercises.practice.journal import Journal
from groundup.exercises.registry import list_names, read_title
from groundup.exercises.sources import read_bytes
from groundup.exercises.workspace import Workspace, digest

FORMAT = 1
_SHAPE = fields(
    {
        "transcript": whole(FORMAT, FORMAT),
        "exercises": list_of(
            fields({"name": text, "state": text, "sha256": text, "answer": text}, {"title": text}, rest=True)
        ),
    },
    {"groundup": text, "when": text, "practice": mapping_of(anything)},
)


@dataclass(frozen=True)
class Checked:
    """What came of judging one answer of a transcript again.

    Attributes
    ----------
    name : str
        The exercise.
    claimed, accepted : bool
        Whether the transcript calls it done, and whether it is right.
    why : str
        The verdict in a line.
    """

    name: str
    claimed: bool
    accepted: bool
    why: str

    @property
    def holds(self) -> bool:
        """Whether the transcript says the truth."""
        return self.accepted or not self.claimed


def write_transcript(workspace: Workspace, now: datetime) -> dict[str, Any]:
    """Return the transcript of a folder of answers.

    Parameters
    ----------
    workspace : Workspace
        The answers.
    now : datetime
        With its zone.

    Raises
    ------
    UserError
        An answer cannot be read.
    """
    exercises = []
    for name, state in workspace.list_states().items():
        path = workspace.find_answer(name)
        if path is None:
            continue
        source = extract_answer(read_bytes(path, str(path)), path, name, str(path)).text
        work = workspace.describe_work(name)
        facts = {"name": name, "title": read_title(name), "state": state, **work}
        exercises.append({**facts, "sha256": digest(source.encode()), "answer": source})
    log = Journal(workspace.folder).read().log
    practice = {
        kind: {"asked": len(results), "right": sum(results)}
        for kind, results in (
            ("questions", [line["right"] for line in log if line["kind"] != "bug"]),
            ("bugs", [line["right"] for line in log if line["kind"] == "bug"]),
        )
    }
    about = {"transcript": FORMAT, "groundup": __version__, "when": now.isoformat(timespec="seconds")}
    return {**about, "practice": practice, "exercises": exercises}


def read_transcript(path: Path) -> dict[str, Any]:
    """Return a transcript.

    Raises
    ------
    UserError
        It cannot be read, is damaged, or its checksums do not fit its answers.
    """
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        _SHAPE(found, "the file")
    except OSError as error:
        raise explain_read_error(path, error) from error
    except (ValueError, RecursionError, Mismatch) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: not a transcript ({said}). Write one with: groundup learn transcript") from error
    known = set(list_names())
    for entry in found["exercises"]:
        if entry["name"] not in known:
            raise UserError(f"{path}: there is no exercise named {entry['name'][:80]}. Is groundup up to date?")
        if digest(entry["answer"].encode("utf-8", "surrogatepass")) != entry["sha256"]:
            raise UserError(f"{path}: the answer to {entry['name']} was changed after the transcript was written.")
    return found


def verify_transcript(found: dict[str, Any], judge: Callable[[str, str], tuple[bool, str]]) -> Iterator[Checked]:
    """Judge every answer of a transcript; ``judge`` takes name and source, and returns the verdict and its headline."""
    for entry in found["exercises"]:
        accepted, headline = judge(entry["name"], entry["answer"])
        yield Checked(entry["name"], entry["state"] == "done", accepted, headline)
