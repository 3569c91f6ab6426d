"""Finds the path for ``--data``, which may be a name.

A path that exists is that path. Else a name of the catalogue (`groundup.data.named.catalogue`) is the data in the
cache, and ``NAME/FILE`` one file of it. ``name:NAME`` is the name even where a path is called so; runs keep it in this
form, so that they find the same data from any folder. An address is a copy in the cache, which is downloaded if it is
not there (`groundup.data.named.addresses`); nothing else here touches the network.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from groundup.base.cache import cache_folder
from groundup.base.errors import UserError
from groundup.data.named.catalogue import (
    KINDS,
    DataFile,
    NamedData,
    find_entry,
    format_size,
    is_inside,
    read_catalogue,
    suggest,
)

PREFIX = "name:"
MARKER = ".groundup.json"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:://|::)(?=.)")
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def data_folder(entry: NamedData) -> Path:
    """Return the folder of data in the cache; it exists once `is_ready`."""
    return cache_folder() / "data" / entry.name


def downloads_folder(entry: NamedData) -> Path:
    """Return the folder of the files as they are served, and of what has come of them so far."""
    return cache_folder() / "downloads" / entry.name


def part_path(entry: NamedData, file: DataFile) -> Path:
    """Return the path of the bytes of a file that is not complete yet."""
    return downloads_folder(entry) / f"{file.name}.part"


def count_part(entry: NamedData) -> int:
    """Return how many bytes of the downloads are there."""
    folder = downloads_folder(entry)
    paths = (path for file in entry.files for path in (folder / file.name, part_path(entry, file)))
    return sum(path.stat().st_size for path in paths if path.is_file())


def describe_content(entry: NamedData) -> list[list[object]]:
    """Return what makes the content what it is: data of the same name and other files is other data."""
    return [[file.name, file.checksum, file.unpack, dict(file.members)] for file in entry.files]


def is_ready(entry: NamedData) -> bool:
    """Tell whether data is complete in the cache: unchanged, and from the files that the catalogue names."""
    known = read_marker(data_folder(entry))
    return known is not None and known.get("content") == describe_content(entry)


def read_marker(folder: Path) -> dict[str, Any] | None:
    """Return what a folder of data in the cache says of itself; ``None`` if a file of it is missing or changed."""
    try:
        known: dict[str, Any] = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        right = all((folder / name).stat().st_size == size for name, size in known["sizes"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return known if right else None


def is_address(data: str) -> bool:
    """Tell whether data is at an address, such as ``https://…``, ``s3://…`` or ``zip://a.txt::https://…``.

    Examples
    --------
    >>> [is_address(data) for data in ("s3://a/b.txt", "memory://a", "C:/a.txt", "name:mnist", "a://")]
    [True, True, False, False, False]
    """
    return _ADDRESS.match(data) is not None


def exists(path: Path) -> bool:
    """Tell whether a path exists.

    Raises
    ------
    UserError
        It cannot be one: it is too long, or holds a zero byte.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(f"{str(path)[:60]!r}…: not a path ({reason}). Give the path of a file or folder.") from error


def locate(data: str, built_in: Collection[str] = ()) -> Path:
    """Return the path for ``data``; if it is neither a path nor a name, a path that does not exist.

    Parameters
    ----------
    data : str
        A path, a name, ``NAME/FILE``, either of these after ``name:``, or an address.
    built_in : collection of str
        Names that are no wrong spelling, because the caller knows what they are.

    Raises
    ------
    UserError
        The name is not in the cache, or is spelled wrong; the line says what to do.
    """
    if is_address(data):
        # Not above: what downloads takes a while to import.
        from groundup.data.named.addresses import locate_address
        from groundup.data.named.watching import DownloadWatch

        return locate_address(data, DownloadWatch())
    path = Path(data)
    explicit = data.startswith(PREFIX)
    if not explicit and exists(path):
        return path
    name, _, inner = data.removeprefix(PREFIX).partition("/")
    if explicit or name in read_catalogue():
        return _find_in_cache(find_entry(name), inner)
    if data in built_in:
        return path
    names = [*read_catalogue(), *built_in]
    if _BARE.fullmatch(data) and difflib.get_close_matches(data.lower(), names, n=1, cutoff=0.75):
        raise UserError(f'"{data}" is not a file or folder here and not a data name. {suggest(data, names)}')
    return path


def resolve(
    data: str, task: str | None = None, kinds: Collection[str] = KINDS, built_in: Collection[str] = ()
) -> tuple[str, str | None]:
    """Return ``data`` as a run keeps it (names as ``name:NAME``), and a note if it could mean something else.

    Parameters
    ----------
    data : str
        What follows ``--data``.
    task : str, optional
        The task that is to use it.
    kinds : collection of str
        The kinds of data that it reads.
    built_in : collection of str
        The names of its built-in data.

    Raises
    ------
    UserError
        The name is not in the cache, spelled wrong, or of data for another task.
    """
    if is_address(data):
        from groundup.data.named.addresses import describe_copy

        note = describe_copy(data)
        locate(data)
        return data, note
    path = Path(data)
    if exists(path) and not data.startswith(PREFIX):
        if not _BARE.fullmatch(data) or data not in read_catalogue():
            return data, None
        kind = "folder" if path.is_dir() else "file"
        note = f"{data} is a {kind} here and also a data name: the {kind} is used. "
        note += f"For the name, write --data {PREFIX}{data}"
        return data, note
    name = data.removeprefix(PREFIX).partition("/")[0]
    entry = read_catalogue().get(name)
    if entry is not None and entry.kind not in kinds:
        raise UserError(f"{name} is data for {entry.task}, not for {task}. Use it like this: {entry.example}")
    locate(data, built_in)
    if entry is None:
        return data, None
    return PREFIX + data.removeprefix(PREFIX), None


def _find_in_cache(entry: NamedData, inner: str) -> Path:
    folder = data_folder(entry)
    if not is_ready(entry):
        raise UserError(
            f"{entry.name} is not on this computer yet. Get it with: groundup data get {entry.name} "
            f"({format_size(entry.size)} from {entry.host}, licence: {entry.licence})"
        )
    path = folder / (inner or entry.use)
    if (inner and not is_inside(inner)) or not path.exists():
        files = ", ".join(sorted(str(item.relative_to(folder)) for item in folder.rglob("*") if item.name != MARKER))
        raise UserError(f"{entry.name}/{inner}: no such file. {entry.name} has {files}.")
    return path
