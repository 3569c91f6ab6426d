"""Verdicts in a notebook: ``%load_ext groundup``, then ``%exercise``, ``%%check``, ``%check`` and ``%hint``."""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Callable
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from groundup.errors import UserError
from groundup.exercises.registry import choose_libraries, list_names, load_exercise, read_stub, read_title
from groundup.exercises.telling import GREEN, RED, write_html, write_text
from groundup.judge.exercise import Exercise
from groundup.judge.judging import Effort
from groundup.judge.standing import StandingJudge
from groundup.plugins.notebook_source import complete, find_definitions, is_python

# The page's own colours, light or dark; only what is green, red or grey says so.
BOX = (
    "background:transparent;color:inherit;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font:0.9em/1.45 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
)
STAGES = 3


class Shown:
    """Something shown in a notebook, and as plain text where a notebook cannot.

    Parameters
    ----------
    text : str
        The plain text.
    **kinds : str
        The same as ``html`` or ``markdown``.
    """

    def __init__(self, text: str, **kinds: str) -> None:
        self.text, self.kinds = text, kinds

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": self.text, **{f"text/{kind}": content for kind, content in self.kinds.items()}}


def _told_kindly(magic: Callable[..., None]) -> Callable[..., None]:
    """Let a magic tell a `UserError` in its one line instead of a traceback."""

    @wraps(magic)
    def run(*arguments: Any, **more: Any) -> None:
        try:
            magic(*arguments, **more)
        except UserError as error:
            print(f"groundup: {error}", file=sys.stderr)

    return run


@magics_class
class GroundupMagics(Magics):
    """The magics, and the judge that stands ready between two verdicts."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.notebook = shell
        self.judge = StandingJudge()
        self.stages: dict[str, int] = {}

    @line_magic
    @_told_kindly
    def exercise(self, line: str) -> None:
        """``%exercise NAME``: show the statement, and put the stub into the next cell. Without a name, list them."""
        if not line.strip():
            rows = [(name, read_title(name)) for name in list_names()]
            table = "| exercise | what you write |\n|---|---|\n" + "\n".join(f"| `{a}` | {b} |" for a, b in rows)
            display(Shown("\n".join(f"{name:32} {title}" for name, title in rows), markdown=table))
            return
        exercise = _find(line, "%exercise")
        statement = exercise.read("statement.md")
        display(Shown(statement, markdown=statement))
        self.notebook.set_next_input(f"%%check {exercise.name}\n{read_stub(exercise.name)}".rstrip("\n"))

    @line_magic
    @_told_kindly
    def hint(self, line: str) -> None:
        """``%hint NAME [STAGE]``: show a hint; each further call shows the next of three stages."""
        name, _, asked = line.strip().partition(" ")
        exercise = _find(name, "%hint")
        if asked.strip() not in {"", *map(str, range(1, STAGES + 1))}:
            raise UserError(f"%hint {exercise.name} {asked.strip()}: there are stages 1 to {STAGES}.")
        stage = int(asked) if asked.strip() else min(self.stages.get(exercise.name, 0) + 1, STAGES)
        self.stages[exercise.name] = stage
        text = f"## {exercise.hints()[stage - 1]}"
        if stage < STAGES:
            text += f"\n\n*More: `%hint {exercise.name}` once more.*"
        display(Shown(text, markdown=text))

    @no_var_expand
    @line_cell_magic
    @_told_kindly
    def check(self, line: str, cell: str | None = None) -> None:
        """``%%check NAME``: run the cell, and judge its code. ``%check NAME``: judge what is defined already.

        Other cells' imports, functions and numbers that the code uses go with it. A cell that raises an error is not
        judged: the error says enough.
        """
        exercise = _find(line, "%check" if cell is None else "%%check")
        if cell is None:
            found = find_definitions(exercise.entries.values(), self.notebook.user_ns)
            if found is None:
                names = " and ".join(known[0] for known in exercise.entries.values())
                raise UserError(
                    f"This notebook defines no {names} yet. Write it into a cell that begins with "
                    f"%%check {exercise.name}; `%exercise {exercise.name}` brings the statement and a stub."
                )
            self._tell(exercise, found, Path("as defined in this notebook"))
            return
        whole = f"# %%check {exercise.name}\n{cell}"  # its first line counts where lines are told
        source = self.notebook.transform_cell(whole).partition("\n")[2]
        if is_python(source):  # what is none need not run: the judge says where and why
            _run(self.notebook, whole)
        self._tell(exercise, complete(source, self.notebook.user_ns), Path("this cell"))

    def _tell(self, exercise: Exercise, source: str, path: Path) -> None:
        """Judge a source and show the verdict."""
        effort = Effort(seed=time.time_ns() % 2**32, naming_seconds=1.0, measure=True)
        libraries = choose_libraries(exercise.name, source.encode())
        verdict = self.judge.judge(exercise, source, effort, libraries)
        html, text = write_html(exercise, verdict, path), write_text(exercise, verdict, path)
        if not verdict.accepted:
            told = f"Stuck? %hint {exercise.name}"
            html, text = f"{html.rstrip()}\n<i>{escape(told)}</i>", f"{text}\n{told}"
        color = GREEN if verdict.accepted else RED
        style = f"border-left:4px solid rgb{color};padding:.3em 0 .3em .8em;margin:.3em 0;{BOX}"
        display(Shown(text, html=f'<pre style="{style}">{html}</pre>'))


def _run(shell: InteractiveShell, cell: str) -> None:
    """Run a cell as if no magic did: an error it raises is shown once, and ends the cell."""
    tracebacks: list[list[str]] = []
    vars(shell)["_showtraceback"] = lambda kind, error, lines: tracebacks.append(lines)
    try:
        result = shell.run_cell(cell, store_history=False)
    finally:
        del vars(shell)["_showtraceback"]
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        # IPython asks an error for its own traceback first; this one is free of the frames that led here.
        vars(error)["_render_traceback_"] = lambda: tracebacks[-1] if tracebacks else []
        raise error


def _find(name: str, magic: str) -> Exercise:
    """Return the exercise that a magic's line names.

    Raises
    ------
    UserError
        There is none of that name, or none is named.
    """
    if not name.strip():
        raise UserError(f"{magic} needs an exercise's name, as in {magic} softmax; %exercise lists them.")
    return load_exercise(name.strip())


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics to a notebook: what ``%load_ext groundup`` does."""
    magics = GroundupMagics(shell)
    shell.register_magics(magics)
    atexit.register(magics.judge.close)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics out of a notebook again, and end the judge."""
    magics = shell.magics_manager.registry.pop(GroundupMagics.__name__, None)
    if magics is not None:
        magics.judge.close()
        atexit.unregister(magics.judge.close)
        for kind, names in magics.magics.items():
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
