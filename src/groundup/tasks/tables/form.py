"""The form in the lab of a run on a table: a field for each column, and what was typed there as a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundup.base.errors import UserError
from groundup.runs.folder import Run

MOST_LETTERS = 200


def describe_fields(run: Run) -> list[dict[str, Any]]:
    """Return what a prediction needs.

    Of each column its ``name``, ``unit`` and ``levels`` or ``mean``, and whether its numbers are ``plain`` ones; dates
    and decimal commas are not.
    """
    model = run.config.get("model", {})
    units, means = (found if isinstance(found := model.get(part), dict) else {} for part in ("units", "means"))
    return [
        {
            "name": column["name"],
            "levels": column.get("levels"),
            "unit": units.get(column["name"], ""),
            "mean": _write_mean(means.get(column["name"]), column.get("reading")),
            "plain": not column.get("reading"),
        }
        for column in model.get("columns", [])
    ]


def read_row(run: Run, form: Mapping[str, Any]) -> dict[str, str]:
    """Return the ``row`` that was typed.

    Raises
    ------
    UserError
        It is none of this run's columns, or a number in it has a comma.
    """
    fields = {field["name"]: field for field in describe_fields(run)}
    row = form.get("row")
    if not isinstance(row, dict) or not row or any(not _is_cell(fields, name, row[name]) for name in row):
        raise UserError(f"A row is a text for each of: {', '.join(fields) or 'nothing, this run has no table'}.")
    for name, value in row.items():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise UserError(f"{name} is not valid UTF-8 at character {error.start}. Type it again.") from error
        if "," in value and fields[name]["plain"] and not fields[name]["levels"]:
            raise UserError("A value has a comma in it: write decimals with a point.")
    return row


def _is_cell(fields: Mapping[str, Any], name: str, value: Any) -> bool:
    return name in fields and isinstance(value, str) and len(value) <= MOST_LETTERS


def _write_mean(mean: Any, reading: Any) -> str:
    """Return a column's mean as its cells are written; it is a text already where they are dates."""
    if not isinstance(mean, float):
        return mean if isinstance(mean, str) else ""
    comma = isinstance(reading, dict) and reading.get("numbers", {}).get("decimal") == ","
    return f"{mean:.4g}".replace(".", "," if comma else ".")
