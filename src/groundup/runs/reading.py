"""Reads the JSON files of a run folder, even damaged ones: an error says in one line what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.json_faults import describe_json_error
from groundup.base.shape import Mismatch, Shape, fields, is_number, text, whole
from groundup.base.writing import explain_read_error

AGAIN = "Train again with another --run, or put the file back as it was."
MOST_STEPS = 10**12
# A GPT's tokenizer has a few megabytes.
_MOST_BYTES = 200_000_000
_DEEPEST = 50


def read_bytes(path: Path, again: str = AGAIN) -> bytes:
    """Return the content of a plain file.

    Raises
    ------
    UserError
        It is missing, no plain file, too large to be what it should be, or may not be read.
    """
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path}: damaged (no plain file). {again}")
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{path}: damaged (far too large: {path.stat().st_size:,} bytes). {again}")
        return path.read_bytes()
    except OSError as error:
        raise explain_read_error(path, error, again) from error


def read_json(path: Path, shape: Shape, again: str = AGAIN) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    UserError
        It cannot be read, is no JSON, or is not of the shape.
    """
    content = read_bytes(path, again)
    try:
        found = json.loads(content.decode("utf-8-sig"))
        _refuse_deep(found)
        shape(found, "")
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: damaged ({_format_error(error)}). {again}") from error
    return found


@dataclass(frozen=True)
class Lines:
    """The content of a file with one JSON object per line.

    Attributes
    ----------
    found : list of dict
        What could be read, in the order of the steps; of a step logged twice, the later line.
    damaged : str
        What is wrong with the first line that could not; empty if all could, a last one torn by a crash aside.
    """

    found: list[dict[str, Any]]
    damaged: str = ""


def read_lines(path: Path, shape: Shape) -> Lines:
    """Read a file with one line per step; a damaged line does not hide others.

    Raises
    ------
    UserError
        The file cannot be read at all.
    """
    if not path.exists() and not path.is_symlink():
        return Lines([])
    by_step: dict[int, dict[str, Any]] = {}
    damaged = ""
    lines = read_bytes(path).split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            shape(found, "")
        except (ValueError, RecursionError) as error:
            if number < len(lines) and not damaged:
                damaged = f"{path}, line {number}: damaged ({_format_error(error)}). Delete that line."
            continue
        by_step[found["step"]] = found
    return Lines([by_step[step] for step in sorted(by_step)], damaged)


def _refuse_deep(value: Any) -> None:
    """Refuse data so deeply nested that a recursive function could not finish."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise RecursionError
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]


def _fit_figures(value: Any, place: str) -> None:
    fields({"step": whole(0, MOST_STEPS)})(value, place)
    for name, figure in value.items():
        text(name, "the name of a figure")
        if not is_number(figure):
            raise Mismatch(name, figure, "a number")
    if len(value) == 1:
        raise ValueError("it has no figures")


FIGURES: Shape = _fit_figures
SAMPLE = fields({"step": whole(0, MOST_STEPS), "text": text})


def _format_error(error: Exception) -> str:
    """Return what is wrong with a JSON text."""
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {describe_json_error(error, lines=True)}"
    if isinstance(error, RecursionError):
        return describe_json_error(error)
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start + 1}"
    return str(error)
