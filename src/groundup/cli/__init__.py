"""The ``groundup`` command. Everything heavy is imported inside the commands, so that ``--help`` is instant."""

from __future__ import annotations

import os
import sys

import typer

from groundup.errors import Stopped, UserError

# As shells have it. Typer turns a Ctrl-C into this code, or into `typer.Abort`.
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code.

    0 is done, 1 the answer is "no", 2 wrong usage or bad input (one line on standard error says what, where
    and what to do), 130 stopped by Ctrl-C.
    """
    # Torch's threads wait for each other by spinning. On a machine that does something else besides, they spin
    # the time away that the thread they wait for needs: a step then takes ten times as long and more. This much
    # spinning costs a tenth of the speed at most on a quiet machine (libgomp reads it when torch is loaded).
    os.environ.setdefault("GOMP_SPINCOUNT", "5000")
    from groundup.cli.app import app, usage_errors

    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(args=arguments, prog_name="groundup", standalone_mode=False)
        code = result if isinstance(result, int) else 0
        if code == INTERRUPTED:
            _say_stopped("stopped")
        return code
    except UserError as error:
        return _refuse(str(error), arguments)
    except usage_errors as error:
        return _refuse(_explain_usage(error), arguments)
    except (KeyboardInterrupt, typer.Abort, Stopped) as error:
        _say_stopped(str(error) if isinstance(error, Stopped) else "stopped")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (such as `head`) has seen enough.
        sys.stderr.close()
        return 0


def _say_stopped(message: str) -> None:
    if os.environ.get("RANK", "0") == "0":  # of several processes, one speaks
        print(f"groundup: {message}", file=sys.stderr)


def _explain_usage(error: Exception) -> str:
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "groundup"
    return f'{" ".join(message.split()).rstrip(".")}. See "{command} --help".'


def _refuse(message: str, arguments: list[str]) -> int:
    if "--json" in arguments:
        from groundup.cli.output import print_json

        print_json({"error": message})
    print(f"groundup: {message}", file=sys.stderr)
    return 2
