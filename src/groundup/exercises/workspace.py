"""The learner's folder: their files, one an exercise, and what the judge said of each."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

from groundup.errors import UserError
from groundup.exercises.registry import find_folder, list_names, read_stub
from groundup.training.files import write_atomically

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
        """Return where the answer to an exercise lies."""
        return self.folder / f"{name.replace('-', '_')}.py"

    def start(self, name: str) -> Path:
        """Write an exercise's stub; return its path.

        Raises
        ------
        UserError
            A file is there already: nothing is ever written over it.
        """
        path = self.path(find_folder(name))
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(read_stub(name))
        except FileExistsError:
            text = f"{path} is there already and stays as it is. Rename it to start afresh, or `groundup check {name}`."
            raise UserError(text) from None
        return path

    def find(self, name: str | None) -> tuple[str, Path]:
        """Return an exercise's name and the answer's path.

        Parameters
        ----------
        name : str, optional
            An exercise, or a file whose name holds one; the answer changed last if left out.

        Raises
        ------
        UserError
            There is no such exercise, or no answer to it.
        """
        if name is None:
            return self._find_latest()
        if name.endswith(".py"):
            path = Path(name)
            if not path.is_file():
                raise UserError(f"{path}: there is no such file.")
            return name_exercise(path), path
        exercise = find_folder(name).replace("_", "-")
        path = self.path(exercise)
        if not path.is_file():
            raise UserError(f"{path}: there is no answer yet. Begin with `groundup learn start {exercise}`.")
        return exercise, path

    def _find_latest(self) -> tuple[str, Path]:
        paths = [path for name in list_names() if (path := self.path(name)).is_file()]
        if not paths:
            raise UserError(f"{self.folder} holds no answer yet. Begin with `groundup learn start gradient-descent`.")
        path = max(paths, key=lambda path: path.stat().st_mtime_ns)
        return name_exercise(path), path

    def record(self, name: str, path: Path, accepted: bool) -> None:
        """Keep a verdict, if the file is the one in this folder."""
        if path.resolve() != self.path(name).resolve():
            return
        progress = self._read()
        progress[name] = {"accepted": accepted, "digest": digest(path)}
        text = json.dumps(progress, indent=1, sort_keys=True)
        write_atomically(self.folder / PROGRESS, text + "\n")

    def tell_state(self, name: str) -> str:
        """Return ``"done"``, ``"changed since"`` it was accepted, ``"not right yet"``, ``"begun"`` or ``""``."""
        path = self.path(name)
        if not path.is_file():
            return ""
        known = self._read().get(name)
        if known is None:
            return "begun"
        if known.get("accepted"):
            return "done" if known.get("digest") == digest(path) else "changed since"
        return "not right yet"

    def _read(self) -> dict[str, Any]:
        try:
            progress = json.loads((self.folder / PROGRESS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            # It only remembers verdicts; they can be had again.
            return {}
        return progress if isinstance(progress, dict) else {}


def name_exercise(path: Path) -> str:
    """Return the exercise that a file's name tells.

    Raises
    ------
    UserError
        It tells none.
    """
    stem = path.stem.replace("_", "-").lower()
    found = [name for name in list_names() if name in stem]
    if not found:
        raise UserError(
            f"{path}: its name holds no exercise's. Name it like regression_training.py, or use --exercise."
        )
    return max(found, key=len)


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


def digest(path: Path) -> str:
    """Return a file's checksum."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
