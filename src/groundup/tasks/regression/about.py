"""The description of the regression task without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundup.base.shape import fields, flag, mapping_of, number, text
from groundup.tasks.figures import ERROR, Curve, figure, format_with_unit, round_figures
from groundup.tasks.protocol import TABLE, About
from groundup.tasks.tables.shapes import COLUMNS, MEANS, UNITS


def headline(report: Mapping[str, Any]) -> str:
    """Return the error on rows held out, beside that of always guessing the mean."""
    unit = report.get("units", {}).get(report["target"], "")
    error, mean = (report[name] for name in ("test_error", "test_error_of_the_mean"))
    if error != error:
        return "no rows were held out to measure on"
    return f"{format_with_unit(error, unit)} off on new rows, {format_with_unit(mean, unit)} by guessing the mean"


about = About(
    name="regression",
    summary="any number from a table: linear regression, with its weights explained in words",
    report=fields(
        {"target": text, "test_error": figure, "test_error_of_the_mean": figure}, {"units": mapping_of(text)}
    ),
    headline=headline,
    model=fields(
        {
            "target": text,
            "columns": COLUMNS,
            "units": UNITS,
            "target_mean": number(),
            "means": MEANS,
            "least_squares_loss": number(0),
            "simulated": flag,
        }
    ),
    curves={
        "loss": Curve(
            "in training",
            ERROR,
            lambda loss: f"{round_figures(loss**0.5)} off in training (mean squared error {round_figures(loss)})",
        ),
    },
    form="row",
    data=(TABLE,),
    aliases=("heights",),
    built_in={
        "families": "928 adult children's heights and their parents' (Galton 1886)",
        "cohort": "a simulated cohort of children",
    },
    options=("target", "features"),
    exports=("onnx",),
    one_pass=True,
    clustered=True,
)
