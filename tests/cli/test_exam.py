"""The exam: a GPT of the learner's own parts, and in its second part one that learns to add with their losses."""

import json
import shutil
from pathlib import Path

import pytest

from groundup.cli import exam, main
from groundup.exercises.workspace import Workspace
from groundup.runs.folder import Run

RIGHT = Path(__file__).parents[1] / "exercises" / "answers"
LOSSES = {"answer-loss": "answer_loss/loops", "advantage": "advantage/loops", "policy-loss": "policy_loss/loops"}
TINY = ("digits=1", "layers=1", "heads=2", "width=16", "batch_size=16", "steps=8", "test_questions=10")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exam, "EXAMPLES", TINY)
    monkeypatch.setattr(exam, "FEW_EXAMPLES", TINY)
    monkeypatch.setattr(exam, "REWARDS", ("questions=4", "samples=2", "steps=2", "test_questions=10"))
    return tmp_path


def accept(names):
    workspace = Workspace(Path("answers"))
    Path("answers").mkdir(exist_ok=True)
    for name in names:
        path = workspace.path(name)
        shutil.copy(RIGHT / f"{LOSSES.get(name, f'{name}/gumbel')}.py", path)
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
    assert list(run.config["parts"]) == sums["parts"] == ["answer-loss"]
    assert sums["accuracy"] == sums["accuracy_from_examples"] == run.metrics()[-1]["accuracy"]
    assert "it answers" in report.lines[1]
    assert "With your advantage and policy-loss it could go on" in report.lines[2]
    assert [one["held_out"] for one in sums["answers"]] == [True] * 3
    assert all(one["right"] == (one["answer"] == one["truth"]) for one in sums["answers"])


def test_rewards_go_on_where_the_examples_stopped_and_all_of_it_resumes(here):
    workspace = accept(LOSSES)
    report = take(workspace)
    sums = report.facts["sums"]
    rewarded = Run.open(here / "runs", "exam-rewards")
    assert sums["parts"] == list(LOSSES)
    assert list(rewarded.config["parts"]) == ["advantage", "policy-loss"]
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


@pytest.mark.slow
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
