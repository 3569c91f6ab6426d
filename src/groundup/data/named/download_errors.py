"""Why a download does not come, told so that a person knows what to do about it."""

from __future__ import annotations

import contextlib
import errno
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
import urllib3.exceptions as urllib3_errors

from groundup.base.errors import UserError

CONNECT_SECONDS = 10.0
MOST_REDIRECTS = 10


class Refused(Exception):  # noqa: N818, the next address may do
    """An address does not give the file; the message says why, to follow its host's name."""


class Broken(Exception):  # noqa: N818
    """A transfer ended too early: it is worth going on with it, after ``wait`` seconds if the server asks for that."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def format_status(code: int) -> str:
    """Return what a status means, in the standard's words: a server's own may be anything, escape codes included."""
    with contextlib.suppress(ValueError):
        return f"answers {code} {HTTPStatus(code).phrase}"
    return f"answers {code}"


def format_break(error: Exception, count: int, size: int | None, seconds: float) -> str:
    """Return how a transfer ended too early."""
    if "timed out" in str(error).lower():
        return f"sent nothing for {seconds:g} s after {count:,} bytes"
    return f"stopped after {count:,} bytes" + (f" of {size:,}" if size else "")


def explain_connection(error: requests.RequestException, seconds: float) -> Exception:
    """Convert an error that `requests` raised before an answer came into one for the next attempt or address."""
    if isinstance(error, requests.TooManyRedirects):
        return Refused(f"redirects more than {MOST_REDIRECTS} times")
    if isinstance(error, requests.exceptions.SSLError):
        return Refused(
            "gives no secure connection: check this computer's clock, and whether this network intercepts connections"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Refused("the proxy of this network does not let it through")
    if isinstance(error, requests.ReadTimeout):
        return Broken(f"no answer within {seconds:g} s")
    if isinstance(error, requests.ConnectTimeout):
        return Refused(f"cannot be reached within {CONNECT_SECONDS:g} s")
    if isinstance(error, requests.ConnectionError):
        cause: Any = error.args[0] if error.args else error
        cause = getattr(cause, "reason", cause)
        if isinstance(cause, urllib3_errors.NameResolutionError):
            return Refused("is not found (no network here?)")
        if isinstance(cause, urllib3_errors.NewConnectionError):
            said = str(cause).rpartition("] ")[2].rpartition(": ")[2].lower()
            return Refused(f"no connection ({said})")
        return Broken("the connection broke before an answer came")
    return Refused(f"cannot be contacted ({error})")


def explain_disk(path: Path, error: OSError) -> UserError:
    """Turn an operating system's refusal to write into one line with a remedy."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return UserError(
            f"{path}: the disk is full. Free some space and run the same command again: it continues from there."
        )
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{path}: cannot be written ({reason}). Set GROUNDUP_CACHE to a folder that you may write to.")
