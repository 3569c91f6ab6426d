"""Verdicts in a notebook: ``%load_ext groundup``, then ``%exercise``, ``%%check``, ``%check`` and ``%hint``."""

from __future__ import annotations
import __future__

import asyncio
import atexit
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display

from groundup.base.errors import UserError
from groundup.exercises.cells import read_top
from groundup.exercises.extracts import Extract
from groundup.exercises.program import is_python
from groundup.exercises.registry import choose_libraries, list_names, load_exercise, read_stub, read_title
from groundup.judge.exercise import Exercise
from groundup.judge.explain.printing import GREEN, RED, write_html, write_text
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge
from groundup.plugins.notebook_source import complete, find_definitions

# The page's own colours, light or dark; only what is green, red or grey says so.
BOX = (
    "background:transparent;color:inherit;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font:0.9em/1.45 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
)


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

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002 - IPython's signature
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
    """The magics, and the judge that is kept ready between two verdicts."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.notebook = shell
        self.judge = WarmJudge(load_exercise)
        self.stages: dict[str, int] = {}
        self.current = ""

    @line_magic
    @_told_kindly
    def exercise(self, line: str) -> None:
        """``%exercise NAME``: show the statement, and put the stub into the next cell. Without a name, list them."""
        if not line.strip():
            rows = [(name, read_title(name)) for name in list_names()]
            table = "| exercise | what you write |\n|---|---|\n" + "\n".join(f"| `{a}` | {b} |" for a, b in rows)
            display(Shown("\n".join(f"{name:32} {title}" for name, title in rows), markdown=table))
            return
        exercise = self._find(line, "%exercise")
        statement = exercise.read("statement.md")
        display(Shown(statement, markdown=statement))
        self.notebook.set_next_input(f"%%check {exercise.name}\n{read_stub(exercise.name)}".rstrip("\n"))

    @line_magic
    @_told_kindly
    def hint(self, line: str) -> None:
        """``%hint NAME [STAGE]``: show a hint; each further call shows the next stage."""
        name, _, asked = line.strip().partition(" ")
        exercise = self._find(name, "%hint")
        hints = exercise.hints()
        if asked.strip() not in {"", *map(str, range(1, len(hints) + 1))}:
            raise UserError(f"%hint {exercise.name} {asked.strip()}: there are stages 1 to {len(hints)}.")
        stage = int(asked) if asked.strip() else min(self.stages.get(exercise.name, 0) + 1, len(hints))
        self.stages[exercise.name] = stage
        text = f"## {hints[stage - 1]}"
        if stage < len(hints):
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
        exercise = self._find(line, "%check" if cell is None else "%%check")
        entries, names = list(exercise.entries.values()), self._list_names()
        lazy = bool(self.notebook.compile.flags & __future__.annotations.compiler_flag)
        if cell is None:
            found = find_definitions(entries, names, lazy)
            if found is None:
                wanted = " and ".join(known[0] for known in entries)
                raise UserError(
                    f"This notebook defines no {wanted} yet. Write it into a cell that begins with "
                    f"%%check {exercise.name}; `%exercise {exercise.name}` brings the statement and a stub."
                )
            self._show_verdict(exercise, found, Path("as defined in this notebook"))
            return
        top = read_top(cell)
        # The first line of the whole counts where lines are told; another cell magic must stand there itself.
        whole = cell.lstrip("\n") if cell.lstrip().startswith("%%") else f"# %%check {exercise.name}\n{cell}"
        source = self.notebook.transform_cell(f"# %%check\n{top.text}").partition("\n")[2]
        if is_python(source):  # what is none need not run: the judge says where and why
            _run(self.notebook, whole)
        self._show_verdict(exercise, complete(source, self._list_names(), entries, lazy), Path("this cell"))

    def _find(self, name: str, magic: str) -> Exercise:
        """Return the exercise that a magic's line names, or else the one that was named last.

        Raises
        ------
        UserError
            There is none of that name, or none was named yet.
        """
        name = name.strip() or self.current
        if not name:
            raise UserError(f"{magic} needs an exercise's name, as in {magic} softmax; %exercise lists them.")
        exercise = load_exercise(name)
        self.current = exercise.name
        return exercise

    def _list_names(self) -> Mapping[str, Any]:
        """Return the notebook's names without those that IPython put there."""
        hidden = self.notebook.user_ns_hidden
        return {name: value for name, value in self.notebook.user_ns.items() if hidden.get(name, self) is not value}

    def _show_verdict(self, exercise: Exercise, extract: Extract, path: Path) -> None:
        """Judge a source and show the verdict."""
        effort = CheckOptions(seed=time.time_ns() % 2**32, naming_seconds=1.0, measure=True)
        libraries = choose_libraries(exercise.name, extract.text)
        verdict = extract.retell(self.judge.judge(exercise.name, extract.text, effort, libraries))
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
    vars(shell)["_showtraceback"] = lambda kind, error, lines: tracebacks.append(lines)  # noqa: ARG005 - IPython's signature
    try:
        result = _run_beside(shell, cell) if _has_to_wait(shell, cell) else shell.run_cell(cell, store_history=False)
    finally:
        del vars(shell)["_showtraceback"]
    error = result.error_before_exec or result.error_in_exec
    if error is not None:
        # IPython asks an error for its own traceback first; this one is free of the frames that led here.
        vars(error)["_render_traceback_"] = lambda: tracebacks[-1] if tracebacks else []
        raise error


def _has_to_wait(shell: InteractiveShell, cell: str) -> bool:
    """Return whether a cell has an ``await`` of its own while this thread's loop is busy with this very magic."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return bool(shell.should_run_async(cell, transformed_cell=shell.transform_cell(cell)))


def _run_beside(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell in another thread's loop."""
    results: list[Any] = []
    context = contextvars.copy_context()  # which says where output belongs

    def work() -> None:
        coroutine = shell.run_cell_async(cell, transformed_cell=shell.transform_cell(cell))
        results.append(asyncio.run(coroutine))

    thread = threading.Thread(target=context.run, args=[work])
    thread.start()
    thread.join()
    return results[0]


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
