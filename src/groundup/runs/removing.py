"""Deletes a run folder, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

from groundup.base.errors import UserError
from groundup.runs.folder import Run, show_path


def measure_folder(folder: Path) -> int:
    """Return how many bytes the files in a folder take; links are not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def remove_run(run: Run) -> None:
    """Delete a run's folder and all that is in it.

    It is renamed first: if the process dies on the way, what is left is no run any more.

    Raises
    ------
    UserError
        It is being trained, it is a link, or the system refuses it.
    """
    if run.folder.is_symlink():
        raise UserError(f"{show_path(run.folder)}: a link to another folder, which is not deleted. Delete the link.")
    going = run.folder.with_name(f".{run.folder.name}.removed")
    try:
        if going.exists():
            shutil.rmtree(going)
        with run.locked():
            run.folder.rename(going)
        shutil.rmtree(going)
    except OSError as error:
        raise UserError(f"{show_path(run.folder)}: not deleted ({error.strerror or error}).") from error
