"""``groundup check``: the judge's verdict on one answer."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.learn import AnswersFolder
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from groundup.exercises.workspace import Workspace
    from groundup.judge.exercise import Exercise
    from groundup.judge.process import Nursery
    from groundup.judge.verdict import Verdict

POLL_SECONDS = 0.03


def check(
    name: Annotated[
        str | None, typer.Argument(help="An exercise or a file; your answer changed last if left out.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="The exercise, where the file's name does not tell.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Judge again at every save; Ctrl-C ends.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of the random cases; new ones every time if left out.")] = None,
    answers: AnswersFolder = "answers",
    as_json: AsJson = False,
) -> None:
    """Judge an answer: right, or what is wrong and the smallest input that shows it."""
    from groundup.errors import UserError
    from groundup.exercises.registry import choose_libraries, find_folder, load_exercise
    from groundup.exercises.workspace import Workspace
    from groundup.judge.process import Nursery

    workspace = Workspace(Path(answers))
    if exercise is not None:
        found, path = find_folder(exercise).replace("_", "-"), Path(name or "")
        if not path.is_file():
            raise UserError(f"{path}: there is no such file.")
    else:
        found, path = workspace.find(name)
    # The other process loads its libraries while this one loads its own.
    with Nursery(choose_libraries(found, path.read_bytes())) as nursery:
        asked = load_exercise(found)
        for library in nursery.libraries:
            importlib.import_module(library)
        if watch:
            _watch(asked, path, workspace, nursery, seed, as_json)
            return
        verdict = _judge_file(asked, path, workspace, nursery, seed)
        show_verdict(asked, verdict, path, as_json)
    if not verdict.accepted:
        raise typer.Exit(1)


def _judge_file(
    exercise: Exercise, path: Path, workspace: Workspace, nursery: Nursery, seed: int | None, quick: bool = False
) -> Verdict:
    from groundup.data.texts import decode_text
    from groundup.judge.judging import Effort, judge

    source = decode_text(path.read_bytes(), str(path))
    chosen = time.time_ns() % 2**32 if seed is None else seed
    effort = Effort(seed=chosen, measure=True)
    if quick:
        effort = Effort(seed=chosen, shrink_seconds=0.1, naming_seconds=0.2, share=0.5)
    verdict = judge(exercise, source, nursery, effort)
    workspace.record(exercise.name, path, verdict.accepted)
    return verdict


def _watch(
    exercise: Exercise, path: Path, workspace: Workspace, nursery: Nursery, seed: int | None, as_json: bool
) -> None:
    nursery.wait()
    print(f"Watching {path}: every save is judged. Ctrl-C ends.", file=sys.stderr)
    seen: tuple[int, int] | None = None
    now: tuple[int, int] | None
    try:
        while True:
            try:
                status = path.stat()
                now = (status.st_mtime_ns, status.st_size)
            except FileNotFoundError:
                # Some editors replace the file: for an instant there is none.
                now = seen
            if now != seen and now is not None:
                seen = now
                show_verdict(exercise, _judge_file(exercise, path, workspace, nursery, seed, quick=True), path, as_json)
                sys.stdout.flush()
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        return


def show_verdict(exercise: Exercise, verdict: Verdict, path: Path, as_json: bool) -> None:
    """Write a verdict on standard output."""
    if as_json:
        print_json({**verdict.to_json(), "path": str(path)})
        return
    from groundup.exercises.telling import print_verdict

    print_verdict(exercise, verdict, path)
