"""The reward task end to end with the smallest models: it samples what its model writes, learns, and goes on."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch
import warm
from safetensors.torch import load_file

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.huggingface import find_origin
from groundup.models.batched_decoding import sample_batch
from groundup.parts.swap import PartRejected
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.policy_gradient import policy_loss, token_log_probabilities
from groundup.steps.c7_beyond.preference import preference_loss
from groundup.steps.c7_beyond.reward import group_advantages, token_reward
from groundup.tasks.launch import imitate, launch
from groundup.tasks.reward.rounds import PolicyLoss, PreferenceLoss, RoundOptimizer, Rounds
from groundup.tasks.sums.model import find_exact, size_model
from groundup.tasks.sums.problems import ALPHABET, Problems
from groundup.training.muon import Muon
from groundup.training.precision import Precision

ANSWERS = Path(__file__).parents[2] / "exercises" / "answers"
SIZES = ["digits=1", "layers=1", "heads=2", "width=32", "precision=float32"]
SMALL = ["questions=16", "samples=4", "precision=float32", "evaluate_every=2"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A run of sums that was stopped early: it answers some questions."""
    root = tmp_path_factory.mktemp("runs")
    pairs = [*SIZES, "batch_size=64", "learning_rate=0.04", "steps=45"]
    launch("sums", root=root, name="begun", pairs=pairs, reporter=Reporter.silent())
    return root


def go_on(root, *pairs, source="begun", **options):
    origin = partial(find_origin, root, source)
    return launch("reward", root=root, pairs=[*SMALL, *pairs], origin=origin, reporter=Reporter.silent(), **options)


def make_rounds(seed=0, problems=Problems(1), **options):  # noqa: B008 - frozen
    torch.manual_seed(seed)
    context = problems.question_length + problems.written_length
    settings = GPTSettings(vocabulary=len(ALPHABET), context=context, layers=1, heads=2, width=16)
    model, reference = GPT(settings).double(), GPT(settings).double()
    asked = {"reward": "exact", "questions": 5, "samples": 6, "passes": 2, "seed": 3, "precision": Precision()}
    return Rounds(model, reference, problems, **{**asked, **options})


def test_what_a_run_is_rewarded_for_rises(begun):
    run, report = go_on(begun, "steps=60", "passes=2", "questions=64", "learning_rate=0.003")
    lines = run.metrics()
    assert lines[-1]["reward"] > lines[0]["reward"] + 0.1
    assert report.facts["sampled_answers"] == 30 * 64 * 4
    assert report.facts["reward"] == lines[-1]["reward"]
    assert run.path("curves.png").stat().st_size > 10_000


def test_samples_are_rewarded_and_compared_within_their_question():
    rounds = make_rounds(questions=40, reward="digits")
    inputs, samples = rounds.batch(0)
    length = rounds.problems.question_length
    assert inputs.shape[0] % 6 == 0
    assert inputs.shape[1] == length + 1
    assert (inputs.view(-1, 6, length + 1)[:, :, :length] == inputs.view(-1, 6, length + 1)[:, :1, :length]).all()
    assert inputs[:, length:].equal(samples.answers[:, :-1])
    shares = []
    for row, answer in zip(inputs.tolist(), samples.answers.tolist(), strict=True):
        left, right = "".join(ALPHABET[token] for token in row[: length - 1]).split("+")
        truth = f"{int(left) + int(right):02d}"[::-1]
        shares.append(sum(ALPHABET[token] == digit for token, digit in zip(answer, truth, strict=True)) / 2)
    rewards = torch.tensor(shares).view(-1, 6)
    assert (rewards.max(1).values > rewards.min(1).values).all(), "questions that teach nothing are left out"
    assert torch.allclose(samples.advantages.view(-1, 6), group_advantages(rewards))
    left_out = 40 - len(rewards)
    assert left_out > 0
    rest = 40 * float(samples.reward) - float(rewards.mean(1).sum())  # the mean reward counts them all
    assert 0 <= rest + 1e-5 <= left_out + 1e-4


def test_a_working_is_sampled_freely_and_the_answer_behind_it_is_rewarded():
    problems = Problems(2, "times", working=True)
    asked = []

    def reward(answers, truths):
        asked.append((answers, truths))
        return token_reward(answers, truths)

    rounds = make_rounds(problems=problems, questions=20)
    rounds.reward = reward
    inputs, samples = rounds.batch(0)
    ((answers, truths),) = asked
    assert answers.shape == truths.shape == (20 * 6, problems.answer_length)
    rows = {tuple(row) for row in answers.tolist()}
    assert all(tuple(row) in rows for row in problems.find_answers(samples.answers).tolist())
    assert samples.answers.shape == samples.reference.shape == (len(inputs), problems.written_length)
    questions = [problems.read("".join(ALPHABET[token] for token in row[:6])) for row in inputs[::6].tolist()]
    right = [int(problems.solve(one)[0]) for one in questions]
    written = problems.decode_answers(truths[::6])
    assert {*map(str, right)} <= {*written}
    state = RoundOptimizer(Muon([], [{"params": list(rounds.model.parameters())}]), rounds).state_dict()
    other = make_rounds(problems=problems, questions=20)
    other.load_state_dict(state["round"])
    assert other.batch(1)[0].equal(inputs)


def test_no_sampled_question_is_held_out():
    from groundup.tasks.sums.problems import is_held_out

    problems = Problems(2)
    assert not any(is_held_out(problems.draw(50, (0, 2, number))).any() for number in range(20))


def test_a_step_is_that_of_the_course():
    rounds = make_rounds(reward="digits")
    inputs, samples = rounds.batch(0)
    loss = PolicyLoss(0.2, 0.5)
    logits = rounds.model(inputs)[:, -2:]
    chances = token_log_probabilities(logits.float(), samples.answers)
    reference = token_log_probabilities(rounds.reference(inputs)[:, -2:].float(), samples.answers)
    wanted = policy_loss(chances, chances.detach(), reference.detach(), samples.advantages, 0.2, 0.5)
    assert float(loss(logits, samples).detach()) == pytest.approx(float(wanted.detach()), rel=1e-5)
    assert torch.allclose(samples.old, chances.detach())
    with torch.no_grad():
        for parameter in rounds.model.parameters():
            parameter += 0.01
    again, same = rounds.batch(1)
    assert again is inputs
    moved = token_log_probabilities(rounds.model(again)[:, -2:].float(), samples.answers)
    wanted = policy_loss(moved, chances.detach(), reference.detach(), samples.advantages, 0.2, 0.5)
    assert float(loss(rounds.model(again)[:, -2:], same).detach()) == pytest.approx(float(wanted.detach()), rel=1e-5)
    assert not rounds.batch(2)[0].equal(inputs)


def test_pairs_are_a_better_and_a_worse_answer_to_one_question():
    rounds = make_rounds(reward="digits", pairs=True)
    inputs, samples = rounds.batch(0)
    assert len(inputs) % 2 == 0
    assert inputs[::2, :4].equal(inputs[1::2, :4])
    assert (samples.advantages[::2] > samples.advantages[1::2]).all()
    logits = rounds.model(inputs)[:, -2:]
    chances = token_log_probabilities(logits, samples.answers).sum(1)
    before = samples.reference.sum(1)
    wanted = preference_loss(chances[::2], chances[1::2], before[::2], before[1::2], 0.3)
    assert float(PreferenceLoss(0.3)(logits, samples).detach()) == pytest.approx(float(wanted.detach()))


@pytest.mark.parametrize("pairs", [True, False])
def test_where_all_rewards_are_equal_nothing_is_learned(pairs):
    rounds = make_rounds(pairs=pairs, samples=1)
    inputs, samples = rounds.batch(0)
    loss = PreferenceLoss(0.3) if pairs else PolicyLoss(0.2, 0.0)
    loss(rounds.model(inputs)[:, -2:], samples).backward()
    assert all(weight.grad.abs().max() < 1e-12 for weight in rounds.model.parameters())


def test_the_state_holds_the_samples_of_the_round():
    rounds, other = make_rounds(), make_rounds()
    optimizer = RoundOptimizer(Muon([], [{"params": list(rounds.model.parameters())}]), rounds)
    inputs, samples = rounds.batch(0)
    PolicyLoss(0.2, 0.1)(rounds.model(inputs)[:, -2:], samples)
    loaded = RoundOptimizer(Muon([], [{"params": list(other.model.parameters())}]), other)
    loaded.load_state_dict(optimizer.state_dict())
    again, same = other.batch(1)
    assert again.equal(inputs)
    assert same.old.equal(samples.old)
    assert same.reference.equal(samples.reference)
    for name, value in (("inputs", inputs + 20), ("answers", samples.answers[1:]), ("reference", None)):
        state = optimizer.state_dict()
        damaged = {**state, "round": {**state["round"], name: value}}
        with pytest.raises((ValueError, AttributeError)):
            loaded.load_state_dict(damaged)


@pytest.mark.parametrize("method", ["policy", "preference"])
def test_a_killed_run_goes_on_bit_for_bit_in_the_middle_of_a_round(begun, method):
    settings = ["steps=6", "passes=3", "checkpoint_seconds=0", f"method={method}"]
    whole, _ = go_on(begun, *settings, name=f"whole-{method}")
    words = [word for pair in [*SMALL, *settings] for word in ("--set", pair)]
    name = f"cut-{method}"
    command = [sys.executable, "-m", "groundup", "train", "reward", "--from", "begun", "--runs", str(begun)]
    with warm.start([*command, "--run", name, *words], stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "step 4" in line:
                process.kill()
    cut, _ = launch(None, root=begun, name=name, resume=True, reporter=Reporter.silent())
    first, second = (load_file(run.path("model.safetensors")) for run in (whole, cut))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert [line["reward"] for line in whole.metrics()] == [line["reward"] for line in cut.metrics()]


def test_it_is_asked_like_a_run_of_sums(begun, capsys):
    run, report = go_on(begun, "steps=2", name="asked", minutes=None)
    assert main(["predict", str(run.folder), "2+3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["predictions"][0]["truth"] == "5"
    assert main(["evaluate", str(run.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == pytest.approx(report.facts["accuracy"])
    assert report.facts["accuracy_before"] == run.config["origin"]["accuracy"]
    task_name, *_, pairs, source = imitate(begun, run.name, None, None, None)
    again, _ = go_on(begun, *pairs, source=source, name="like")
    assert (task_name, again.config["settings"]) == ("reward", run.config["settings"])


def test_the_run_that_it_goes_on_from_decides_what_is_asked(begun):
    with pytest.raises(UserError, match=r"--set digits=3: .*begun has digits=1"):
        go_on(begun, "digits=3")


def test_without_a_run_of_sums_it_says_what_to_do(begun, tmp_path, capsys):
    assert main(["train", "reward", "--runs", str(tmp_path)]) == 2
    assert "groundup train sums" in capsys.readouterr().err
    text = tmp_path / "text.txt"
    text.write_text("one two three\n" * 40)
    sizes = ["layers=1", "heads=2", "width=16", "context=8", "batch_size=4", "steps=1", "sample_tokens=0"]
    launch("gpt", root=tmp_path, data=str(text), pairs=sizes, reporter=Reporter.silent())
    assert main(["train", "reward", "--from", "gpt", "--runs", str(tmp_path)]) == 2
    assert "no run of sums" in capsys.readouterr().err
    assert not (tmp_path / "reward").exists()


def test_its_questions_fit_the_model_of_sums():
    from groundup.tasks.sums.model import SumsSettings

    settings, problems = SumsSettings(digits=2, operation="times"), Problems(2, "times", working=True)
    assert size_model(settings).context >= problems.question_length + problems.written_length - 1


def test_a_learners_own_parts_learn_what_ours_learn(begun, one_judge):
    settings = ["steps=4", "reward=digits"]
    ours, _ = go_on(begun, *settings, name="ours")
    parts = [f"advantage={ANSWERS / 'advantage' / 'loops.py'}", f"policy_loss={ANSWERS / 'policy_loss' / 'where.py'}"]
    theirs, report = go_on(begun, *settings, name="theirs", parts=parts)
    assert set(report.facts["parts"]) == {"advantage", "policy-loss"}
    first, second = (load_file(run.path("model.safetensors")) for run in (ours, theirs))
    assert all(torch.allclose(first[name], second[name], atol=1e-4) for name in first)
    assert any(not torch.equal(first[name], load_file(theirs.path("start.safetensors"))[name]) for name in first)
    with pytest.raises(UserError, match="has a loss of its own"):
        go_on(begun, "method=preference", name="pairs", parts=parts)


def test_a_model_of_the_learners_parts_goes_on_with_them(tmp_path, one_judge):
    plain = ["preset=plain", "layers=1", "heads=2", "width=16", "batch_size=32", "digits=1", "steps=40"]
    answers = {
        "optimiser": "optimiser/plain",  # ours would be AdamW, whose betas are others
        "block": "transformer_block/sequential",
        "answer-loss": "answer_loss/loops",
    }
    parts = [f"{part}={ANSWERS / answer}.py" for part, answer in answers.items()]
    for name, own in (("adam", parts[:1]), ("theirs", parts)):
        launch("sums", root=tmp_path, name=name, pairs=plain, parts=own, reporter=Reporter.silent())
    advantage = f"advantage={ANSWERS / 'advantage' / 'loops.py'}"
    settings = ["steps=4", "reward=digits", "learning_rate=0.01"]
    ours, _ = go_on(tmp_path, *settings, name="ours-on", source="adam")
    theirs, report = go_on(tmp_path, *settings, name="theirs-on", source="theirs", parts=[advantage])
    assert [*report.facts["parts"]] == ["optimiser", "block", "advantage"]
    begun, went_on = load_file(theirs.path("start.safetensors")), load_file(theirs.path("model.safetensors"))
    assert begun.keys() == went_on.keys()
    assert any(not torch.equal(begun[name], went_on[name]) for name in begun)
    rewards = [[line["reward"] for line in run.metrics()] for run in (ours, theirs)]
    assert rewards[1] == pytest.approx(rewards[0], abs=0.03)
    for name in ("theirs", "adam"):
        shutil.rmtree(tmp_path / name)
    again, _ = launch(None, root=tmp_path, name="theirs-on", resume=True, reporter=Reporter.silent())
    assert main(["predict", str(again.folder), "2+3", "--json"]) == 0


def test_a_block_that_drops_something_samples_and_is_measured_without_that(tmp_path, one_judge, monkeypatch):
    plain = ["layers=1", "heads=2", "width=16", "batch_size=4", "digits=1", "steps=1"]
    part = f"block={ANSWERS / 'transformer_block' / 'own_norms.py'}"
    launch("sums", root=tmp_path, pairs=plain, parts=[part], reporter=Reporter.silent())
    training = []

    def watch(real):
        def call(model, *arguments, **options):
            training.append(model.training)
            return real(model, *arguments, **options)

        return call

    monkeypatch.setattr("groundup.tasks.reward.rounds.sample_batch", watch(sample_batch))
    monkeypatch.setattr("groundup.tasks.reward.task.find_exact", watch(find_exact))
    go_on(tmp_path, "steps=2", source="sums")
    assert len(training) >= 4  # measured, sampled twice, measured
    assert not any(training)


def test_another_task_does_not_go_on_with_a_learners_parts(tmp_path, one_judge):
    plain = ["layers=1", "heads=2", "width=16", "batch_size=4", "digits=1", "steps=1"]
    part = f"embedding={ANSWERS / 'embedding' / 'one_hot.py'}"
    launch("sums", root=tmp_path, pairs=plain, parts=[part], reporter=Reporter.silent())
    with pytest.raises(UserError, match="learner's own embedding"):
        launch("gpt", root=tmp_path, origin=partial(find_origin, tmp_path, "sums"), reporter=Reporter.silent())
    assert not (tmp_path / "gpt").exists()


def test_a_wrong_part_is_refused(begun, one_judge):
    wrong = f"advantage={ANSWERS.parent / 'wrong' / 'advantage' / 'nan.py'}"
    with pytest.raises(PartRejected) as rejected:
        go_on(begun, name="wrong", parts=[wrong])
    assert rejected.value.verdict.mistakes == ["NaN where all are equal"]
    assert not (begun / "wrong").exists()
