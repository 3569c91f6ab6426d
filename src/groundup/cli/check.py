"""``groundup check``: the judge's verdict on one answer."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.answers import AnswersFolder, describe_next, describe_standing, is_json, open_workspace, pack_standing
from groundup.cli.completion import complete_exercise
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from groundup.exercises.extracts import Extract
    from groundup.exercises.standing import Standing
    from groundup.exercises.workspace import Workspace
    from groundup.judge.exercise import Exercise
    from groundup.judge.verdict import Verdict
    from groundup.judge.warm_judge import WarmJudge


def check(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            help="An exercise or a file. Default: the answer you worked on last.", autocompletion=complete_exercise
        ),
    ] = None,
    exercise: Annotated[
        str | None,
        typer.Option(help="The exercise, if the file's name does not say it.", autocompletion=complete_exercise),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Judge again at every save, and go on to the next exercise; Ctrl-C ends.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="The seed of the random cases. Default: a new one every time.")
    ] = None,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Judge an answer (a Python file or a notebook): say whether it is right, or what is wrong and on which input."""
    from groundup.base.errors import UserError
    from groundup.cli.watch import choose_watched, watch_answers
    from groundup.exercises.registry import find_folder, load_exercise
    from groundup.exercises.sources import read_bytes
    from groundup.exercises.workspace import is_there
    from groundup.judge.warm_judge import WarmJudge

    workspace, why, started = open_workspace(context, answers), "", False
    if exercise is not None and name is not None:
        found, path = find_folder(exercise).replace("_", "-"), Path(name)
        if not is_there(path):
            raise UserError(f"{path}: there is no such file.")
    elif watch and name is None and exercise is None:
        found, path, why, started = choose_watched(workspace)
    else:
        found, path = workspace.find(name or exercise)
        latest = None if name or exercise else workspace.find_latest()
        why = latest.why if latest else ""
    with WarmJudge(load_exercise) as judge:
        desk = Desk(found, path, workspace, judge, seed, is_json(context, as_json))
        if why:
            desk.say_choice(why)
        if watch:
            watch_answers(desk, started)
            return
        raw = read_bytes(path, str(path))
        verdict, where = desk.judge(raw)
        desk.record(verdict, raw)
        desk.show(verdict, where)
    if not verdict.accepted:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Desk:
    """Where one answer is judged, once or at every save."""

    name: str
    path: Path
    workspace: Workspace
    warm: WarmJudge
    seed: int | None
    as_json: bool

    @property
    def is_own(self) -> bool:
        """Whether the answer is the one in the learner's folder, whose verdicts are kept."""
        return self.workspace.owns(self.name, self.path)

    def extract(self, raw: bytes) -> Extract:
        """Return the part of a file that is the answer."""
        from groundup.exercises.answer_files import extract_answer

        return extract_answer(raw, self.path, self.name, str(self.path))

    def load(self, source: str) -> tuple[Exercise, tuple[str, ...]]:
        """Return the exercise and the libraries that the answer's process loads, while this process loads them too."""
        from groundup.exercises.registry import choose_libraries, load_exercise

        libraries = choose_libraries(self.name, source)
        self.warm.warm(libraries)
        return load_exercise(self.name), libraries

    def judge(self, raw: bytes, quick: bool = False) -> tuple[Verdict, str]:
        """Return the verdict, and which part of the file it is about."""
        from groundup.judge.judging import CheckOptions

        extract = self.extract(raw)
        _, libraries = self.load(extract.text)
        chosen = time.time_ns() % 2**32 if self.seed is None else self.seed
        effort = CheckOptions(seed=chosen, measure=True)
        if quick:
            effort = CheckOptions(seed=chosen, shrink_seconds=0.1, naming_seconds=0.2, share=0.5)
        return extract.retell(self.warm.judge(self.name, extract.text, effort, libraries)), extract.where

    def record(self, verdict: Verdict, raw: bytes) -> None:
        """Remember a verdict."""
        from groundup.base.errors import UserError

        try:
            self.workspace.record(self.name, self.path, verdict.accepted, raw)
        except UserError as error:
            say(f"groundup: the verdict could not be saved: {error}")

    def find_standing(self, verdict: Verdict) -> Standing | None:
        """Return how far the learner is by a right answer; None where it is wrong, or does not count."""
        from groundup.exercises.standing import find_standing

        return find_standing(self.workspace, self.name) if verdict.accepted and self.is_own else None

    def show(self, verdict: Verdict, where: str = "", goes_on: bool = False) -> None:
        """Write a verdict on standard output.

        After a right one, it says how far the learner is, and how to go on, unless the command itself ``goes_on``.
        """
        standing = self.find_standing(verdict)
        if self.as_json:
            facts = {**verdict.to_json(), "path": str(self.path), **({"part": where} if where else {})}
            print_json({**facts, **(pack_standing(standing) if standing else {})})
        else:
            from groundup.base.console import PlainConsole
            from groundup.exercises.registry import load_exercise
            from groundup.judge.explain.printing import print_verdict

            console = PlainConsole()
            print_verdict(load_exercise(self.name), verdict, f"{self.path}, {where}" if where else self.path, console)
            if standing:
                console.print(describe_standing(standing))
                if not goes_on:
                    console.print(describe_next(standing.following, standing.begun, self.workspace))
        sys.stdout.flush()

    def say_choice(self, why: str) -> None:
        """Say which exercise was chosen where none was named."""
        if not self.as_json:
            from groundup.base.console import PlainConsole
            from groundup.cli.hint import print_choice

            print_choice(PlainConsole(), self.name, why)


def say(line: str) -> None:
    """Write a line on standard error, without what a file's name could do to a terminal."""
    from groundup.base.plain_text import clean

    print(clean(line), file=sys.stderr)
