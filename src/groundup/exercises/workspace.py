"""The learner's folder: one file per exercise, and the judge's verdict on each."""

from __future__ import annotations

import ast
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error, write_atomically
from groundup.exercises.answer_files import list_checked
from groundup.exercises.registry import find_folder, list_names, read_stub
from groundup.exercises.sources import NOTEBOOK, is_answer_file, is_notebook
from groundup.exercises.submissions import infer_exercise

PROGRESS = ".progress.json"


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
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise UserError(f"{self.folder} is a file. Give a folder for your answers.") from None
        except OSError as error:
            raise explain_write_error(self.folder, error, "try again") from error
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(read_stub(name))
        except FileExistsError:
            text = f"{path} already exists and is not changed. Rename it to start again, or `groundup check {name}`."
            raise UserError(text) from None
        except OSError as error:
            raise explain_write_error(path, error, "try again") from error
        return path

    def find(self, name: str | None) -> tuple[str, Path]:
        """Return an exercise's name and the answer's path.

        Parameters
        ----------
        name : str, optional
            An exercise, or a file (Python or a notebook) whose name holds one; the answer changed last if left out.

        Raises
        ------
        UserError
            There is no such exercise, or no answer to it.
        """
        if name is None:
            return self._find_latest()
        if is_answer_file(Path(name)):
            path = Path(name)
            if not is_there(path):
                raise UserError(f"{path}: there is no such file.")
            return name_exercise(path), path
        exercise = find_folder(name).replace("_", "-")
        found = self.find_answer(exercise)
        if found is None:
            path = self.path(exercise)
            raise UserError(f"{path}: there is no answer yet. Start with `groundup learn start {exercise}`.")
        return exercise, found

    def find_answer(self, name: str) -> Path | None:
        """Return the answer to an exercise, a Python file or else a notebook; None if there is none."""
        path = self.path(name)
        return next((place for place in (path, path.with_suffix(NOTEBOOK)) if is_there(place)), None)

    def _find_latest(self) -> tuple[str, Path]:
        latest = self._list_by_change()
        if not latest:
            raise UserError(f"{self.folder} holds no answer yet. Start with `groundup learn start gradient-descent`.")
        return latest[0]

    def _list_by_change(self) -> list[tuple[str, Path]]:
        """Return exercises and answers, the one changed last first."""
        dated = []
        for name in list_names():
            if path := self.find_answer(name):
                with suppress(OSError):
                    dated.append((path.stat().st_mtime_ns, name, path))
        return [(name, path) for _, name, path in sorted(dated, reverse=True)]

    def find_current(self) -> tuple[str, str]:
        """Return the exercise that the learner works on, and how it was chosen.

        It is the one whose answer was changed last, or, where that one is done, the first that is not.

        Raises
        ------
        UserError
            All are done.
        """
        latest = self._list_by_change()
        if latest and self.find_state(latest[0][0]) != "done":
            return latest[0][0], "changed last"
        name = self.find_following()
        if name is None:
            raise UserError("All exercises are done. Name one to see it again; `groundup learn` lists them.")
        return name, "the first that is not done"

    def find_following(self) -> str | None:
        """Return the first exercise that is not done; None if all are."""
        return next((name for name, state in self.list_states().items() if state != "done"), None)

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
        own = self.find_answer(name)
        if own is None or path.resolve() != own.resolve():
            return
        progress = self._read()
        progress[name] = {"accepted": accepted, "digest": digest(path if raw is None else raw)}
        text = json.dumps(progress, indent=1, sort_keys=True)
        write_atomically(self.folder / PROGRESS, text + "\n")

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
        if not isinstance(known, dict):
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
    """Return whether a learner's file is still the exercise's stub; blank lines and comments do not count.

    Examples
    --------
    >>> is_untouched("softmax", read_stub("softmax") + "# tomorrow")
    True
    """
    try:
        return ast.dump(ast.parse(source)) == ast.dump(ast.parse(read_stub(name)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def digest(what: Path | bytes) -> str:
    """Return the checksum of a file or of its content."""
    return hashlib.sha256(what if isinstance(what, bytes) else what.read_bytes()).hexdigest()
