"""The ``groundup`` command. Heavy packages are imported inside the commands, so that ``--help`` is instant."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from groundup.base.errors import Stopped, UserError

# As shells have it. Typer turns a Ctrl-C into this code, or into `typer.Abort`.
INTERRUPTED = 130
FAULT = 70  # as of sysexits.h: internal software error


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (by default that of this process); return the exit code.

    0 is done, 1 the answer is "no", 2 wrong usage or bad input (one line on standard error says what, where
    and what to do), 70 a fault of groundup itself, 130 stopped by Ctrl-C.
    """
    own_process = arguments is None
    try:
        from groundup.cli.streams import own_streams, watch_interrupts

        if own_process:
            watch_interrupts()
        with own_streams():
            return _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        _say_stopped("stopped")
        return INTERRUPTED
    finally:
        if own_process:
            import signal

            # Where a Ctrl-C came while a library ran code from a text (as `dataclasses` does), Python remembers it, and
            # at the end would let the process die of the signal instead of returning this code. This forgets it.
            exec("")
            # What is left is Python's own tidying up: a Ctrl-C ends it without a word.
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run(arguments: list[str]) -> int:
    # Torch's threads wait for each other by spinning. On a machine that does something else besides, they spin
    # the time away that the thread they wait for needs: a step then takes ten times as long and more. This much
    # spinning costs a tenth of the speed at most on a quiet machine (libgomp reads it when torch is loaded).
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
    import typer

    from groundup.base.faults import explain, report_fault
    from groundup.cli.streams import ReaderGone

    try:
        from groundup.cli.app import build_command, name_command, usage_errors

        try:
            command = build_command(name_command(arguments))
            result = command(args=arguments, prog_name="groundup", standalone_mode=False)
        except usage_errors as error:
            raise UserError(_explain_usage(error)) from error
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
        if code == INTERRUPTED:
            _say_stopped("stopped")
        return code
    except ReaderGone:
        return 0
    except (KeyboardInterrupt, typer.Abort, Stopped) as error:
        _say_stopped(str(error) if isinstance(error, Stopped) else "stopped")
        return INTERRUPTED
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception as error:  # noqa: BLE001 - whatever happened, a command ends in one line
        message = str(error) if isinstance(error, UserError) else explain(error)
        if message is not None:
            return _refuse(message, arguments)
        return _refuse(report_fault(error), arguments, FAULT)


def _say_stopped(message: str) -> None:
    if os.environ.get("RANK", "0") == "0":  # only one of several processes prints
        print(f"groundup: {message}", file=sys.stderr)


def _explain_usage(error: Exception) -> str:
    message = _explain_number(error) or getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "groundup"
    return f'{" ".join(message.split()).rstrip(".")}. See "{command} --help".'


def _explain_number(error: Exception) -> str | None:
    """Say what number an option expects, if another value was given; the parser's own sentences do not show it."""
    from groundup.base.plain_text import shorten

    option = getattr(error, "param", None)
    # Typer of now checks numbers with Pydantic, whose errors say which value it was; an older one says so itself.
    fault: Mapping[str, object] = next(iter(getattr(error.__cause__, "errors", list)()), {})
    kind = str(fault.get("type"))
    least, most = getattr(option, "min", None), getattr(option, "max", None)
    if kind.startswith(("int_", "float_")):
        wanted = "a whole number" if kind.startswith("int_") else "a number"
    elif kind in ("greater_than_equal", "less_than_equal"):
        bounds = f"from {least:,} to {most:,}" if None not in (least, most) else ""
        wanted = f"a number {bounds or (f'of {least:,} or more' if most is None else f'of {most:,} or less')}"
    else:
        return None
    name = next((name for name in getattr(option, "opts", ()) if name.startswith("--")), getattr(option, "name", ""))
    return f'{name} "{shorten(str(fault.get("input")))}": expected {wanted}'


def _refuse(message: str, arguments: list[str], code: int = 2) -> int:
    from groundup.base.plain_text import fold
    from groundup.cli.output import print_json
    from groundup.cli.streams import ReaderGone

    line = fold(message)
    if "--json" in arguments:
        try:
            print_json({"error": line})
            sys.stdout.flush()
        except (ReaderGone, UserError):  # the line below says more than that
            pass
    print(f"groundup: {line}", file=sys.stderr)
    return code
