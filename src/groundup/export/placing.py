"""Exported files and folders, put in their place completely or not at all, and never over anything unasked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from groundup.base.errors import UserError
from groundup.base.files import replacing_folder
from groundup.base.writing import explain_write_error
from groundup.runs.output import find_target, is_special, write_output

AGAIN = "export again"


def check_place(path: Path, force: bool, ours: frozenset[str] = frozenset()) -> None:
    """Refuse a place that is taken.

    Parameters
    ----------
    path : Path
        Where something is to be written; a link stands for what it leads to.
    force : bool
        Whether an earlier export there may be replaced.
    ours : frozenset of str
        What the folder to be written holds, none for a file: a folder with anything else in it is never replaced.

    Raises
    ------
    UserError
        Something is there that must stay.
    """
    try:
        path = find_target(path)
        if not os.path.lexists(path) or (not ours and is_special(path)):
            return
        if path.is_dir() and not ours:
            raise UserError(f"{path}: a folder, and a file is to be written. Name the file in it with --out.")
        if ours and not path.is_dir():
            raise UserError(f"{path}: a file, and a folder is to be written. Choose another --out.")
        if not force:
            raise UserError(f"{path}: exists already. Choose another --out, or replace it with --force.")
        if ours and (others := sorted({held.name for held in path.iterdir()} - ours)):
            raise UserError(
                f"{path}: holds more than an export ({others[0]}) and is not replaced. Choose another --out."
            )
    except OSError as error:
        raise explain_write_error(path, error, AGAIN) from error


def place_file(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file, then put it where it belongs; see `write_output`."""
    _make_parent(path)
    write_output(path, write, AGAIN)


def place_folder(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a folder beside ``path``, then put it there in one step.

    Raises
    ------
    UserError
        The disk is full, or the place may not be written to; what was there is as it was.
    """
    _make_parent(path)
    try:
        with replacing_folder(find_target(path)) as temporary:
            try:
                write(temporary)
            except UserError as error:
                raise UserError(str(error).replace(str(temporary), str(path))) from error
    except OSError as error:
        raise explain_write_error(path, error, AGAIN) from error


def _make_parent(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_write_error(path, error, AGAIN) from error
