"""One command for every format: whole or not at all, never over anything unasked, in one clear line if not."""

import errno
import importlib.util
import json
from pathlib import Path

import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.export.formats import FORMATS, export_run
from groundup.export.placing import place_file, place_folder
from groundup.tasks.launch import launch


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Train the quickest run of all."""
    folder = tmp_path_factory.mktemp("table")
    (folder / "table.csv").write_text("age,height\n" + "".join(f"{row % 7},{row % 7 + row % 3}\n" for row in range(20)))
    return launch("heights", root=folder, data=str(folder / "table.csv"), reporter=Reporter.silent())[0]


@pytest.mark.parametrize("to", ["huggingface", "gguf"])
@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_without_a_place_it_lies_in_the_run(run, to, capsys):
    root = str(run.folder.parent)
    assert main(["export", run.name, "--to", to, "--runs", root, "--force", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    place = run.folder / {"huggingface": "huggingface", "gguf": f"{run.name}.gguf"}[to]
    assert Path(told["path"]) == place
    assert told["open_with"] == FORMATS[to].open_with.format(path=place)
    assert all(Path(file).is_file() for file in told["files"])
    assert main(["export", run.name, "--to", to, "--runs", root]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["export", run.name, "--to", to, "--runs", root, "--force"]) == 0
    assert "Saved" in capsys.readouterr().out


def test_nothing_is_overwritten_unasked(table, tmp_path):
    path = tmp_path / "deep" / "model.onnx"
    first = export_run(table, "onnx", path)
    assert first.size == path.stat().st_size
    path.write_text("mine")
    with pytest.raises(UserError, match=r"exists already\. Choose another --out, or replace it with --force"):
        export_run(table, "onnx", path)
    assert path.read_text() == "mine"
    export_run(table, "onnx", path, force=True)
    assert path.stat().st_size == first.size
    assert [held.name for held in path.parent.iterdir()] == ["model.onnx"]


@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_a_folder_that_holds_more_is_never_replaced(run, tmp_path):
    out = export_run(run, "huggingface", tmp_path / "out").path
    (out / "thesis.tex").write_text("three years of work")
    with pytest.raises(UserError, match=r"holds more than an export \(thesis\.tex\)"):
        export_run(run, "huggingface", out, force=True)
    assert (out / "thesis.tex").is_file()
    (out / "thesis.tex").unlink()
    (out / "README.md").write_text("old")
    export_run(run, "huggingface", out, force=True)
    assert (out / "README.md").read_text() != "old"


@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_files_and_folders_do_not_take_each_other_s_place(run, table, tmp_path):
    with pytest.raises(UserError, match="a folder, and a file is to be written"):
        export_run(table, "onnx", tmp_path, force=True)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="a file, and a folder is to be written"):
        export_run(run, "huggingface", tmp_path / "file", force=True)
    assert (tmp_path / "file").read_text() == "mine"


def full_disk(path):
    (path / "half" if path.is_dir() else path).write_text("half of it")
    raise OSError(errno.ENOSPC, "no space left on device")


@pytest.mark.parametrize(("place", "folder"), [(place_file, False), (place_folder, True)])
def test_a_full_disk_leaves_what_was_there(place, folder, tmp_path):
    path = tmp_path / "out"
    if folder:
        path.mkdir()
    kept = path / "kept" if folder else path
    kept.write_text("before")
    with pytest.raises(UserError, match="the disk is full"):
        place(path, full_disk)
    assert kept.read_text() == "before"
    assert [held.name for held in tmp_path.iterdir()] == ["out"]


def test_a_stop_in_the_middle_leaves_what_was_there(tmp_path):
    def stop(folder):
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place_folder(tmp_path / "out", stop)
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named(table, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="takes the package onnx: python -m pip install onnx"):
        export_run(table, "onnx", tmp_path / "x.onnx")


def test_a_run_with_the_learner_s_parts_is_refused(table, tmp_path):
    with_parts = type(table)(table.folder, {**table.config, "parts": {"linear": {}}})
    with pytest.raises(UserError, match="computes with the learner's own linear, which no other tool can run"):
        export_run(with_parts, "onnx", tmp_path / "x.onnx")


def test_links_and_devices_are_written_to_and_a_run_s_own_files_never(table, tmp_path):
    target, link = tmp_path / "target.onnx", tmp_path / "link.onnx"
    link.symlink_to(target)
    made = export_run(table, "onnx", link)
    assert link.is_symlink()
    assert target.stat().st_size == made.size
    with pytest.raises(UserError, match="exists already"):
        export_run(table, "onnx", link)
    export_run(table, "onnx", link, force=True)
    assert link.is_symlink()
    export_run(table, "onnx", Path("/dev/null"))
    for name in ("config.json", "model.safetensors"):
        before = (table.folder / name).read_bytes()
        with pytest.raises(UserError, match="needs this file"):
            export_run(table, "onnx", table.folder / name, force=True)
        assert (table.folder / name).read_bytes() == before


@pytest.mark.parametrize("run", ["modern-characters"], indirect=True)
def test_a_link_to_a_folder_stays_a_link(run, tmp_path):
    (tmp_path / "link").symlink_to("target")
    export_run(run, "huggingface", tmp_path / "link")
    export_run(run, "huggingface", tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target" / "config.json").is_file()
