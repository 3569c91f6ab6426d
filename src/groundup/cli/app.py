"""The command line with all its commands. Each command is in its own file beside this one.

Of a command line only the command that it names is imported and built: a key press that asks for suggestions waits for
this, and so does every command.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from groundup import __version__

# Each command or group: its file, and what in it is the command. The help text has this order.
_COMMANDS = {
    "tour": ("tour", "tour"),
    "lab": ("lab", "lab"),
    "train": ("train", "train"),
    "predict": ("predict", "predict"),
    "evaluate": ("predict", "evaluate"),
    "generate": ("generate", "generate"),
    "chat": ("chat", "chat"),
    "serve": ("serve", "serve"),
    "quantise": ("quantise", "quantise"),
    "quantize": ("quantise", "quantise"),
    "neighbours": ("neighbours", "neighbours"),
    "attention": ("attention", "attention"),
    "look": ("look", "look"),
    "export": ("export", "export"),
    "import": ("export", "import_"),
    "runs": ("runs", "runs_app"),
    "show": ("runs", "show"),
    "data": ("data", "data_app"),
    "descend": ("descend", "descend"),
    "learn": ("learn", "learn_app"),
    "check": ("check", "check"),
    "grade": ("grade", "grade"),
    "hint": ("hint", "hint"),
    "solution": ("hint", "solution"),
    "mcp": ("mcp", "mcp"),
}
# The learner's commands are found in both places.
_LEARNERS = {
    "check": ("check", "check"),
    "hint": ("hint", "hint"),
    "solution": ("hint", "solution"),
    "quiz": ("practice", "quiz"),
    "debug": ("debug", "debug"),
    "review": ("practice", "review"),
}
_HIDDEN = {"quantize"}

# Typer may carry its own copy of click; its public BadParameter leads to the base of every usage error either way.
usage_errors: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and exit.")] = False,
) -> None:
    """From gradient descent to a GPT you trained yourself, offline, on a laptop."""
    if version:
        print(f"groundup {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def name_command(arguments: Sequence[str]) -> str | None:
    """Return the command that a command line names, or one that is still typed; ``None`` where all are needed."""
    first = next(iter(arguments), "")
    if "_GROUNDUP_COMPLETE" in os.environ:  # bash sends the line as the first of these, all other shells as the second
        line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
        words = line.split(maxsplit=2)
        # A last word may be the beginning of others.
        first = words[1] if len(words) > 2 or (len(words) == 2 and line[-1].isspace()) else ""
    return first if first in _COMMANDS else None


@cache
def build_command(name: str | None = None) -> Any:
    """Return the command line, as the parser reads it: with one command, or with all.

    It is built once in a process, since that takes a while.
    """
    app = typer.Typer(
        name="groundup",
        help="From gradient descent to a GPT you trained yourself, offline, on a laptop.",
        no_args_is_help=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(root)
    for one in [name] if name is not None else _COMMANDS:
        command = _find(*_COMMANDS[one])
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=one)
        else:
            app.command(one, hidden=one in _HIDDEN)(command)
    return typer.main.get_command(app)


@cache
def _find(file: str, name: str) -> Any:
    found = getattr(import_module(f"groundup.cli.{file}"), name)
    if file == "learn":
        for one, place in _LEARNERS.items():
            found.command(one)(_find(*place))
    return found
