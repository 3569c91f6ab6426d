"""A command of groundup used in this process, as a person uses it: what it says, and that it ends."""

import contextlib
import io
import signal
import sys
import warnings

from groundup.cli import main


class HangError(BaseException):
    """It took too long."""


def use(words, seconds=120, computing=None):
    """Run a command; return its code, what it said, and the lines on standard error.

    It may take so many ``seconds``, and so many seconds of ``computing``, which a busy machine does not stretch.
    """
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()

    def hang(*_):
        raise HangError

    before = [(number, signal.signal(number, hang)) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.alarm(seconds)
    signal.setitimer(signal.ITIMER_PROF, computing or 0)
    stdin = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(b""), encoding="utf-8")
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("default")
            code = main(words)
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in before:
            signal.signal(number, handler)
        sys.stdin = stdin
    out.flush()
    # What Python would not have shown: https://docs.python.org/3/library/warnings.html#default-warning-filter
    hidden = DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning
    shown = [str(one.message) for one in warned if not issubclass(one.category, hidden)]
    return code, out.buffer.getvalue().decode(), [*shown, *err.getvalue().splitlines()]
