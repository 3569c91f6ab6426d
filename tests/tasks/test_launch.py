"""Whatever is started, gone on with or asked for: nothing that was trained or imported is ever lost."""

import hashlib
import json
import shutil
import subprocess
import sys

import pytest
import torch

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.runs.folder import Run
from groundup.tasks.launch import launch
from groundup.training.interrupts import Interrupted

TINY_GPT = ["layers=1", "heads=2", "width=16", "context=8", "batch_size=2", "steps=4", "evaluate_every=2"]
TINY_GPT += ["sample_tokens=2", "precision=float32"]


def words(pairs):
    return [word for pair in pairs for word in ("--set", pair)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Train a tiny run of each kind, and import two checkpoints."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "text.txt").write_text("she sells sea shells by the sea shore. " * 40)
    (folder / "table.csv").write_text(
        "age,height\n" + "".join(f"{row % 7},{row % 7 * 2 + row % 3}\n" for row in range(30))
    )
    sentences = "".join(f"{word} day,{label}\n" for word, label in [("good", 1), ("bad", 0)] * 20)
    (folder / "labelled.csv").write_text("text,label\n" + sentences)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for tokenizer in ("characters", "bytepair"):
            data = ["--data", "text.txt", *words([*TINY_GPT, f"tokenizer={tokenizer}"])]
            assert main(["train", "gpt", "--run", f"gpt-{tokenizer}", *data]) == 0
            assert main(["export", f"gpt-{tokenizer}", "--out", tokenizer]) == 0
            assert main(["import", tokenizer, "--run", f"imported-{tokenizer}"]) == 0
        assert main(["train", "heights", "--data", "table.csv"]) == 0
        assert main(["train", "sentiment", "--data", "labelled.csv", *words(["least_steps=4", "epochs=1"])]) == 0
        assert main(["train", "digits", *words(["epochs=1", "hidden=4"])]) == 0
    return folder


@pytest.fixture
def runs(whole, tmp_path, monkeypatch):
    """Return a folder of copies of those runs, and stand beside it."""
    shutil.copytree(whole, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy" / "runs"


def test_a_second_run_says_its_name_at_the_start_and_when_it_is_stopped(runs, monkeypatch, capsys):
    def stop(*_):
        assert "exists already: this run is gpt-2." in capsys.readouterr().err
        raise Interrupted(1, 4)

    shutil.copytree(runs / "gpt-characters", runs / "gpt")
    monkeypatch.setattr("groundup.training.loop.take_step", stop)
    assert main(["train", "gpt", "--data", "text.txt", *words(TINY_GPT)]) == 130
    assert "--run gpt-2 --resume" in " ".join(capsys.readouterr().err.split())


def digest(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and path.name != "lock"
    }


def said(capsys):
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("groundup: ")]
    return line


@pytest.mark.parametrize("tokenizer", ["characters", "bytepair"])
@pytest.mark.parametrize(
    "more", [[], ["--set", "steps=9"], ["--data", "text.txt"], ["--log", "tensorboard"], ["--minutes", "1"], ["--json"]]
)
def test_imported_weights_are_never_trained_over(tokenizer, more, runs, capsys):
    name = f"imported-{tokenizer}"
    before = digest(runs / name)
    for task in ([], ["gpt"]):
        assert main(["train", *task, "--run", name, "--resume", *more]) == 2
        line = said(capsys)
        assert "imported from" in line
        assert f"--from {name}" in line
    assert main(["train", "gpt", "--run", name, *more]) == 2
    assert "exists already" in said(capsys)
    assert digest(runs / name) == before


def test_what_an_earlier_version_imported_is_known_again(runs, capsys):
    """It had no mark, and the folder of the checkpoint as its data."""
    path = runs / "imported-characters" / "config.json"
    config = json.loads(path.read_text())
    config["data"] = config.pop("imported")["from"]
    path.write_text(json.dumps(config))
    before = digest(path.parent)
    assert main(["train", "gpt", "--run", "imported-characters", "--resume"]) == 2
    assert "imported from" in said(capsys)
    assert digest(path.parent) == before
    assert main(["runs", "--json"]) == 0
    states = {run["run"]: run["state"] for run in json.loads(capsys.readouterr().out)["runs"]}
    assert states["imported-characters"] == "imported"


def test_an_imported_run_is_called_so(runs, capsys):
    assert main(["runs", "--json"]) == 0
    states = {run["run"]: run["state"] for run in json.loads(capsys.readouterr().out)["runs"]}
    assert states["imported-characters"] == states["imported-bytepair"] == "imported"
    assert states["gpt-characters"] == states["heights"] == "finished"
    assert main(["show", "imported-bytepair", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "imported"
    assert main(["show", "imported-bytepair"]) == 0
    assert "imported from" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gpt-characters", "heights", "sentiment", "digits"])
def test_a_finished_run_stays_as_it_is(name, runs, capsys):
    before = digest(runs / name)
    assert main(["train", "--run", name, "--resume", "--json"]) == 0
    after = digest(runs / name)
    assert {file for file in before if before[file] != after[file]} <= {"curves.png", "words.png"}
    facts = json.loads(capsys.readouterr().out)
    assert facts["run"] == name


@pytest.mark.parametrize("kept", [["state.safetensors"], []])
@pytest.mark.parametrize(
    ("name", "other"), [("gpt-characters", "heights"), ("digits", "heights"), ("digits", "sentiment")]
)
def test_weights_are_not_trained_over_by_the_task_of_a_config_from_another_run(name, other, kept, runs, capsys):
    (runs / name / "config.json").write_bytes((runs / other / "config.json").read_bytes())
    if not kept:
        (runs / name / "state.safetensors").unlink()
    before = digest(runs / name)
    assert main(["train", "--run", name, "--resume"]) == 2
    assert "another" in said(capsys)
    assert digest(runs / name) == before


@pytest.mark.parametrize("name", ["gpt-characters", "sentiment", "digits"])
def test_a_finished_run_without_its_checkpoint_stays_as_it_is(name, runs, capsys):
    (runs / name / "state.safetensors").unlink()
    before = digest(runs / name)
    assert main(["train", "--run", name, "--resume"]) == 0
    assert "is finished" in capsys.readouterr().out
    assert digest(runs / name) == before


@pytest.mark.parametrize("name", ["gpt-characters", "sentiment", "digits"])
@pytest.mark.parametrize("gone", [["report.json"], ["report.json", "model.safetensors"]])
def test_a_run_whose_checkpoint_is_gone_does_not_begin_anew(name, gone, runs, capsys):
    for file in ["state.safetensors", *gone]:
        (runs / name / file).unlink()
    before = digest(runs / name)
    assert main(["train", "--run", name, "--resume"]) == 2
    line = said(capsys)
    assert "state.safetensors: missing" in line
    assert "another --run" in line
    assert digest(runs / name) == before


@pytest.mark.parametrize(
    ("name", "file"), [("heights", "table.csv"), ("sentiment", "labelled.csv"), ("gpt-characters", "text.txt")]
)
def test_other_data_than_a_run_began_with_change_nothing(name, file, runs, capsys):
    config = runs / name / "config.json"
    changed = json.loads(config.read_text())
    changed["data"] = str(runs.parent / file)
    config.write_text(json.dumps(changed))
    path = runs.parent / file
    path.write_text(path.read_text().replace("good", "fine").replace("6,", "9,").replace("sea", "see"))
    if name != "heights":  # it keeps nothing to go on from: finished, it stays finished
        (runs / name / "report.json").unlink()
    before = digest(runs / name)
    code = main(["train", "--run", name, "--resume"])
    assert code == (0 if name == "heights" else 2)
    if code == 2:
        assert "this run began with" in said(capsys)
    assert digest(runs / name) == before


def test_other_pictures_than_a_run_began_with_change_nothing(runs, capsys, monkeypatch):
    from groundup.tasks.digits import task as digits

    real = digits.load_parts

    def load_others(*arguments):
        training, test = real(*arguments)
        training.pixels[:] = 255 - training.pixels
        return training, test

    monkeypatch.setattr(digits, "load_parts", load_others)
    before = digest(runs / "digits")
    assert main(["train", "--run", "digits", "--resume"]) == 2
    assert "not the pictures this run began with" in said(capsys)
    assert digest(runs / "digits") == before


@pytest.mark.parametrize("name", ["gpt-characters", "sentiment", "digits"])
def test_weights_that_are_lost_come_back_from_the_checkpoint(name, runs):
    before = digest(runs / name)
    for file in ("model.safetensors", "report.json", "metrics.jsonl"):
        (runs / name / file).unlink()
    assert main(["train", "--run", name, "--resume"]) == 0
    after = digest(runs / name)
    assert after["model.safetensors"] == before["model.safetensors"]
    last = Run.open(runs, name).metrics()[-1]
    assert last["loss"] > 0
    assert (runs / name / "report.json").is_file()


def test_a_text_that_is_not_the_run_s_makes_no_tokenizer(runs, capsys):
    """Its tokenizer would stay, and give the right text wrong numbers later."""
    (runs / "gpt-bytepair" / "tokenizer.json").unlink()
    config = runs / "gpt-bytepair" / "config.json"
    other = runs.parent / "other.txt"
    other.write_text("another text altogether " * 60)
    config.write_text(config.read_text().replace(str(json.loads(config.read_text())["data"]), str(other)))
    assert main(["train", "--run", "gpt-bytepair", "--resume"]) == 2
    assert "is not the text this run began with" in said(capsys)
    assert not (runs / "gpt-bytepair" / "tokenizer.json").exists()


def test_standard_input_that_is_lost_is_not_asked_for_again(runs, capsys, monkeypatch):
    config = runs / "gpt-characters" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "data": "-"}))
    for command in (["train", "--run", "gpt-characters", "--resume"], ["evaluate", "gpt-characters"]):
        assert main(command) == 2
        assert "text.txt: missing" in said(capsys)


HOLD = """
import sys; from pathlib import Path; from groundup.runs.folder import Run
with Run.open(Path(sys.argv[1]), sys.argv[2]).locked(): print('held', flush=True); sys.stdin.read()
"""


def test_a_run_that_another_process_took_first_is_not_taken_away(tmp_path, monkeypatch):
    """Between the folder's first instant and the lock somebody else may begin to train in it."""
    (tmp_path / "table.csv").write_text("age,height\n" + "".join(f"{row},{row}\n" for row in range(9)))
    real, holders = Run.create.__func__, []

    def create_and_lose(cls, root, name, task, config, fill=None, **more):
        run = real(cls, root, name, task, config, fill, **more)
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(root), run.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "held\n"
        holders.append(process)
        return run

    monkeypatch.setattr(Run, "create", classmethod(create_and_lose))
    try:
        with pytest.raises(UserError, match="another process is training this run"):
            launch("heights", root=tmp_path / "runs", data=str(tmp_path / "table.csv"), reporter=Reporter.silent())
        assert (tmp_path / "runs" / "heights" / "config.json").is_file()
    finally:
        for process in holders:
            process.communicate()


def test_settings_larger_than_any_computer_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for task, pair in [
        ("digits", f"epochs={10**20}"),
        ("heights", "iterations=99999999999999999999"),
        ("sentiment", f"batch_size={10**15}"),
        ("gpt", f"width={10**9}"),
        ("gpt", f"learning_rate={10**400}"),
    ]:
        assert main(["train", task, "--set", pair]) == 2
        line = said(capsys)
        assert "must be at most" in line or "a finite number" in line
    assert main(["train", "gpt", *words(["width=65536", "layers=1024", "heads=64"])]) == 2
    assert "weights are too many to train here" in said(capsys)
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_a_state_that_went_wrong_is_never_gone_on_with(runs, capsys):
    """NaN in the weights would be told as a learning rate that is too large, after figures were forgotten."""
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    path = runs / "digits" / "state.safetensors"
    with safe_open(path, framework="pt") as file:
        notes = file.metadata()
    tensors = load_file(path)
    tensors["model.first_linear.bias"][0] = torch.nan
    save_file(tensors, path, metadata=notes)
    before = digest(runs / "digits")
    assert main(["train", "--run", "digits", "--resume"]) == 2
    assert "state.safetensors: damaged (first_linear.bias holds numbers that are not finite)" in said(capsys)
    assert digest(runs / "digits") == before
