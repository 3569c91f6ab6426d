"""The sums task end to end with the smallest models: it learns, measures what it would generate, and goes on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import warm
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.nn import functional

import groundup
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.formats import export_run
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.answer_loss import answer_loss
from groundup.tasks.launch import imitate, launch
from groundup.tasks.listing import summarise_runs
from groundup.tasks.registry import find_task, list_tasks
from groundup.tasks.sums.model import (
    Amounts,
    OwnAnswerLoss,
    SumsSettings,
    choose_amounts,
    find_exact,
    loss_on_answers,
    open_sums,
    size_model,
)
from groundup.tasks.sums.problems import Problems
from groundup.tasks.sums.task import answer, group_questions, read_questions

TINY = ["digits=1", "layers=1", "heads=2", "width=32", "batch_size=64", "learning_rate=0.04", "precision=float32"]
# Of one digit, every fact is learned by itself, and none says what a held-out one is: two digits are the least.
TWO = ["digits=2", "layers=2", "heads=4", "width=48", "batch_size=128"]

WORKING = ["operation=times", "digits=2"]
REWARDED = ["--set", "steps=1", "--set", "questions=2", "--set", "samples=2", "--set", "test_questions=20"]


def train(root, *pairs, **options):
    return launch("sums", root=root, pairs=[*TINY, *pairs], reporter=Reporter.silent(), **options)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """A run that adds numbers of two digits."""
    return train(tmp_path_factory.mktemp("runs"), *TWO, "steps=180", name="learned")


def test_it_learns_and_its_figures_are_those_of_what_it_generates(learned):
    run, report = learned
    assert report.facts["accuracy"] >= 0.7
    assert report.facts["accuracy"] == run.metrics()[-1]["accuracy"]
    model, problems = open_sums(run)
    seen = problems.draw(300, (0, 0, 7))
    assert find_exact(model, problems, seen).float().mean() > 0.95
    test = problems.draw_test(2_000, 0)
    for questions in (seen, test):
        generated = [one["right"] for one in answer(model, problems, questions).facts()]
        assert generated == find_exact(model, problems, questions).tolist()
    assert sum(generated) / len(generated) == pytest.approx(report.facts["accuracy"], abs=1e-4)
    assert run.path("curves.png").stat().st_size > 10_000


def test_what_is_left_open_is_chosen_as_the_questions_need_it():
    assert choose_amounts(SumsSettings()) == Amounts(64, 256, 250)
    assert choose_amounts(SumsSettings(digits=10)) == Amounts(64, 256, 670)
    assert choose_amounts(SumsSettings(digits=2, operation="times")) == Amounts(64, 256, 400)
    assert choose_amounts(SumsSettings(digits=3, operation="times")) == Amounts(64, 256, 800)
    assert choose_amounts(SumsSettings(digits=2, operation="times", order="reading")).steps == 800
    assert choose_amounts(SumsSettings(digits=2, operation="times", working=False)) == Amounts(128, 512, 800)
    assert choose_amounts(SumsSettings(digits=1, operation="times")) == Amounts(128, 512, 400)
    assert choose_amounts(SumsSettings(width=32, batch_size=8, steps=3)) == Amounts(32, 8, 3)
    assert choose_amounts(SumsSettings(order="reading")).steps == 500
    assert choose_amounts(SumsSettings(preset="plain")) == Amounts(64, 256, 375)
    assert size_model(SumsSettings()).width == 64


@pytest.mark.parametrize(
    "pairs", [["operation=times"], ["order=reading", "digits=2"], WORKING, [*WORKING, "order=reading"]]
)
def test_a_new_model_answers_as_it_is_measured(tmp_path, pairs):
    run, _ = train(tmp_path, *pairs, "steps=3")
    model, problems = open_sums(run)
    questions = problems.draw(200, (1,))
    assert [one["right"] for one in answer(model, problems, questions).facts()] == find_exact(
        model, problems, questions
    ).tolist()


def test_what_is_asked_is_answered_in_words_and_in_figures(learned, capsys):
    run, _ = learned
    assert main(["predict", str(run.folder), "2+3", " 4 + 4 =", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["predictions"]
    assert (first["question"], first["answer"], first["truth"], first["right"]) == ("2+3", "5", "5", True)
    assert (second["question"], second["truth"]) == ("4+4", "8")
    assert 0 < first["probability"] <= 1
    assert main(["predict", str(run.folder), "2+3"]) == 0
    assert "2+3 = 5  right" in capsys.readouterr().out
    for question, words in (("2*3", "sums only"), ("123+1", "at most 2 digits"), ("hello", "not a question")):
        assert main(["predict", str(run.folder), question]) == 2
        told = capsys.readouterr().err
        assert words in told
        assert len(told.strip().splitlines()) == 1


def test_an_answer_says_whether_its_question_was_in_training_where_that_is_known(tmp_path, capsys):
    run, _ = train(tmp_path, "digits=6", "steps=2")
    problems = Problems(6)
    drawn, new = problems.draw(64, (0, 0, 1)), problems.draw_test(1, 0)
    asked = [f"{one.left[0]}+{one.right[0]}" for one in (drawn, new)] + ["777777+888884"]

    def ask(name):
        assert main(["predict", str(tmp_path / name), *asked]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert main(["predict", str(tmp_path / name), *asked, "--json"]) == 0
        facts = json.loads(capsys.readouterr().out)["predictions"]
        return [one["seen_in_training"] for one in facts], ["training" in line for line in lines], lines

    known, told, lines = ask(run.name)
    assert (known, told) == ([True, False, False], [True, True, True])
    assert "it was in training" in lines[0]
    assert all("never seen in training" in line for line in lines[1:])
    assert main(["train", "reward", "--from", run.name, "--run", "more", "--runs", str(tmp_path), *REWARDED]) == 0
    capsys.readouterr()
    known, told, _ = ask("more")
    assert (known, told) == ([None, False, None], [False, True, False])


def test_it_is_measured_on_held_out_questions_or_on_a_file(learned, tmp_path, capsys):
    run, report = learned
    assert main(["evaluate", str(run.folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert 0.9 < facts["questions"] / report.facts["test_questions"] < 1.1  # two digits hardly have more
    assert facts["accuracy"] == pytest.approx(report.facts["accuracy"], abs=0.1)
    assert facts["mistakes"] == round((1 - facts["accuracy"]) * facts["questions"])
    assert all(one["answer"] != one["truth"] for one in facts["examples"])
    file = tmp_path / "mine.txt"
    file.write_text("1+1\n2+2=\n\n3+3=6\n")
    assert main(["evaluate", str(run.folder), "--data", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == 3
    file.write_text("1+1\nno question\n")
    assert main(["evaluate", str(run.folder), "--data", str(file)]) == 2
    assert "no question" in capsys.readouterr().err


def test_a_working_is_shown_before_its_answer_and_an_old_run_has_none(tmp_path, capsys):
    run, _ = train(tmp_path, *WORKING, "steps=1", "test_questions=10", name="now")
    old, _ = train(tmp_path, *WORKING, "working=no", "steps=1", "test_questions=10", name="old")
    old.update_config(settings={key: value for key, value in old.config["settings"].items() if key != "working"})
    assert main(["train", "reward", "--from", "old", "--run", "more", "--runs", str(tmp_path), *REWARDED]) == 0
    for name, worked in (("now", True), ("old", False), ("more", False)):
        capsys.readouterr()
        assert main(["predict", str(tmp_path / name), "47*36", "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)["predictions"]
        assert (found["truth"], found["working"] is not None) == ("1692", worked)
        assert main(["predict", str(tmp_path / name), "47*36"]) == 0
        asked = f"47*36: {found['working']}" if worked else "47*36"
        assert capsys.readouterr().out.startswith(f"{asked} = {found['answer']}  ")
    assert run.config["model"]["context"] == old.config["model"]["context"] + 9  # 3 + 1 + 4 + 1
    described = [find_task("sums").describe_form(one) for one in (run, old)]
    assert [one["working"] for one in described] == [True, False]
    assert imitate(tmp_path, "old", None, None, None)[3].count("working=False") == 1
    assert main(["evaluate", str(run.folder), "--json"]) == 0
    assert "working" in json.loads(capsys.readouterr().out)["examples"][0]


def test_an_answer_counts_whatever_the_working_before_it_is(monkeypatch):
    problems = Problems(2, "times", working=True)
    questions = read_questions(problems, ["47*36", "12*34", "20*30"])
    right = problems.encode_written(questions)
    own = right.clone()
    own[:2, 0] = 0  # another working of two questions
    own[1, -1] = 0  # and another answer of one
    guessed = functional.one_hot(own).float()
    rows = {tuple(row): place for place, row in enumerate(problems.encode_questions(questions).tolist())}

    def sample(model, tokens, count, greedy):
        assert (count, greedy) == (problems.written_length, True)
        return own[[rows[tuple(row)] for row in tokens.tolist()]], None

    monkeypatch.setattr("groundup.tasks.sums.model.last_logits", lambda model, inputs, count: guessed)
    monkeypatch.setattr("groundup.tasks.sums.model.sample_batch", sample)
    assert find_exact(GPT(size_model(SumsSettings(operation="times"))), problems, questions).tolist() == [
        True,
        False,
        True,
    ]


def test_carries_are_counted_as_by_hand():
    problems = Problems(3)
    carries, name = group_questions(problems, read_questions(problems, ["1+2", "9+1", "99+1", "999+999", "505+505"]))
    assert (name, carries.tolist()) == ("carries", [0, 1, 2, 3, 2])


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    settings = ["steps=6", "checkpoint_seconds=0", "evaluate_every=2"]
    whole, _ = train(tmp_path, *settings, name="whole")
    words = [word for pair in [*TINY, *settings] for word in ("--set", pair)]
    command = [sys.executable, "-m", "groundup", "train", "sums", *words, "--run", "cut", "--runs", str(tmp_path)]
    with warm.start(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "step 4" in line:
                process.kill()
    cut, _ = launch(None, root=tmp_path, name="cut", resume=True, reporter=Reporter.silent())
    first, second = (load_file(run.path("model.safetensors")) for run in (whole, cut))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert [line["accuracy"] for line in whole.metrics()] == [line["accuracy"] for line in cut.metrics()]


def test_a_run_with_a_working_goes_on_bit_for_bit(tmp_path, monkeypatch):
    settings = [*WORKING, "steps=4", "checkpoint_seconds=0", "evaluate_every=2", "test_questions=40"]
    whole, _ = train(tmp_path, *settings, name="whole")

    def stop(problems, size, seed, step):
        if step == 3:
            raise KeyboardInterrupt
        return batch(problems, size, seed, step)

    batch = Problems.batch
    monkeypatch.setattr(Problems, "batch", stop)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, *settings, name="cut")
    monkeypatch.undo()
    cut, _ = launch(None, root=tmp_path, name="cut", resume=True, reporter=Reporter.silent())
    first, second = (load_file(run.path("model.safetensors")) for run in (whole, cut))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert [line["accuracy"] for line in whole.metrics()] == [line["accuracy"] for line in cut.metrics()]


def test_minutes_choose_the_steps(tmp_path):
    run, report = train(tmp_path, minutes=0.03)
    assert run.config["steps"] >= 1
    assert report.facts["steps"] == run.metrics()[-1]["step"]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["digits=10", "operation=times"], "at most 9 digits"),
        (["heads=3", "width=33"], "even number"),
        (["order=sideways"], "choose one of"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, pairs, words):
    with pytest.raises(UserError, match=words):
        train(tmp_path, *pairs)
    assert list(tmp_path.iterdir()) == []


def test_data_to_train_on_are_refused(tmp_path):
    with pytest.raises(UserError, match="makes its own questions"):
        train(tmp_path, data="sums.csv")


def test_another_model_than_its_settings_ask_for_is_refused(tmp_path):
    run, _ = train(tmp_path, "steps=1", name="a")
    run.update_config(model={**run.config["model"], "width": 64})
    with pytest.raises(UserError, match="damaged"):
        launch(None, root=tmp_path, name="a", resume=True, reporter=Reporter.silent())


def test_it_is_listed_with_what_it_is_worth(learned):
    run, report = learned
    (summary,) = summarise_runs(run.folder.parent)
    assert summary.outcome == f"{report.facts['accuracy']:.2%} of 950 new questions answered exactly"


def test_a_new_run_like_it_has_its_settings(learned, tmp_path):
    run, _ = learned
    task_name, data, minutes, pairs, _ = imitate(run.folder.parent, run.name, None, None, None)
    again, _ = launch(
        task_name, root=tmp_path, data=data, minutes=minutes, pairs=[*pairs, "steps=1"], reporter=Reporter.silent()
    )
    assert again.config["settings"] == {**run.config["settings"], "steps": 1}


def test_it_opens_in_other_tools_with_a_card_that_says_what_it_is(learned, tmp_path):
    run, _ = learned
    exported = export_run(run, "huggingface", tmp_path / "out")
    card = (exported.path / "README.md").read_text()
    assert "answers questions of arithmetic" in card
    assert "Trained from nothing" in card
    assert Tokenizer.from_file(str(exported.path / "tokenizer.json")).encode("12+34=").ids == [3, 4, 1, 5, 6, 12]


def test_what_is_typed_on_its_page_is_answered(learned):
    run, _ = learned
    task = find_task("sums")
    found = task.predict(run, task.read_form(run, {"text": "2+3"})).report().facts["predictions"][0]
    assert (found["question"], found["answer"]) == ("2+3", "5")
    assert task.read_form(run, {"text": task.describe_form(run)["example"]}) == ["12+45"]
    with pytest.raises(UserError, match="A text is asked for"):
        task.read_form(run, {"text": 3})


@pytest.mark.parametrize("about", list_tasks(), ids=lambda about: about.name)
def test_every_task_has_a_form_and_what_plays_it(about):
    lab = Path(groundup.__file__).parent / "lab"
    assert (lab / "templates" / "forms" / f"{about.form}.html").is_file()
    assert f"{about.form}: play" in (lab / "static" / "run.js").read_text("utf-8")


def test_a_learners_answer_loss_gets_every_position_and_its_mask_leaves_the_question_out():
    torch.manual_seed(0)
    prediction = torch.randn(5, 9, 13, requires_grad=True)
    answers = torch.randint(13, (5, 4))
    losses = [loss_on_answers(prediction[:, -4:], answers), OwnAnswerLoss(answer_loss)(prediction, answers)]
    assert losses[0].item() == pytest.approx(losses[1].item())
    found = [torch.autograd.grad(loss, prediction)[0] for loss in losses]
    assert torch.allclose(*found, atol=1e-7)


def test_a_right_answer_loss_learns_what_ours_learns(tmp_path):
    own = Path(__file__).parents[2] / "exercises" / "answers" / "answer_loss" / "weighted.py"
    ours, _ = train(tmp_path, "steps=6", name="ours")
    theirs, report = train(tmp_path, "steps=6", name="theirs", parts=[f"answer-loss={own}"])
    assert theirs.metrics()[-1]["loss"] == pytest.approx(ours.metrics()[-1]["loss"], rel=1e-4)
    assert list(report.facts["parts"]) == ["answer-loss"]
    assert theirs.config["model"]["preset"] == "modern"
    with pytest.raises(UserError, match="has no part sampler"):
        train(tmp_path, name="other", parts=[f"sampler={own}"])


PLAIN = ["preset=plain", "width=16", "learning_rate=0.01", "steps=6"]
OWN = {
    "embedding": "embedding/one_hot",
    "linear": "linear/einsum",
    "activation": "activations/course",
    "optimiser": "optimiser/plain",
    "block": "transformer_block/sequential",
    "answer-loss": "answer_loss/weighted",
}


def name_parts(*names):
    return [f"{name}={Path(__file__).parents[2] / 'exercises' / 'answers' / OWN[name]}.py" for name in names]


def test_a_model_of_the_learners_parts_learns_what_ours_learns(tmp_path, one_judge):
    ours, _ = train(tmp_path, *PLAIN, name="ours")
    theirs, report = train(tmp_path, *PLAIN, name="theirs", parts=name_parts(*OWN))
    assert set(report.facts["parts"]) == {*OWN}
    for name in ("loss", "training_accuracy"):
        # An answer that rounds to 4 places puts that much into it.
        found, wanted = ([line[name] for line in run.metrics()] for run in (theirs, ours))
        assert found == pytest.approx(wanted, rel=1e-3)
    model, problems = open_sums(theirs)
    questions = problems.draw(50, (1,))
    assert [one["right"] for one in answer(model, problems, questions).facts()] == find_exact(
        model, problems, questions
    ).tolist()


def test_a_part_of_the_model_chooses_the_plain_preset_and_a_modern_block_the_modern_one(tmp_path, one_judge):
    plain = [pair for pair in PLAIN if "preset" not in pair]
    run, _ = train(tmp_path, *plain, "steps=1", parts=name_parts("embedding", "answer-loss"))
    assert run.config["model"]["preset"] == "plain"
    modern = f"block={Path(__file__).parents[2] / 'exercises' / 'answers' / 'modern_block' / 'course.py'}"
    run, _ = train(tmp_path, *plain, "steps=1", name="modern", parts=[modern, *name_parts("answer-loss")])
    assert run.config["model"]["preset"] == "modern"
    model, problems = open_sums(run)
    assert len(answer(model, problems, problems.draw(5, (1,))).answers) == 5
