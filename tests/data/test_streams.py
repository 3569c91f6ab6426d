"""Pipes and devices: what comes once, is read once, and never without end."""

import io
import os
import sys
import threading

import pytest

from groundup.base.errors import UserError
from groundup.data.streams import BLOCK, is_stream, read_blocks, read_stream


def feed(path, content):
    threading.Thread(target=lambda: path.write_bytes(content), daemon=True).start()


def test_what_is_a_stream(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    streams = [name for name in ("pipe", "file", "link", "none") if is_stream(str(tmp_path / name))]
    assert streams == ["pipe"]
    assert is_stream("/dev/null")
    assert not is_stream(str(tmp_path))


def test_a_pipe_is_read_whole(tmp_path):
    content = "né\n".encode() * BLOCK
    os.mkfifo(tmp_path / "pipe")
    feed(tmp_path / "pipe", content)
    assert read_stream(str(tmp_path / "pipe")) == content


def test_a_pipe_of_the_shell_is_read_by_its_number():
    reading, writing = os.pipe()
    os.write(writing, b"fine")
    os.close(writing)
    assert read_stream(f"/dev/fd/{reading}") == b"fine"
    os.close(reading)


def test_no_stream_is_read_without_end(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    feed(tmp_path / "pipe", b"yes\n" * 100_000)
    with pytest.raises(UserError, match=r"pipe: more than 0\.1 MB without an end"):
        read_stream(str(tmp_path / "pipe"), most=100_000)


@pytest.mark.parametrize(
    ("data", "message"),
    [("/dev/zero", "binary, not text"), ("/dev/urandom", "binary, not text"), ("/dev/null", "empty. Give")],
)
def test_devices(data, message):
    with pytest.raises(UserError, match=f"{data}: {message}"):
        read_stream(data)


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"fine")))
    assert b"".join(read_blocks("-")) == b"fine"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UserError, match="standard input: closed"):
        read_stream("-")
