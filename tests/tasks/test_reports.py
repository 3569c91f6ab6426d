"""What a run is worth is told by what it has not learned from, never by the batches it learned from."""

import json

import pytest

from groundup.base.errors import UserError
from groundup.runs.folder import Run
from groundup.tasks.listing import summarise
from groundup.tasks.registry import TASKS, find_about, list_tasks
from groundup.tasks.reports import finished_report, format_headline, read_report

NAN = float("nan")


@pytest.mark.parametrize(
    ("task", "report", "told"),
    [
        ("sentiment", {"accuracy": 0.68182, "test_texts": 44, "loss": 0.01}, "68.2% of 44 new texts right"),
        (
            "digits",
            {"accuracy": 0.5, "train_accuracy": 1.0, "test_pictures": 1000},
            "50.00% of 1,000 new pictures right",
        ),
        (
            "classification",
            {"accuracy": 0.97143, "test_rows": 1050, "majority_accuracy": 0.59, "majority_class": "benign"},
            "97.1% of 1,050 new rows right, 59.0% by always guessing benign",
        ),
        (
            "classification",
            {"accuracy": NAN, "test_rows": 0, "majority_accuracy": NAN, "majority_class": "benign"},
            "no rows were held out to measure on",
        ),
        (
            "gpt",
            {"validation_loss": 1.9, "best_validation_loss": 1.5687, "training_loss": 0.2},
            "a choice among 4.8 tokens on new text (1.569 nats per token)",
        ),
        (
            "regression",
            {"target": "y", "test_error": 3.2745, "train_error": 1.0, "test_error_of_the_mean": 10.1178},
            "3.27 off on new rows, 10.1 by guessing the mean",
        ),
        (
            "heights",
            {"target": "y", "test_error": 3.2745, "test_error_of_the_mean": 10.1178, "units": {"y": "cm"}},
            "3.27 cm off on new rows, 10.1 cm by guessing the mean",
        ),
        (
            "regression",
            {"target": "y", "test_error": NAN, "test_error_of_the_mean": NAN},
            "no rows were held out to measure on",
        ),
    ],
)
def test_each_task_is_told_by_its_held_out_figure(task, report, told):
    find_about(task).report(report, "")
    assert format_headline(task, report) == told


@pytest.mark.parametrize("task", TASKS)
def test_what_was_not_measured_is_not_told(task):
    assert format_headline(task, None) == ""


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({}, "lacks"),
        ({"accuracy": None, "test_error": "x", "validation_loss": "low", "target": "y"}, "not a number|lacks"),
        ({"accuracy": [], "test_texts": {}, "target": [], "units": 3, "validation_loss": True}, "not a|lacks"),
    ],
)
def test_a_damaged_report_says_what_is_missing(task, report, told, tmp_path):
    run = Run.create(tmp_path, "one", task, {})
    run.path("report.json").write_text(json.dumps({"task": task, **report}))
    with pytest.raises(UserError, match=rf"report\.json: damaged \(.*({told})"):
        read_report(run)
    assert finished_report(run) is None
    summary = summarise(run.folder)
    assert "report.json: damaged" in summary.error
    assert summary.outcome == ""


@pytest.mark.parametrize("steps", [{}, "3", -1, 0.5, None])
def test_a_report_of_sums_with_steps_that_are_no_number_is_damaged(steps, tmp_path):
    run = Run.create(tmp_path, "one", "sums", {})
    facts = {"task": "sums", "accuracy": 0.5, "test_questions": 9}
    run.path("report.json").write_text(json.dumps({**facts, "steps": 3}))
    assert finished_report(run)["steps"] == 3
    run.path("report.json").write_text(json.dumps({**facts, "steps": steps}))
    assert finished_report(run) is None


def test_every_task_is_told_of_under_its_own_name():
    assert [about.name for about in list_tasks()] == list(TASKS)
    names = [name for about in list_tasks() for name in (about.name, *about.aliases)]
    assert len(set(names)) == len(names)
