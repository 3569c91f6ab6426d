"""An answer goes where the user says: through links, into devices and pipes, and never over a run's own files."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from groundup.base.errors import UserError
from groundup.runs.folder import Run
from groundup.runs.output import write_output, write_text


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "runs", "a", "digits", {})


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "shared").mkdir()
    target = tmp_path / "shared" / "page.html"
    for link in ("one", "two"):
        (tmp_path / link).symlink_to(target if link == "one" else "one")
        write_text(tmp_path / link, link)
        assert (tmp_path / link).is_symlink()
        assert target.read_text() == link
    assert [held.name for held in target.parent.iterdir()] == ["page.html"]


def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "grades.csv"
    path.touch(0o600)
    write_text(path, "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("link", [False, True])
def test_a_device_is_written_into_and_stays(link, tmp_path):
    path = tmp_path / "nothing"
    if link:
        path.symlink_to("/dev/null")
    elif os.geteuid() == 0:
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
            path.open("wb").close()
        except OSError:
            pytest.skip("devices cannot be made here")
    else:
        pytest.skip("only root makes devices")
    write_text(path, "x")
    assert stat.S_ISCHR(path.stat().st_mode)
    assert path.is_symlink() == link


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_device_is_told():
    with pytest.raises(UserError, match=r"/dev/full: the disk is full. Free some space and run the same command again"):
        write_text(Path("/dev/full"), "x")


def test_a_pipe_hands_the_answer_on(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(path.read_text()))
    reader.start()
    write_text(path, "x" * 100_000)
    reader.join(30)
    assert heard == ["x" * 100_000]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_what_the_shell_hands_over_is_written_to(tmp_path):
    code = "from pathlib import Path; from groundup.runs.output import write_text\n"
    code += "write_text(Path('/dev/stdout'), 'picture')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "picture"
    with (tmp_path / "file").open("w") as file:
        file.write("before ")
        file.flush()
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert (tmp_path / "file").read_text() == "before picture"


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "state.safetensors", "metrics.jsonl", "lock", "parts/block.py"]
)
def test_a_run_s_own_files_are_never_replaced(name, run, tmp_path):
    path = run.folder / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    before = path.read_bytes()
    link = tmp_path / "link"
    link.symlink_to(path)
    for place in (path, link):
        with pytest.raises(UserError, match="the run a needs this file"):
            write_text(place, "x")
    assert path.read_bytes() == before
    write_text(run.folder / "mine.png", "x")
    write_text(run.folder / "config.json.copy", "x")


def test_a_pipe_in_a_run_s_folder_is_replaced(run):
    """To write into it would wait for a reader for ever."""
    path = run.folder / "curves.png"
    os.mkfifo(path)
    write_text(path, "x")
    assert path.read_text() == "x"


def test_a_link_in_a_run_s_folder_leads_nowhere(run, tmp_path):
    """Somebody else's run may hold any link."""
    outside = tmp_path / "outside"
    outside.write_text("mine")
    path = run.folder / "curves.png"
    path.symlink_to(outside)
    write_text(path, "x")
    assert outside.read_text() == "mine"
    assert not path.is_symlink()


def test_what_cannot_be_written_is_told_in_one_line(run, tmp_path):
    (tmp_path / "round").symlink_to("about")
    (tmp_path / "about").symlink_to("round")
    for name, told in [
        ("runs", "a folder, and a file is to be written"),
        ("round", "cannot be written"),
        ("none/x", "cannot be written"),
        ("x\0y", "not a path that can be written"),
        ("n" * 300, "file name too long"),
    ]:
        with pytest.raises(UserError, match=told) as caught:
            write_text(tmp_path / name, "x")
        assert "\n" not in str(caught.value)


def test_a_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(stat, "S_ISBLK", lambda mode: True)
    path = tmp_path / "disk"
    path.touch()
    with pytest.raises(UserError, match="a disk, and all that is on it would be lost"):
        write_text(path, "x")


def test_a_writer_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a"
    path.write_text("before")

    def fail(filled):
        filled.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_output(path, fail)
    assert path.read_text() == "before"
    assert [held.name for held in tmp_path.iterdir()] == ["a"]
