"""The kernel's wall, tried without the hook before it: what a process does to others' files, TCP and signals."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, signal, socket, subprocess, sys
from groundup.judge.isolation.audit_hook import _FACTS, list_readable
from groundup.judge.isolation.landlock import build_wall
folder, other, port = sys.argv[1:]
os.chdir(folder)
if not build_wall(folder, list_readable(), _FACTS):
    print("no Landlock")
    sys.exit()
def attempt(name, action):
    try:
        action()
        print(name, "done")
    except OSError as error:
        print(name, "refused")
attempt("own", lambda: open("mine", "w").write("x"))
attempt("null", lambda: open(os.devnull, "w").write("x"))
attempt("library", lambda: open(os.__file__).read())
attempt("facts", lambda: open("/proc/self/status").read())
attempt("read", lambda: open(other).read())
attempt("write", lambda: open(other, "w").write("x"))
attempt("remove", lambda: os.remove(other))
attempt("through", lambda: open("/proc/self/root" + other).read())
attempt("environment", lambda: open(f"/proc/{os.getppid()}/environ", "rb").read())
attempt("program", lambda: subprocess.run([sys.executable, "-c", ""]))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", int(port)), timeout=5))
attempt("signal", lambda: os.kill(os.getppid(), 0))
pid = os.fork()
if pid == 0:
    attempt("child", lambda: open(other).read())
    sys.stdout.flush()
    os._exit(0)
os.waitpid(pid, 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_the_kernel_refuses_what_is_not_granted(tmp_path):
    folder, other = tmp_path / "own", tmp_path / "other.py"
    folder.mkdir()
    other.write_text("theirs")
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = [str(folder), str(other), str(server.getsockname()[1])]
        ended = subprocess.run([sys.executable, "-c", CODE, *arguments], capture_output=True, text=True, timeout=600)
    if "no Landlock" in ended.stdout:
        pytest.skip("this kernel has no Landlock")
    assert ended.returncode == 0, ended.stderr
    told = dict(line.split() for line in ended.stdout.splitlines())
    assert {name for name, how in told.items() if how == "done"} - {"connect", "signal"} == {
        "own",
        "null",
        "library",
        "facts",
    }
    assert other.read_text() == "theirs"
    # Older kernels lack these two.
    if tuple(map(int, Path("/proc/sys/kernel/osrelease").read_text().split(".")[:2])) >= (6, 12):
        assert told["connect"] == told["signal"] == "refused"
