"""Every run is listed, with what is wrong with it; none hides another."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from groundup.base.errors import UserError
from groundup.cli import main
from groundup.lab.run_status import describe_run, describe_runs
from groundup.runs.folder import Run
from groundup.tasks.listing import summarise, summarise_runs


@pytest.fixture
def root(tmp_path):
    """Return a folder with a run that is stopped, and one that has diverged."""
    for name, loss in (("good", 1.5), ("lost", math.nan)):
        run = Run.create(tmp_path / "runs", name, "digits", {"settings": {}})
        run.log(step=1, loss=2.0)
        run.log(step=2, loss=loss)
    return tmp_path / "runs"


def list_by_command(root, capsys):
    capsys.readouterr()
    assert main(["runs", "--runs", str(root), "--json"]) == 0
    found = {item["run"]: item for item in json.loads(capsys.readouterr().out)["runs"]}
    assert main(["runs", "--runs", str(root)]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in found if name.isprintable() and len(name) < 20)
    return found


def test_a_run_that_diverged_is_listed_with_what_is_wrong(root, capsys):
    found = list_by_command(root, capsys)
    assert found["good"]["error"] == ""
    assert found["good"]["state"] == found["lost"]["state"] == "stopped at step 2"
    assert "loss is nan at step 2: the learning rate was too large" in found["lost"]["error"]
    assert found["lost"]["last"]["loss"] is None
    assert {facts["name"] for facts in describe_runs(root)} == {"good", "lost"}


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("config.json", b"{", "config.json: damaged (not JSON"),
        (
            "config.json",
            b'{"format": 1,\n "task": "x',
            "damaged (not JSON: a text is not closed, which begins at line 2, character 10)",
        ),
        ("config.json", b"[" * 100_000, "config.json: damaged (nested too deep)"),
        ("config.json", b'{"format": 1, "task": ["x"]}', 'task is ["x"], not a text'),
        ("config.json", b'{"format": 1, "task": "\\ud800"}', 'task is "\\ud800", not a text'),
        ("config.json", b'{"format": 1, "task": "flowers"}', 'No task called "flowers"'),
        ("config.json", b'{"format": 1, "task": "heights", "model": {"columns": 3}}', 'model lacks "target"'),
        ("metrics.jsonl", b"[" * 100_000 + b"\n" + b"[" * 100_000 + b"\n", "metrics.jsonl, line 1: damaged"),
        ("metrics.jsonl", b'{"step": 1}\n\xff\n', "metrics.jsonl, line 1: damaged (it has no figures)"),
    ],
)
def test_a_run_that_cannot_be_read_is_listed_as_broken(file, content, told, root, capsys):
    (root / "good" / file).write_bytes(content)
    found = list_by_command(root, capsys)
    assert found["good"]["state"] == "broken"
    assert told in found["good"]["error"]
    assert found["lost"]["state"] == "stopped at step 2"
    assert describe_run(root, "good")["error"] == found["good"]["error"]


@pytest.mark.parametrize(
    ("file", "line"),
    [("metrics.jsonl", '{"step": 2, "lo'), ("metrics.jsonl", '{"step": 2, "loss": "x"}'), ("samples.jsonl", "{")],
)
def test_a_damaged_line_is_told_and_hides_no_other(file, line, root, capsys):
    run = Run.open(root, "good")
    for step in (1, 3):
        run.log_sample(step, f"written at {step}")
    run.log(step=3, loss=1.0)
    path = root / "good" / file
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:1], line, *lines[1:]]) + "\n")
    found = list_by_command(root, capsys)["good"]
    assert found["state"] == "stopped at step 3"
    assert found["error"].startswith(f"{path}, line 2: damaged")
    assert "Delete that line" in found["error"]
    assert [line["step"] for line in run.metrics()] == [1, 2, 3]
    assert [sample["text"] for sample in run.samples()] == ["written at 1", "written at 3"]
    assert main(["show", "good", "--runs", str(root)]) == 0
    assert "damaged" in capsys.readouterr().out


def test_a_last_line_cut_by_a_crash_is_no_damage(root):
    run = Run.open(root, "good")
    for file in ("metrics.jsonl", "samples.jsonl"):
        with run.path(file).open("a") as cut:
            cut.write('{"step": 3, "te')
    assert summarise(run.folder).error == ""
    run.keep_metrics_until(1)
    run.log(step=2, loss=1.0)
    run.log_sample(2, "new")
    assert [line["loss"] for line in run.metrics()] == [2.0, 1.0]
    assert [sample["text"] for sample in run.samples()] == ["new"]
    assert [len(run.path(file).read_text().splitlines()) for file in ("metrics.jsonl", "samples.jsonl")] == [2, 1]


def test_a_damaged_line_is_kept_where_the_file_is_written_anew(root):
    run = Run.open(root, "good")
    path = run.path("metrics.jsonl")
    before = '{"step": 1, "loss": 2.0\n' + path.read_text()
    path.write_text(before)
    run.keep_metrics_until(1)
    assert [line["step"] for line in run.metrics()] == [1]
    assert run.path("metrics.jsonl.damaged").read_text() == before


def test_a_damaged_report_is_told_and_the_run_shown(root, capsys):
    (root / "good" / "report.json").write_text("[" * 100_000)
    found = list_by_command(root, capsys)["good"]
    assert found["state"] == "stopped at step 2"
    assert "report.json: damaged (nested too deep)" in found["error"]


def test_folders_of_any_name_are_listed(root, capsys):
    for name in ("[red]", "a\nb", b"\xff".decode("utf-8", "surrogateescape"), "x" * 200):
        shutil.copytree(root / "good", root / name)
    (root / "file").write_text("no run")
    (root / "empty").mkdir()
    (root / ".hidden").mkdir()
    (root / "gone").mkdir()
    (root / "gone" / "config.json").symlink_to("nowhere")
    found = list_by_command(root, capsys)
    assert set(found) == {"good", "lost", "[red]", "a\nb", "\ufffd", "x" * 200, "gone"}
    assert found["gone"]["state"] == "broken"
    assert {facts["state"] for facts in describe_runs(root) if "\n" in facts["name"]} == {"broken"}


@pytest.mark.skipif(os.geteuid() != 0, reason="what is closed to others is closed by root")
def test_a_folder_that_may_not_be_looked_into_is_listed(root):
    (root / "good").chmod(0)
    try:
        os.seteuid(65534)
        (root.parent).stat()
        found = {one.name: one for one in summarise_runs(root)}
    except PermissionError:
        pytest.skip("this folder is closed to others")
    finally:
        os.seteuid(0)
        (root / "good").chmod(0o755)
    if found:  # the folders around it may be closed, too
        assert found["good"].state == "broken"
        assert "permission denied" in found["good"].error


def test_weights_that_may_not_be_read_are_told_as_that(root, monkeypatch):
    """They were called damaged, with the advice to train the run again."""
    real = Path.open

    def refuse(self, *arguments, **options):
        if self.name == "model.safetensors":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *arguments, **options)

    (root / "good" / "model.safetensors").write_bytes(b"x")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=r"you may not read it \(permission denied\).*chmod u\+r"):
        Run.open(root, "good").load_model()


def test_a_list_of_runs_needs_nothing_that_reads_tables(tmp_path):
    # Loading it takes a third of a second, each time that somebody looks.
    code = "import sys; from groundup.tasks.listing import summarise_runs; print('pyarrow' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert found.stdout == "False\n"
