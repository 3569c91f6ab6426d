"""Labelled sentences on the command line: pipes, labels of one's own, and what is said of them."""

import json
import os
import subprocess
import sys
import threading

import pytest

from groundup.cli import main
from groundup.data.texts.labelled_texts import STARTER

ROWS = STARTER.read_text().splitlines()[1:]


def groundup(*arguments):
    return main([str(argument) for argument in arguments])


def run_process(command, folder, given=b""):
    program = f"{sys.executable} -m groundup"
    return subprocess.run(
        ["bash", "-c", command.replace("groundup", program, 1)],
        input=given,
        capture_output=True,
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=600,
    )


@pytest.fixture(scope="module")
def sentences(tmp_path_factory):
    path = tmp_path_factory.mktemp("sentences") / "mine.tsv"
    path.write_text("\n".join(ROWS))
    return path


@pytest.mark.parametrize("data", ["<(cat {})", "/dev/stdin", "-"])
def test_a_pipe_is_data_and_a_copy_is_kept(tmp_path, sentences, capsys, data):
    command = f"groundup train sentiment --data {data.format(sentences)} --run a --json"
    done = run_process(command, tmp_path, sentences.read_bytes())
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["train_texts"] + facts["test_texts"] == len(ROWS)
    assert (tmp_path / "runs" / "a" / "texts.txt").read_bytes() == sentences.read_bytes()
    assert groundup("evaluate", "a", "--runs", tmp_path / "runs", "--json") == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == facts["accuracy"]


def test_a_named_pipe_is_data(tmp_path, sentences, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_bytes(sentences.read_bytes()), daemon=True).start()
    assert groundup("train", "sentiment", "--data", pipe, "--runs", tmp_path / "runs", "--json") == 0
    assert json.loads(capsys.readouterr().out)["train_texts"] > 100


def test_standard_input_from_a_file_is_that_file(tmp_path, sentences):
    done = run_process(f"groundup train sentiment --data /dev/stdin --run a < {sentences}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "runs" / "a" / "config.json").read_text())["data"] == str(sentences)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("/dev/zero", "/dev/zero: binary, not text"),
        ("/dev/urandom", "/dev/urandom: binary, not text"),
        ("/dev/null", "/dev/null: empty. Give"),
    ],
)
def test_devices_are_told_at_once(tmp_path, capsys, data, message):
    for task in ("sentiment", "gpt"):
        assert groundup("train", task, "--data", data, "--runs", tmp_path) == 2
        said = capsys.readouterr().err
        assert "binary" in said if "binary" in message else message.split(":")[0] in said
        assert data in said
        assert said.count("\n") == 1
        assert not list(tmp_path.glob("*/config.json"))


def test_a_fault_in_a_pipe_is_told_by_the_pipes_name(tmp_path):
    done = run_process("groundup train sentiment --data -", tmp_path, b"fine\t1\nbad\tmaybe\n")
    assert done.returncode == 2
    assert done.stderr.decode().startswith('groundup: standard input, row 2: the label "maybe" is not understood.')


def test_labels_of_ones_own_go_with_the_run(tmp_path, capsys):
    mine = tmp_path / "mine.csv"
    mapped = [row.split("\t") for row in ROWS]
    lines = [f'"{text}","{"worth it, really" if label == "positive" else "no"}"' for text, label in mapped]
    mine.write_text("text,verdict\n" + "\n".join([*lines, "so so,unsure"]))
    run = ("--runs", tmp_path / "runs")
    asked = ("train", "sentiment", "--data", mine, *run, "--run", "a", "--set", "label_column=verdict")
    assert groundup(*asked) == 2
    assert """--set 'labels="worth it, really"=1,unsure=0'""" in capsys.readouterr().err
    assert groundup(*asked, "--set", 'labels="worth it, really"=1,no=0,unsure=none') == 0
    assert "1 text(s) labelled neither left out" in " ".join(capsys.readouterr().err.split())
    assert groundup("evaluate", "a", "--data", mine, *run, "--json") == 0
    assert json.loads(capsys.readouterr().out)["texts"] == len(ROWS)


def test_the_scale_of_the_training_goes_with_the_run(tmp_path, capsys):
    stars = tmp_path / "stars.csv"
    lines = [f'"{text}",{5 if label == "positive" else 1}' for text, label in (row.split("\t") for row in ROWS)]
    stars.write_text("text,stars\n" + "\n".join(lines))
    run = ("--runs", tmp_path / "runs")
    assert groundup("train", "sentiment", "--data", stars, *run, "--run", "a") == 0
    assert "1 and 2 of 5 stars are negative" in " ".join(capsys.readouterr().err.split())
    (tmp_path / "few.csv").write_text("text,stars\nugly,1\nawful,2\n")
    assert groundup("evaluate", "a", "--data", tmp_path / "few.csv", *run, "--json") == 0
    confusion = json.loads(capsys.readouterr().out)["confusion"]
    assert sum(confusion["negative"].values()) == 2


def test_half_a_character_is_refused_in_one_line(tmp_path, capsys):
    run = ("--runs", tmp_path)
    assert groundup("train", "sentiment", *run, "--run", "a") == 0
    capsys.readouterr()
    assert groundup("predict", "a", "fine", "caf\udce9", *run) == 2
    assert capsys.readouterr().err == 'groundup: "caf\\udce9": the text: not UTF-8 at character 3. Type it again.\n'
    assert groundup("neighbours", "a", "caf\udce9", *run) == 2
    assert "not UTF-8 at character 3" in capsys.readouterr().err
