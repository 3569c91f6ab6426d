"""A run of any task as one ONNX file, which onnxruntime opens on every machine and in browsers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx

from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.dates import Dates
from groundup.data.texts.words import PATTERN
from groundup.estimators.sentiment_models import RatioSentiment
from groundup.export.onnx_file import finish
from groundup.export.onnx_networks import translate_digits, translate_gpt
from groundup.export.onnx_tables import write_average, write_classes, write_ratios, write_table
from groundup.models.ngrams import LONGEST_PIECE, SHORTEST_PIECE
from groundup.runs.folder import Run
from groundup.tasks.classification.task import open_classification
from groundup.tasks.digits.model import Recogniser
from groundup.tasks.gpt.runs import open_gpt
from groundup.tasks.registry import find_about
from groundup.tasks.regression.task import open_regression
from groundup.tasks.sentiment.runs import open_sentiment, read_run_classes


def prepare_onnx(run: Run) -> Callable[[Path], None]:
    """Open a run and return what writes its ONNX file.

    Raises
    ------
    UserError
        The run is not trained yet or damaged, or too large for one file.
    """
    model, about = _TRANSLATIONS[find_about(run.config["task"]).name](run)
    return finish(model, run, about)


def _translate_digits(run: Run) -> tuple[onnx.ModelProto, dict[str, Any]]:
    recogniser = Recogniser.open(run)
    about = {"classes": list(recogniser.classes), "mean": recogniser.mean, "spread": recogniser.spread}
    told = "uint8 (batch, 28, 28): ink bright on black, as MNIST has it; mean and spread are taken out inside"
    return translate_digits(recogniser), {**about, "pixels": told}


def _translate_sentiment(run: Run) -> tuple[onnx.ModelProto, dict[str, Any]]:
    model = open_sentiment(run)
    about: dict[str, Any] = {
        "classes": list(read_run_classes(run)),
        "words": "lower-case words and marks, cut by the pattern; rows are filled up with empty texts on the right",
        "pattern": PATTERN,
    }
    if not isinstance(model, RatioSentiment):
        return write_average(model), about
    about["pieces"] = (
        f"all runs of {SHORTEST_PIECE} to {LONGEST_PIECE} characters of <word>, of every word; in any order, filled up "
        "with empty texts"
    )
    return write_ratios(model), about


def _translate_gpt(run: Run) -> tuple[onnx.ModelProto, dict[str, Any]]:
    model, tokenizer, _ = open_gpt(run)
    about = {"context": model.settings.context, "preset": model.settings.preset}
    return translate_gpt(model), {**about, "tokenizer": tokenizer.to_json()}


def _translate_regression(run: Run) -> tuple[onnx.ModelProto, dict[str, Any]]:
    codes, vector, told = open_regression(run)
    about = {"target": told["target"], "units": told["units"], "columns": _describe_columns(codes)}
    return write_table(codes, vector[:-1]), about


def _translate_classification(run: Run) -> tuple[onnx.ModelProto, dict[str, Any]]:
    codes, weights, told = open_classification(run)
    about = {"target": told["target"], "classes": told["classes"], "units": told["units"]}
    return write_classes(codes, weights.weights, weights.bias), {**about, "columns": _describe_columns(codes)}


def _describe_columns(codes: Sequence[ColumnCode]) -> dict[str, Any]:
    """Return what each input takes: a number, or one of some words."""
    return {code.name: _describe(code) if code.levels is None else list(code.levels) for code in codes}


def _describe(code: ColumnCode) -> str:
    """Return what a number stands for: of a date, how long after the first."""
    if not isinstance(code.reading, Dates):
        return "number"
    return f"{code.reading.unit}s" + ("" if code.reading.unit == "hour" else f" since {code.reading.write(0.0)}")


_TRANSLATIONS: dict[str, Callable[[Run], tuple[onnx.ModelProto, dict[str, Any]]]] = {
    "regression": _translate_regression,
    "classification": _translate_classification,
    "digits": _translate_digits,
    "sentiment": _translate_sentiment,
    "gpt": _translate_gpt,
    "sums": _translate_gpt,
    "reward": _translate_gpt,
    "chat": _translate_gpt,
}
