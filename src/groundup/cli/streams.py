"""The standard streams: closed, full, left by their reader, or in an encoding that lacks a letter.

Standard output carries the answer. A reader that has seen enough (such as ``head``) ends the command quietly; what
cannot be written for another reason is an error. Standard error only accompanies the work: what cannot be said there is
left unsaid, and the work goes on. A letter that the terminal's encoding lacks is replaced.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import signal
import sys
import threading
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from groundup.base.errors import UserError

# In a terminal's words where it lacks the sign.
_IN_ASCII = {"✓": "ok", "✗": "wrong", "²": "^2", "³": "^3", "√": "sqrt", "∂": "d", "Σ": "sum", "⏎": "<enter>", "␣": "_"}
_IN_ASCII |= {"→": "->", "←": "<-", "…": "...", "·": "*", "•": "*", "×": "x", "≤": "<=", "≥": ">=", "≈": "~"}
_IN_ASCII |= {
    **dict.fromkeys("–—−━─", "-"),
    **dict.fromkeys("′’‘", "'"),
    **dict.fromkeys("“”", '"'),
    "│": "|",
    "▌": "|",
}
ERRORS = "groundup"


class ReaderGone(BaseException):
    """Nobody reads standard output any more. No `Exception`: nothing but `groundup.cli.main` may hold it up."""


class _Outlet(io.RawIOBase):
    """The end of a standard stream; what the system refuses to write goes to ``refused``."""

    def __init__(self, inner: Any, refused: Callable[[OSError], None]) -> None:
        self.inner, self.refused = inner, refused

    def write(self, data: Any) -> int:
        try:
            return self.inner.write(data) or 0
        except OSError as error:
            # From here on there is nothing to write to, so that nothing is refused twice.
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), self.inner.fileno())
            self.refused(error)
            return len(data)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self.inner.fileno())

    def isatty(self) -> bool:
        return bool(self.inner.isatty())


@contextlib.contextmanager
def own_streams() -> Iterator[None]:
    """Make the standard streams safe to use; afterwards they are what they were."""
    _open_closed()
    kept = sys.stdin, sys.stdout, sys.stderr, warnings.showwarning
    codecs.register_error(ERRORS, replace_sign)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115, the process's own
    with contextlib.ExitStack() as stack:
        sys.stdout = _secure(sys.stdout, 1, _refuse, stack)
        sys.stderr = _secure(sys.stderr, 2, _say_nothing, stack)
        if not sys.warnoptions:
            # Libraries' warnings are for who programs with them.
            warnings.showwarning = lambda *_, **__: None
        try:
            yield
        finally:
            for stream in (sys.stderr, sys.stdout):
                with contextlib.suppress(ValueError, UserError, ReaderGone):
                    stream.flush()
            sys.stdin, sys.stdout, sys.stderr, warnings.showwarning = kept


def watch_interrupts() -> None:
    """Repeat a Ctrl-C that came where Python lets no exception out, and would print a traceback and go on.

    On Windows, a Ctrl-Break (which the lab sends) is a Ctrl-C.
    """
    if hasattr(signal, "SIGBREAK"):
        signal.signal(signal.SIGBREAK, lambda *_: signal.raise_signal(signal.SIGINT))
    usual = sys.unraisablehook

    def repeat(unraisable: Any) -> None:
        if isinstance(unraisable.exc_value, KeyboardInterrupt):
            again = threading.Timer(0.05, interrupt)
            again.daemon = True
            again.start()
        else:
            usual(unraisable)

    def interrupt() -> None:
        if os.name == "posix":
            os.kill(os.getpid(), signal.SIGINT)  # also wakes what waits for the system
        else:
            signal.raise_signal(signal.SIGINT)  # there, `os.kill` would end the process

    sys.unraisablehook = repeat


def _open_closed() -> None:
    """Let a closed standard stream lead nowhere: the next file that is opened would take its place, and its text."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY), True)


def _secure(stream: Any, number: int, refused: Callable[[OSError], None], stack: contextlib.ExitStack) -> Any:
    own: Any = sys.__stdout__ if number == 1 else sys.__stderr__
    if stream is None:
        return open(number, "w", encoding="utf-8", errors=ERRORS, closefd=False)
    if stream is not own:  # a notebook's, a test's
        if isinstance(stream, io.TextIOWrapper):
            stack.callback(stream.reconfigure, errors=stream.errors)
            stream.reconfigure(errors=ERRORS)
        return stream
    unbuffered = not hasattr(stream.buffer, "raw")
    outlet: Any = _Outlet(stream.buffer if unbuffered else stream.buffer.raw, refused)
    return io.TextIOWrapper(
        outlet if unbuffered else io.BufferedWriter(outlet),
        encoding=stream.encoding,
        errors=ERRORS,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _refuse(error: OSError) -> None:
    if isinstance(error, BrokenPipeError):
        raise ReaderGone
    reason = (error.strerror or str(error)).lower()
    raise UserError(f"Standard output cannot be written ({reason}). Free some space, or write the answer elsewhere.")


def _say_nothing(_: OSError) -> None:
    pass


def replace_sign(error: UnicodeError) -> tuple[str, int]:
    """Return what is written for letters that an encoding lacks; a handler as of `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_write_out, error.object[error.start : error.end])), error.end


def _write_out(sign: str) -> str:
    if sign in _IN_ASCII:
        return _IN_ASCII[sign]
    name = unicodedata.name(sign, "")
    if name.startswith("GREEK SMALL LETTER "):
        return name.rpartition(" ")[2].lower()
    return sign.encode("ascii", "backslashreplace").decode()
