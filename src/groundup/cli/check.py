"""``groundup check``: the judge's verdict on one answer."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.learn import AnswersFolder
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from groundup.exercises.extracts import Extract
    from groundup.exercises.workspace import Workspace
    from groundup.judge.exercise import Exercise
    from groundup.judge.verdict import Verdict
    from groundup.judge.warm_judge import WarmJudge

POLL_SECONDS = 0.03
# Some editors replace a file: for an instant there is none. That is not reported.
MISSING_SECONDS = 2.0


def check(
    name: Annotated[
        str | None, typer.Argument(help="An exercise or a file. Default: the answer you changed last.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="The exercise, if the file's name does not say it.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Judge again at every save; Ctrl-C ends.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="The seed of the random cases. Default: a new one every time.")
    ] = None,
    answers: AnswersFolder = "answers",
    as_json: AsJson = False,
) -> None:
    """Judge an answer (a Python file or a notebook): say whether it is right, or what is wrong and on which input."""
    from groundup.base.errors import UserError
    from groundup.exercises.registry import find_folder, load_exercise
    from groundup.exercises.sources import read_bytes
    from groundup.exercises.workspace import Workspace, is_there
    from groundup.judge.warm_judge import WarmJudge

    workspace = Workspace(Path(answers))
    if exercise is not None and name is not None:
        found, path = find_folder(exercise).replace("_", "-"), Path(name)
        if not is_there(path):
            raise UserError(f"{path}: there is no such file.")
    else:
        found, path = workspace.find(name or exercise)
    with WarmJudge(load_exercise) as judge:
        desk = _Desk(found, path, workspace, judge, seed, as_json)
        if watch:
            desk.watch()
            return
        raw = read_bytes(path, str(path))
        accepted = desk.judge_and_show(desk.extract(raw), raw)
    if not accepted:
        raise typer.Exit(1)


@dataclass
class _Desk:
    """Where one answer is judged, once or at every save."""

    name: str
    path: Path
    workspace: Workspace
    judge: WarmJudge
    seed: int | None
    as_json: bool

    def extract(self, raw: bytes) -> Extract:
        from groundup.exercises.answer_files import extract_answer

        return extract_answer(raw, self.path, self.name, str(self.path))

    def load(self, source: str) -> tuple[Exercise, tuple[str, ...]]:
        """Return the exercise and the libraries that the answer's process loads, while this process loads them too."""
        from groundup.exercises.registry import choose_libraries, load_exercise

        libraries = choose_libraries(self.name, source.encode(errors="replace"))
        self.judge.warm(libraries)
        return load_exercise(self.name), libraries

    def judge_and_show(self, extract: Extract, raw: bytes, quick: bool = False) -> bool:
        from groundup.base.errors import UserError
        from groundup.judge.judging import CheckOptions

        exercise, libraries = self.load(extract.text)
        chosen = time.time_ns() % 2**32 if self.seed is None else self.seed
        effort = CheckOptions(seed=chosen, measure=True)
        if quick:
            effort = CheckOptions(seed=chosen, shrink_seconds=0.1, naming_seconds=0.2, share=0.5)
        verdict = extract.retell(self.judge.judge(self.name, extract.text, effort, libraries))
        self.show(exercise, verdict, extract.where)
        try:
            self.workspace.record(exercise.name, self.path, verdict.accepted, raw)
        except UserError as error:
            _say(f"groundup: the verdict could not be saved: {error}")
        return verdict.accepted

    def show(self, exercise: Exercise, verdict: Verdict, where: str = "") -> None:
        """Write a verdict on standard output."""
        if self.as_json:
            print_json({**verdict.to_json(), "path": str(self.path), **({"part": where} if where else {})})
        else:
            from groundup.judge.explain.printing import print_verdict

            print_verdict(exercise, verdict, f"{self.path}, {where}" if where else str(self.path))
        sys.stdout.flush()

    def watch(self) -> None:
        """Judge every save until Ctrl-C. No saved content can end the watching."""
        from groundup.base.errors import UserError
        from groundup.exercises.sources import read_bytes
        from groundup.judge.verdict import Verdict

        held: bytes | None = None
        try:
            exercise, _ = self.load("")
            _say(f"Watching {self.path}: every save is judged. Ctrl-C ends.")
            for saved in self.follow():
                try:
                    raw = read_bytes(self.path, str(self.path))
                    if saved or raw != held:
                        held = raw
                        self.judge_and_show(self.extract(raw), raw, quick=True)
                except UserError as error:
                    held = None
                    self.show(exercise, Verdict(self.name, False, f"The file cannot be read: {error}"))
                except Exception as error:  # noqa: BLE001 - whatever a save does, watching goes on
                    told = f"It could not be judged: {type(error).__name__}: {error}"[:300]
                    self.show(exercise, Verdict(self.name, False, told))
        except KeyboardInterrupt:
            return

    def follow(self) -> Iterator[bool]:
        """Yield at the start and at every change of the file: True for a save, False if only its rights changed."""
        seen: tuple[int, ...] = ()
        there_until = time.monotonic() + MISSING_SECONDS
        while True:
            now = _stamp(self.path)
            if now and now != seen:
                saved, seen = now[:3] != seen[:3], now
                yield saved
            if now:
                there_until = time.monotonic() + MISSING_SECONDS
            elif there_until and time.monotonic() > there_until:
                there_until = 0.0
                _say(f"{self.path} is gone: waiting for it.")
            time.sleep(POLL_SECONDS)


def _say(line: str) -> None:
    from groundup.base.plain_text import clean

    print(clean(line), file=sys.stderr)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return numbers that change with every save and with a file's rights; nothing if there is no file."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        return (error.errno or 1,)
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)
