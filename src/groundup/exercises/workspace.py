"""The learner's folder: one file per exercise, and the judge's verdict on each."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error, locked, write_atomically
from groundup.exercises.answer_files import list_checked
from groundup.exercises.registry import find_folder, list_names, read_stub
from groundup.exercises.sources import NOTEBOOK, is_answer_file, is_notebook
from groundup.exercises.submissions import infer_exercise

PROGRESS = ".progress.json"
EARLIER = "earlier"  # where answers go that were begun again
# Between two actions on an exercise, a longer time is a pause, and no work.
LONGEST_WORK = 30 * 60


@dataclass(frozen=True)
class Latest:
    """The exercise that the learner worked on last.

    Attributes
    ----------
    name : str
        It.
    path : Path
        The answer.
    why : str
        What was done with it last: ``"changed last"``, ``"checked last"`` or ``"started last"``.
    """

    name: str
    path: Path
    why: str


class Workspace:
    """A folder of answers.

    Parameters
    ----------
    folder : Path
        Made when the first stub is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Return the path of the answer to an exercise."""
        return self.folder / f"{name.replace('-', '_')}.py"

    def start(self, name: str) -> Path:
        """Write an exercise's stub; return its path.

        Raises
        ------
        UserError
            A file is there already: nothing is ever written over it. Or the folder cannot be written to.
        """
        path = self.path(find_folder(name))
        self._make_folder()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(read_stub(name))
        except FileExistsError:
            text = f"{path} already exists and is not changed. Rename it to start again, or `groundup check {name}`."
            raise UserError(text) from None
        except OSError as error:
            raise explain_write_error(path, error, "try again") from error
        self.record_start(name.replace("_", "-"))
        return path

    def reset(self, name: str) -> Path | None:
        """Write an exercise's stub again; return where the answer was moved, which stays; None if there was none.

        Raises
        ------
        UserError
            There is no such exercise, or the folder cannot be written to.
        """
        exercise = find_folder(name).replace("_", "-")
        path, kept = self.find_answer(exercise), None
        if path is not None:
            folder = self.folder / EARLIER
            try:
                folder.mkdir(exist_ok=True)
                kept = next(place for number in count(1) if not (place := _number(folder / path.name, number)).exists())
                path.rename(kept)
            except OSError as error:
                raise explain_write_error(folder, error, "try again") from error
        self.start(exercise)
        with self._changing(exercise) as known:
            for key in known.keys() - {"worked", "seconds", "seen"}:
                del known[key]
        return kept

    def describe_work(self, name: str) -> dict[str, Any]:
        """Return how often an answer was judged, and when it was first right: ``attempts``, ``solved``; or less."""
        known = self._read().get(name)
        return {key: known[key] for key in ("attempts", "solved") if key in known} if isinstance(known, dict) else {}

    def list_work(self) -> dict[str, tuple[int, float, str]]:
        """Return attempts, seconds of work and when it was first right (or ``""``) of each exercise worked on.

        The time between two actions on an exercise (started, judged, a hint opened) counts as work if it is at most
        `LONGEST_WORK` seconds.
        """
        found = {}
        for name, known in self._read().items():
            if isinstance(known, dict):
                attempts, solved = known.get("attempts"), known.get("solved")
                number = attempts if isinstance(attempts, int) else 0
                found[name] = number, _read_seconds(known), solved if isinstance(solved, str) else ""
        return found

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise UserError(f"{self.folder} is a file. Give a folder for your answers.") from None
        except OSError as error:
            raise explain_write_error(self.folder, error, "try again") from error

    def find(self, name: str | None) -> tuple[str, Path]:
        """Return an exercise's name and the answer's path.

        Parameters
        ----------
        name : str, optional
            An exercise, or a file (Python or a notebook) whose name holds one; that of `find_latest` if left out.

        Raises
        ------
        UserError
            There is no such exercise, or no answer to it.
        """
        if name is None:
            latest = self.find_latest()
            if latest is None:
                text = f"{self.folder} holds no answer yet."
                raise UserError(f"{text} Start with `groundup learn start {self.find_current()[0]}`.")
            return latest.name, latest.path
        if is_answer_file(Path(name)):
            path = Path(name)
            if not is_there(path):
                raise UserError(f"{path}: there is no such file.")
            return name_exercise(path), path
        exercise = find_folder(name).replace("_", "-")
        path, hyphened = self.path(exercise), self.folder / f"{exercise}.py"
        if hyphened != path and is_there(hyphened):
            text = f"{hyphened}: the answer's file is named {path.name}, and this one is not read."
            raise UserError(f"{text} Rename it, or check the file itself: `groundup check {hyphened}`.")
        found = self.find_answer(exercise)
        if found is None:
            raise UserError(f"{path}: there is no answer yet. Start with `groundup learn start {exercise}`.")
        return exercise, found

    def find_answer(self, name: str) -> Path | None:
        """Return the answer to an exercise, a Python file or else a notebook; None if there is none."""
        path = self.path(name)
        return next((place for place in (path, path.with_suffix(NOTEBOOK)) if is_there(place)), None)

    def find_latest(self) -> Latest | None:
        """Return the exercise that was started, changed or checked last; None if there is no answer yet."""
        progress, found = self._read(), []
        for name in list_names():
            path = self.find_answer(name)
            changed = _read_time(path) if path else 0
            if not path or not changed:
                continue
            found.append((changed, 0, Latest(name, path, "changed last")))
            worked = _read_worked(progress.get(name))
            if worked:
                found.append((worked[0], worked[1], Latest(name, path, f"{worked[2]} last")))
        return max(found, key=lambda item: item[:2])[2] if found else None

    def find_current(self) -> tuple[str, str]:
        """Return the exercise that the learner works on, and how it was chosen.

        It is the one that was started, changed or checked last, or, where that one is done, the next that is not.

        Raises
        ------
        UserError
            All are done.
        """
        latest = self.find_latest()
        if latest is not None and self.find_state(latest.name) != "done":
            return latest.name, latest.why
        name = self.find_following(latest.name if latest else None)
        if name is None:
            raise UserError("All exercises are done. Name one to see it again; `groundup learn` lists them.")
        return name, "the next that is not done" if latest else "the first that is not done"

    def find_following(self, after: str | None = None) -> str | None:
        """Return the first exercise that is not done, behind the one named and then from the start; None if all are."""
        states = self.list_states()
        names = list(states)
        place = names.index(after) + 1 if after is not None else 0
        return next((name for name in names[place:] + names[:place] if states[name] != "done"), None)

    def record_start(self, name: str) -> None:
        """Remember that the learner goes on with an exercise; where that cannot be written, it is forgotten."""
        with suppress(UserError), self._changing(name) as known:
            known["worked"] = self._count_work("started")

    def count_hints(self, name: str) -> int:
        """Return the number of the hint that was shown last; 0 if none was."""
        known = self._read().get(name)
        shown = known.get("hint") if isinstance(known, dict) else None
        return shown if isinstance(shown, int) and shown > 0 else 0

    def record_hint(self, name: str, number: int) -> None:
        """Remember which hint was shown last.

        Raises
        ------
        UserError
            It cannot be written.
        """
        self._make_folder()
        with self._changing(name) as known:
            known["hint"] = number

    def record(self, name: str, path: Path, accepted: bool, raw: bytes | None = None) -> None:
        """Keep a verdict, if the file is the one in this folder.

        Parameters
        ----------
        name : str
            The exercise's.
        path : Path
            The answer.
        accepted : bool
            The verdict.
        raw : bytes, optional
            What was judged; what the file holds by now if left out.

        Raises
        ------
        UserError
            It cannot be written.
        """
        if not self.owns(name, path):
            return
        checked = digest(path if raw is None else raw)
        with self._changing(name) as known:
            attempts = known.get("attempts", 0)
            known["attempts"] = attempts + 1 if isinstance(attempts, int) else 1
            if accepted and "solved" not in known:
                known["solved"] = datetime.now(UTC).isoformat(timespec="seconds")
            known |= {"accepted": accepted, "digest": checked, "worked": self._count_work("checked")}

    @contextmanager
    def _changing(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield what is remembered of an exercise, to be changed; it is written with the time that was worked."""
        with locked(self.folder / PROGRESS):
            progress = self._read()
            known = progress.get(name)
            known = progress[name] = dict(known) if isinstance(known, dict) else {}
            yield known
            _count_time(known, datetime.now(UTC))
            write_atomically(self.folder / PROGRESS, json.dumps(progress, indent=1, sort_keys=True) + "\n")

    def _count_work(self, how: str) -> list[Any]:
        """Return what puts this moment after all work so far, in the file system's time: other clocks differ."""
        changed = [_read_time(path) for name in list_names() if (path := self.find_answer(name))]
        before = [worked for known in self._read().values() if (worked := _read_worked(known))]
        time, number = max([(time, 0) for time in changed] + [worked[:2] for worked in before], default=(0, 0))
        return [time, number + 1, how]

    def owns(self, name: str, path: Path) -> bool:
        """Return whether a file is the answer to an exercise in this folder."""
        own = self.find_answer(name)
        return own is not None and path.resolve() == own.resolve()

    def find_state(self, name: str) -> str:
        """Return ``"done"``, ``"changed since"`` it was accepted, ``"not right yet"``, ``"begun"`` or ``""``."""
        return self._find_state(name, self._read())

    def list_states(self) -> dict[str, str]:
        """Return the state of every exercise, in the order of the course; see `find_state`."""
        progress = self._read()
        return {name: self._find_state(name, progress) for name in list_names()}

    def _find_state(self, name: str, progress: dict[str, Any]) -> str:
        path = self.find_answer(name)
        if path is None:
            return ""
        known = progress.get(name)
        if not isinstance(known, dict) or "accepted" not in known:
            return "begun"
        if not known.get("accepted"):
            return "not right yet"
        try:
            return "done" if known.get("digest") == digest(path) else "changed since"
        except OSError:
            return "changed since"

    def _read(self) -> dict[str, Any]:
        try:
            progress = json.loads((self.folder / PROGRESS).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            # It only remembers verdicts; they can be had again.
            return {}
        return progress if isinstance(progress, dict) else {}


def _read_time(path: Path) -> int:
    """Return when a file was changed, in nanoseconds; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read_worked(known: Any) -> tuple[int, int, str] | None:
    """Return what is remembered of the last work on an exercise; see `Workspace._count_work`."""
    match known:
        case {"worked": [int(time), int(number), "checked" | "started" as how]}:
            return time, number, how
    return None


def _read_seconds(known: dict[str, Any]) -> float:
    seconds = known.get("seconds")
    return float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < 1e9 else 0.0


def _count_time(known: dict[str, Any], now: datetime) -> None:
    """Add the time since the last action on an exercise, if it was no pause."""
    try:
        since = (now - datetime.fromisoformat(known["seen"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        since = 0.0
    if 0 < since <= LONGEST_WORK:
        known["seconds"] = round(_read_seconds(known) + since, 1)
    known["seen"] = now.isoformat(timespec="milliseconds")


def _number(path: Path, number: int) -> Path:
    """Return a path with a number behind its name."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def is_there(path: Path) -> bool:
    """Return whether there is a file, a pipe or the like (reading it says more), and no folder."""
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def name_exercise(path: Path) -> str:
    """Return the exercise that a file's name tells, or else the one that a notebook's cells are checked for.

    Raises
    ------
    UserError
        It tells none, or several.
    """
    found = infer_exercise(Path(path.name)) or infer_exercise(Path(*path.parts[-2:]))
    if not found and is_notebook(path):
        found = list_checked(path)
    if not found:
        # Glued to something else: `mysoftmax.py`.
        stem = path.stem.replace("_", "-").lower()
        glued = [name for name in list_names() if name in stem]
        found = (max(glued, key=len),) if glued else ()
    if len(found) > 1:
        raise UserError(f"{path}: it may be meant for {' or '.join(found)}. Say which with --exercise.")
    if not found:
        raise UserError(
            f"{path}: its name contains no exercise. Name it like regression_training.py, or use --exercise."
        )
    return found[0]


def is_untouched(name: str, source: str) -> bool:
    """Return whether a learner's file is still the exercise's stub; blank lines, comments and docstrings do not count.

    Examples
    --------
    >>> is_untouched("softmax", read_stub("softmax") + "# tomorrow")
    True
    """
    try:
        return _write_bare(source) == _write_bare(read_stub(name))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _write_bare(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def digest(what: Path | bytes) -> str:
    """Return the checksum of a file or of its content."""
    return hashlib.sha256(what if isinstance(what, bytes) else what.read_bytes()).hexdigest()
