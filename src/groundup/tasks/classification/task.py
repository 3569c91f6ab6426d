"""The classification task: a class from a table, by logistic or softmax regression, its weights explained as odds."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from rich.markup import escape

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.table import tidy
from groundup.estimators.logistic_classifier import LogisticClassifier, score_to_probability
from groundup.runs.folder import Run
from groundup.tasks.classification.about import about
from groundup.tasks.classification.plots import HELD_OUT, draw_run
from groundup.tasks.classification.reading import Rows, Sample, open_data, read_known, read_sample
from groundup.tasks.classification.words import format_odds
from groundup.tasks.confusion import count_confusion, draw_confusion, tabulate
from groundup.tasks.opening import read_run_settings, require_model
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.registry import check_task
from groundup.tasks.tables.form import describe_fields, read_row
from groundup.tasks.tables.reading import TableSettings, describe_columns, find_units, format_left_out, open_again
from groundup.tasks.tables.rows import Row, encode_inputs, parse_rows
from groundup.training.settings import setting

SHOWN_ROWS = 20


@dataclass(frozen=True)
class ClassificationSettings(TableSettings):
    """What can be set with ``--set KEY=VALUE``."""

    target: str | None = setting(
        None, "column of the classes; default: one with a usual name, or the last with few different words"
    )
    penalty: float = setting(
        1.0, "how strongly large weights are penalised, relative to the log losses of all rows", low=1e-6, high=1e9
    )
    iterations: int = setting(100, "maximum number of steps of Newton's method", low=1, high=1_000_000)


class ClassificationTask:
    """Logistic regression on any table; see `groundup.tasks.protocol.Task`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = ClassificationSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Learn the weights, and measure them on held-out rows."""
        settings: ClassificationSettings = request.settings
        if request.minutes is not None:
            reporter.say("--minutes changes nothing here: almost all the time is spent reading the table.")
        table = open_data(request.data)
        sample = read_sample(table, settings, request.seed)
        classifier, warning = _fit(sample, settings)
        run.keep_metrics_until(-1)
        for step, loss in enumerate(classifier.loss_curve_.tolist()):
            run.log(step=step, loss=loss)
        weights = Weights(classifier.coef_, classifier.intercept_)
        probabilities = weights.predict(sample.held.X)
        tensors = {"probabilities": torch.tensor(probabilities), "labels": torch.tensor(sample.held.labels)}
        run.save_tensors(HELD_OUT, tensors, {})
        counts = np.bincount(sample.train.labels, minlength=len(sample.classes))
        spreads = sample.train.X.std(axis=0).tolist()
        run.update_config(
            model={
                "target": sample.design.target,
                "classes": list(sample.classes),
                "majority": sample.classes[int(counts.argmax())],
                **describe_columns(sample.design),
                "units": find_units(table, sample.design, settings.units),
                "deviations": dict(zip(sample.design.feature_names, spreads, strict=True)),
                "train_rows": len(sample.train.labels),
            }
        )
        draw_run(run, run.folder)
        report = _report(run, sample, weights, probabilities, classifier, warning)
        # Last of all: a run that has weights has everything else that they need.
        run.save_model({"weights": torch.tensor(weights.weights), "bias": torch.tensor(weights.bias)})
        return report

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[Row | Path]:
        """Read rows such as ``age=70,sex=male``, and paths of tables."""
        return parse_rows(words, open_classification(run)[0])

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[Row | Path]:
        """Read the ``row`` that was typed."""
        return [read_row(run, form)]

    def predict(self, run: Run, inputs: Sequence[Row | Path]) -> ClassPredictions:
        """Predict for rows, column → cell, and for the rows of table files."""
        codes, weights, told = open_classification(run)
        names: list[str] = []
        found: list[np.ndarray | None] = []
        for rows in encode_inputs(inputs, codes):
            names += rows.names
            probabilities = weights.predict(rows.features)
            found += [row if known else None for row, known in zip(probabilities, rows.usable, strict=True)]
        return ClassPredictions(told["target"], told["classes"], names, found)

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure the run on a table, or on the rows held out of its own."""
        codes, weights, told = open_classification(run)
        classes, target = told["classes"], told["target"]
        if data is None:
            sample = read_sample(open_again(run, open_data), read_run_settings(run), run.config.get("seed", 0))
            known = [list(sample.classes), [code.to_json() for code in sample.design.codes]]
            if known != [classes, [code.to_json() for code in codes]]:
                raise UserError(f"{sample.design.source}: not the table this run began with, or changed since.")
            rows, left_out = sample.held, sample.design.rows_left_out
            source = f"the rows held out of {sample.design.source}"
            if not len(rows.labels):
                raise UserError(f"{run.folder}: no rows were held out. Give a table to measure on with --data.")
        else:
            rows, left_out = read_known(data, codes, target, classes)
            source = data
        probabilities = weights.predict(rows.X)
        measured = _measure(probabilities, rows.labels, classes, told["majority"])
        confusion = count_confusion(rows.labels, probabilities.argmax(axis=1), len(classes))
        picture = draw_confusion(folder / "confusion.png", confusion, classes)
        facts = {
            "data": source,
            "rows": len(rows.labels),
            "rows_left_out": left_out,
            **measured,
            "classes": classes,
            "confusion": confusion.tolist(),
            "picture": str(picture),
        }
        lines = [
            f"{len(rows.labels):,} rows of {escape(source)}" + (f", {left_out} left out" if left_out else ""),
            _format_measured(measured),
            f"Picture: {escape(str(picture))}. Below: one row per true class.",
        ]
        return Report(facts, lines, tabulate(confusion, classes))

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the confusions, how sure the answers are, and the loss."""
        return [draw_run(run, folder)]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return a field for each column."""
        return {"fields": describe_fields(run)}


@dataclass(frozen=True)
class Weights:
    """What was learned.

    Attributes
    ----------
    weights : array of float64, shape (score, feature)
        One score for two classes, else one score per class.
    bias : array of float64, shape (score,)
    """

    weights: np.ndarray
    bias: np.ndarray

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the probability of every class, shape (batch, class)."""
        scores = X @ self.weights.T + self.bias
        return score_to_probability(scores[:, 0] if len(self.bias) == 1 else scores)

    def compare(self, place: int, reference: int) -> np.ndarray:
        """Return the weights of the logarithm of the odds of one class against another."""
        if len(self.bias) == 1:
            return self.weights[0] if place == 1 else -self.weights[0]
        return self.weights[place] - self.weights[reference]


@dataclass(frozen=True)
class ClassPredictions:
    """What was predicted.

    Attributes
    ----------
    target : str
        The column of the classes.
    classes : list of str
        What there is to choose from.
    names : list of str
        What each row is called.
    probabilities : list of array or None
        Of every class, for each row; ``None`` where a cell is missing.
    """

    target: str
    classes: list[str]
    names: list[str]
    probabilities: list[np.ndarray | None]

    def report(self) -> Report:
        """Return the predictions as a table; of many, the first."""
        found = [self._describe(name, row) for name, row in zip(self.names, self.probabilities, strict=True)]
        shown = [
            [escape(tidy(one["input"])), escape(str(one["prediction"])), f"{one['probability']:.1%}"]
            if one["prediction"] is not None
            else [escape(tidy(one["input"])), "(a cell is missing)", ""]
            for one in found[:SHOWN_ROWS]
        ]
        lines = [f"… and {len(found) - SHOWN_ROWS} more; --json gives all."] if len(found) > SHOWN_ROWS else []
        facts = {"target": self.target, "classes": self.classes, "predictions": found}
        return Report(facts, lines, (["row", escape(self.target), "probability"], shown))

    def _describe(self, name: str, row: np.ndarray | None) -> dict[str, Any]:
        if row is None:
            return {"input": name, "prediction": None, "probability": None, "probabilities": {}}
        shares = [round(float(share), 6) for share in row]
        best = int(row.argmax())
        return {
            "input": name,
            "prediction": self.classes[best],
            "probability": shares[best],
            "probabilities": dict(zip(self.classes, shares, strict=True)),
        }


def open_classification(run: Run) -> tuple[list[ColumnCode], Weights, dict[str, Any]]:
    """Return a trained run's columns, its weights, and what its config tells of them.

    Raises
    ------
    UserError
        The run is of another task, not trained yet, or damaged.
    """
    check_task(run, about.name)
    run.require_weights()
    told = require_model(run)
    codes = [ColumnCode.from_json(found) for found in told["columns"]]
    scores = 1 if len(told["classes"]) == 2 else len(told["classes"])
    features = sum(len(code.feature_names) for code in codes)
    run.read_shapes().require({"weights": (scores, features), "bias": (scores,)})
    tensors = run.load_model()
    return codes, Weights(tensors["weights"].double().numpy(), tensors["bias"].double().numpy()), told


def _fit(sample: Sample, settings: ClassificationSettings) -> tuple[LogisticClassifier, str | None]:
    classifier = LogisticClassifier(settings.penalty, iterations=settings.iterations)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        classifier.fit(sample.train.X, sample.train.labels)
    if not caught:
        return classifier, None
    return classifier, (
        f"{classifier.n_iter_} iterations did not reach the lowest loss: --set iterations={10 * settings.iterations} "
        "goes on, and a larger --set penalty makes it easier."
    )


def _measure(probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[str], majority: str) -> dict[str, Any]:
    """Return how well classes are told, and how well they are by always guessing the one most frequent in training."""
    rows = len(labels)
    own = probabilities[np.arange(rows), labels]
    return {
        "accuracy": float((probabilities.argmax(axis=1) == labels).mean()) if rows else float("nan"),
        "log_loss": float(-np.log(np.maximum(own, np.finfo(float).tiny)).mean()) if rows else float("nan"),
        "majority_class": majority,
        "majority_accuracy": float((labels == list(classes).index(majority)).mean()) if rows else float("nan"),
    }


def _format_measured(measured: Mapping[str, Any]) -> str:
    return (
        f"Right on [bold]{measured['accuracy']:.1%}[/bold] (log loss {measured['log_loss']:.3f} nats); "
        f"{measured['majority_accuracy']:.1%} if {escape(measured['majority_class'])} is always guessed."
    )


def _report(
    run: Run,
    sample: Sample,
    weights: Weights,
    probabilities: np.ndarray,
    classifier: LogisticClassifier,
    warning: str | None,
) -> Report:
    told, design, classes = run.config["model"], sample.design, sample.classes
    train, held = _count(sample.train, classes), _count(sample.held, classes)
    measured = _measure(probabilities, sample.held.labels, classes, told["majority"])
    learned = _measure(weights.predict(sample.train.X), sample.train.labels, classes, told["majority"])
    confusion = count_confusion(sample.held.labels, probabilities.argmax(axis=1), len(classes))
    reference = classes.index(told["majority"]) if len(classes) > 2 else 0
    compared = {name: weights.compare(place, reference) for place, name in enumerate(classes) if place != reference}
    names = design.feature_names
    facts = {
        "data": design.source,
        "target": design.target,
        "classes": list(classes),
        **measured,
        "test_rows": len(sample.held.labels),
        "train_accuracy": learned["accuracy"],
        "train_log_loss": learned["log_loss"],
        "rows": {"train": train, "held_out": held, "left_out": design.rows_left_out},
        "left_out": design.left_out,
        "notes": [*sample.notes, *design.notes],
        "confusion": confusion.tolist(),
        "units": told["units"],
        "against": classes[reference],
        "log_odds": {name: dict(zip(names, found.tolist(), strict=True)) for name, found in compared.items()},
        "deviations": told["deviations"],
        "iterations": classifier.n_iter_,
        "picture": str(run.path("curves.png")),
    }
    lines = [
        f"Data: {design.source}. {len(sample.train.labels):,} rows to learn from, {len(sample.held.labels):,} held "
        f"out; {design.target} is " + ", ".join(f"{name} ({train[name] + held[name]:,})" for name in classes) + ".",
        *sample.notes,
        *design.notes,
        *format_left_out(design),
    ]
    lines = [escape(line) for line in lines]  # names from the table may hold brackets
    for name, found in compared.items():
        against = escape(f" against {classes[reference]}") if len(classes) > 2 else ""
        lines.append(f"What multiplies the odds of [bold]{escape(name)}[/bold]{against}, all other columns the same:")
        odds = format_odds(design.codes, found, told["deviations"], told["units"], design.binary)
        lines += [escape(line) for line in odds]
    lines.append(f"On the training rows {learned['accuracy']:.1%} are right.")
    if len(sample.held.labels):
        lines.append(f"On the {len(sample.held.labels):,} rows held out: {_format_measured(measured)}")
    lines.append(f"Newton's method took {classifier.n_iter_} iterations.")
    if warning:
        lines.append(f"[yellow]{warning}[/yellow]")
    return Report(facts, lines, tabulate(confusion, classes) if len(sample.held.labels) else None)


def _count(rows: Rows, classes: Sequence[str]) -> dict[str, int]:
    return {name: int(np.sum(rows.labels == place)) for place, name in enumerate(classes)}


task = ClassificationTask()
