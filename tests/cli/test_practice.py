"""`groundup learn quiz`, `debug`, `review`, `next`, `reset`, `transcript` and `verify`, as a learner types them."""

import json
from pathlib import Path

import pytest

from groundup.cli import main
from groundup.exercises.practice.journal import Journal
from groundup.exercises.practice.questions import Question
from groundup.exercises.registry import read_model_answer, read_stub
from groundup.judge.explain.mutation_places import BY_THE_STEP
from groundup.judge.verdict import Verdict


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, one_judge):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GROUNDUP_ANSWERS", raising=False)
    return tmp_path


def read(capsys):
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def asked(monkeypatch):
    """Ask a question of our own, without the judge."""
    question = Question("softmax", "result", "What does softmax return?", ["0", "1", "2"], 1, "Because.")
    monkeypatch.setattr("groundup.exercises.practice.desk.Desk.make", lambda desk, exercise, seed: question)


def test_a_question_is_asked_and_answered_in_two_commands(capsys, asked):
    assert main(["learn", "quiz", "softmax", "--json"]) == 0
    assert read(capsys)["title"] == "Softmax"
    assert main(["learn", "quiz", "softmax"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Softmax (softmax)\n")
    assert "groundup learn quiz --answer 1, 2 or 3" in said
    assert main(["learn", "quiz", "--answer", "2"]) == 0
    said = capsys.readouterr().out
    assert "Right." in said
    assert said.endswith("Go on: groundup learn quiz\n")
    assert main(["learn", "quiz", "--answer", "2"]) == 2
    assert "No question waits for an answer" in capsys.readouterr().err


def test_a_missed_question_brings_its_exercise_back(capsys, asked):
    assert main(["learn", "quiz", "softmax"]) == 0
    assert main(["learn", "quiz", "--answer", "3"]) == 1
    said = capsys.readouterr().out
    assert "No: 2 is right." in said
    assert "It comes back tomorrow." in said
    assert main(["learn", "review"]) == 0
    said = capsys.readouterr().out
    assert "The next review: tomorrow." in said
    assert said.endswith("Another question: groundup learn quiz\n")


def test_nothing_to_review_is_told(capsys):
    assert main(["learn", "review"]) == 0
    assert "Nothing to review yet" in capsys.readouterr().out
    assert main(["learn", "--json", "review"]) == 0
    assert read(capsys) == {"due": [], "next": None}


def test_an_exercise_that_is_due_is_asked_about(capsys, asked, here):
    assert main(["learn", "quiz", "softmax"]) == 0
    assert main(["learn", "quiz", "--answer", "3"]) == 1
    path = here / "answers" / "practice.json"
    kept = json.loads(path.read_text())
    kept["cards"]["softmax"]["due"] = "2026-01-01T08:00:00+00:00"
    path.write_text(json.dumps(kept))
    capsys.readouterr()
    assert main(["learn", "review"]) == 0
    assert "1 of 1 due today: softmax" in capsys.readouterr().out
    assert main(["learn", "review", "--answer", "2"]) == 0
    assert capsys.readouterr().out.endswith("Go on: groundup learn review\n")
    assert json.loads(path.read_text())["cards"]["softmax"]["due"] > "2026-11"
    assert main(["learn", "review"]) == 0


def test_a_bug_is_planted_found_and_mended(capsys, here):
    assert main(["learn", "debug", "softmax", "--seed", "3", "--json"]) == 0
    shown = read(capsys)
    path = here / shown["path"]
    assert path.read_text() == shown["source"]
    line = json.loads((here / "answers" / "practice.json").read_text())["bugs"]["softmax"]["line"]
    assert main(["learn", "debug", "--line", str(line + 1)]) == 1
    assert main(["learn", "debug", "--line", str(line)]) == 0
    assert f"Yes, it is line {line}." in capsys.readouterr().out
    assert main(["learn", "debug", "--check"]) == 1
    assert main(["learn", "debug"]) == 0  # shown again, and nothing is changed
    assert path.read_text() == shown["source"]
    path.write_text(read_model_answer("softmax"))
    capsys.readouterr()
    assert main(["learn", "debug", "--check"]) == 0
    said = capsys.readouterr().out
    assert f"Line {line} was" in said
    assert said.endswith("Another one: groundup learn debug\n")
    assert not path.exists()
    assert json.loads((here / "answers" / "practice.json").read_text())["log"][-1]["right"]
    assert main(["learn", "debug", "softmax", "--check"]) == 2


def test_a_bug_that_is_left_is_told_in_the_files_own_words(capsys, monkeypatch):
    assert main(["learn", "debug", "softmax", "--seed", "3", "--json"]) == 0
    bug = read(capsys)
    line = Journal(Path("answers")).read().bugs["softmax"]["line"]
    told = [f"{BY_THE_STEP} with `scores` in place of `numbers`."]
    verdict = Verdict("softmax", False, "Not right yet: `scores` is missing.", ["`scores` is missing"], told)
    monkeypatch.setattr("groundup.exercises.practice.desk.Desk.judge", lambda desk, *_: verdict)
    assert main(["learn", "debug", "--check", "--json"]) == 1
    facts = read(capsys)
    assert facts["findings"][0].startswith(f"Line {line}: ")
    assert "scores" not in str([facts["headline"], facts["mistakes"], facts["findings"]])
    assert Path(bug["path"]).read_text() == bug["source"]


def test_a_bug_can_be_given_up(capsys):
    assert main(["learn", "debug", "softmax", "--seed", "3"]) == 0
    assert main(["learn", "debug", "--give-up", "--json"]) == 0
    assert main(["learn", "debug", "--give-up", "--line", "3"]) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_next_goes_on_though_the_present_one_is_not_done(capsys):
    assert main(["learn", "start", "softmax", "--json"]) == 0
    assert main(["learn", "next", "--json"]) == 0
    names = [json.loads(line)["exercise"] for line in capsys.readouterr().out.splitlines()]
    assert names == ["softmax", "cross-entropy"]


def test_reset_keeps_what_was_written(capsys, here):
    assert main(["learn", "start", "softmax"]) == 0
    path = here / "answers" / "softmax.py"
    for number in (1, 2):
        path.write_text(f"# attempt {number}\n")
        assert main(["learn", "reset", "softmax"]) == 0
        assert path.read_text() == read_stub("softmax")
        assert (here / "answers" / "earlier" / f"softmax-{number}.py").read_text() == f"# attempt {number}\n"
    assert main(["learn", "reset", "sofmax"]) == 2
    assert "Did you mean softmax?" in capsys.readouterr().err


def test_a_transcript_is_judged_again(capsys, here):
    path = here / "answers" / "softmax.py"
    path.parent.mkdir()
    path.write_text(read_model_answer("softmax"))
    assert main(["check", "softmax", "--json"]) == 0
    (here / "answers" / "linear.py").write_text("x = 1\n")
    capsys.readouterr()
    assert main(["learn", "transcript", "--json"]) == 0
    assert read(capsys) == {"path": "transcript.json", "done": 1, "answers": 2}
    transcript = here / "transcript.json"
    entry = next(one for one in json.loads(transcript.read_text())["exercises"] if one["name"] == "softmax")
    assert entry["attempts"] == 1
    assert entry["solved"]
    assert main(["learn", "verify", "transcript.json", "--json"]) == 0
    assert read(capsys) == {"right": 1, "answers": 2, "false": []}
    false = json.loads(transcript.read_text())
    next(one for one in false["exercises"] if one["name"] == "linear")["state"] = "done"
    transcript.write_text(json.dumps(false))
    assert main(["learn", "verify", "transcript.json"]) == 1
    assert "calls done, and they are not: linear" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "not a transcript"), ("{}", "not a transcript"), (None, "missing"), ("changed", "was changed after")],
)
def test_a_transcript_that_is_none_is_told(capsys, here, content, said):
    path = Path("other.json")
    if content == "changed":
        entry = {"name": "softmax", "state": "done", "sha256": "0", "answer": "x"}
        content = json.dumps({"transcript": 1, "exercises": [entry]})
    if content is not None:
        path.write_text(content)
    assert main(["learn", "verify", "other.json"]) == 2
    assert said in capsys.readouterr().err
