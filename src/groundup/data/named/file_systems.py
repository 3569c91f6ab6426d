"""Files at addresses of any kind that fsspec knows: listed, and downloaded as those over HTTP are.

fsspec is the extra ``groundup[remote]``; each kind of address needs its own package beside it (``s3://`` needs s3fs).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from groundup.base.errors import UserError
from groundup.data.listing import is_hidden
from groundup.data.named.catalogue import DataFile, is_inside
from groundup.data.named.download_errors import Broken, Refused, explain_disk
from groundup.data.named.downloading import CHUNK, ResumingDownloader

EXTRA = 'pip install "groundup[remote]"'
MOST_FILES = 100_000
_PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "adlfs"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    **dict.fromkeys(("http", "https"), "aiohttp"),
    "hf": "huggingface_hub",
    "smb": "smbprotocol",
}
_WILD = "*?["


def list_files(address: str) -> tuple[tuple[DataFile, ...], str]:
    """Return the files at an address, and which of them is to be used: its name, or ``.`` for the folder.

    Parameters
    ----------
    address : str
        Of a file, a folder, or with ``*`` for several files.

    Raises
    ------
    UserError
        Nothing is there, it cannot be read, or a package is missing.
    """
    try:
        files, root = open_file_system(address)
        wild = any(sign in root for sign in _WILD) and not files.exists(root)
        if not wild and not files.isdir(root):
            about = files.info(root)
            name = tidy_name(root.rstrip("/").rpartition("/")[2])
            return (DataFile(name, (address,), about.get("size"), _find_checksum(about)),), name
        found = files.glob(root, detail=True) if wild else files.find(root, detail=True)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{address}: {explain(error)}. Check the address.") from error
    if wild:
        first = min(place for place in map(root.find, _WILD) if place >= 0)
        root = root[:first].rpartition("/")[0]
    listed = []
    for path, about in sorted(found.items()):
        inner = path.removeprefix(root).lstrip("/").partition("?")[0]
        if about.get("type", "file") != "file" or not inner or any(map(is_hidden, inner.split("/"))):
            continue
        if not is_inside(inner):
            raise UserError(f"{address}: its file {inner!r} cannot be kept under this name. Rename it there.")
        listed.append(DataFile(inner, (_name_inside(address, files, path),), about.get("size"), _find_checksum(about)))
    if not listed:
        raise UserError(f"{address}: no files there. Check the address.")
    if len(listed) > MOST_FILES:
        raise UserError(f"{address}: more than {MOST_FILES:,} files. Name a folder inside it.")
    return tuple(listed), "."


def open_file_system(address: str) -> tuple[Any, str]:
    """Return the file system that an address is in, and the path in it.

    Raises
    ------
    UserError
        fsspec, or the package for this kind of address, is not installed; or there is no such kind.
    """
    scheme = address.partition(":")[0].lower()
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise UserError(f"{address}: {scheme} addresses need fsspec. Install it with: {EXTRA}") from error
    try:
        return url_to_fs(address)
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        how = f"need {package}. Install it with: pip install {package}" if package else f"need more: {error}."
        raise UserError(f"{address}: {scheme} addresses {how}") from error
    except ValueError as error:
        if "not known" not in str(error):
            raise
        raise UserError(
            f'{address}: no kind of address is called "{scheme}". Known are https://, s3://, gs://, hf:// and others '
            "that fsspec lists."
        ) from error


def explain(error: Exception) -> str:
    """Return in a few words why an address could not be read."""
    said = " ".join(str(error).split())
    if "HF_HUB_OFFLINE" in said:
        return "not asked for, because HF_HUB_OFFLINE is set: unset it to download"
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, PermissionError):
        return "you may not read it with the login that this computer has"
    return f"cannot be read ({said[:200].rstrip('.') or type(error).__name__})"


@dataclass
class FileSystemDownloader(ResumingDownloader):
    """Download one file by fsspec; a part that is there is gone on with if the file has not changed."""

    def _transfer(self, url: str) -> None:
        try:
            self._copy(url)
        except (UserError, Broken, Refused):
            raise
        except Exception as error:  # each kind of address has errors of its own
            passing = isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)
            kind = Broken if passing and "HF_HUB_OFFLINE" not in str(error) else Refused
            raise kind(explain(error)) from error
        finally:
            self.watch.end()

    def _copy(self, url: str) -> None:
        files, path = open_file_system(url)
        size, version = files.size(path), str(files.ukey(path))
        start = self._have() if self._read_validator(url) == version else 0
        if size is not None and start > size:
            start = 0
        if start == 0:
            self._remember(url, version)
        elif start == size:
            return
        self.watch.begin(self.part.name.removesuffix(".part"), size, start)
        with files.open(path, "rb") as source:
            source.seek(start)
            try:
                file = self.part.open("r+b" if start else "wb", buffering=0)
            except OSError as error:
                raise explain_disk(self.part, error) from error
            with file:
                file.seek(start)
                while chunk := source.read(CHUNK):
                    try:
                        file.write(chunk)
                    except OSError as error:
                        raise explain_disk(self.part, error) from error
                    self.watch.advance(len(chunk))
                os.fsync(file.fileno())
        if size is not None and self._have() != size:
            raise Broken(f"stopped after {self._have():,} of {size:,} bytes")


def tidy_name(name: str) -> str:
    """Return a name that a file can have, its ending kept."""
    kept = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)[-100:].lstrip(".")
    return kept or "data"


def _name_inside(address: str, files: Any, path: str) -> str:
    """Return the address of a file of a folder; an address may be a chain (``zip://texts::https://…``)."""
    _, chain, rest = address.partition("::")
    return files.unstrip_protocol(path) + chain + rest


def _find_checksum(about: dict[str, Any]) -> str | None:
    """Return the checksum that a server tells of a file, where it does."""
    large = about.get("lfs")
    digits = large.get("sha256") if isinstance(large, dict) else getattr(large, "sha256", None)
    return f"sha256:{digits}" if digits else None
