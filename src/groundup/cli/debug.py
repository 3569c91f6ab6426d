"""``groundup learn debug``: a model answer with one wrong line, to find and to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, is_json, write_command
from groundup.cli.output import AsJson, print_json
from groundup.cli.practice import Seed, open_desk

if TYPE_CHECKING:
    from groundup.exercises.practice.desk import Desk, Mended


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
    as_json = is_json(context, as_json)
    with open_desk(context, answers) as desk:
        bugs = desk.journal.read().bugs
        exercise = desk.choose(name or next(reversed(bugs), None))
        bug = bugs.get(exercise)
        if bug is None:
            if line is not None or check or give_up:
                command = write_command(f"learn debug {exercise}", desk.workspace)
                raise UserError(f"There is no bug of {exercise} to find. Begin with: {command}")
            bug = desk.plant(exercise, seed)
        if line is not None:
            judge_line(desk, exercise, bug, line, as_json)
        elif check:
            judge_mended(desk, exercise, bug, as_json)
        elif give_up:
            tell(desk, exercise, desk.finish_bug(exercise, bug, right=False), False, as_json)
        else:
            show_bug(desk, exercise, bug, as_json)


def show_bug(desk: Desk, exercise: str, bug: dict[str, Any], as_json: bool) -> None:
    """Show the file with the bug, and the input that shows it."""
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.base.errors import UserError
    from groundup.base.narrow import align
    from groundup.judge.explain.printing import NumberedCode

    path = desk.bug_path(exercise)
    try:
        source = path.read_text("utf-8")
    except (OSError, ValueError):
        command = write_command(f"learn debug {exercise} --give-up", desk.workspace)
        raise UserError(f"{path}: cannot be read. Put it back, or give this bug up with: {command}") from None
    if as_json:
        shown = {key: bug[key] for key in ("inputs", "got", "expected")}
        print_json({"exercise": exercise, "path": str(path), "source": source, **shown})
        return
    console = PlainConsole()
    console.print(Text.assemble("One line of this is wrong. It is in ", (str(path), "bold"), ":\n"))
    console.print(NumberedCode(source))
    for name, value in bug["inputs"]:
        console.print(Text(align(f"  {name} = ", value)))
    console.print(Text(align("  It gives    ", bug["got"])))
    console.print(Text(align("  Right is    ", bug["expected"]) + "\n"))
    which, mended = (
        write_command(f"learn debug {exercise} {rest}", desk.workspace) for rest in ("--line N", "--check")
    )
    console.print(Text(f"Which line? {which}\nMend it in the file, then: {mended}"))


def judge_line(desk: Desk, exercise: str, bug: dict[str, Any], line: int, as_json: bool) -> None:
    """Say whether a line is the one that was changed."""
    right = line == bug["line"]
    if as_json:
        print_json({"exercise": exercise, "line": line, "right": right})
    elif right:
        mended = write_command(f"learn debug {exercise} --check", desk.workspace)
        print(f"Yes, it is line {line}. Mend it in {desk.bug_path(exercise)}, then: {mended}")
    else:
        print(f"No: line {line} is as it should be. Follow the input above through the code, line by line.")
    if not right:
        raise typer.Exit(1)


def judge_mended(desk: Desk, exercise: str, bug: dict[str, Any], as_json: bool) -> None:
    """Judge the file with the bug; if it is right, the bug is done."""
    from groundup.exercises.practice.desk import draw_seed
    from groundup.exercises.registry import load_exercise
    from groundup.exercises.sources import read_bytes
    from groundup.judge.judging import CheckOptions

    path = desk.bug_path(exercise)
    source = read_bytes(path, str(path)).decode("utf-8", "replace")
    verdict = desk.judge_bug(exercise, source, CheckOptions(seed=draw_seed(None)))
    if verdict.accepted:
        tell(desk, exercise, desk.finish_bug(exercise, bug, right=True), True, as_json)
        return
    if as_json:
        print_json({**verdict.to_json(), "path": str(path)})
    else:
        from groundup.judge.explain.printing import print_verdict

        print_verdict(load_exercise(exercise), verdict, path)
    raise typer.Exit(1)


def tell(desk: Desk, exercise: str, mended: Mended, right: bool, as_json: bool) -> None:
    """Say what the mistake was."""
    if as_json:
        facts = {"exercise": exercise, "right": right, "line": mended.line, "wrong": mended.wrong}
        print_json({**facts, "right_line": mended.belongs, "mistake": mended.mistake or None})
        return
    from rich.text import Text

    from groundup.base.console import PlainConsole

    console = PlainConsole()
    if right:
        console.print("[green]Mended.[/green]")
    console.print(Text(f"Line {mended.line} was\n    {mended.wrong}\nand belongs\n    {mended.belongs}"))
    if mended.mistake:
        console.print(Text(f"It is a known mistake, {mended.mistake}."))
    console.print(Text(f"Another one: {write_command('learn debug', desk.workspace)}"))
