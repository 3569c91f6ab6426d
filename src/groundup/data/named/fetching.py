"""Data by name, brought into the cache: downloaded or taken from a file, checked, unpacked, completely or not at all.

``downloads/NAME`` holds the files as they are served, each there only once its checksum was right,
and ``NAME.part`` for one that has not come whole yet. ``data/NAME`` is what ``--data`` takes; it appears in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from groundup.base.errors import UserError
from groundup.base.files import flush, remove_torn, replacing, replacing_folder
from groundup.data.named.catalogue import DataFile, NamedData, format_size, is_http_address
from groundup.data.named.download_errors import Refused, explain_disk
from groundup.data.named.downloading import ResumingDownloader, Watch
from groundup.data.named.resolve import (
    MARKER,
    count_part,
    data_folder,
    describe_content,
    downloads_folder,
    is_ready,
    part_path,
)
from groundup.data.named.unpacking import link_or_copy, unpack

# Shards are kept by their text's name and time: data put together again must not seem to be another.
SAME_TIME = 946_684_800


def get_data(entry: NamedData, watch: Watch | None = None, source: Path | None = None, seconds: float = 30.0) -> Path:
    """Bring data into the cache, unless it is there, and return its folder.

    Parameters
    ----------
    entry : NamedData
        What to get.
    watch : Watch, optional
        Is told how it goes.
    source : Path, optional
        A file downloaded elsewhere, or a folder of such files, to take instead of the network.
    seconds : float
        How long a server may stay silent.

    Raises
    ------
    UserError
        No address gives a file, a file is not what it must be, or the disk refuses; the line says what to do.
    """
    watch = watch or Watch()
    folder, downloads = data_folder(entry), downloads_folder(entry)
    try:
        with _locked(entry, watch):
            if is_ready(entry):
                return folder
            downloads.mkdir(parents=True, exist_ok=True)
            remove_torn(downloads)
            if source is not None:
                _take_files(entry, source, watch)
            _require_space(entry)
            for file in entry.files:
                _fetch(entry, file, watch, seconds)
            _build(entry, watch)
    except OSError as error:
        raise explain_disk(Path(error.filename or downloads), error) from error
    return folder


def remove_data(entry: NamedData) -> int:
    """Remove data and its downloads from the cache; return how many bytes that frees."""
    folders = (data_folder(entry), downloads_folder(entry))
    try:
        with _locked(entry, Watch()):
            counted = {}
            for folder in folders:
                for item in folder.rglob("*"):
                    if item.is_file():
                        about = item.stat()
                        counted[about.st_ino or str(item)] = about.st_size  # a file of two names counts once
            for folder in folders:
                if folder.exists():
                    shutil.rmtree(folder)
    except OSError as error:
        raise explain_disk(Path(error.filename or folders[0]), error) from error
    return sum(counted.values())


@contextmanager
def _locked(entry: NamedData, watch: Watch) -> Iterator[None]:
    root = downloads_folder(entry).parent
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / f".{entry.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        watch.say(f"{entry.title}: another process is downloading it; waiting for it.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _require_space(entry: NamedData) -> None:
    if entry.size is None:
        return
    unpacked = (entry.disk or 0) if any(file.unpack for file in entry.files) else 0
    needed = entry.size - count_part(entry) + unpacked
    free = shutil.disk_usage(downloads_folder(entry)).free
    if free < needed:
        raise UserError(
            f"{entry.title} needs {format_size(needed)} more in {downloads_folder(entry).parents[1]}, where "
            f"{format_size(free)} are free. Free some space, or set GROUNDUP_CACHE to a folder on another disk."
        )


def _fetch(entry: NamedData, file: DataFile, watch: Watch, seconds: float) -> None:
    """Bring one file into the downloads, unless it is there and right, from the first address that gives it."""
    downloads = downloads_folder(entry)
    target = downloads / file.name
    if target.is_file() and is_right(target, file.checksum):
        return
    reasons: dict[str, list[str]] = {}
    for number, url in enumerate(file.urls):
        part = part_path(entry, file)
        part.parent.mkdir(parents=True, exist_ok=True)
        downloader = _choose_downloader(url)(part, file.size, bool(file.checksum), watch, seconds)
        try:
            _fetch_from(url, file, target, downloader, watch)
        except Refused as refused:
            host = urlsplit(url).hostname or ""
            reasons.setdefault(str(refused), []).append(host)
            following = f"; trying {urlsplit(file.urls[number + 1]).hostname}" if number + 1 < len(file.urls) else ""
            if following or not entry.address:
                watch.say(f"{file.name}: {host} {refused}{following}.")
        else:
            downloader.forget()
            return
    told = "; ".join(f"{', '.join(dict.fromkeys(hosts))} {reason}" for reason, hosts in reasons.items())
    if entry.address:
        raise UserError(f"{file.urls[0]}: cannot be downloaded: {told.strip()}. Check the address, or try again later.")
    raise UserError(
        f"{entry.name}: {file.name} cannot be downloaded: {told}. Try again later, or "
        f"{_format_manual_download(entry)} (or put {'it' if len(entry.files) == 1 else 'them'} into {downloads})."
    )


def _choose_downloader(url: str) -> type[ResumingDownloader]:
    if is_http_address(url):
        return ResumingDownloader
    from groundup.data.named.file_systems import FileSystemDownloader

    return FileSystemDownloader


def _format_manual_download(entry: NamedData) -> str:
    command = f"groundup data get {entry.name} --from"
    if len(entry.files) > 1:
        listed = f"the {len(entry.files)} files that `groundup data show {entry.name}` lists"
        return f"download {listed} on any computer and give their folder with: {command} FOLDER"
    urls = entry.files[0].urls
    public = next((url for url in urls if url.startswith("https:")), urls[0])
    return f"download {public} on any computer and give it with: {command} {entry.files[0].name}"


def _fetch_from(url: str, file: DataFile, target: Path, downloader: ResumingDownloader, watch: Watch) -> None:
    for again in (False, True):
        downloader.gather(url)
        if is_right(downloader.part, file.checksum):
            downloader.part.replace(target)
            flush(target.parent)
            return
        downloader.forget()
        if not downloader.resumed or again:
            kind = str(file.checksum).partition(":")[0].upper()
            raise Refused(f"sends the wrong bytes (its {kind} differs)")
        watch.say(f"{file.name}: the parts do not fit together; downloading again from the start.")


def is_right(path: Path, checksum: str | None) -> bool:
    """Tell whether a file has a checksum such as ``sha256:20bb…``; where none is known, any file is right.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if checksum is None:
        return True
    kind, _, digits = checksum.partition(":")
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind.lower()).hexdigest() == digits.lower()


def _take_files(entry: NamedData, source: Path, watch: Watch) -> None:
    """Copy files that the user has into the downloads; each must be what the catalogue says.

    Raises
    ------
    UserError
        One is not right, or some are missing; those that are right stay.
    """
    if not source.exists():
        raise UserError(f"--from {source}: no such file or folder.")
    missing = []
    for file in entry.files:
        found = source if source.is_file() and _is_meant(entry, file, source) else source / file.name
        target = downloads_folder(entry) / file.name
        if not found.is_file():
            if not (target.is_file() and is_right(target, file.checksum)):
                missing.append(file.name)
            continue
        try:
            right = is_right(found, file.checksum)
        except OSError as error:
            raise UserError(f"{found}: cannot be read ({(error.strerror or str(error)).lower()}).") from error
        if not right:
            size = f"{found.stat().st_size:,} bytes" + (f" where {file.size:,} belong" if file.size else "")
            raise UserError(
                f"{found}: not the {file.name} of {entry.name} ({size}; its checksum differs). Get it again."
            )
        with replacing(target) as temporary:
            shutil.copyfile(found, temporary)
        watch.say(f"{file.name}: taken from {found}.")
    if missing:
        raise UserError(f"--from {source}: {entry.name} still lacks {', '.join(missing)}. Give them in the same way.")


def _is_meant(entry: NamedData, file: DataFile, source: Path) -> bool:
    """Tell whether a single given file is ``file``: because it is the only one, or by its name or checksum."""
    if len(entry.files) == 1 or source.name in {other.name for other in entry.files}:
        return len(entry.files) == 1 or source.name == file.name
    return file.checksum is not None and is_right(source, file.checksum)


def _build(entry: NamedData, watch: Watch) -> None:
    """Put the data's folder together beside its place, then move it there."""
    folder = data_folder(entry)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with replacing_folder(folder) as making:
        _fill(entry, making, watch)
    if not entry.checked and not entry.address:
        watch.say(f"{entry.name}: no checksum is known, so the bytes cannot be checked.")


def _fill(entry: NamedData, making: Path, watch: Watch) -> None:
    sizes = {}
    for file in entry.files:
        served = downloads_folder(entry) / file.name
        if file.unpack:
            watch.say(f"{file.name}: unpacking.")
            most = 2 * entry.disk if entry.disk else shutil.disk_usage(making).free
            written = unpack(served, file.unpack, file.members, making, most)
        else:
            written = [making / file.name]
            written[0].parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(served, written[0])
        for path in written:
            moment = SAME_TIME if file.checksum else _choose_time(path)
            os.utime(path, (moment, moment))
            sizes[str(path.relative_to(making))] = path.stat().st_size
    if not (making / entry.use).exists():
        raise UserError(f"{entry.name}: no {entry.use} in what was downloaded: the catalogue's entry is wrong.")
    marker = {
        "name": entry.name,
        "content": describe_content(entry),
        "sizes": sizes,
        "licence": entry.licence,
        "use": entry.use,
        **({"address": entry.address} if entry.address else {}),
    }
    (making / MARKER).write_text(json.dumps(marker, indent=1, ensure_ascii=False), encoding="utf-8")


def _choose_time(path: Path) -> int:
    """Return a time of change that other content will not have: nothing else tells whether a download is another."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return SAME_TIME + int.from_bytes(digest[:4]) // 8
