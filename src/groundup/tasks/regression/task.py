"""The regression task: any number from a table, by linear regression, with what was learned explained in words."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from rich.markup import escape

from groundup.base.cluster import open_cluster
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.data.tables import cohort, galton
from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.design_matrix import Design
from groundup.data.tables.distributed_read import ClusterReading, together
from groundup.data.tables.table import Table, open_table, tidy
from groundup.estimators.linear_regression import LinearRegression
from groundup.models.qr import Triangle
from groundup.runs.folder import Run
from groundup.tasks.figures import format_with_unit, round_figures
from groundup.tasks.opening import read_run_settings, require_model
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.registry import check_task
from groundup.tasks.regression.about import about
from groundup.tasks.regression.plots import draw_fit, draw_run
from groundup.tasks.regression.words import format_weights
from groundup.tasks.reports import finished_report
from groundup.tasks.tables.form import describe_fields, read_row
from groundup.tasks.tables.reading import (
    TableSettings,
    describe_columns,
    find_units,
    format_left_out,
    open_again,
    read,
)
from groundup.tasks.tables.rows import Row, encode_inputs, fold_known, parse_rows
from groundup.training.distributed import current_process_group
from groundup.training.settings import MOST, setting

SHOWN_ROWS = 20
MANY_COLUMNS = 500
HELD_OUT = "held_out.safetensors"


@dataclass(frozen=True)
class RegressionSettings(TableSettings):
    """What can be set with ``--set KEY=VALUE``."""

    target: str | None = setting(None, "column to predict; default: the last column of numbers")
    method: str = setting(
        "descent", "gradient descent, or least squares computed at once", choices=("descent", "exact")
    )
    iterations: int = setting(10000, "steps of gradient descent; more steps take no more time", low=0, high=MOST)
    learning_rate: float | None = setting(
        None, "factor of the gradient in a step; default: half the largest stable one", low=1e-30
    )
    standardize: bool = setting(True, "scale features to mean 0 and standard deviation 1: much faster descent")


class RegressionTask:
    """Linear regression on any table; see `groundup.tasks.protocol.Task`."""

    name: ClassVar[str] = about.name
    settings_type: ClassVar[type] = RegressionSettings

    def train(self, request: TrainRequest, run: Run, reporter: Reporter) -> Report:
        """Learn the weights; the table is read once, in chunks."""
        settings: RegressionSettings = request.settings
        if request.minutes is not None:
            reporter.say("--minutes changes nothing here: almost all the time is spent reading the table.")
        team = current_process_group()
        table = together(team, lambda: _open(request.data, team.size))
        if len(table.names) > MANY_COLUMNS:
            reporter.say(f"{len(table.names)} columns have to be compared with each other: this may take minutes.")
        if request.cluster is None:
            design = read(table, settings, request.seed, team)
        else:
            if team.size > 1:
                raise UserError("The processes and the cluster would both read the table. Leave one of the two out.")
            with open_cluster(request.cluster) as cluster:
                design = read(table, settings, request.seed, cluster=ClusterReading(cluster, reporter))
        if not team.is_main:
            return Report({})  # its share is read; what follows is small, and the leader's
        model, warning = _fit(design, settings)
        exact = LinearRegression(method="exact").fit_triangle(design.train)
        units = find_units(table, design, settings.units)
        vector = _as_vector(model)
        run.keep_metrics_until(-1)
        for iteration, loss in zip(model.loss_iterations_, model.loss_curve_, strict=True):
            run.log(step=int(iteration), loss=float(loss))
        run.save_tensors(
            HELD_OUT,
            {
                "predicted": torch.tensor(design.sample[:, :-1] @ vector[:-1]),
                "true": torch.tensor(design.sample[:, -1].copy()),
            },
            {},
        )
        run.update_config(
            model={
                "target": design.target,
                **describe_columns(design),
                "units": units,
                "target_mean": float(design.train.factor[0, -1] / design.train.factor[0, 0]),
                "least_squares_loss": _measure(design.train, _as_vector(exact)) ** 2,
                "simulated": table.source == cohort.SOURCE,
            }
        )
        draw_run(run, run.folder)
        report = _report(run, design, model, exact, warning)
        # Last of all: a run that has weights has everything else that they need.
        run.save_model({"weights": torch.tensor(model.coef_), "bias": torch.tensor(model.intercept_)})
        return report

    def parse(self, run: Run, words: Sequence[str], reporter: Reporter) -> list[Row | Path]:
        """Read rows such as ``father=70,mother=64,gender=male``, and paths of tables."""
        return parse_rows(words, open_regression(run)[0])

    def read_form(self, run: Run, form: Mapping[str, Any]) -> list[Row | Path]:
        """Read the ``row`` that was typed."""
        return [read_row(run, form)]

    def predict(self, run: Run, inputs: Sequence[Row | Path]) -> NumberPredictions:
        """Predict for rows, column → cell, and for the rows of table files."""
        codes, vector, told = open_regression(run)
        names: list[str] = []
        values: list[float | None] = []
        for rows in encode_inputs(inputs, codes):
            predicted = (rows.features @ vector[1:-1] + vector[0]).tolist()
            names += rows.names
            values += [value if known else None for value, known in zip(predicted, rows.usable, strict=True)]
        return NumberPredictions(told["target"], told["units"].get(told["target"], ""), names, values)

    def evaluate(self, run: Run, data: str | None, folder: Path, reporter: Reporter) -> Report:
        """Measure the error on a table, or on the rows held out of the run's own."""
        codes, vector, told = open_regression(run)
        target, unit = told["target"], told["units"].get(told["target"], "")
        if data is None:
            settings = read_run_settings(run)
            design = read(open_again(run, _open), settings, run.config.get("seed", 0))
            triangle, sample, left_out = design.test, design.sample, design.rows_left_out
            source = f"the rows held out of {design.source}"
            if triangle.rows == 0:
                raise UserError(f"{run.folder}: no rows were held out. Give a table to measure on with --data.")
        else:
            triangle, sample, left_out = fold_known(open_table(data, remedy="Correct it."), codes, target)
            source = data
        error = _measure(triangle, vector)
        baseline = _measure(triangle, _constant(told["target_mean"], len(vector)))
        picture = draw_fit(sample[:, :-1] @ vector[:-1], sample[:, -1], target, unit, folder / "fit.png")
        facts = {
            "data": source,
            "rows": triangle.rows,
            "rows_left_out": left_out,
            "error": error,
            "error_of_the_mean": baseline,
            "explained": _explain(error, baseline),
            "picture": str(picture),
        }
        lines = [
            f"{triangle.rows} rows of {escape(source)}" + (f", {left_out} left out" if left_out else ""),
            f"Error (root mean square): [bold]{_show_figure(error, unit)}[/bold]; "
            f"{_show_figure(baseline, unit)} if the mean of the training rows is always predicted.",
            f"Picture: {escape(str(picture))}",
        ]
        return Report(facts, lines)

    def draw(self, run: Run, folder: Path) -> list[Path]:
        """Draw the fit and the descent."""
        return [draw_run(run, folder)]

    def describe_form(self, run: Run) -> dict[str, Any]:
        """Return a field for each column, and the root mean square ``error`` on rows held out, if it was measured."""
        error = (finished_report(run) or {}).get("test_error")
        known = isinstance(error, float) and math.isfinite(error)
        return {"fields": describe_fields(run), "error": error if known else None}


@dataclass(frozen=True)
class NumberPredictions:
    """What was predicted.

    Attributes
    ----------
    target, unit : str
        What the numbers are, and in which unit; empty if that is not known.
    names : list of str
        What each row is called.
    values : list of float or None
        The prediction for each row; ``None`` where a cell is missing.
    """

    target: str
    unit: str
    names: list[str]
    values: list[float | None]

    def report(self) -> Report:
        """Return the predictions as a table; of many, the first."""
        pairs = list(zip(self.names, self.values, strict=True))
        shown = [
            [escape(tidy(name)), "(a cell is missing)" if value is None else _show_figure(value, self.unit)]
            for name, value in pairs[:SHOWN_ROWS]
        ]
        lines = [f"… and {len(pairs) - SHOWN_ROWS} more; --json gives all."] if len(pairs) > SHOWN_ROWS else []
        found = [{"input": name, "prediction": value} for name, value in pairs]
        facts = {"target": self.target, "unit": self.unit, "predictions": found}
        return Report(facts, lines, (["row", escape(self.target)], shown))


def _open(data: str | None, processes: int = 1) -> Table:
    if data == galton.NAME:
        return galton.hold_families()
    return cohort.simulate_cohort() if data in (None, cohort.NAME) else open_table(str(data), processes)


def _fit(design: Design, settings: RegressionSettings) -> tuple[LinearRegression, str | None]:
    model = LinearRegression(
        learning_rate="auto" if settings.learning_rate is None else settings.learning_rate,
        iterations=settings.iterations,
        standardize=settings.standardize,
        method=settings.method,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model.fit_triangle(design.train)
        except ValueError as error:
            raise UserError(str(error).replace("standardize=True", "--set standardize=true")) from error
    return model, str(caught[0].message) if caught else None


def _as_vector(model: LinearRegression) -> np.ndarray:
    """Return what the columns ``[1, X, y]`` are multiplied by to give an error."""
    return np.concatenate([[model.intercept_], model.coef_, [-1.0]])


def _constant(value: float, length: int) -> np.ndarray:
    return np.concatenate([[value], np.zeros(length - 2), [-1.0]])


def _measure(triangle: Triangle, vector: np.ndarray) -> float:
    """Return the root of the mean squared error on the rows a triangle stands for; NaN for none."""
    return float(np.linalg.norm(triangle.factor @ vector)) / math.sqrt(triangle.rows) if triangle.rows else math.nan


def _explain(error: float, baseline: float) -> float:
    return 1 - (error / baseline) ** 2 if baseline > 0 else math.nan


def _report(run: Run, design: Design, model: LinearRegression, exact: LinearRegression, warning: str | None) -> Report:
    told = run.config["model"]
    units, mean, target = told["units"], told["target_mean"], design.target
    unit = units.get(target, "")
    vector = _as_vector(model)
    baseline = _constant(mean, len(vector))
    train_error, test_error = _measure(design.train, vector), _measure(design.test, vector)
    test_baseline = _measure(design.test, baseline)
    scale = np.linalg.norm(design.train.factor[1:, 1:-1], axis=0) / math.sqrt(design.train.rows)
    gap = float(np.max(np.abs(model.coef_ - exact.coef_) * scale)) / max(_measure(design.train, baseline), 1e-300)
    facts = {
        "data": design.source,
        "simulated": told["simulated"],
        "target": target,
        "units": units,
        "bias": model.intercept_,
        "weights": dict(zip(design.feature_names, model.coef_.tolist(), strict=True)),
        "rows": {"train": design.train.rows, "held_out": design.test.rows, "left_out": design.rows_left_out},
        "left_out": design.left_out,
        "notes": design.notes,
        "train_error": train_error,
        "test_error": test_error,
        "test_error_of_the_mean": test_baseline,
        "test_explained": _explain(test_error, test_baseline),
        "method": model.method,
        "iterations": model.n_iter_,
        "learning_rate": model.learning_rate_,
        "stability_limit": model.stability_limit_,
        "gap_to_least_squares": gap,
        "picture": str(run.path("curves.png")),
    }
    with_unit = f"{target} ({unit})" if unit and unit not in target else target
    lines = [
        f"Data: {design.source}. {design.train.rows} rows to learn from, {design.test.rows} held out.",
        *design.notes,
    ]
    lines += format_left_out(design)
    lines = [escape(line) for line in lines]  # names from the table may hold brackets
    lines.append(f"[bold]{escape(with_unit)}[/bold] is predicted like this:")
    lines += [escape(line) for line in format_weights(design.codes, model.coef_, units, target)]
    lines.append(
        f"  a row of averages is predicted {_show_figure(mean, unit)} (all at 0: {round_figures(model.intercept_)})."
    )
    lines.append(f"Error (root mean square) on the training rows: {_show_figure(train_error, unit)}.")
    if design.test.rows:
        lines.append(
            f"On the {design.test.rows} rows held out: [bold]{_show_figure(test_error, unit)}[/bold]; "
            f"{_show_figure(test_baseline, unit)} if the mean is always predicted."
        )
    lines.append(_format_descent(model, gap))
    if warning:
        lines.append(f"[yellow]{warning}[/yellow]")
    return Report(facts, lines)


def _show_figure(value: float, unit: str) -> str:
    """Return a figure with its unit as a person sees it: rich would read the brackets in a unit that was typed."""
    return escape(format_with_unit(value, unit))


def _format_descent(model: LinearRegression, gap: float) -> str:
    if model.method == "exact":
        return "Least squares, solved at once."
    start = f"{model.n_iter_} iterations of descent at learning rate {model.learning_rate_:.4g}"
    if gap < 1e-6:
        return f"{start} reached least squares (to {max(gap, 1e-16):.0e})."
    return f"{start} stopped short of least squares: --set iterations={max(10, model.n_iter_ * 10)} costs no more time."


def open_regression(run: Run) -> tuple[list[ColumnCode], np.ndarray, dict[str, Any]]:
    """Return a trained run's columns, the bias, weights and −1 as one vector, and what its config tells of them.

    Raises
    ------
    UserError
        The run is of another task, not trained yet, or damaged.
    """
    check_task(run, about.name)
    run.require_weights()
    told = require_model(run)
    codes = [ColumnCode.from_json(found) for found in told["columns"]]
    run.read_shapes().require({"weights": (sum(len(code.feature_names) for code in codes),), "bias": ()})
    tensors = run.load_model()
    vector = np.concatenate([[float(tensors["bias"])], tensors["weights"].double().numpy(), [-1.0]])
    return codes, vector, told


task = RegressionTask()
