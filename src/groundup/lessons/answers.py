"""The answer in a lesson's page and the learner's file: what is judged is saved, and no newer work is written over.

A page holds the file as it was when the page was opened, or when it saved last. Where the file has changed since then,
it is an editor's work, or another page's: it stays, and the page's own text goes into a file beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error, write_atomically
from groundup.exercises.workspace import Workspace

# By page and path: what the page knows the file to be (None: that there is none), and where its own text lies.
_known: dict[tuple[str, Path], bytes | None] = {}
_beside: dict[tuple[str, Path], Path] = {}


@dataclass(frozen=True)
class Saved:
    """Where a page's answer lies now.

    Attributes
    ----------
    path : Path
        The learner's file, or the one beside it.
    note : str
        What became of it, where that is not what is expected; else empty.
    """

    path: Path
    note: str = ""


def load_answer(workspace: Workspace, name: str, page: str) -> tuple[str | None, str]:
    """Return the learner's answer for a page that opens, None where there is none; and what is wrong with the file."""
    path = workspace.path(name)
    try:
        raw = _read(path)
        text = None if raw is None else raw.decode("utf-8").removeprefix("\ufeff")
    except (UnicodeDecodeError, UserError) as error:
        told = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        return None, f". `{path.name}` {told} and stays as it is"
    _known[page, path] = raw
    return text, ""


def save_answer(workspace: Workspace, name: str, page: str, source: str) -> Saved:
    """Save what a page holds.

    Raises
    ------
    UserError
        It is no text.
    """
    try:
        raw = source.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"The answer holds half a character, at {error.start + 1}. Type it again.") from error
    path = workspace.path(name)
    try:
        return _save(path, page, raw)
    except OSError as error:
        refused = explain_write_error(path, error, "judge it again")
    except UserError as error:
        refused = error
    return Saved(path, f"{refused} What you wrote here is judged, but it is not saved.")


def _save(path: Path, page: str, raw: bytes) -> Saved:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        there = _read(path)
    except UserError as error:
        return _save_beside(path, page, raw, str(error))
    if there not in (None, raw, _known.get((page, path))):
        return _save_beside(path, page, raw, f"{path.name} was changed elsewhere since this page was opened.")
    if there != raw:
        write_atomically(path, raw)
    _known[page, path] = raw
    return Saved(path)


def record_verdict(workspace: Workspace, name: str, source: str, accepted: bool) -> None:
    """Save a verdict if the learner's file is the one that was judged: it may have changed meanwhile."""
    path = workspace.path(name)
    if path.is_file() and path.read_bytes() == source.encode():
        workspace.record(name, path, accepted)


def _save_beside(path: Path, page: str, raw: bytes, reason: str) -> Saved:
    if (page, path) not in _beside:
        names = (f"{path.stem}_from_the_lab{'' if number == 1 else f'_{number}'}.py" for number in count(1))
        _beside[page, path] = next(free for one in names if not (free := path.with_name(one)).exists())
    beside = _beside[page, path]
    write_atomically(beside, raw)
    return Saved(
        beside,
        f"{reason} It stays as it is, and what you wrote here is in {beside.name}. "
        f"Take over what you want to keep, then reload this page: it continues from {path.name}.",
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({(error.strerror or str(error)).lower()}).") from error
