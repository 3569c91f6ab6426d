"""One file over HTTP, in parts if necessary: a downloader that continues where the last one stopped.

What has come so far lies in ``NAME.part``; ``NAME.part.json`` says which address it is from and by what the server
knows that version (its strong ETag, else its Last-Modified). A later request asks for the rest (``Range``) of that
version only (``If-Range``, RFC 9110, section 13.1.5); a server that has another one, or does no ranges, sends the whole
file, which then replaces the part. Whether the bytes are right is not decided here (see `fetching`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests
import urllib3.exceptions as urllib3_errors

from groundup import __version__
from groundup.data.named.download_errors import (
    CONNECT_SECONDS,
    MOST_REDIRECTS,
    Broken,
    Refused,
    explain_connection,
    explain_disk,
    format_break,
    format_status,
)

TRIES = 4  # in a row without a new byte
WAITS = (0.5, 1.0, 2.0)  # seconds between them
LONGEST_WAIT = 30.0  # that a server may ask for
CHUNK = 1 << 16
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_A_PAGE = "sends a web page instead of the file, perhaps the login page of this network"
_PAGE = re.compile(rb"\s*(<!doctype html|<html)", re.IGNORECASE)


class Watch:
    """Receives the progress of a download; this one ignores it."""

    def say(self, text: str) -> None:
        """Hear a line worth reading."""

    def begin(self, name: str, size: int | None, done: int) -> None:
        """Hear that bytes of a file come now, ``done`` of ``size`` being there already."""

    def advance(self, count: int) -> None:
        """Receive the number of new bytes."""

    def end(self) -> None:
        """Hear that no more bytes come for now."""


@dataclass
class ResumingDownloader:
    """Downloads one file, continuing with what is there.

    Parameters
    ----------
    part : Path
        Where the bytes are gathered.
    size : int or None
        The number of bytes; ``None`` if not known.
    checked : bool
        Whether a checksum will judge the whole: only then is a part gone on with that may be of another version.
    watch : Watch
        Is told how it goes.
    seconds : float
        How long a server may stay silent.
    """

    part: Path
    size: int | None = None
    checked: bool = True
    watch: Watch = field(default_factory=Watch)
    seconds: float = 30.0
    resumed: bool = False
    _ranges: bool = True

    def forget(self) -> None:
        """Throw away what has come so far."""
        for path in (self.part, self._state):
            path.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self.part.with_name(self.part.name + ".json")

    @property
    def _wants_page(self) -> bool:
        return self.part.name.lower().endswith((".html.part", ".htm.part", ".xhtml.part"))

    def _have(self) -> int:
        return self.part.stat().st_size if self.part.is_file() else 0

    def gather(self, url: str) -> None:
        """Bring what is missing of the part from an address.

        Raises
        ------
        Refused
            This address does not give the file.
        UserError
            The disk does not take it.
        """
        best, failures = self._have(), 0
        self.resumed = best > 0
        while True:
            try:
                return self._transfer(url)
            except Broken as broken:
                self.watch.end()
                # Only bytes never had before count as progress, so that this ends with any server.
                failures = 0 if self._have() > best else failures + 1
                best = max(best, self._have())
                if failures >= TRIES:
                    raise Refused(f"{broken} ({TRIES} times)") from broken
                if failures:
                    time.sleep(min(broken.wait or WAITS[min(failures, len(WAITS)) - 1], LONGEST_WAIT))

    def _transfer(self, url: str) -> None:
        have = self._have()
        if have and have == self.size:
            return
        headers = {"User-Agent": _user_agent(), "Accept-Encoding": "identity"}
        validator = self._read_validator(url)
        if have and self._ranges and (validator or self.checked) and (self.size is None or have < self.size):
            headers["Range"] = f"bytes={have}-"
            if validator:
                headers["If-Range"] = validator
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            try:
                response = session.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, self.seconds))
            except requests.RequestException as error:
                raise explain_connection(error, self.seconds) from error
            with response:
                start = self._read_head(response, have if "Range" in headers else 0)
                if start is not None:
                    self._read_body(response, url, start)

    def _read_head(self, response: requests.Response, asked_from: int) -> int | None:
        """Return at which byte the body begins, or ``None`` if all is there already."""
        status = response.status_code
        if status == 416:
            total = re.fullmatch(r"bytes \*/(\d+)", response.headers.get("Content-Range", ""))
            if asked_from and total and int(total[1]) == asked_from and self.size in (None, asked_from):
                return None
            self._ranges = False
            raise Broken("does not send parts of files")
        if status in _PASSING:
            after = response.headers.get("Retry-After", "")
            raise Broken(format_status(status), float(after) if after.isdecimal() else None)
        if status == 511:
            raise Refused("answers that this network wants a login first: log in with the browser")
        if status not in (200, 206):
            raise Refused(format_status(status))
        if "html" in response.headers.get("Content-Type", "").lower() and not self._wants_page:
            raise Refused(_A_PAGE)
        encoded = response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
        start, total_size = 0, None
        if status == 206:
            found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
            if encoded or not asked_from or found is None or int(found[1]) != asked_from:
                self._ranges = False
                raise Broken("sends a part of the file that was not requested")
            start = asked_from
            total_size = None if found[2] == "*" else int(found[2])
        elif not encoded and response.headers.get("Content-Length", "").isdecimal():
            total_size = int(response.headers["Content-Length"])
        if self.size is not None and total_size is not None and total_size != self.size:
            raise Refused(f"offers {total_size:,} bytes, expected {self.size:,}")
        return start

    def _read_body(self, response: requests.Response, url: str, start: int) -> None:
        count = start
        if start == 0:
            self._write_validator(response, url)
        self.watch.begin(self.part.name.removesuffix(".part"), self.size or _length(response, start), start)
        try:
            # Unbuffered: what was counted is in the file when the process is killed.
            with self.part.open("r+b" if start else "wb", buffering=0) as file:
                file.seek(start)
                # What has come, not a full chunk: of a transfer that breaks off nothing is lost.
                while chunk := response.raw.read1(CHUNK, decode_content=True):
                    if count == 0 and _PAGE.match(chunk) and not self._wants_page:
                        raise Refused(_A_PAGE)
                    count += len(chunk)
                    if self.size is not None and count > self.size:
                        file.truncate(0)
                        raise Refused(f"sends more than the {self.size:,} bytes that were expected")
                    file.write(chunk)
                    self.watch.advance(len(chunk))
                os.fsync(file.fileno())
        except urllib3_errors.DecodeError as error:
            self.forget()
            raise Refused("sends bytes that cannot be decoded") from error
        except urllib3_errors.HTTPError as error:
            raise Broken(format_break(error, count, self.size, self.seconds)) from error
        except OSError as error:
            raise explain_disk(self.part, error) from error
        finally:
            self.watch.end()
        if self.size is not None and count < self.size:
            raise Broken(f"stopped after {count:,} of {self.size:,} bytes")

    def _read_validator(self, url: str) -> str | None:
        try:
            known = json.loads(self._state.read_text(encoding="utf-8"))
            return str(known["version"]) if known["url"] == url and known["version"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write_validator(self, response: requests.Response, url: str) -> None:
        tag = response.headers.get("ETag", "")
        self._remember(url, tag if tag.startswith('"') else response.headers.get("Last-Modified"))

    def _remember(self, url: str, version: str | None) -> None:
        # The part of another version goes first: killed in between, nothing is put together that does not belong.
        self.part.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._state.write_text(json.dumps({"url": url, "version": version}), encoding="utf-8")


def _length(response: requests.Response, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdecimal() else None


def _user_agent() -> str:
    return f"groundup/{__version__}"
