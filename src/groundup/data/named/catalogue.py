"""The catalogue of data by name: what each data set is, where it comes from, and how its files are checked.

The catalogue is data: ``catalogue.toml`` beside this file. ``GROUNDUP_CATALOGUE`` names another such file, whose
entries are added and win over ours; its line ``mirror = "http://…"`` names a server that is asked first for every file.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from groundup.base.errors import UserError
from groundup.base.plain_text import UNSAFE

BUILT_IN = Path(__file__).with_name("catalogue.toml")
VARIABLE = "GROUNDUP_CATALOGUE"
KINDS = ("table", "pictures", "sentences", "text")
# Catalogues written before there were kinds tell them by the task.
_KINDS_BY_TASK = {"heights": "table", "digits": "pictures", "sentiment": "sentences", "gpt": "text"}
UNPACKING = ("zip", "gz", "tar")
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class DataFile:
    """One file as it is served.

    Attributes
    ----------
    name : str
        What it is called on disk.
    urls : tuple of str
        Its addresses, the best first.
    size : int or None
        Its bytes; ``None`` if not known.
    checksum : str or None
        ``sha256:…`` or another kind that `hashlib` has; ``None``: what comes is not checked.
    unpack : str or None
        ``zip``, ``gz`` or ``tar`` where it is unpacked, else it is used as it is.
    members : dict
        Member of the archive → its path in the data's folder; empty for all, under their own names.
    """

    name: str
    urls: tuple[str, ...]
    size: int | None = None
    checksum: str | None = None
    unpack: str | None = None
    members: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedData:
    """Data with a name.

    Attributes
    ----------
    name, about, task, licence, homepage : str
        What it is, which task it is best for, on which terms it is given out, where it is described.
    files : tuple of DataFile
        All that is downloaded.
    use : str
        Which file in its folder ``--data`` takes; ``.`` for the folder.
    options : str
        What is worth adding to ``groundup train TASK --data NAME``.
    disk : int or None
        About how many bytes it takes unpacked.
    kind : {"table", "pictures", "sentences", "text"}
        Tasks that read this kind can use it.
    address : str
        Where it is, of data that has no name but this.
    language : str
        The code of the language that it is written in, such as ``en``; empty if not known.
    """

    name: str
    about: str
    task: str
    licence: str
    homepage: str
    files: tuple[DataFile, ...]
    use: str = "."
    options: str = ""
    disk: int | None = None
    kind: str = "text"
    address: str = ""
    language: str = ""

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.address or self.name

    @property
    def size(self) -> int | None:
        """How many bytes are downloaded; ``None`` if not known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def checked(self) -> bool:
        """Whether every file has a checksum."""
        return all(file.checksum for file in self.files)

    @property
    def example(self) -> str:
        """The command that uses it."""
        return f"groundup train {self.task or 'TASK'} --data {self.title} {self.options}".rstrip()

    @property
    def host(self) -> str:
        """Where its first file comes from."""
        return urlsplit(self.files[0].urls[0]).hostname or ""


def read_catalogue() -> dict[str, NamedData]:
    """Return all data that has a name, ours and those of the file that ``GROUNDUP_CATALOGUE`` names.

    Raises
    ------
    UserError
        That file is missing, or something in it is not as it must be: the entry and the field are named.

    Examples
    --------
    >>> read_catalogue()["mnist"].task
    'digits'
    """
    mirror, entries = _read_built_in(BUILT_IN)
    entries = dict(entries)
    if own := os.environ.get(VARIABLE):
        mirror, more = read_catalogue_file(Path(own).expanduser())
        entries = {**entries, **more}
    if mirror:
        entries = {name: _put_first(mirror, entry) for name, entry in entries.items()}
    return entries


@cache
def _read_built_in(path: Path) -> tuple[str | None, dict[str, NamedData]]:
    """Read our own catalogue, which no user changes, once."""
    return read_catalogue_file(path)


def read_catalogue_file(path: Path) -> tuple[str | None, dict[str, NamedData]]:
    """Read one catalogue: the server to ask first, if it names one, and its entries."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        nested = isinstance(error, RecursionError)
        reason = "nested too deep" if nested else (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(
            f"{path}: no catalogue that can be read ({reason}). Correct it, or unset {VARIABLE}."
        ) from error
    mirror = found.pop("mirror", None)
    if mirror is not None and not is_http_address(mirror):
        raise UserError(f'{path}, mirror: "{mirror}" is no address. Write one such as "http://192.168.1.5:8000".')
    return mirror, {name: _read_entry(f"{path}, [{name}]", name, table) for name, table in found.items()}


def find_entry(name: str) -> NamedData:
    """Return the data called ``name``.

    Raises
    ------
    UserError
        There is none; names spelled alike are suggested.
    """
    catalogue = read_catalogue()
    if name not in catalogue:
        raise UserError(f'No data called "{name}". {suggest(name, catalogue)}')
    return catalogue[name]


def suggest(name: str, names: Collection[str]) -> str:
    """Return a sentence with the names spelled alike, or with where to see them all."""
    near = difflib.get_close_matches(name.lower(), names, n=3)
    said = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{said}groundup data list shows all names."


def format_size(count: int | None) -> str:
    """Return a count of bytes in words.

    Examples
    --------
    >>> format_size(11594722), format_size(999), format_size(None)
    ('11.6 MB', '999 bytes', 'size unknown')
    """
    if count is None:
        return "size unknown"
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"


def _put_first(mirror: str, entry: NamedData) -> NamedData:
    base = f"{mirror.rstrip('/')}/{entry.name}/"
    return replace(
        entry, files=tuple(replace(file, urls=(base + quote(file.name), *file.urls)) for file in entry.files)
    )


def _read_entry(place: str, name: str, table: Any) -> NamedData:
    if not _NAME.fullmatch(name):
        raise UserError(f'{place}: a name is made of a to z, digits, ".", "_" and "-".')
    if not isinstance(table, dict):
        raise UserError(f"{place}: an entry is a table, written [{name}].")
    texts = ("about", "task", "licence", "homepage")
    words = dict.fromkeys((*texts, "use", "options", "kind", "language"), str)
    _check(place, table, {**words, "disk": int, "mirrors": list, "files": list})
    for key in texts:
        if not table.get(key):
            raise UserError(f'{place}: "{key}" is missing.')
    kind = table.get("kind", _KINDS_BY_TASK.get(table["task"]))
    if kind not in KINDS:
        wrong = f'no kind "{kind}"' if kind else f'no task "{table["task"]}" that tells its kind'
        raise UserError(f'{place}: {wrong}. Write kind = "…"; the kinds are {", ".join(KINDS)}.')
    if not table.get("files"):
        raise UserError(f"{place}: no files. Add [[{name}.files]].")
    if not is_inside(table.get("use", ".")):
        raise UserError(f'{place}: use "{table["use"]}" leads out of the data\'s folder.')
    mirrors = table.get("mirrors", [])
    files = tuple(_read_file(place, file, mirrors) for file in table["files"])
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        raise UserError(f"{place}: two files have the same name.")
    rest = {key: table[key] for key in (*texts, "use", "options", "disk", "language") if key in table}
    return NamedData(name=name, files=files, kind=kind, **rest)


def _read_file(place: str, table: Any, mirrors: list[str]) -> DataFile:
    place = f"{place}, file {table.get('name', '') if isinstance(table, dict) else table}"
    _check(place, table, {"name": str, "size": int, "checksum": str, "urls": list, "unpack": str, "members": dict})
    name = table.get("name", "")
    if not _FILE_NAME.fullmatch(name):
        raise UserError(f'{place}: "name" must be a plain file name.')
    urls = tuple(table.get("urls", [])) or tuple(f"{str(mirror).rstrip('/')}/{quote(name)}" for mirror in mirrors)
    wrong = next((url for url in urls if not is_http_address(url)), None)
    if not urls or wrong is not None:
        raise UserError(f'{place}: "{wrong or "urls"}" must be an http or https address.')
    kind, _, digits = table.get("checksum", "").lower().partition(":")
    if kind and not re.fullmatch(rf"[0-9a-f]{{{_DIGITS.get(kind, 1)}}}", digits):
        raise UserError(f"{place}: the checksum is not sha256: and 64 hexadecimal digits (or md5: and 32).")
    if table.get("unpack", "zip") not in UNPACKING:
        raise UserError(f'{place}: unpack "{table["unpack"]}" is not known. Known are {", ".join(UNPACKING)}.')
    out = next((target for target in table.get("members", {}).values() if not is_inside(target)), None)
    if out is not None:
        raise UserError(f"{place}: the member's place \"{out}\" leads out of the data's folder.")
    known = {key: table[key] for key in ("size", "checksum", "unpack", "members") if key in table}
    return DataFile(**{**known, "name": name, "urls": urls, "members": dict(table.get("members", {}))})


def _check(place: str, table: Any, kinds: Mapping[str, type]) -> None:
    if not isinstance(table, dict):
        raise UserError(f"{place}: must be a table.")
    for key, value in table.items():
        if key not in kinds:
            raise UserError(f'{place}: "{key}" is not known here. {_suggest_key(key, kinds)}')
        if not isinstance(value, kinds[key]) or isinstance(value, bool) or (isinstance(value, int) and value <= 0):
            raise UserError(f'{place}: "{key}" has a value of the wrong kind.')


def _suggest_key(key: str, kinds: Mapping[str, type]) -> str:
    near = difflib.get_close_matches(key, kinds, n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Known are {', '.join(kinds)}."


def is_inside(path: object) -> bool:
    r"""Tell whether a relative path stays in the folder it starts from, on any system.

    Examples
    --------
    >>> [is_inside(path) for path in ("a/b.txt", "../b", "/etc/passwd", "C:\\b", "a\\..\\..\\b")]
    [True, False, False, False, False]
    """
    if not isinstance(path, str) or not path or "\\" in path or ":" in path or "\0" in path:
        return False
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def is_http_address(url: object) -> bool:
    r"""Tell whether a text is an address that can be asked, its port included.

    Examples
    --------
    >>> [is_http_address(url) for url in ("https://a.org/b", "http://[::1", "http://a:99999", "http://a.org/\n", 3)]
    [True, False, False, False, False]
    """
    if not isinstance(url, str) or UNSAFE.search(url) or any(sign.isspace() for sign in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
