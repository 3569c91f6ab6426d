"""The exercises over the Model Context Protocol, for an assistant in the learner's editor.

The assistant reads a statement, has the learner's answer judged and sees the verdict and the hints that the learner has
asked for. It never gets the model answer, the step behind it, the list of known mistakes or a hint ahead of time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from groundup import __version__
from groundup.base.errors import UserError
from groundup.course import find_chapter
from groundup.exercises.answer_files import extract_answer
from groundup.exercises.registry import (
    choose_libraries,
    find_folder,
    read_hints,
    read_statement,
    read_stub,
    read_title,
)
from groundup.exercises.sources import read_bytes
from groundup.exercises.workspace import Workspace
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge

INSTRUCTIONS = (
    "The exercises of groundup, a course from gradient descent to a GPT. You help a learner who writes the answers. "
    "Do not write the answer for them: read the statement and the verdict, ask questions, and point at the line to "
    "think about. Judge the learner's file again after each change. If the learner is stuck, suggest the command "
    "`groundup hint`."
)
# What a verdict tells; how long it took and what it cost is of no use here.
TOLD = ("exercise", "accepted", "headline", "mistakes", "findings", "remarks", "failing", "checks", "printed")
Tool = TypeVar("Tool", bound=Callable[..., Any])


def build_server(workspace: Workspace, judge: WarmJudge) -> MCPServer:
    """Return a server over a learner's answers.

    Parameters
    ----------
    workspace : Workspace
        The learner's folder.
    judge : WarmJudge
        Judges the answers; the caller closes it.
    """
    server = MCPServer("groundup", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")

    def tool(function: Tool, reads: bool = True) -> Tool:
        """Offer a function; what the learner can put right becomes the tool's error, in one line."""

        @wraps(function)
        def offered(*arguments: Any, **named: Any) -> Any:
            try:
                return function(*arguments, **named)
            except UserError as error:
                raise ToolError(str(error)) from error

        server.tool(annotations=ToolAnnotations(read_only_hint=reads, open_world_hint=False))(offered)
        return function

    @tool
    def list_exercises() -> dict[str, Any]:
        """List every exercise in the order of the course, with its state, and the one the learner is working on."""
        states = workspace.list_states()
        rows = [
            {"name": name, "title": read_title(name), "chapter": find_chapter(name).name, "state": state}
            for name, state in states.items()
        ]
        done = all(state == "done" for state in states.values())
        return {"current": None if done else workspace.find_current()[0], "exercises": rows}

    @tool
    def read_exercise(name: str) -> dict[str, Any]:
        """Read an exercise: its statement, the stub that the learner began with, and where the answer is."""
        exercise = find_folder(name).replace("_", "-")
        path = workspace.find_answer(exercise)
        return {
            "exercise": exercise,
            "statement": read_statement(exercise),
            "stub": read_stub(exercise),
            "answer_file": str(path or workspace.path(exercise)),
            "begun": path is not None,
            "state": workspace.find_state(exercise),
        }

    @partial(tool, reads=False)
    def judge_answer(name: str) -> dict[str, Any]:
        """Judge the learner's file for an exercise: right, or what is wrong and on which input. It takes a second."""
        exercise, path = workspace.find(find_folder(name).replace("_", "-"))
        raw = read_bytes(path, str(path))
        extract = extract_answer(raw, path, exercise, str(path))
        libraries = choose_libraries(exercise, extract.text)
        verdict = extract.retell(judge.judge(exercise, extract.text, CheckOptions(), libraries))
        workspace.record(exercise, path, verdict.accepted, raw)
        facts = verdict.to_json()
        return {"answer_file": str(path), **{key: facts[key] for key in TOLD}}

    @tool
    def read_hints_so_far(name: str) -> dict[str, Any]:
        """Read the hints that the learner has asked for with `groundup hint`; those ahead stay closed."""
        exercise = find_folder(name).replace("_", "-")
        hints = read_hints(exercise)
        seen = min(workspace.count_hints(exercise), len(hints))
        return {"exercise": exercise, "hints": hints[:seen], "not_seen_yet": len(hints) - seen}

    return server
