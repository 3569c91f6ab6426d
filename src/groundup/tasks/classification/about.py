"""The description of the classification task without loading it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundup.base.shape import fields, list_of, mapping_of, number, text, whole
from groundup.tasks.figures import count, curve_of_certainty, figure
from groundup.tasks.protocol import TABLE, About
from groundup.tasks.tables.shapes import COLUMNS, MEANS, UNITS


def headline(report: Mapping[str, Any]) -> str:
    """Return the share of held-out rows that are right, beside that of always guessing the most frequent class."""
    if report["test_rows"] == 0:
        return "no rows were held out to measure on"
    return (
        f"{report['accuracy']:.1%} of {report['test_rows']:,} new rows right, "
        f"{report['majority_accuracy']:.1%} by always guessing {report['majority_class']}"
    )


about = About(
    name="classification",
    summary="a class from a table: logistic regression, with each column's weight explained as odds",
    report=fields({"accuracy": figure, "test_rows": count, "majority_accuracy": figure, "majority_class": text}),
    headline=headline,
    model=fields(
        {
            "target": text,
            "classes": list_of(text, least=2),
            "majority": text,
            "columns": COLUMNS,
            "units": UNITS,
            "means": MEANS,
            "deviations": mapping_of(number(0)),
            "train_rows": whole(1, 10**18),
        }
    ),
    curves={"loss": curve_of_certainty("in training")},
    form="row",
    data=(TABLE,),
    built_in={"breast-cancer": "569 tumours, 30 measurements each, malignant or benign"},
    options=("target", "features"),
    exports=("onnx",),
    one_process=True,
    one_pass=True,
)
