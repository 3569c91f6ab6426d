"""A time budget is kept on a machine that becomes slower or faster, and a stopped run goes on bit for bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.training.checkpoints import Checkpoints
from groundup.training.loop import fit
from groundup.training.pace import Pace, fit_last_step
from groundup.training.plan import Plan, TimeBudget
from groundup.training.record import Record

BUDGET = 60.0
MOST_STEPS = 5_000


class Machine:
    """Takes a step in so many seconds, from so many seconds on; its clock moves with the steps alone."""

    def __init__(self, speeds, evaluation=0.0, evaluations=8):
        self.speeds, self.evaluation, self.evaluations = speeds, evaluation, evaluations
        self.now = 0.0
        self.rates = []
        self.step, self.kill_at = 0, None

    def step_seconds(self):
        return [seconds for start, seconds in self.speeds if start <= self.now][-1]

    def train(self, run=None, seconds=BUDGET, steps=None, reporter=None):
        torch.manual_seed(0)
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

        def batches(step):
            self.step = step
            if step == self.kill_at:
                raise KeyboardInterrupt
            assert step < MOST_STEPS, "it does not end"
            self.rates.append(optimizer.param_groups[0]["lr"])
            self.now += self.step_seconds()
            inputs = torch.randn(4, 3, generator=torch.Generator().manual_seed(step))
            return inputs, inputs.sum(1, keepdim=True)

        def evaluate():
            self.now += self.evaluation and self.evaluation * self.step_seconds() / self.speeds[0][1]
            return {"validation_loss": 1.0}

        planned = steps or int((seconds - self.evaluation) / self.speeds[0][1])
        plan = Plan(model, nn.functional.mse_loss, optimizer, batches, planned, lambda progress: 1 - progress)
        plan.evaluate, plan.evaluate_every = evaluate, max(1, -(-planned // self.evaluations))
        plan.budget = TimeBudget(seconds, self.speeds[0][1], self.evaluation)
        start = self.now

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Checkpoints, "is_due", lambda _: self.step % 40 == 20)
            patch.setattr(Record, "seconds", property(lambda record: record.seconds_before + self.now - start))
            fit(plan, run, reporter)
        return plan


# A machine that becomes ten times as fast near the end has no schedule left to fill the time with: it ends early.
@settings(max_examples=15, deadline=None)
@given(
    speeds=st.lists(st.tuples(st.floats(2, 45), st.floats(0.3, 2.0)), max_size=3),
    first=st.floats(0.3, 2.0),
    evaluation=st.floats(0, 1.0),
)
def test_the_end_comes_within_a_tenth_of_the_budget(speeds, first, evaluation):
    machine = Machine([(0.0, first), *sorted(speeds)], evaluation)
    machine.train()
    # No plan is finer than a step, and the last evaluation takes as long as the machine's last speed makes it.
    slack = 2 * machine.step_seconds() + evaluation * machine.step_seconds() / first
    assert abs(machine.now - BUDGET) <= 0.1 * BUDGET + slack


@pytest.mark.parametrize(("threads", "end"), [(1, BUDGET), (2, BUDGET + 12)])
def test_on_one_thread_the_last_evaluation_is_expected_to_slow_down_as_the_steps_do(monkeypatch, threads, end):
    monkeypatch.setattr("groundup.training.pace.torch.get_num_threads", lambda: threads)
    machine = Machine([(0.0, 0.1), (20.0, 0.4)], evaluation=6.0, evaluations=1)
    machine.train()
    assert machine.now == pytest.approx(end, abs=1.5)


@pytest.mark.parametrize("speeds", [[(0, 0.1)], [(0, 0.1), (20, 0.3)], [(0, 0.3), (30, 0.1)]])
def test_the_learning_rate_falls_without_a_jump_to_its_end(speeds):
    machine = Machine(speeds)
    plan = machine.train()
    falls = [before - after for before, after in zip(machine.rates[1:-1], machine.rates[2:], strict=True)]
    assert len(machine.rates) == plan.steps
    assert min(falls) >= 0
    assert max(falls) <= 4 * 0.01 / plan.steps
    assert machine.rates[-1] <= 2 * max(falls)


@pytest.mark.parametrize(("evaluation", "evaluations"), [(0.0, 8), (2.0, 1), (0.5, 8)])
def test_a_machine_that_keeps_its_speed_keeps_its_plan(tmp_path, evaluation, evaluations):
    run = Run.create(tmp_path, "steady", "digits", {})
    steps = round((BUDGET - evaluations * evaluation) / 0.1)
    machine = Machine([(0, 0.1)], evaluation, evaluations)
    assert machine.train(run, steps=steps).steps == steps
    assert "changes" not in run.config
    assert machine.now == pytest.approx(BUDGET)


@given(
    step=st.integers(1, 300),
    left=st.floats(-1, 60),
    step_seconds=st.floats(0.05, 2),
    evaluation=st.floats(0, 5),
    every=st.integers(0, 200),
)
def test_the_last_step_is_the_latest_whose_evaluations_fit_too(step, left, step_seconds, evaluation, every):
    def count_seconds(last):
        on_the_way = sum(number % every == 0 for number in range(step, last)) if every else 0
        return (last - step) * step_seconds + (on_the_way + 1) * evaluation

    last = fit_last_step(step, left, step_seconds, evaluation, every)
    assert last > step
    assert last == step + 1 or count_seconds(last) <= left + 1e-9
    assert count_seconds(last + 1) > left - 1e-9


@pytest.mark.parametrize("kill_at", [30, 150, 240])
def test_a_killed_run_ends_with_the_weights_of_its_written_plan(tmp_path, kill_at):
    speeds = [(0, 0.1), (10, 0.3), (40, 0.15)]
    run = Run.create(tmp_path, "killed", "digits", {})
    machine = Machine(speeds)
    machine.kill_at = kill_at
    with pytest.raises(KeyboardInterrupt):
        machine.train(run, steps=600)
    written = list(run.config.get("changes", []))
    machine.kill_at = None
    again = Run.open(tmp_path, "killed")
    ended = machine.train(again, steps=600)
    assert again.config["changes"][: len(written)] == written
    # The same plan, on a machine whose clock stands still: nothing is changed on the way.
    replay = Run.create(tmp_path, "replay", "digits", {})
    replay.update_config(changes=again.config["changes"])
    followed = Machine([(0, 0.0)]).train(replay, steps=600)
    assert followed.steps == ended.steps
    assert torch.equal(followed.model.weight, ended.model.weight)


def test_a_plan_that_changes_is_explained_once():
    said = []

    class Listener(type(Reporter.silent())):
        def say(self, text):
            said.append(text)

    Machine([(0, 0.1), (10, 0.3), (40, 0.15)]).train(reporter=Listener())
    (line,) = said
    assert line.startswith("Your computer is slower than at first: ")
    assert "instead of 600 steps fit" in line


def test_a_run_without_a_budget_is_never_changed():
    assert Machine([(0, 0.1), (5, 9.0)]).train(seconds=None, steps=20).steps == 20


def test_progress_ends_at_one_whatever_was_changed():
    pace = Pace(Plan(nn.Linear(1, 1), nn.functional.mse_loss, None, lambda step: (0, 0), 100))
    pace.changes = [(10, 50), (20, 400), (300, 301)]
    progress = [pace.find_progress(step) for step in range(302)]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


@pytest.mark.parametrize("changes", [[[5]], [[5, 4]], [[5, 9], [5, 12]], [["a", 3]], [[0, 3]], "steps"])
def test_a_damaged_plan_is_told(tmp_path, changes):
    run = Run.create(tmp_path, "damaged", "digits", {"data": None, "seed": 0, "minutes": 1.0, "settings": {}})
    run.update_config(changes=changes)
    with pytest.raises(UserError, match=CONFIG):
        Run.open(tmp_path, "damaged")
