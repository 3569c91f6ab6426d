"""Files are written whole or not at all, and a full disk is told in one line."""

import json
import os
import resource
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from groundup.base.errors import UserError
from groundup.base.files import remove_torn, replacing, replacing_folder
from groundup.base.writing import pack_json, replace_file, write_atomically
from groundup.runs.folder import Run


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, "one")
    write_atomically(path, "två")
    assert path.read_text(encoding="utf-8") == "två"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_atomically(path, "old")

    def fail_half_way(temporary):
        temporary.write_text("ne")
        raise RuntimeError("crash")

    with pytest.raises(RuntimeError):
        replace_file(path, fail_half_way)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_missing_folder_is_told(tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        write_atomically(tmp_path / "none" / "a.txt", "x")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot be written: .*/file is a file\. Choose a folder"):
        write_atomically(tmp_path / "file" / "run" / "a.txt", "x")


def test_full_disk_is_told_and_keeps_the_old_file(tmp_path):
    """A limit on file size stands in for a full disk: the system call fails the same way, half way through."""
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        import torch
        from groundup.base.errors import UserError
        from groundup.runs.folder import Run
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sys.dont_write_bytecode = True  # or compiled modules would be cut short, too, and stay
        run = Run(Path(sys.argv[1]), {})
        run.save_model({"w": torch.zeros(10)})
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        for save in (lambda: run.save_model({"w": torch.zeros(10_000)}), lambda: run.log(text="x" * 10_000)):
            try:
                save()
            except UserError as error:
                print(error)
        assert run.load_model()["w"].shape == (10,)
        """
    )
    result = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert result.stdout.count("the disk is full") == 2
    assert not list(tmp_path.glob("*.tmp"))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    torn, alive = (tmp_path / f".a.{process}.tmp" for process in (ended.pid, os.getppid()))
    other = tmp_path / f".b.{ended.pid}.tmp"
    for path in (torn, alive, other):
        path.touch()
    write_atomically(tmp_path / "a", "x")
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a", alive, other])


def test_a_new_file_has_the_permissions_of_any_other(tmp_path):
    """Safetensors makes files that only their owner may read."""
    before = os.umask(0o027)
    try:
        run = Run.create(tmp_path, "a", "digits", {})
        with run.locked():
            run.save_model({"w": torch.zeros(3)})
            run.log(step=1, loss=1.0)
    finally:
        os.umask(before)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in run.folder.iterdir()} == dict.fromkeys(
        ("config.json", "model.safetensors", "metrics.jsonl", "lock"), 0o640
    )
    assert stat.S_IMODE(run.folder.stat().st_mode) == 0o750


def test_a_name_as_long_as_a_name_may_be(tmp_path):
    path = tmp_path / ("n" * 255)
    write_atomically(path, "x")
    assert path.read_text() == "x"
    with pytest.raises(UserError, match="file name too long"):
        write_atomically(tmp_path / ("n" * 256), "x")


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a"
    for content in ("one", "two"):
        with replacing_folder(path) as filled:
            (filled / "inside").mkdir()
            (filled / "inside" / "file").write_text(content)
        assert (path / "inside" / "file").read_text() == content

    def fail_half_way():
        with replacing_folder(path) as filled:
            (filled / "half").write_text("")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with pytest.raises(FileExistsError), replacing_folder(path, new_only=True):
        pass
    assert (path / "inside" / "file").read_text() == "two"
    assert [held.name for held in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("old", [True, False])
def test_a_folder_that_a_killed_process_was_replacing_comes_back(old, tmp_path):
    """Killed between the two renames, it had the old folder out of its place and the new one not in yet."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = tmp_path / "a"
    for what in ("old", "tmp"):
        (tmp_path / f".a.{ended.pid}-1.{what}").mkdir()
    (tmp_path / f".a.{ended.pid}-1.old" / "file").write_text("before")
    if not old:
        path.mkdir()
    with pytest.raises(RuntimeError), replacing_folder(path):
        raise RuntimeError
    assert [held.name for held in tmp_path.iterdir()] == ["a"]
    assert [held.name for held in path.iterdir()] == (["file"] if old else [])


def test_what_a_library_puts_beside_a_file_it_writes_goes_with_a_killed_process(tmp_path):
    """safetensors fills a file with a name of its own first."""
    code = (
        "import os\nfrom groundup.base.files import replacing\n"
        f"with replacing(__import__('pathlib').Path({str(tmp_path)!r}, 'a')) as filled:\n"
        "    filled.with_name('.tmpAb12cD').write_text('half')\n    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    assert list(tmp_path.rglob(".tmpAb12cD"))
    remove_torn(tmp_path)
    assert not list(tmp_path.iterdir())


def test_everything_is_on_the_disk_before_it_takes_its_place(tmp_path, monkeypatch):
    flushed = []
    real = os.fsync

    def note(descriptor):
        flushed.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    with replacing_folder(tmp_path / "a") as filled:
        (filled / "deep").mkdir()
        (filled / "deep" / "file").write_text("x")
        assert flushed == []
    assert {Path(path).name for path in flushed[:-1]} == {filled.name, "deep", "file"}
    assert flushed[-1] == str(tmp_path)
    flushed.clear()
    with replacing(tmp_path / "b") as filled:
        filled.write_text("x")
    assert [Path(path).name for path in flushed] == [filled.name, tmp_path.name]


def test_any_text_can_be_kept_as_json_and_read_again(tmp_path):
    held = {"folder": os.fsdecode(b"ru\xe9"), "name": "Grüße 😀 \\ud800", "lone": ["\ud800", 1]}
    write_atomically(tmp_path / "a.json", pack_json(held))
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == held
    assert "Grüße 😀" in (tmp_path / "a.json").read_text(encoding="utf-8")
