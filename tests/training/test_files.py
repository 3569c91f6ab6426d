"""Files are written whole or not at all, and a full disk is told in one line."""

import os
import resource
import subprocess
import sys
import textwrap

import pytest

from groundup.errors import UserError
from groundup.training.files import replace_file, write_atomically


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


def test_full_disk_is_told_and_keeps_the_old_file(tmp_path):
    """A limit on file size stands in for a full disk: the system call fails the same way, half way through."""
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        import torch
        from groundup.errors import UserError
        from groundup.training.runs import Run
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
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
