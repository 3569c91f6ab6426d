"""The command line with all its commands. Each command is in its own file beside this one."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer

from groundup import __version__
from groundup.cli.attention import attention
from groundup.cli.chat import chat
from groundup.cli.check import check
from groundup.cli.data import data_app
from groundup.cli.debug import debug
from groundup.cli.descend import descend
from groundup.cli.export import export, import_
from groundup.cli.generate import generate
from groundup.cli.grade import grade
from groundup.cli.hint import hint, solution
from groundup.cli.lab import lab
from groundup.cli.learn import learn_app
from groundup.cli.look import look
from groundup.cli.mcp import mcp
from groundup.cli.neighbours import neighbours
from groundup.cli.practice import quiz, review
from groundup.cli.predict import evaluate, predict
from groundup.cli.quantise import quantise
from groundup.cli.runs import runs_app, show
from groundup.cli.serve import serve
from groundup.cli.tour import tour
from groundup.cli.train import train

app = typer.Typer(
    name="groundup",
    help="From gradient descent to a GPT you trained yourself, offline, on a laptop.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Typer may carry its own copy of click; its public BadParameter leads to the base of every usage error either way.
usage_errors: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version and exit.")] = False,
) -> None:
    """From gradient descent to a GPT you trained yourself, offline, on a laptop."""
    if version:
        print(f"groundup {__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


app.command()(tour)
app.command()(lab)
app.command()(train)
app.command()(predict)
app.command()(evaluate)
app.command()(generate)
app.command()(chat)
app.command()(serve)
app.command()(quantise)
app.command("quantize", hidden=True)(quantise)
app.command()(neighbours)
app.command()(attention)
app.command()(look)
app.command()(export)
app.command("import")(import_)
app.add_typer(runs_app, name="runs")
app.command()(show)
app.add_typer(data_app, name="data")
app.command()(descend)
app.add_typer(learn_app, name="learn")
app.command()(check)
app.command()(grade)
app.command()(hint)
app.command()(solution)
app.command()(mcp)
# The learner's commands are found in both places.
learn_app.command()(check)
learn_app.command()(hint)
learn_app.command()(solution)
learn_app.command()(quiz)
learn_app.command()(debug)
learn_app.command()(review)


@cache
def build_command() -> Any:
    """Return the command line, as the parser reads it; built once in a process, since that takes a while."""
    return typer.main.get_command(app)
