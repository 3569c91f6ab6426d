"""Which preset of a model a learner's parts are for."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.parts.swap import LOSS_PARTS, PartFile

if TYPE_CHECKING:
    from groundup.tasks.protocol import About


def choose_preset(
    about: About, files: Sequence[PartFile], pairs: list[str], reporter: Reporter
) -> tuple[list[str], list[PartFile]]:
    """Return the settings with the preset that the parts are for, and the parts with the exercises they answer.

    A preset that the user chose is kept if it takes these parts. Otherwise the class that a file defines decides: a
    block that answers the exercise of another preset's block is for that preset.

    Raises
    ------
    UserError
        The chosen preset does not take these parts, or a file answers the exercise of another preset.
    """
    from groundup.exercises.registry import PRESET_PARTS, find_part

    usual = about.parts_preset
    inside = [file for file in files if file.part not in LOSS_PARTS]
    if usual is None or not inside:
        return pairs, list(files)
    chosen = [pair.partition("=")[2].strip() for pair in pairs if pair.partition("=")[0].strip() == "preset"]
    preset = chosen[-1] if chosen else _guess_preset(inside, usual)
    own = {part: exercise for part, exercise in PRESET_PARTS.get(preset, {}).items() if part in about.parts}
    if preset != usual and not own:
        others = "".join(f", and in {name} the {', '.join(exercises)}" for name, exercises in PRESET_PARTS.items())
        raise UserError(
            f"--set preset={preset}: no part of it can be exchanged. In the {usual} preset all parts can{others}. "
            "Leave it out."
        )
    for file in inside:
        if own and file.part not in own:
            raise UserError(
                f"--with {file.part}={file.path}: in the {preset} preset only the {' or '.join(own)} can be exchanged, "
                f"alone. The {usual} preset has the other parts; its block answers {find_part(next(iter(own)))}."
            )
        fitting = _find_presets(file, usual)
        if fitting and preset not in fitting:
            exercise, other = find_part(file.part, preset), find_part(file.part, fitting[0])
            if exercise == other:
                raise UserError(
                    f"--with {file.part}={file.path}: only the {fitting[0]} preset has {file.part}. "
                    f"Leave --set preset={preset} out."
                )
            raise UserError(
                f"--with {file.part}={file.path}: the {preset} preset takes an answer to {exercise}, and this file "
                f"answers {other}. Give the other file, or write --set preset={fitting[0]}."
            )
    if own:
        reporter.say(f"Your {inside[0].part} is put into the {preset} preset.")
    elif not chosen:
        reporter.say(f"Parts can be exchanged in the {usual} preset: --set preset={usual} is used.")
    found = [replace(file, exercise=find_part(file.part, preset)) for file in files]
    return (pairs if chosen else [*pairs, f"preset={preset}"]), found


def _guess_preset(files: Sequence[PartFile], usual: str) -> str:
    """Return the preset that a file is only for, or that can take all of them; the usual one otherwise."""
    from groundup.exercises.registry import PRESET_PARTS

    for preset, exercises in PRESET_PARTS.items():
        alone = all(file.part in exercises for file in files)
        for file in files:
            fitting = _find_presets(file, usual)
            if preset in fitting and (alone or usual not in fitting):
                return preset
    return usual


def _find_presets(file: PartFile, usual: str) -> list[str]:
    """Return the presets whose exercise a file answers, as its classes tell; none if they do not tell it.

    A class of the name that an exercise asks for tells it, and one of a name that several exercises accept if its
    ``forward`` takes as many inputs as asked for.
    """
    from groundup.exercises.registry import PARTS, PRESET_PARTS, find_part, load_exercise, read_stub

    if own := [preset for preset, parts in PRESET_PARTS.items() if parts.get(file.part) == PARTS[file.part]]:
        return own  # other presets have no such part
    if not any(file.part in exercises for exercises in PRESET_PARTS.values()):
        return []
    defined = _count_inputs(file.source)
    exercises = {preset: find_part(file.part, preset) for preset in (usual, *PRESET_PARTS)}
    asked = {preset: _count_inputs(read_stub(name)) for preset, name in exercises.items()}
    named = [preset for preset, classes in asked.items() if classes.keys() & defined.keys()]
    if named:
        return named
    accepted = {preset: next(iter(load_exercise(name).entries.values())) for preset, name in exercises.items()}
    return [
        preset
        for preset, classes in asked.items()
        if any(defined.get(name) in classes.values() for name in accepted[preset] if name in defined)
    ]


def _count_inputs(source: str) -> dict[str, int | None]:
    """Return the top-level names that may be classes, each with the number of inputs of its ``forward``, if known."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):  # the judge shows the line
        return {}
    found: dict[str, int | None] = {}
    for statement in statements:
        if isinstance(statement, ast.ClassDef):
            forwards = [one for one in statement.body if isinstance(one, ast.FunctionDef) and one.name == "forward"]
            found[statement.name] = len(forwards[-1].args.args) - 1 if forwards else None
        elif isinstance(statement, ast.Assign):
            found |= {target.id: None for target in statement.targets if isinstance(target, ast.Name)}
    return found
