"""What a run is worth is told by what it has not learned from, never by the batches it learned from."""

import pytest

from groundup.tasks.outcome import tell_outcome
from groundup.tasks.registry import TASKS


@pytest.mark.parametrize(
    ("task", "report", "told"),
    [
        ("sentiment", {"accuracy": 0.68182, "test_texts": 44, "loss": 0.01}, "68.2% of 44 new texts right"),
        (
            "digits",
            {"accuracy": 0.5, "train_accuracy": 1.0, "test_pictures": 1000},
            "50.00% of 1,000 new pictures right",
        ),
        ("gpt", {"validation_loss": 1.5687, "training_loss": 0.2}, "1.569 nats per token on new text"),
        (
            "heights",
            {"target": "y", "test_error": 3.2745, "train_error": 1.0, "test_error_of_the_mean": 10.1178},
            "3.27 off on new rows, 10.1 by guessing the mean",
        ),
        (
            "heights",
            {"target": "y", "test_error": 3.2745, "test_error_of_the_mean": 10.1178, "units": {"y": "cm"}},
            "3.27 cm off on new rows, 10.1 cm by guessing the mean",
        ),
    ],
)
def test_each_task_is_told_by_its_held_out_figure(task, report, told):
    assert tell_outcome(task, report) == told


@pytest.mark.parametrize("task", [*TASKS, "none"])
@pytest.mark.parametrize(
    "report",
    [None, {}, {"accuracy": None, "test_error": "x"}, {"accuracy": [], "test_texts": {}, "target": [], "units": 3}],
)
def test_what_was_not_measured_is_not_told(task, report):
    assert tell_outcome(task, report) == ""
