"""A training that a page waits for is followed step by step, stops when the reader asks, and goes on."""

import itertools
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import pytest

from groundup.base.errors import UserError
from groundup.lessons import trained, watching
from groundup.lessons.trained import SmallModel, StillTrainingError, open_small, tell_waiting
from groundup.lessons.watching import MOST_LOSSES, TrainingStoppedError, Watch, find_watch, stop_training


def wait_until(happens):
    deadline = time.monotonic() + 300
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@dataclass
class Endless:
    """Trains until it is stopped, or until it may end."""

    name: str
    begun: int = 0
    may_end: list = field(default_factory=list)

    def find(self):
        return "trained" if self.may_end == ["ended"] else None

    def train(self, watch):
        self.begun += 1
        watch.begin(10**6)
        while not self.may_end:
            watch.advance(loss=1.0)
            time.sleep(0.001)
        self.may_end[:] = ["ended"]


def test_a_training_stops_when_the_reader_asks_and_goes_on_when_it_is_asked_for_again():
    model = Endless("endless")
    with pytest.raises(StillTrainingError) as first:
        open_small(model)
    watch = first.value.watch
    wait_until(lambda: watch.step > 3)
    stop_training("endless", stop=True)
    wait_until(lambda: "endless" not in trained._threads)
    stands_at = watch.step
    with pytest.raises(StillTrainingError):
        open_small(model)
    assert (model.begun, watch.step, watch.describe()["stopped"]) == (1, stands_at, True)
    stop_training("endless", stop=False)
    model.may_end.append("now")
    with pytest.raises(StillTrainingError):
        open_small(model)
    wait_until(lambda: model.find() is not None)
    assert open_small(model) == "trained"


def test_what_no_page_waits_for_cannot_be_stopped():
    with pytest.raises(UserError, match="No model called 'nothing'"):
        stop_training("nothing", stop=True)


def test_a_small_model_reports_its_steps_and_goes_on_after_a_stop(tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "models_folder", lambda: tmp_path)
    model = SmallModel("tiny", "digits", ("hidden=8", "epochs=1"))
    watch = find_watch("tiny")
    watch.stopped.set()
    with pytest.raises(TrainingStoppedError):
        model.train(watch)
    assert (watch.step, watch.losses, model.find()) == (0, [], None)
    watch.stopped.clear()
    model.train(watch)
    assert watch.step == watch.steps > 0
    assert [step for step, _ in watch.losses] == list(range(1, watch.steps + 1))
    assert watch.estimate_seconds_left() == 0
    assert model.find().name == "tiny"


HOLD = """
import sys; from pathlib import Path; from groundup.runs.folder import Run
with Run.open(Path(sys.argv[1]), "shared").locked(): print("held", flush=True); sys.stdin.read()
"""


def test_a_page_waits_for_a_model_that_another_process_trains_and_then_shows_it(tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "models_folder", lambda: tmp_path)
    monkeypatch.setattr(trained, "ASK_SECONDS", 0.05)
    model = SmallModel("shared", "digits", ("hidden=8", "epochs=1"))
    watch = find_watch("shared")
    watch.stopped.set()
    with pytest.raises(TrainingStoppedError):
        model.train(watch)  # begun, and stopped before its first step
    watch.stopped.clear()
    show = tell_waiting(lambda: {"says": open_small(model).name})
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        show()
        wait_until(lambda: watch.elsewhere)
        frame = show()
        assert frame["says"] == (
            "Another process is training the model of this page. Read on: it is shown here when it is ready."
        )
        assert frame["waiting"]["elsewhere"]
    finally:
        holder.communicate()
    wait_until(lambda: show()["says"] == "shared")
    assert not watch.elsewhere


def test_the_losses_of_a_training_that_goes_on_begin_with_its_first_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(trained, "models_folder", lambda: tmp_path)
    monkeypatch.setattr(trained, "CHECKPOINT_SECONDS", 0)
    model = SmallModel("tiny", "digits", ("hidden=8", "epochs=20"))

    class Stopping(Watch):
        def advance(self, steps=1, **figures):
            if self.step == 30:
                self.stopped.set()
            super().advance(steps, **figures)

    with pytest.raises(TrainingStoppedError):
        model.train(stopping := Stopping())
    # A lab that is started later finds only the figures of the run; the same one remembers every loss.
    later = Watch()
    model.train(later)
    assert 20 < later._first < later.steps
    assert later.losses[0][0] <= 20
    stopping.stopped.clear()
    stopping.begin(100, done=25)
    assert [step for step, _ in stopping.losses] == list(range(1, 26))


@pytest.mark.parametrize("steps", [5, MOST_LOSSES, 1000])
def test_the_losses_that_are_kept_are_evenly_spaced(steps):
    watch = Watch()
    watch.begin(steps)
    assert watch.estimate_seconds_left() is None
    for step in range(1, steps + 1):
        watch.advance(loss=1 / step)
    kept = [step for step, _ in watch.losses]
    assert len({after - before for before, after in itertools.pairwise(kept)}) == 1
    assert min(steps, MOST_LOSSES) / 2 < len(kept) <= MOST_LOSSES
    assert all(loss == 1 / step for step, loss in watch.losses)


def test_a_training_lets_answers_to_a_page_go_first(monkeypatch):
    monkeypatch.setattr(watching, "MOST_SECONDS", 600.0)
    right, done = watching.RightOfWay(), []
    monkeypatch.setattr(watching, "RIGHT_OF_WAY", right)
    watch = Watch()
    watch.begin(3)
    training = threading.Thread(target=lambda: done.append(watch.advance() or "a step"))
    with right.taken():
        training.start()
        wait_until(lambda: right.waiting)
        done.append("an answer")
    training.join()
    assert done == ["an answer", "a step"]


def test_a_training_goes_on_however_long_a_page_asks(monkeypatch):
    monkeypatch.setattr(watching, "MOST_SECONDS", 0.01)
    monkeypatch.setattr(watching, "REST_SECONDS", 600.0)
    right = watching.RightOfWay()
    monkeypatch.setattr(watching, "RIGHT_OF_WAY", right)
    right.keep()
    watch = Watch()
    watch.begin(3)
    with right.taken():
        watch.advance()
    watch.advance()
    assert watch.step == 2
