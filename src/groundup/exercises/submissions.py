"""Finds many learners' answers in a folder: names of files and folders say whose they are, and to which exercise."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from groundup.base.errors import UserError
from groundup.exercises.answer_files import list_checked, read_answer
from groundup.exercises.file_names import is_nobody, make_key, name_shape, read_export, read_name, strip_added
from groundup.exercises.sources import is_answer_file, is_notebook

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
# What systems and programs keep beside people's files.
_NOT_LOOKED_INTO = ("__MACOSX", "__pycache__", "node_modules", "site-packages")


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


@dataclass(frozen=True)
class LeftOut:
    """A file or folder that is not judged.

    Attributes
    ----------
    path : Path
        Where it is.
    reason : str
        Why.
    """

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass
class Survey:
    """What a folder holds.

    Attributes
    ----------
    found : list of Submission
        The answers, by learner and exercise.
    unknown : list of LeftOut
        Python files and notebooks whose names tell too little.
    left_out : list of LeftOut
        What is not looked into: links to folders, archives, and so on.
    notes : list of str
        How names were understood where there was more than one way.
    """

    found: list[Submission] = field(default_factory=list)
    unknown: list[LeftOut] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Owner:
    """Whose a file may be.

    Attributes
    ----------
    text : str
        The name.
    number : str
        As in `groundup.exercises.file_names.Exported`.
    folder : bool
        Whether a folder is called so.
    """

    text: str
    number: str = ""
    folder: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return make_key(self.text), self.number


@dataclass(frozen=True)
class _Place:
    """What a file's name and folders tell.

    Attributes
    ----------
    path : Path
        The file.
    exercises : tuple of str
        None, one, or those that may be meant.
    owners : tuple of _Owner
        Whose it may be, the outermost folder first.
    gathering : str
        The outermost folder that bears nobody's name; empty if there is none.
    beside : bool
        Whether it is called like a test or a helper, or does not say its exercise itself, in a folder of a learner's.
    """

    path: Path
    exercises: tuple[str, ...]
    owners: tuple[_Owner, ...]
    gathering: str
    beside: bool


def find_submissions(folder: Path, exercise: str | None = None) -> tuple[list[Submission], list[Path]]:
    """Return the answers under a folder, and the files whose names tell too little; see `look_through`."""
    survey = look_through(folder, exercise)
    return survey.found, [one.path for one in survey.unknown]


def look_through(folder: Path, exercise: str | None = None) -> Survey:
    """Find the answers under a folder.

    Understood are ``LEARNER/EXERCISE.py``, ``EXERCISE/LEARNER.py``, ``LEARNER_EXERCISE.py``, ``EXERCISE_LEARNER.py``
    and, with ``exercise`` given, ``LEARNER.py``, at any depth, and what learning platforms export. Where folders are
    called for people the outermost counts, so that nobody can put an answer in another's name. A notebook whose name
    tells no exercise is looked into for ``%%check NAME``.

    Parameters
    ----------
    folder : Path
        Looked through to any depth; hidden folders and links are left out.
    exercise : str, optional
        What every file answers.

    Raises
    ------
    UserError
        There is no such folder.
    """
    try:
        if not folder.is_dir():
            told = "is a file. Give the folder it lies in, unpacked" if folder.exists() else "there is no such folder"
            raise UserError(f"{folder}: {told}.")
    except OSError as error:
        raise UserError(f"{folder}: {(error.strerror or str(error)).lower()}.") from error
    survey = Survey()
    places = []
    for path in _list_files(folder, survey):
        place = _read_place(path, path.relative_to(folder), exercise)
        if not place.exercises and is_notebook(path):
            place = replace(place, exercises=list_checked(path))
            places += [replace(place, exercises=(name,)) for name in place.exercises]
        elif len(place.exercises) == 1:
            places.append(place)
        if not place.exercises:
            survey.unknown.append(LeftOut(path, "its name contains no exercise"))
        elif len(place.exercises) > 1 and not is_notebook(path):
            survey.unknown.append(LeftOut(path, f"its name may mean {' or '.join(place.exercises)}"))
    _attribute(places, folder, survey)
    survey.found.sort(key=lambda one: (one.learner.lower(), one.exercise, str(one.path)))
    survey.unknown.sort(key=lambda one: str(one.path))
    return survey


def recognise(path: Path, relative: Path, exercise: str | None = None) -> Submission | None:
    """Return what a single file's place and name tell, or None.

    Examples
    --------
    >>> one = recognise(Path("a.py"), Path("ada_softmax.py"))
    >>> one.learner, one.exercise
    ('ada', 'softmax')
    """
    place = _read_place(path, relative, exercise)
    owner = place.owners[0].text if place.owners else place.gathering
    return Submission(owner, place.exercises[0], path) if owner and len(place.exercises) == 1 else None


def infer_exercise(relative: Path) -> tuple[str, ...]:
    """Return the exercise that a file's name and folders contain; several if any may be meant, or none.

    Examples
    --------
    >>> infer_exercise(Path("week 1/softmax (2).py"))
    ('softmax',)
    """
    return _read_place(relative, relative, None).exercises


def list_repeated(found: Iterable[Submission]) -> list[list[Submission]]:
    """Return the answers of which a learner gave several to one exercise, those together that belong together."""
    groups: dict[tuple[str, str], list[Submission]] = {}
    for one in found:
        groups.setdefault((one.learner, one.exercise), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def read_source(path: Path) -> str:
    """Return the text of an answer that is no notebook; errors as in `groundup.exercises.answer_files.read_answer`."""
    return read_answer(path, "", follow=False).text


def _list_files(folder: Path, survey: Survey) -> list[Path]:
    """Return the files that may be answers, in order; note what else should be known of."""

    def refuse(error: OSError) -> None:
        reason = (error.strerror or str(error)).lower()
        survey.left_out.append(LeftOut(Path(error.filename), f"cannot be opened ({reason})"))

    paths = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        for name in [name for name in folders if os.path.islink(os.path.join(place, name))]:
            survey.left_out.append(LeftOut(Path(place, name), "a link to a folder, which is not followed"))
            folders.remove(name)
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in _NOT_LOOKED_INTO)
        # A virtual environment's libraries are nobody's answers.
        folders[:] = [name for name in folders if not os.path.exists(os.path.join(place, name, "pyvenv.cfg"))]
        for name in sorted(name for name in files if name[0] != "."):
            path = Path(place, name)
            if is_answer_file(path):
                paths.append(path)
            elif path.suffix.lower() in ARCHIVES:
                survey.left_out.append(LeftOut(path, "an archive: unpack it to have it judged"))
    return paths


def _read_place(path: Path, relative: Path, exercise: str | None) -> _Place:
    """Return what a file's name and its folders, from the outermost on, tell."""
    folders, stem = [part for part in relative.parts[:-1] if part], relative.stem
    exported = read_export(stem)
    owners = [_Owner(exported.who, exported.number)] if exported else []
    stem = exported.rest if exported else stem
    told = read_name(stem)
    around = [read_name(folder) for folder in folders]
    if exercise is not None:
        exercises: tuple[str, ...] = (exercise,)
    else:
        exercises = told.exercises
        outside = [one.exercises for one in reversed(around) if len(one.exercises) == 1]
        fitting = [one for one in outside if not exercises or one[0] in exercises]
        if len(exercises) != 1 and fitting:
            exercises = fitting[0]
    person = told.person if set(told.exercises) & set(exercises) else strip_added(stem)
    if person:
        owners.append(_Owner(person))
    gathering = ""
    named = []
    for folder, one in zip(folders, around, strict=True):
        if by := read_export(folder):
            named.append(_Owner(by.who, by.number, folder=True))
        elif one.exercises and not one.person:
            continue
        elif one.exercises and set(one.exercises) <= set(exercises):
            named.append(_Owner(one.person, folder=True))
        elif is_nobody(folder):
            gathering = gathering or folder
        else:
            named.append(_Owner(unicodedata.normalize("NFC", folder), folder=True))
    if exercise is not None and not named and not owners and not gathering:
        owners = [_Owner(stem)]
    silent = bool(named) and not set(told.exercises) & set(exercises)
    return _Place(path, exercises, (*named, *owners), gathering, told.beside or silent)


def _attribute(places: Sequence[_Place], folder: Path, survey: Survey) -> None:
    """Decide whose each answer is."""
    groups = _find_groups(places)
    if groups:
        told = ", ".join(sorted(groups.values(), key=str.lower))
        survey.notes.append(f"Read as groups, with a learner's name inside: {told}.")
    counted = _find_counted(places)
    whole = bool(places) and not any(place.owners or place.gathering for place in places)
    chosen: list[tuple[_Place, _Owner]] = []
    for place in places:
        owners = place.owners[1:] if len(place.owners) > 1 and place.owners[0].key in groups else place.owners
        if place.gathering and (not owners or name_shape(place.gathering) in counted):
            owners = (_Owner(place.gathering, folder=True), *owners)
        if whole:
            owners = (_Owner(folder.resolve().name),)
        if owners:
            chosen.append((replace(place, owners=owners), owners[0]))
        else:
            survey.unknown.append(LeftOut(place.path, "its name contains the exercise, but no learner"))
    names = _name_learners([owner for _, owner in chosen])
    others = {owner.key[0]: names[owner.key] for _, owner in chosen}
    plain = {(names[owner.key], place.exercises[0]) for place, owner in chosen if not place.beside}
    for place, owner in chosen:
        learner, exercise = names[owner.key], place.exercises[0]
        if place.beside and (learner, exercise) in plain:
            survey.left_out.append(LeftOut(place.path, "its name is that of a test or helper beside an answer"))
            continue
        survey.found.append(Submission(learner, exercise, place.path))
        inner = [others[one.key[0]] for one in place.owners[1:] if others.get(one.key[0], learner) != learner]
        if inner:
            told = f"counted as {learner}'s and not as {inner[0]}'s: the outermost of several names counts."
            survey.notes.append(f"{place.path}: {told}")


def _find_groups(places: Sequence[_Place]) -> dict[tuple[str, str], str]:
    """Return the outermost folders that are called for groups of learners, not for a learner each; mostly none.

    They are groups where more than half of them hold several people's answers to one exercise, by what is written
    further inside, and where nothing says that they are learners: no answer lies in one without another name, and no
    name further inside is that of one of them.
    """
    roots: dict[tuple[str, str], str] = {}
    people: dict[tuple[tuple[str, str], str], set[tuple[str, str]]] = {}
    for place in places:
        if place.owners and place.owners[0].folder:
            root = place.owners[0]
            roots.setdefault(root.key, root.text)
            people.setdefault((root.key, place.exercises[0]), set()).update(one.key for one in place.owners[1:2])
            if len(place.owners) < 2:
                return {}
    called = {name for name, _ in roots}
    if any(name in called for keys in people.values() for name, _ in keys):
        return {}
    several = {root for (root, _), keys in people.items() if len(keys) > 1}
    return roots if 2 * len(several) > len(roots) else {}


def _find_counted(places: Sequence[_Place]) -> set[str]:
    """Return what folders such as ``team 1`` have in common where most of them hold answers that say no other name."""
    alone: dict[str, set[str]] = {}
    every: dict[str, set[str]] = {}
    for place in places:
        if place.gathering:
            shape = name_shape(place.gathering)
            every.setdefault(shape, set()).add(place.gathering)
            if not place.owners:
                alone.setdefault(shape, set()).add(place.gathering)
    return {shape for shape, folders in alone.items() if 2 * len(folders) > len(every[shape])}


def _name_learners(owners: Sequence[_Owner]) -> dict[tuple[str, str], str]:
    """Return what each learner is called: as first found, with a platform's number where two have one name."""
    first: dict[str, str] = {}
    for owner in owners:
        first.setdefault(owner.key[0], owner.text)
    numbers = Counter(key for key, number in {owner.key for owner in owners} if number)
    return {
        (key, number): f"{first[key]} ({number})" if number and numbers[key] > 1 else first[key]
        for key, number in {owner.key for owner in owners}
    }
