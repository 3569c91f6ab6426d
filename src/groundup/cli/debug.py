"""``groundup learn debug``: a model answer with one wrong line, to find and to mend."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, write_command
from groundup.cli.output import AsJson, print_json
from groundup.cli.practice import Desk, Seed, choose_practised, draw_seed


def debug(
    context: typer.Context,
    name: ExerciseName = None,
    line: Annotated[int | None, typer.Option(min=1, help="The number of the line that you think is wrong.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Judge the file that you mended.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Show the mistake.")] = False,
    seed: Seed = None,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Write a model answer with one mistake into answers/bugs/, for you to find and mend.

    You see the file, an input, what comes of it and what is right. Name the line with --line, mend it, then --check.
    """
    from groundup.base.errors import UserError

    if (line is not None) + check + give_up > 1:
        raise UserError("--line, --check and --give-up exclude each other: give one of them.")
    desk = _Desk.open(context, answers, as_json)
    bugs = desk.journal.read().bugs
    exercise = choose_practised(name or next(reversed(bugs), None), desk.workspace)
    bug = bugs.get(exercise)
    if bug is None:
        if line is not None or check or give_up:
            command = write_command(f"learn debug {exercise}", desk.workspace)
            raise UserError(f"There is no bug of {exercise} to find. Begin with: {command}")
        bug = desk.plant(exercise, draw_seed(seed))
    if line is not None:
        desk.judge_line(exercise, bug, line)
    elif check:
        desk.judge_mended(exercise, bug)
    elif give_up:
        desk.finish(exercise, bug, right=False)
    else:
        desk.show_bug(exercise, bug)


@dataclass(frozen=True)
class _Desk(Desk):
    """Where a bug is planted, found and mended."""

    def plant(self, exercise: str, seed: int) -> dict[str, Any]:
        """Make a bug, write its file, and remember it."""
        from groundup.base.errors import UserError
        from groundup.exercises.practice.bugs import find_bug
        from groundup.exercises.registry import read_model_answer

        path = self.bug_path(exercise)
        if path.exists():
            raise UserError(f"{path} already exists and is not changed. Rename it, then begin again.")
        with self.judging(exercise) as judge:
            bug = find_bug(read_model_answer(exercise), judge, random.Random(f"{exercise} {seed}"))
        if bug is None:
            raise UserError(f"No bug could be made of {exercise} now. Try another exercise, or another --seed.")
        kept = {
            "seed": seed,
            "line": bug.change.line,
            "wrong": bug.change.wrong,
            "mistake": bug.mistake,
            "inputs": [list(pair) for pair in bug.shown.inputs],
            "got": bug.shown.got,
            "expected": bug.shown.expected,
        }
        from groundup.base.writing import write_atomically

        with self.journal.change() as practice:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, bug.change.source)
            practice.bugs[exercise] = kept
        return kept

    def bug_path(self, exercise: str) -> Path:
        """Return where the file with the bug is."""
        return self.workspace.folder / "bugs" / self.workspace.path(exercise).name

    def show_bug(self, exercise: str, bug: dict[str, Any]) -> None:
        """Show the file with the bug, and the input that shows it."""
        from rich.syntax import Syntax
        from rich.text import Text

        from groundup.base.console import PlainConsole
        from groundup.base.errors import UserError

        path = self.bug_path(exercise)
        try:
            source = path.read_text("utf-8")
        except (OSError, ValueError):
            command = write_command(f"learn debug {exercise} --give-up", self.workspace)
            raise UserError(f"{path}: cannot be read. Put it back, or give this bug up with: {command}") from None
        if self.as_json:
            shown = {key: bug[key] for key in ("inputs", "got", "expected")}
            print_json({"exercise": exercise, "path": str(path), "source": source, **shown})
            return
        console = PlainConsole()
        console.print(Text.assemble("One line of this is wrong. It is in ", (str(path), "bold"), ":\n"))
        console.print(Syntax(source, "python", background_color="default", word_wrap=True, line_numbers=True))
        for name, value in bug["inputs"]:
            console.print(Text(f"  {name} = {value}"))
        console.print(Text(f"  It gives    {bug['got']}"))
        console.print(Text(f"  Right is    {bug['expected']}\n"))
        which, mended = (
            write_command(f"learn debug {exercise} {rest}", self.workspace) for rest in ("--line N", "--check")
        )
        console.print(Text(f"Which line? {which}\nMend it in the file, then: {mended}"))

    def judge_line(self, exercise: str, bug: dict[str, Any], line: int) -> None:
        """Say whether a line is the one that was changed."""
        right = line == bug["line"]
        if self.as_json:
            print_json({"exercise": exercise, "line": line, "right": right})
        elif right:
            mended = write_command(f"learn debug {exercise} --check", self.workspace)
            print(f"Yes, it is line {line}. Mend it in {self.bug_path(exercise)}, then: {mended}")
        else:
            print(f"No: line {line} is as it should be. Follow the input above through the code, line by line.")
        if not right:
            raise typer.Exit(1)

    def judge_mended(self, exercise: str, bug: dict[str, Any]) -> None:
        """Judge the file with the bug; if it is right, the bug is done."""
        from groundup.exercises.registry import load_exercise
        from groundup.exercises.sources import read_bytes
        from groundup.judge.judging import CheckOptions

        path = self.bug_path(exercise)
        source = read_bytes(path, str(path)).decode("utf-8", "replace")
        with self.judging(exercise) as judge:
            verdict = judge(source, CheckOptions(seed=draw_seed(None)))
        if verdict.accepted:
            self.finish(exercise, bug, right=True)
            return
        if self.as_json:
            print_json({**verdict.to_json(), "path": str(path)})
        else:
            from groundup.judge.explain.printing import print_verdict

            print_verdict(load_exercise(exercise), verdict, path)
        raise typer.Exit(1)

    def finish(self, exercise: str, bug: dict[str, Any], right: bool) -> None:
        """Say what the mistake was, keep how it went, and take the file away."""
        from groundup.exercises.practice.bugs import write_plainly
        from groundup.exercises.practice.review import record
        from groundup.exercises.registry import load_exercise, read_model_answer

        lines = write_plainly(read_model_answer(exercise)).splitlines()
        belongs = lines[bug["line"] - 1].strip() if bug["line"] <= len(lines) else ""
        known = next((one for one in load_exercise(exercise).mistakes if one.name == bug["mistake"]), None)
        with self.journal.change() as practice:
            practice.bugs.pop(exercise, None)
            record(practice, exercise, "bug", bug["seed"], right, datetime.now().astimezone(), plan=not right)
            self.bug_path(exercise).unlink(missing_ok=True)
        if self.as_json:
            facts = {
                "exercise": exercise,
                "right": right,
                "line": bug["line"],
                "wrong": bug["wrong"],
                "right_line": belongs,
            }
            print_json({**facts, "mistake": bug["mistake"] or None})
            return
        from rich.text import Text

        from groundup.base.console import PlainConsole

        console = PlainConsole()
        if right:
            console.print("[green]Mended.[/green]")
        console.print(Text(f"Line {bug['line']} was\n    {bug['wrong']}\nand belongs\n    {belongs}"))
        if known is not None:
            console.print(Text(f"It is a known mistake, {known.name}."))
