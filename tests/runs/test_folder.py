"""A run folder is whole from its first instant, and a damaged one is told."""

import json
import os
import subprocess
import sys

import pytest
import torch

from groundup.base.errors import UserError
from groundup.runs.folder import Run, list_runs


def test_create_open_and_list(tmp_path):
    first = Run.create(tmp_path, None, "digits", {"seed": 1})
    second = Run.create(tmp_path, None, "digits", {"seed": 2})
    assert (first.name, second.name) == ("digits", "digits-2")
    assert Run.open(tmp_path, "digits").config == first.config
    assert Run.open(tmp_path / "elsewhere", str(second.folder)).config["seed"] == 2
    assert [run.name for run in list_runs(tmp_path)] == ["digits", "digits-2"]


def test_weights_and_metrics_round_trip(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {})
    weights = {"w": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(7)}
    run.save_model(weights)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in run.load_model().items())
    for step in range(1, 6):
        run.log(step=step, loss=1 / step)
    run.keep_metrics_until(3)
    assert [line["step"] for line in run.metrics()] == [1, 2, 3]
    with run.path("metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    assert [line["step"] for line in run.metrics()] == [1, 2, 3]


def _damage(run, filename, content):
    run.path(filename).write_bytes(content)


@pytest.mark.parametrize(
    ("prepare", "use", "message"),
    [
        (lambda run: None, lambda root: Run.open(root, "b"), 'No run called "b".*Runs there: a'),
        (lambda run: run.path("config.json").unlink(), lambda root: Run.open(root, "a"), "config.json is missing"),
        (lambda run: _damage(run, "config.json", b'{"task": '), lambda root: Run.open(root, "a"), "damaged"),
        (lambda run: _damage(run, "config.json", b"\xff\xfe"), lambda root: Run.open(root, "a"), "damaged"),
        (lambda run: _damage(run, "config.json", b"[]"), lambda root: Run.open(root, "a"), "names no task"),
        (lambda run: run.update_config(format=99), lambda root: Run.open(root, "a"), "format 99"),
        (lambda run: None, lambda root: Run.open(root, "a").load_model(), "no trained weights yet"),
        (
            lambda run: _damage(run, "model.safetensors", b"12345"),
            lambda root: Run.open(root, "a").load_model(),
            "damag",
        ),
        (lambda run: None, lambda root: Run.create(root, "a", "digits", {}), "exists already"),
        (lambda run: None, lambda root: Run.create(root, "../x", "digits", {}), "use letters"),
    ],
)
def test_bad_folders_are_told_in_one_line(tmp_path, prepare, use, message):
    prepare(Run.create(tmp_path, "a", "digits", {}))
    with pytest.raises(UserError, match=message) as caught:
        use(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_truncated_weights_file_is_damaged_at_every_length(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {})
    run.save_model({"w": torch.zeros(3)})
    whole = run.path("model.safetensors").read_bytes()
    for length in range(0, len(whole), 5):
        _damage(run, "model.safetensors", whole[:length])
        with pytest.raises(UserError, match="damaged"):
            run.load_model()


def test_a_run_in_use_by_another_process_is_refused(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {})
    script = (
        "import sys; from pathlib import Path; from groundup.runs.folder import Run\n"
        "with Run.open(Path(sys.argv[1]), 'a').locked(): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="another process"), run.locked():
            pass
    finally:
        holder.kill()
        holder.communicate()
    with run.locked():  # the lock died with its holder
        pass


def test_the_folder_holds_plain_json(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {"settings": {"epochs": 3}})
    assert json.loads(run.path("config.json").read_text())["settings"] == {"epochs": 3}


def test_a_folder_that_is_no_utf_8_is_told_before_any_work(tmp_path):
    root = tmp_path / os.fsdecode(b"ru\xe9")
    with pytest.raises(UserError, match="not UTF-8"):
        Run.create(root, "new", "heights", {})
    assert not root.exists()
    Run.create(tmp_path / "runs", "new", "heights", {})
    (tmp_path / "runs").rename(root)
    with pytest.raises(UserError, match="not UTF-8"):
        Run.open(root, "new")
