"""The tour, in processes of its own: whole, interrupted, taken again, and with no time."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import warm

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.cli.tour import answer_typed_sums
from groundup.tasks.launch import launch
from groundup.tasks.sums.problems import Problems, is_held_out
from groundup.tour.report import format_seconds
from groundup.tour.stops import STOPS, answer_sums, list_commands, plan_minutes

TOUR = [sys.executable, "-m", "groundup", "tour", "--minutes", "0.8", "--runs", "r", "--json"]


def test_interrupted_and_killed_it_goes_on_and_leaves_one_whole_report(tmp_path):
    # From nothing, as a person starts it.
    begun = subprocess.Popen(TOUR, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(tmp_path / "r" / "tour-digits" / "config.json")
    begun.send_signal(signal.SIGINT)
    _, told = begun.communicate(timeout=600)
    assert begun.returncode == 130
    assert "nothing is lost" in told
    assert "Traceback" not in told
    assert not (tmp_path / "r" / "tour.html").exists()

    for reached in ("tour-sentiment/config.json", "tour-gpt/metrics.jsonl"):
        with warm.start(TOUR, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as begun:
            wait_for(tmp_path / "r" / reached)
            begun.kill()
        assert not (tmp_path / "r" / "tour.html").exists()

    done = warm.run(TOUR, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert [stop["stop"] for stop in facts["stops"]] == [stop.name for stop in STOPS]
    assert all(re.search(r"\d", stop["learned"]) for stop in facts["stops"])
    assert facts["text"].startswith("ROMEO:\n")
    runs = {stop["stop"]: stop["facts"] for stop in facts["stops"]}
    assert runs["digits"]["accuracy"] > 0.9
    # Guessing costs 2.8 nats per character. A busy machine takes few steps in its time, and is held to less.
    assert runs["gpt"]["per_character"] < (2.3 if runs["gpt"]["steps"] >= 60 else 3)
    assert runs["sums"]["test_questions"] == 2_000
    page = (tmp_path / "r" / "tour.html").read_text()
    assert re.search(r"\d of 10 are right", page)
    assert page.count("data:image/png;base64,") == page.count("<img") >= 6
    assert not re.search(r"(src|href)=\"?(https?:)?//", page)
    assert not list((tmp_path / "r").rglob("*.tmp*"))

    before = (tmp_path / "r" / "tour-gpt" / "model.safetensors").stat().st_mtime_ns
    again = warm.run(TOUR, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert json.loads(again.stdout)["stops"] == facts["stops"], "what is finished is not trained again"
    assert (tmp_path / "r" / "tour-gpt" / "model.safetensors").stat().st_mtime_ns == before


def test_the_sentence_fits_the_figure():
    stop = next(stop for stop in STOPS if stop.name == "gpt")
    said = [
        stop.learned({"best_validation_loss": loss, "vocabulary": 103, "steps": 1}) for loss in (1.2, 2.0, 2.9, 3.97)
    ]
    assert ["common phrases" in words for words in said] == [True, False, False, False]
    assert "almost nothing" in said[-1]
    assert "time for 1 step." in said[-1]
    sums = {"accuracy": 0.02, "test_questions": 2000, "steps": 10}
    assert "time for 10 steps. This is too few: groundup train sums" in STOPS[-1].learned(sums)
    assert "too few" not in STOPS[-1].learned(sums | {"accuracy": 0.97})
    digits = next(stop for stop in STOPS if stop.name == "digits")
    facts = {"accuracy": 0.9, "train_accuracy": 0.9, "test_pictures": 359}
    assert "no sign of over-fitting" in digits.learned(facts)
    assert "over-fits" in digits.learned(facts | {"train_accuracy": 1.0})


def test_the_end_names_a_command_for_each_model():
    commands = " ".join(list_commands())
    for command in ("generate tour-gpt", "predict tour-sums", "predict tour-digits", "chat --from tour-gpt"):
        assert f"groundup {'train ' if 'chat' in command else ''}{command}" in commands


def wait_for(path):
    deadline = time.monotonic() + 600
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_typed_sums_are_answered_until_an_empty_line(capsys, tmp_path, monkeypatch):
    sizes = ["digits=1", "layers=1", "heads=2", "width=16", "batch_size=8", "steps=1"]
    launch("sums", root=tmp_path, name="tour-sums", pairs=sizes, reporter=Reporter())
    assert "the answer is written from its last digit on" in " ".join(capsys.readouterr().err.split())
    typed = iter(["2+3", "what?", ""])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    answer_typed_sums(tmp_path)
    said = capsys.readouterr().out
    assert "2+3 = " in said
    assert "not a question" in said
    assert next(typed, None) is None


def test_ten_sums_are_asked_that_it_never_saw(tmp_path):
    sizes = ["digits=2", "layers=1", "heads=2", "width=16", "batch_size=8", "steps=1"]
    run, _ = launch("sums", root=tmp_path, name="tour-sums", pairs=sizes, reporter=Reporter.silent())
    *lines, told = answer_sums(run, 0).splitlines()
    assert len(lines) == 10
    right = sum("it is" not in line for line in lines)
    assert told == f"{right} of 10 are right."
    problems = Problems(2)
    assert all(is_held_out(problems.read(line.partition(" =")[0])).all() for line in lines)


@pytest.mark.parametrize("minutes", [0.8, 1, 2.5, 60])
def test_the_minutes_are_shared_out(minutes):
    writes, adds = plan_minutes(minutes)
    assert writes > adds > 0
    assert writes + adds == pytest.approx(minutes - 40 / 60)
    assert adds <= 20 / 60 + 1e-9


def test_without_time_there_is_no_tour(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["tour", "--minutes", "0.5"]) == 2
    assert "needs at least 1 minute" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []
    with pytest.raises(UserError):
        plan_minutes(float("nan"))


def test_a_report_that_lacks_a_figure_is_told(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "tour-heights"
    assert main(["train", "heights", "--run", "tour-heights"]) == 0
    (folder / "report.json").write_text("{}")
    capsys.readouterr()
    assert main(["tour"]) == 2
    assert 'lacks "target"). Delete the run' in " ".join(capsys.readouterr().err.split())


def test_times_in_words():
    assert [format_seconds(x) for x in (1, 60, 61.4, 125)] == [
        "1 second",
        "1 minute",
        "1 minute and 1 second",
        "2 minutes and 5 seconds",
    ]
