"""``groundup mcp``: the exercises for an assistant in the learner's editor."""

from __future__ import annotations

import typer

from groundup.cli.answers import AnswersFolder, open_workspace


def mcp(context: typer.Context, answers: AnswersFolder = "") -> None:
    """Serve the exercises to an assistant in your editor, over the Model Context Protocol (standard input and output).

    The assistant can read statements, have your answers judged, and see the hints you saw. It never gets the solution.
    """
    import sys
    from importlib.util import find_spec

    from groundup.base.errors import UserError

    if find_spec("mcp") is None or find_spec("mcp_types") is None:
        raise UserError('`groundup mcp` needs the package mcp, version 2 or newer: pip install "groundup[mcp]"')
    if sys.stdin.isatty():
        raise UserError(
            "`groundup mcp` is started by an editor, which talks to it through standard input and output. Put it into "
            "your editor's list of MCP servers: command groundup, arguments mcp."
        )
    from groundup.exercises.mcp_server import build_server
    from groundup.exercises.registry import load_exercise
    from groundup.judge.warm_judge import WarmJudge

    with WarmJudge(load_exercise) as judge:
        build_server(open_workspace(context, answers), judge).run()
