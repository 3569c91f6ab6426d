"""The exam: a GPT of the learner's own parts, and in its second part another one of them that learns to add."""

import json
import shutil
from pathlib import Path

import pytest

from groundup.cli import exam, main
from groundup.exercises.workspace import Workspace
from groundup.parts.swap import EXAM_SUMS
from groundup.runs.folder import Run

RIGHT = Path(__file__).parents[1] / "exercises" / "answers"
LOSSES = {"answer-loss": "answer_loss/loops", "advantage": "advantage/loops", "policy-loss": "policy_loss/loops"}
INSIDE = {
    "embedding": "embedding/course",
    "linear": "linear/product",
    "activations": "activations/course",
    "transformer-block": "transformer_block/own_norms",
    "optimiser": "optimiser/plain",
}
TINY = ("digits=1", "layers=1", "heads=2", "width=16", "batch_size=16", "steps=8", "test_questions=10")


@pytest.fixture
def here(tmp_path, monkeypatch, one_judge):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exam, "EXAMPLES", TINY)
    monkeypatch.setattr(exam, "FEW_EXAMPLES", TINY)
    monkeypatch.setattr(exam, "REWARDS", ("questions=4", "samples=2", "steps=2", "test_questions=10"))
    return tmp_path


def accept(names):
    workspace = Workspace(Path("answers"))
    Path("answers").mkdir(exist_ok=True)
    answers = {**INSIDE, **LOSSES, "sampling": "sampling/gumbel"}
    for name in (*INSIDE, *names):
        path = workspace.path(name)
        shutil.copy(RIGHT / f"{answers[name]}.py", path)
        workspace.record(name, path, accepted=True)
    return workspace


def take(workspace, resume=False):
    return exam.take_second_part(workspace, runs="runs", run="exam", resume=resume, as_json=False)


def test_without_a_loss_on_answers_there_is_no_second_part(here):
    report = take(accept(["advantage"]))
    assert report.facts == {"sums": None}
    assert "groundup learn start answer-loss" in report.lines[0]
    assert not (here / "runs").exists()


def test_examples_alone_are_scored_and_what_is_missing_is_said(here):
    report = take(accept(["answer-loss"]))
    sums = report.facts["sums"]
    run = Run.open(here / "runs", "exam-sums")
    assert list(run.config["parts"]) == sums["parts"] == [*EXAM_SUMS, "answer-loss"]
    assert run.config["model"]["preset"] == "plain"
    assert sums["accuracy"] == sums["accuracy_from_examples"] == run.metrics()[-1]["accuracy"]
    assert "Yours in it: embedding, linear" in report.lines[0]
    assert "it answers" in report.lines[1]
    assert "With your advantage and policy-loss it could go on" in report.lines[2]
    assert [one["held_out"] for one in sums["answers"]] == [True] * 3
    assert all(one["right"] == (one["answer"] == one["truth"]) for one in sums["answers"])


def test_rewards_go_on_where_the_examples_stopped_and_all_of_it_resumes(here):
    workspace = accept(LOSSES)
    report = take(workspace)
    sums = report.facts["sums"]
    rewarded = Run.open(here / "runs", "exam-rewards")
    assert sums["parts"] == [*EXAM_SUMS, *LOSSES]
    assert set(rewarded.config["parts"]) == {*EXAM_SUMS, "advantage", "policy-loss"}
    assert rewarded.config["origin"]["accuracy"] == sums["accuracy_from_examples"]
    assert sums["run"] == "exam-rewards"
    assert f"goes on to {sums['accuracy']:.1%}" in report.lines[2]
    again = take(workspace, resume=True).facts["sums"]
    assert again == sums


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(0.2, 0.4, "Nobody showed it an answer"), (0.4, 0.2, "did not help"), (0.2, 0.2, "changed nothing")],
)
def test_what_rewards_did_is_said_as_it_is(before, after, words):
    assert words in exam._compare(before, after)


def test_the_whole_exam_reports_both_parts(here, monkeypatch, capsys):
    monkeypatch.setattr("groundup.parts.swap.EXAM_PARTS", ("sampler",))
    accept(["sampling", "answer-loss"])
    (here / "text.txt").write_text("one two three four five\n" * 200)
    command = ["learn", "exam", "--data", "text.txt", "--minutes", "0.002", "--run", "mine"]
    assert main([*command, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["run"] == "mine"
    assert facts["text"]
    assert facts["sums"]["run"] == "mine-sums"
    assert main([*command, "--resume"]) == 0
    told = capsys.readouterr().out
    assert told.index("It talks") < told.index("The second part")
