"""Archives unpacked safely: only plain files, only into the folder, never more than fits."""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from groundup.base.errors import UserError
from groundup.data.named.catalogue import is_inside

_CHUNK = 1 << 20


def unpack(archive: Path, kind: str, members: Mapping[str, str], folder: Path, most: int) -> list[Path]:
    """Unpack an archive's files into a folder.

    Links, devices and names that lead out of the folder are refused, whatever the archive says.

    Parameters
    ----------
    archive : Path
        The file to unpack.
    kind : {"zip", "gz", "tar"}
        What it is; a tar may be compressed as Python's `tarfile` knows it.
    members : mapping
        Member → its path in ``folder``; empty for all, under their own names. ``gz`` has one, called like the file.
    folder : Path
        Where they go.
    most : int
        How many bytes they may have together.

    Returns
    -------
    list of Path
        What was written, flushed to the disk.

    Raises
    ------
    UserError
        The archive is damaged, lacks a member, wants to write elsewhere, or holds more than ``most``.
    OSError
        The disk does not take it.
    """
    written: list[Path] = []
    left = most
    try:
        with _open(archive, kind) as found:
            wanted = dict(members) or {name: name for name in found.names}
            missing = next((name for name in wanted if name not in found.names), None)
            if missing is not None:
                raise UserError(f'{archive}: no "{missing}" in it. It was changed by its publisher: download it again.')
            for name, target in wanted.items():
                if not is_inside(target):
                    raise UserError(f'{archive}: its member "{target}" would be written outside the folder. Refused.')
                path = folder.joinpath(*PurePosixPath(target).parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with found.open(name) as source, path.open("xb") as out:
                    while chunk := source.read(_CHUNK):
                        left -= len(chunk)
                        if left < 0:
                            raise UserError(f"{archive}: unpacks to more than {most:,} bytes. Refused.")
                        out.write(chunk)
                    out.flush()
                    os.fsync(out.fileno())
                written.append(path)
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError) as error:
        reason = (str(error).splitlines() or ["it ends too early"])[0].rstrip(":")
        raise UserError(f"{archive}: a damaged archive ({reason}). Remove it, and download it again.") from error
    except FileExistsError as error:
        raise UserError(f"{archive}: two of its members have the same name, {error.filename}. Refused.") from error
    return written


class _Members:
    """The plain files of an archive, by name."""

    names: list[str]

    def open(self, name: str) -> IO[bytes]:
        raise NotImplementedError


class _Zip(_Members):
    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        infos = [info for info in file.infolist() if not info.is_dir()]
        link = next((info for info in infos if stat.S_ISLNK(info.external_attr >> 16)), None)
        if link is not None:
            raise UserError(f'{file.filename}: its member "{link.filename}" is a link. Refused.')
        self.names = [info.filename for info in infos]

    def open(self, name: str) -> IO[bytes]:
        return self.file.open(name)


class _Tar(_Members):
    def __init__(self, file: tarfile.TarFile, path: Path) -> None:
        self.file = file
        infos = [info for info in file.getmembers() if not info.isdir()]
        odd = next((info for info in infos if not info.isreg()), None)
        if odd is not None:
            raise UserError(f'{path}: its member "{odd.name}" is a link or a device. Refused.')
        self.names = [info.name for info in infos]

    def open(self, name: str) -> IO[bytes]:
        source = self.file.extractfile(name)
        assert source is not None  # a regular file
        return source


class _Gzip(_Members):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = [path.name.removesuffix(".gz")]

    def open(self, name: str) -> IO[bytes]:  # noqa: ARG002 - the archives' shared signature
        return gzip.open(self.path, "rb")  # type: ignore[return-value]


@contextmanager
def _open(archive: Path, kind: str) -> Iterator[_Members]:
    if kind == "zip":
        with zipfile.ZipFile(archive) as file:
            yield _Zip(file)
    elif kind == "tar":
        with tarfile.open(archive) as packed:
            yield _Tar(packed, archive)
    else:
        yield _Gzip(archive)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it if there are no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        with target.open("rb+") as file:
            os.fsync(file.fileno())
