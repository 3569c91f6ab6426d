"""What a budget leaves to the training loop, on clocks that a test sets."""

import pytest

from groundup.tasks import time_budget
from groundup.tasks.protocol import TrainRequest
from groundup.tasks.time_budget import END_SECONDS, MOST_BUSY, count_left


@pytest.mark.parametrize(
    ("passed", "processor", "end"),
    [(4, 4, END_SECONDS), (4, 8, END_SECONDS), (12, 4, 3 * END_SECONDS), (30, 1, MOST_BUSY * END_SECONDS)],
)
def test_a_busy_machine_keeps_more_time_for_the_end(monkeypatch, passed, processor, end):
    monkeypatch.setattr(time_budget.time, "monotonic", lambda: 100.0 + passed)
    monkeypatch.setattr(time_budget.time, "process_time", lambda: float(processor))
    request = TrainRequest(None, None, minutes=1.0, started=100.0)
    assert count_left(request) == pytest.approx(60 - passed - end)


def test_some_of_the_time_is_always_left_to_learn(monkeypatch):
    monkeypatch.setattr(time_budget.time, "monotonic", lambda: 900.0)
    assert count_left(TrainRequest(None, None, minutes=1.0, started=0.0)) == pytest.approx(3.0)
