"""Finds many learners' answers in a folder: file names tell whose and to which exercise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from groundup.errors import UserError
from groundup.exercises.registry import list_names

MOST_BYTES = 2**20


@dataclass(frozen=True)
class Submission:
    """One learner's answer to one exercise.

    Attributes
    ----------
    learner : str
        As the file or its folder is named.
    exercise : str
        Its name.
    path : Path
        The file.
    """

    learner: str
    exercise: str
    path: Path


def find_submissions(folder: Path, exercise: str | None = None) -> tuple[list[Submission], list[Path]]:
    """Return the answers under a folder, by learner and exercise, and the Python files that tell neither.

    Understood are ``LEARNER/EXERCISE.py``, ``EXERCISE/LEARNER.py``, ``LEARNER_EXERCISE.py``, ``EXERCISE_LEARNER.py``
    and, with ``exercise`` given, ``LEARNER.py``. Names are read without regard to case, hyphens as underscores.

    Parameters
    ----------
    folder : Path
        Looked through to any depth; hidden folders and links to folders are left out.
    exercise : str, optional
        What every file answers.

    Raises
    ------
    UserError
        There is no such folder.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such folder.")
    found, unknown = [], []
    for path in _list_files(folder):
        submission = recognise(path, path.relative_to(folder), exercise)
        if submission is None:
            unknown.append(path)
        else:
            found.append(submission)
    return sorted(found, key=lambda one: (one.learner.lower(), one.exercise, str(one.path))), unknown


def _list_files(folder: Path) -> list[Path]:
    paths = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] not in "._")
        paths += [Path(place, name) for name in sorted(files) if name.endswith(".py") and name[0] not in "._"]
    return paths


def recognise(path: Path, relative: Path, exercise: str | None = None) -> Submission | None:
    """Return what a file's place and name tell, or None.

    Examples
    --------
    >>> one = recognise(Path("a.py"), Path("ada_softmax.py"))
    >>> one.learner, one.exercise
    ('ada', 'softmax')
    """
    folders = [part for part in relative.parts[:-1] if part]
    stem = relative.stem
    if exercise is not None:
        return Submission(_strip(stem, exercise) or (folders[-1] if folders else stem), exercise, path)
    names = sorted(list_names(), key=len, reverse=True)
    if (found := _match_whole(stem, names)) is not None:
        return Submission(folders[-1], found, path) if folders else None
    for parent in reversed(folders):
        if (found := _match_whole(parent, names)) is not None:
            return Submission(stem, found, path)
    for name in names:
        if (learner := _strip(stem, name)) is not None:
            return Submission(learner or (folders[-1] if folders else stem), name, path)
    return None


def _plain(text: str) -> str:
    return text.lower().replace("-", "_").replace(" ", "_")


def _match_whole(text: str, names: list[str]) -> str | None:
    return next((name for name in names if _plain(text) == _plain(name)), None)


def _strip(stem: str, exercise: str) -> str | None:
    """Return what is left of a name without the exercise's at its beginning or end; None where it stands at neither."""
    plain, name = _plain(stem), _plain(exercise)
    # Lowering may lengthen a letter (İ): then places in one text are none in the other.
    if len(plain) != len(stem):
        stem = plain
    if plain == name:
        return ""
    if plain.startswith(name + "_"):
        return stem[len(name) + 1 :].strip("_- ")
    if plain.endswith("_" + name):
        return stem[: -len(name) - 1].strip("_- ")
    return None


def read_source(path: Path) -> str:
    """Return a submission's text.

    Raises
    ------
    UserError
        It cannot be read, is no regular file, is larger than `MOST_BYTES`, or no UTF-8.
    """
    from groundup.data.texts import decode_text

    try:
        if not path.is_file():
            raise UserError(f"{path.name}: no regular file.")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path.name}: {error.strerror or error}.") from error
    if len(raw) > MOST_BYTES:
        raise UserError(f"{path.name}: larger than 1 MiB, which no answer is.")
    return decode_text(raw, path.name)
