"""The loop trains as the five lines written out do, stops cleanly and goes on bit for bit."""

import os
import signal
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from groundup.base.errors import UserError
from groundup.runs.checkpoint import model_tensors, pack, unpack
from groundup.runs.folder import Run
from groundup.steps.c4_training import training_loop
from groundup.steps.c4_training.early_stopping import stop_early
from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c6_gpt import gpt_training
from groundup.steps.c6_gpt.plain_gpt import PlainGPT
from groundup.tasks.gpt.evaluation import next_token_loss
from groundup.training.interrupts import Interrupted
from groundup.training.loop import fit, time_step, train_step
from groundup.training.plan import Plan, constant
from groundup.training.precision import Precision, has_fast_bfloat16, pick_precision

GENERATOR = torch.Generator().manual_seed(1)
INPUTS = torch.randn(64, 5, generator=GENERATOR)
TARGETS = (INPUTS.sum(1) > 0).long()


def batches(step):
    chosen = torch.randint(64, (16,), generator=torch.Generator().manual_seed(step))
    return INPUTS[chosen], TARGETS[chosen]


def make_plan(steps=30, **changes):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    plan = Plan(model, nn.functional.cross_entropy, optimizer, batches, steps, **changes)
    plan.schedule = lambda progress: 1 - progress
    return plan


def weights(plan):
    return {name: tensor.clone() for name, tensor in plan.model.state_dict().items()}


def equal(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_it_is_the_five_lines():
    plan = make_plan()
    fit(plan)
    by_hand = make_plan()
    by_hand.model.train()
    for step in range(30):
        by_hand.optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / 30)
        inputs, targets = batches(step)
        by_hand.optimizer.zero_grad()
        prediction = by_hand.model(inputs)
        loss = nn.functional.cross_entropy(prediction, targets)
        loss.backward()
        by_hand.optimizer.step()
    assert equal(weights(plan), weights(by_hand))


def test_a_step_is_the_five_lines_in_their_order():
    calls = []

    class Recorded:
        def __init__(self, name):
            self.name = name

        def __call__(self, *arguments):
            calls.append((self.name, arguments))
            return Recorded("loss") if self.name == "loss_function" else f"of {self.name}"

        def __getattr__(self, name):
            return lambda: calls.append((f"{self.name}.{name}", ()))

    loss = train_step(Recorded("model"), Recorded("loss_function"), Recorded("optimizer"), "inputs", "targets")
    assert loss.name == "loss"
    assert calls == [
        ("optimizer.zero_grad", ()),
        ("model", ("inputs",)),
        ("loss_function", ("of model", "targets")),
        ("loss.backward", ()),
        ("optimizer.step", ()),
    ]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_parts_of_a_batch_have_its_gradient_loss_and_measure(precision):
    def train(parts):
        torch.manual_seed(0)
        model = nn.Linear(5, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return model, fit(
            Plan(
                model,
                nn.functional.cross_entropy,
                optimizer,
                batches,
                5,
                accumulation_steps=parts,
                precision=Precision(precision),
                measure=lambda scores, truth: (scores.argmax(1) == truth).double().mean(),
                clip_norm=0.5,
                log_every=1,
            )
        )

    (whole, expected), (shared, found) = train(1), train(3)
    tolerance = 1e-5 if precision == "float32" else 1e-2
    torch.testing.assert_close(shared.weight, whole.weight, rtol=tolerance, atol=tolerance)
    for one, other in zip(expected, found, strict=True):
        assert other["loss"] == pytest.approx(one["loss"], abs=tolerance)
        assert other["accuracy"] == pytest.approx(one["accuracy"], abs=0.1 if precision == "bfloat16" else 1e-5)


@pytest.mark.parametrize("stop", [1, 7, 20, 29])
def test_interrupted_and_resumed_is_bit_for_bit(tmp_path, stop):
    whole = make_plan(log_every=4)
    whole_run = Run.create(tmp_path, "whole", "digits", {})
    fit(whole, whole_run)

    run = Run.create(tmp_path, "cut", "digits", {})
    cut = make_plan(log_every=4)

    def interrupt_at(step):
        if step == stop - 1:
            os.kill(os.getpid(), signal.SIGINT)
        return batches(step)

    cut.batches = interrupt_at
    with pytest.raises(Interrupted, match=f"stopped at step {stop} of 30"):
        fit(cut, run)
    resumed = make_plan(log_every=4)
    torch.manual_seed(12345)  # the checkpoint's random state must win
    fit(resumed, run)
    assert equal(weights(whole), weights(resumed))
    assert run.path("model.safetensors").read_bytes() == whole_run.path("model.safetensors").read_bytes()
    strip = [{key: line[key] for key in line if key != "seconds"} for line in run.metrics()]
    assert strip == [{key: line[key] for key in line if key != "seconds"} for line in whole_run.metrics()]


def test_evaluation_changes_nothing_in_training():
    plain = make_plan()
    fit(plain)
    watched = make_plan(evaluate_every=3)
    watched.evaluate = lambda: {"test_loss": float(watched.model(INPUTS).sum())}
    history = fit(watched)
    assert equal(weights(plain), weights(watched))
    assert [line["step"] for line in history if "test_loss" in line] == [*range(3, 31, 3)]


def test_the_best_weights_are_kept(tmp_path):
    figures = iter([3.0, 1.0, 2.0])
    plan = make_plan(evaluate_every=10, keep_best="loss_there")
    kept = []
    plan.evaluate = lambda: {"loss_there": next(figures)}
    plan.after_evaluation = lambda step, _: kept.append(weights(plan))
    run = Run.create(tmp_path, None, "digits", {})
    fit(plan, run)
    assert equal(run.load_model("best.safetensors"), kept[1])
    assert equal(run.load_model(), weights(plan))


def test_timing_a_step_leaves_no_trace():
    plan = make_plan()
    fit(plan)
    untouched = make_plan()
    assert time_step(untouched, steps=2, warm_up=1) > 0
    fit(untouched)
    assert equal(weights(plan), weights(untouched))


def test_a_loss_that_is_no_number_is_told():
    plan = make_plan()
    plan.loss_function = lambda prediction, targets: prediction.sum() * torch.tensor(float("nan"))
    with pytest.raises(UserError, match="learning rate is too large"):
        fit(plan)


def test_gradients_are_clipped():
    plan = make_plan(steps=1, clip_norm=1e-3)
    norms = []
    step = plan.optimizer.step
    plan.optimizer.step = lambda: (
        norms.append(nn.utils.get_total_norm(p.grad for p in plan.model.parameters())) or step()
    )
    fit(plan)
    assert norms[0] <= 1.001e-3


def test_works_outside_the_main_thread():
    plan = make_plan(steps=3)
    thread = threading.Thread(target=fit, args=(plan,))
    thread.start()
    thread.join()
    assert not plan.model.training


def test_damaged_and_foreign_checkpoints_are_told(tmp_path):
    run = Run.create(tmp_path, None, "digits", {})
    fit(make_plan(steps=3), run)
    other = make_plan(steps=3)
    other.model = nn.Linear(5, 2)
    with pytest.raises(UserError, match="do not fit the model"):
        fit(other, run)
    state = run.path("state.safetensors")
    state.write_bytes(state.read_bytes()[:-20])
    with pytest.raises(UserError, match="damaged"):
        fit(make_plan(steps=3), run)


def test_pack_round_trip():
    tensors = {}
    tree = {0: [1, 2.5, None, (True, "x")], "t": {"deep": torch.arange(3)}}
    back = unpack(pack(tree, tensors, "root"), tensors)
    assert torch.equal(back["t"].pop("deep"), tree["t"].pop("deep"))
    assert back == tree


def test_tied_weights_are_saved_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    assert list(model_tensors(model)) == ["0.weight", "0.bias", "1.bias"]


def test_precision_is_chosen_by_the_processor():
    assert pick_precision("float32") == Precision("float32")
    assert pick_precision("auto").name == ("bfloat16" if has_fast_bfloat16() else "float32")
    with Precision("bfloat16").autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    with pytest.raises(UserError, match="choose one of"):
        pick_precision("float8")


def test_bfloat16_is_for_processors_with_tiles(monkeypatch):
    """AVX-512 BF16 without AMX multiplies bfloat16 at half the rate of float32."""
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert pick_precision("auto").name == "float32"
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True)
    assert pick_precision("auto").name == "bfloat16"
    assert pick_precision("auto", "mps").name == "float32"


def test_checkpoints_are_taken_by_the_clock(tmp_path):
    run = Run.create(tmp_path, None, "digits", {})
    seen = []

    def slow(step):
        time.sleep(0.005)
        seen.append(run.path("state.safetensors").exists())
        return batches(step)

    plan = make_plan(steps=8, checkpoint_seconds=0)
    plan.batches = slow
    fit(plan, run)
    assert seen == [False] + [True] * 7


def test_figures_are_on_the_disk_before_a_checkpoint_goes_on_from_behind_them(tmp_path, monkeypatch):
    """After a power cut a checkpoint of step 8 with figures until step 4 would leave a hole in the curves."""
    run = Run.create(tmp_path, "a", "task", {})
    flushed = []
    real = os.fsync

    def note(descriptor):
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}").rpartition("/")[2])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    fit(make_plan(steps=8, log_every=4), run)
    state = next(place for place, name in enumerate(flushed) if name == "state.safetensors")
    assert "metrics.jsonl" in flushed[:state]


def test_the_last_figures_come_back_with_the_checkpoint(tmp_path):
    run = Run.create(tmp_path, "a", "task", {})
    whole = fit(make_plan(log_every=7), run)
    run.path("metrics.jsonl").write_text("")
    again = fit(make_plan(log_every=7), run)
    assert again == whole[-1:]
    assert run.metrics() == whole[-1:]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda tensors, notes: tensors.pop("random.torch"), "it lacks 'random.torch'"),
        (lambda tensors, notes: tensors.update({"random.torch": torch.zeros(9, dtype=torch.uint8)}), "random.torch"),
        (lambda tensors, notes: tensors.update({"random.torch": torch.full((5056,), 7).byte()}), "damaged"),
        (lambda tensors, notes: notes.pop("progress"), "it lacks 'progress'"),
        (lambda tensors, notes: notes.update(progress="[" * 9000 + "]" * 9000), "damaged"),
        (lambda tensors, notes: notes.update(progress='{"items": [["step", {"value": -1}]]}'), "progress lacks"),
        (lambda tensors, notes: notes.update(optimizer='{"value": 3}'), "optimizer is 3, not an object"),
        (lambda tensors, notes: notes.update(optimizer=notes["optimizer"].replace("exp_avg_sq", "x", 1)), "lacks"),
        (lambda tensors, notes: notes.update(optimizer=notes["optimizer"].replace("[0, {", "[99, {", 1)), "optimizer"),
        (lambda tensors, notes: tensors.update({"optimizer.state.0.exp_avg": torch.zeros(2)}), "has shape [2]"),
        (lambda tensors, notes: tensors.update({"model.0.weight": torch.zeros(16, 5).int()}), "holds int32"),
        (lambda tensors, notes: tensors.update({"model.0.weight": torch.zeros(16, 6)}), "has shape [16, 6]"),
    ],
)
def test_a_damaged_checkpoint_is_told_in_one_line_and_stays(damage, told, tmp_path):
    run = Run.create(tmp_path, "a", "task", {})
    fit(make_plan(steps=8), run)
    tensors, notes = run.load_tensors("state.safetensors")
    damage(tensors, notes)
    run.save_tensors("state.safetensors", tensors, notes)
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    with pytest.raises(UserError) as caught:
        fit(make_plan(steps=16), run)
    assert told in str(caught.value)
    assert "state.safetensors" in str(caught.value)
    assert "rain" in str(caught.value).rpartition(": ")[2] or "Put the right file back" in str(caught.value)
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before


def test_it_is_the_loop_of_the_course():
    ours = make_plan(steps=12)
    ours.schedule = constant
    order = torch.Generator().manual_seed(5)
    chosen = [batch for _ in range(3) for batch in torch.randperm(64, generator=order).split(16)]
    ours.batches = lambda step: (INPUTS[chosen[step]], TARGETS[chosen[step]])
    fit(ours)
    theirs = make_plan()
    training_loop.train(theirs.model, nn.functional.cross_entropy, theirs.optimizer, INPUTS, TARGETS, 3, 16, seed=5)
    assert equal(weights(ours), weights(theirs))


def test_it_trains_a_gpt_as_the_course_does():
    text = torch.randint(9, (60,), generator=torch.Generator().manual_seed(2))

    def build():
        torch.manual_seed(3)
        return PlainGPT(vocabulary=9, context=6, width=8, blocks=1, heads=2, dropout=0.1).double()

    theirs = build()
    drawn = torch.Generator().manual_seed(4)
    gpt_training.train(theirs, text, 8, 6, 5, 0.01, drawn)
    drawn = torch.Generator().manual_seed(4)
    chosen = [create_batches(text, 6, 5, drawn) for _ in range(8)]
    ours = build()
    optimizer = torch.optim.AdamW(ours.parameters(), lr=0.01)
    fit(Plan(ours, next_token_loss, optimizer, chosen.__getitem__, 8))
    assert equal(ours.state_dict(), theirs.state_dict())


def make_patient(losses, patience):
    """Return a plan that finds these validation losses, one after every second step."""
    plan = make_plan(2 * len(losses), evaluate_every=2, log_every=3, keep_best="there", patience=patience)
    plan.kept, steps = {}, []
    plan.batches = lambda step: (steps.append(step), batches(step))[1]
    plan.evaluate = lambda: {"there": losses[steps[-1] // 2]}
    plan.after_evaluation = lambda step, _: plan.kept.update({step: weights(plan)})
    return plan


@settings(max_examples=12, derandomize=True)
@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0]), min_size=1, max_size=6), st.integers(1, 3))
def test_it_ends_where_the_step_of_the_course_does_with_its_best_weights(losses, patience):
    best, last = stop_early(losses, patience)
    plan = make_patient(losses, patience)
    with TemporaryDirectory() as folder:
        run = Run.create(Path(folder), None, "digits", {})
        history = fit(plan, run)
        assert history[-1]["step"] == plan.steps == 2 * (last + 1)
        assert equal(run.load_model("best.safetensors"), plan.kept[2 * (best + 1)])
        assert equal(run.load_model(), plan.kept[2 * (last + 1)])


@pytest.mark.parametrize("stop", [1, 4, 7, 8])
def test_a_training_with_patience_resumes_bit_for_bit_and_stays_ended(tmp_path, stop):
    losses = [3.0, 1.0, 2.0, 2.0, 0.5, 0.4]  # with a patience of 2 it ends after 8 steps
    whole, whole_run = make_patient(losses, 2), Run.create(tmp_path, "whole", "digits", {})
    fit(whole, whole_run)
    run, cut = Run.create(tmp_path, "cut", "digits", {}), make_patient(losses, 2)
    ask = cut.batches

    def interrupt_at(step):
        if step == stop - 1:
            os.kill(os.getpid(), signal.SIGINT)
        return ask(step)

    cut.batches = interrupt_at
    with pytest.raises(Interrupted):
        fit(cut, run)
    for _ in range(2):  # and once more, when it has ended
        resumed = make_patient(losses, 2)
        torch.manual_seed(12345)
        assert fit(resumed, run)[-1]["step"] == 8
        for name in ("model.safetensors", "best.safetensors"):
            assert run.path(name).read_bytes() == whole_run.path(name).read_bytes()
