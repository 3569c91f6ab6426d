"""Data at an address (``https://…``, ``s3://…``, ``hf://…``): brought into the cache once, then used from there.

A file over HTTP needs nothing but what data by name need; other addresses, and folders, need fsspec
(`groundup.data.named.file_systems`). ``file://`` is a path of this computer, and nothing is copied.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from groundup.base.cache import cache_folder
from groundup.base.errors import UserError
from groundup.data.named.catalogue import DataFile, NamedData, is_http_address
from groundup.data.named.downloading import Watch
from groundup.data.named.fetching import get_data
from groundup.data.named.file_systems import list_files, tidy_name
from groundup.data.named.resolve import MARKER, data_folder, read_marker

_CHECKSUM = re.compile(r"sha256=([0-9a-fA-F]{64})")


def locate_address(address: str, watch: Watch | None = None) -> Path:
    """Return the path of data at an address on this computer; they are downloaded if they are not in the cache.

    Parameters
    ----------
    address : str
        See `groundup.data.named.resolve.is_address`.
    watch : Watch, optional
        Is told how the download goes.

    Raises
    ------
    UserError
        Nothing is there, it cannot be read, or a package is missing; the line says what to do.
    """
    if address.lower().startswith("file://"):
        return _find_here(address)
    known = read_marker(data_folder(name_address(address)))
    if known is None:
        entry = describe_address(address)
        return get_data(entry, watch) / entry.use
    return data_folder(name_address(address)) / known["use"]


def describe_copy(address: str) -> str | None:
    """Return a note if a copy in the cache stands for an address."""
    marker = data_folder(name_address(address)) / MARKER
    if read_marker(marker.parent) is None:
        return None
    day = time.strftime("%Y-%m-%d", time.localtime(marker.stat().st_mtime))
    return f"{address}: the copy of {day} is used. For a new one: groundup data remove {address}"


def name_address(address: str, files: tuple[DataFile, ...] = (), use: str = ".") -> NamedData:
    """Return an address as the cache knows it, under a name made of it."""
    name = f"{address.partition(':')[0].lower()}-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
    return NamedData(name, address, "", "", address, files, use, address=address)


def describe_address(address: str) -> NamedData:
    """Return what is to be downloaded from an address.

    Raises
    ------
    UserError
        See `groundup.data.named.file_systems.list_files`; or it contains a password, or is none that can be asked.
    """
    if not address.lower().startswith(("http://", "https://")):
        return name_address(address, *list_files(address))
    if not is_http_address(address):
        raise UserError(f"{address}: no address that can be asked. Write one such as https://example.org/book.txt.")
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise UserError(
            "The address contains a password, which a run would keep. Download the file yourself and give its path."
        )
    if parts.path.endswith("/") or not parts.path:
        return name_address(address, *list_files(address))
    found = _CHECKSUM.fullmatch(parts.fragment)
    name = tidy_name(unquote(parts.path).rpartition("/")[2])
    checksum = f"sha256:{found[1].lower()}" if found else None
    return name_address(address, (DataFile(name, (address.partition("#")[0],), checksum=checksum),), name)


def list_addresses() -> Iterator[tuple[str, int]]:
    """Yield every address with data in the cache, and their bytes."""
    for marker in sorted((cache_folder() / "data").glob(f"*/{MARKER}")):
        try:
            known = json.loads(marker.read_text(encoding="utf-8"))
            if known.get("address"):
                yield str(known["address"]), sum(known["sizes"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue


def _find_here(address: str) -> Path:
    written = address[len("file://") :].removeprefix("localhost")
    path = Path(written)
    return path if path.exists() else Path(url2pathname(written))
