import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.export.huggingface import find_origin
from groundup.steps.c6_gpt.gpt import GPT, GPTSettings
from groundup.tasks import time_budget
from groundup.tasks.gpt import task as gpt_task
from groundup.tasks.gpt import timing
from groundup.tasks.gpt.budget import (
    LEAST_MEASURED,
    LEAST_STEPS,
    choose_size,
    fit_measured,
    fit_size,
    fit_steps,
    list_sizes,
)
from groundup.tasks.gpt.timing import WHOLE_TEXT
from groundup.tasks.launch import launch
from groundup.tasks.protocol import TrainRequest


def weights(minutes):
    size = choose_size(minutes)
    return GPT(GPTSettings(65, size.context, size.layers, size.heads, size.width)).count_weights()


def test_more_time_never_gets_a_smaller_model():
    sizes = [weights(minutes) for minutes in (0.05, 0.1, 0.5, 1, 3, 60)]
    assert sizes == sorted(sizes)


@given(seconds=st.floats(1, 1e5), step=st.floats(1e-3, 5), evaluation=st.floats(1e-3, 20))
def test_steps_and_evaluations_fit_into_the_time(seconds, step, evaluation):
    steps, evaluate_every = fit_steps(seconds, step, evaluation).values()
    evaluations = -(-steps // evaluate_every)
    assert 1 <= evaluate_every <= steps
    assert evaluations <= 10
    if steps > 1:
        assert steps * step + evaluations * evaluation <= seconds


def cost(size):
    return size.layers * size.width**2 * size.context * size.batch_size


@given(minutes=st.sampled_from([0.1, 0.5, 1, 3]), seconds=st.floats(1, 600), slowness=st.floats(1e-12, 1e-6))
def test_the_size_is_the_largest_that_gets_enough_steps(minutes, seconds, slowness):
    sizes, timed = list_sizes(minutes), []

    def time_size(size):
        timed.append(size)
        return slowness * cost(size) + 1e-3

    chosen, step_seconds = fit_size(sizes, seconds, time_size, cost)
    enough = [size for size in sizes if LEAST_STEPS * (slowness * cost(size) + 1e-3) <= seconds]
    assert chosen == (enough or sizes[-1:])[0]
    assert step_seconds == (None if chosen == sizes[-1] else slowness * cost(chosen) + 1e-3)
    assert len(timed) == len(set(timed))


@given(seconds=st.floats(1, 1e4), token=st.floats(1e-9, 1), tokens=st.integers(1, 10**6))
def test_an_evaluation_takes_a_tenth_at_most_or_measures_as_few_as_tell_something(seconds, token, tokens):
    measured = fit_measured(seconds, token, tokens)
    assert 1 <= measured <= tokens
    assert measured <= LEAST_MEASURED or (measured - 1) * token <= 0.1 * seconds


SHOWING = 0.5  # seconds, for the text that a measurement shows


class BegunError(Exception):
    pass


@pytest.fixture
def begin(tmp_path, monkeypatch):
    """Returns a function that plans a run on a machine of some speed, up to where its training begins."""
    (tmp_path / "text.txt").write_text("the cat sat on the mat, and the dog lay on the rug.\n" * 3_000)

    def begin(
        seconds_per_weight, evaluation_seconds=0.0, resume=False, minutes=1.0, pairs=(), source=None, name="mine"
    ):
        plans, said = [], []

        def stop(plan, run, reporter):
            plans.append(plan)
            raise BegunError("the training begins")

        class Listener(type(gpt_task.Reporter.silent())):
            def say(self, text):
                said.append(text)

        def time_step(plan, limit):
            assert limit <= 0.05 * 60 * minutes
            timed.append((hasattr(plan.model, "asked_to_compile"), plan.batches(0)[0].shape[0]))
            weights = sum(weight.numel() for weight in plan.model.parameters())
            return seconds_per_weight * weights * (timed[-1][1] / 16 if source is not None else 1)

        monkeypatch.setattr(gpt_task, "fit", stop)
        monkeypatch.setattr(GPT, "compile", lambda model: setattr(model, "asked_to_compile", True))
        monkeypatch.setattr(time_budget, "time_step", time_step)
        monkeypatch.setattr(timing, "time_evaluation", lambda plan: evaluation_seconds)
        monkeypatch.setattr(gpt_task, "time_call", lambda write: SHOWING)
        monkeypatch.setattr(timing, "count_left", lambda request: 60 * request.minutes - 4)
        monkeypatch.setattr(time_budget, "count_left", lambda request: 60 * request.minutes - 4)
        options = {"name": name, "reporter": Listener()}
        if source is not None:
            options["origin"] = partial(find_origin, tmp_path, source)
        if resume:
            options["resume"] = True
        else:
            options |= {"data": str(tmp_path / "text.txt"), "pairs": list(pairs), "minutes": minutes}
        with pytest.raises(BegunError):
            launch("gpt", root=tmp_path, **options)
        return plans[0], said

    timed = begin.timed = []
    return begin


def test_a_fast_machine_gets_the_size_of_its_minutes(begin):
    plan, said = begin(1e-8)
    assert plan.model.settings.width == choose_size(1.0).width
    assert not any("too few" in line for line in said)
    assert "Measuring how fast this computer is …" in said


def test_a_slow_machine_gets_a_smaller_model_and_enough_steps(begin):
    plan, said = begin(3e-7)
    assert plan.model.settings.width < choose_size(1.0).width
    assert plan.steps >= LEAST_STEPS
    assert not any("too few" in line for line in said)


def test_where_even_the_smallest_gets_too_few_steps_it_says_what_to_do(begin):
    plan, said = begin(5e-5)
    assert 1 < plan.steps < LEAST_STEPS
    (line,) = [line for line in said if "too few" in line]
    assert line.startswith(f"Your computer has time for {plan.steps} steps in 1 min")
    minutes = int(line.split("--minutes ")[1])
    assert (60 * minutes - 4) / 5e-5 / plan.model.count_weights() >= LEAST_STEPS


def test_a_slow_evaluation_measures_a_part_and_leaves_the_time_to_the_steps(begin):
    plan, said = begin(1e-8, evaluation_seconds=6.0)
    assert plan.steps > LEAST_STEPS
    assert plan.budget.evaluation_seconds == pytest.approx(WHOLE_TEXT * 6.0 + SHOWING)
    assert any(f"measured on {LEAST_MEASURED:,} of them" in line for line in said)


def test_a_run_that_goes_on_keeps_its_size_and_plan_whatever_the_machine_does_now(begin):
    first, _ = begin(3e-7, evaluation_seconds=6.0)
    again, said = begin(1e-8, resume=True)
    assert again.model.settings == first.model.settings
    assert again.steps == first.steps
    assert again.batches(3)[0].shape == first.batches(3)[0].shape
    assert any(f"measured on {LEAST_MEASURED:,} of them" in line for line in said)


def test_a_run_that_goes_on_from_another_takes_a_batch_for_which_there_is_time(begin, tmp_path):
    text = str(tmp_path / "text.txt")
    pairs = ["layers=1", "width=32", "heads=2", "context=32", "steps=1", "sample_tokens=0"]
    launch("gpt", root=tmp_path, name="source", data=text, pairs=pairs, reporter=gpt_task.Reporter.silent())
    batches = {}
    for name, seconds_per_weight in (("fast", 1e-8), ("slow", 5e-5)):
        plan, said = begin(seconds_per_weight, source="source", name=name, evaluation_seconds=6.0)
        assert plan.model.settings.width == 32
        assert "Measuring how fast this computer is …" in said
        assert any(f"measured on {LEAST_MEASURED:,} of them" in line for line in said)
        batches[name] = plan.batches(0)[0].shape[0]
    assert batches == {"fast": choose_size(1.0).batch_size, "slow": list_sizes(1.0)[-1].batch_size}


def test_of_a_compiled_model_the_sizes_are_timed_as_they_are_and_the_chosen_one_compiled(begin):
    plan, _ = begin(3e-7, pairs=["compile=yes"])
    assert plan.model.settings.width < choose_size(1.0).width
    compiled = [one for one, _ in begin.timed]
    assert compiled[-1]
    assert not any(compiled[:-1])
    assert len(compiled) > 2


def test_in_a_team_the_leaders_clock_decides(monkeypatch):
    class Follower:
        def __init__(self, told):
            self.told = list(told)

        def broadcast(self, _):
            return self.told.pop(0)

    sizes = list_sizes(60)
    leader = Follower([100.0, 1.0, 0.4])  # seconds for the steps; a step of the largest size, of the next
    monkeypatch.setattr(timing, "current_process_group", lambda: leader)
    monkeypatch.setattr(timing, "time_step_within", lambda plan, minutes: 1e-9)
    request = TrainRequest(None, None, minutes=60.0)
    chosen = timing.time_sizes(
        request,
        sizes,
        lambda size: None,
        lambda size: GPTSettings(65, size.context, size.layers, size.heads, size.width),
    )
    assert chosen == (sizes[1], 0.4)


def test_the_rates_rise_at_first_but_not_in_a_run_that_was_begun_without(begin, tmp_path):
    first, _ = begin(6e-8)
    assert 400 <= first.steps <= 1000
    assert first.schedule(0.05) == pytest.approx(0.5)
    again, _ = begin(1e-8, resume=True)
    assert again.schedule(0.05) == pytest.approx(0.5)
    path = tmp_path / "mine" / "config.json"
    config = json.loads(path.read_text())
    del config["warm_up"]
    path.write_text(json.dumps(config))
    for _ in range(2):
        again, _ = begin(1e-8, resume=True)
        assert again.schedule(0.0) == again.schedule(0.05) == 1.0


def test_what_the_user_sets_stays(begin):
    plan, _ = begin(3e-7, pairs=["layers=3"])
    assert plan.model.settings.layers == 3
