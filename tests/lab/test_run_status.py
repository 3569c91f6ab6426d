"""What a run's page says of a training that goes on."""

import json
import os
import time

import pytest

from groundup.lab.run_status import estimate_seconds_left
from groundup.runs.folder import Run
from groundup.tasks.listing import find_steps

# What every line of a log holds: when it was written.
CLOCK = {"step", "seconds", "learning_rate"}


def test_every_figure_of_a_run_is_told_in_words_and_drawn(lab):
    tasks = set()
    for name in [run["name"] for run in json.loads(lab.ask("/api/runs")[2])["runs"]]:
        _, _, told = lab.ask(f"/api/runs/{name}")
        facts = json.loads(told)
        if facts["state"] != "finished":
            continue
        tasks.add(facts["task"])
        logged = {key for line in facts["metrics"] for key in line} - CLOCK
        assert logged <= {curve["key"] for curve in facts["curves"]}, name
        assert len(facts["figures"]) == len(facts["last"].keys() - CLOCK), name
        assert "_" not in " ".join([*facts["figures"], *(one["name"] for one in facts["settings"])])
        assert all(one["about"] for one in facts["settings"]), name
    assert tasks >= {"regression", "digits", "sentiment", "gpt"}


@pytest.fixture
def make_run(tmp_path):
    def make(lines, **config):
        run = Run.create(tmp_path, "watched", "gpt", {"settings": {}, **config})
        for step, seconds in lines:
            run.log(step=step, loss=1.0, **({} if seconds is None else {"seconds": seconds}))
        return run

    return make


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([(20, 4.0)], 16.0),  # 0.2 s a step
        ([(20, 4.0), (40, 14.0)], 30.0),  # 0.5 s a step now
        ([(step, 0.1 * step) for step in range(10, 60, 10)] + [(step, step - 54.0) for step in range(60, 90, 5)], 15.0),
        ([(100, 20.0)], 0.0),
    ],
)
def test_the_time_left_is_that_of_the_last_lines(make_run, lines, left):
    run = make_run(lines, steps=100)
    now = time.time()
    os.utime(run.path("metrics.jsonl"), (now, now))
    assert estimate_seconds_left(run, run.metrics()) == pytest.approx(left, abs=1.0)


def test_what_has_passed_since_the_last_line_is_not_left_any_more(make_run):
    run = make_run([(20, 40.0)], steps=100)
    before = time.time() - 60
    os.utime(run.path("metrics.jsonl"), (before, before))
    assert 95 <= estimate_seconds_left(run, run.metrics()) <= 100
    os.utime(run.path("metrics.jsonl"), (before - 3600, before - 3600))
    assert estimate_seconds_left(run, run.metrics()) == 0


@pytest.mark.parametrize("config", [{}, {"settings": {"steps": None}}])
def test_no_time_is_told_where_none_is_known(make_run, config):
    run = make_run([(20, 4.0)], **config)
    assert estimate_seconds_left(run, run.metrics()) is None


def test_no_time_is_told_before_the_first_line_and_of_lines_without_it(make_run):
    run = make_run([], settings={"steps": 100})
    assert find_steps(run) == 100
    assert estimate_seconds_left(run, run.metrics()) is None
    run.log(step=5, loss=1.0)
    assert estimate_seconds_left(run, run.metrics()) is None
