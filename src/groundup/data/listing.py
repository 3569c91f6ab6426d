"""The files of a folder that a person put there: without what systems and programs keep beside them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from groundup.base.errors import UserError

# Of macOS, Windows and network drives; what begins with a dot is hidden everywhere.
_OF_SYSTEMS = {
    "__macosx",
    "@eadir",
    "$recycle.bin",
    "#recycle",
    "system volume information",
    "lost+found",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
}


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this name is a system's or a program's own.

    Examples
    --------
    >>> [is_hidden(name) for name in (".ipynb_checkpoints", "__MACOSX", "._1.png", "1.png")]
    [True, True, True, False]
    """
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def list_folder(folder: Path) -> list[Path]:
    """Return what is directly in a folder and not hidden, by name.

    Raises
    ------
    UserError
        The folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    except OSError as error:
        raise _explain(error, folder) from error


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield every file under a folder, hidden files and folders left out; of links to folders only the first is taken.

    Raises
    ------
    UserError
        A folder cannot be read.
    """

    def refuse(error: OSError) -> None:
        raise _explain(error, folder)

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(files):
            path = Path(place, name)
            if not is_hidden(name) and path.is_file():
                yield path


def _explain(error: OSError, folder: Path) -> UserError:
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{error.filename or folder}: cannot be read ({reason}). Check the folder's permissions.")
