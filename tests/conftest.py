"""Fixtures for every test, and run-time checking of the shapes written in the steps' signatures."""

import contextlib
import os
import signal
import subprocess
import sys

# After `nohup` or `&` Ctrl-C is ignored, also by the commands that tests start and want to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What is compiled is kept, in `__pycache__`, which Git ignores: else every worker and every process that a test starts
# from nothing compiles all of it again, a worker for seven seconds.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False

# Before PyTorch is loaded: side by side, the workers' threads would mostly wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import warm
from hypothesis import settings
from jaxtyping import install_import_hook

install_import_hook("groundup.steps", "beartype.beartype")

# A shared 2-core machine stalls now and then: a deadline would make a law fail for its speed.
settings.register_profile("groundup", deadline=None, max_examples=40, derandomize=bool(os.environ.get("CI")))
settings.load_profile("groundup")


# Test functions that take long, listed from the times of a whole run by `scripts/list_slow_tests.py`.
SLOW = frozenset((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").split())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave the tests that are listed as slow out of a quick run."""
    for item in items:
        if item.nodeid.partition("[")[0] in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while tests are collected, and never again through what was collected: it all stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


SHARED_DATA = Path(os.environ.get("GROUNDUP_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture
def shared_data():
    """Return a function from a relative name to a path of the real data sets; skip where they are absent."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(f"real data set {name} is not here; GROUNDUP_SHARED_DATA names the folder that holds it")
        return path

    return find


@pytest.fixture(scope="session")
def fork_server():
    """Return a process that has loaded NumPy and PyTorch, from which answers to judge are forked; one for all tests."""
    from groundup.judge.isolation.fork_server import ForkServer

    # The first optimizer loads the last one, in a second, and every fork would do so again.
    with ForkServer(["numpy", "torch", "torch._dynamo"]) as warm_one:
        yield warm_one


@pytest.fixture(scope="session")
def standing_judge():
    """Return a judge that stays for all tests."""
    from groundup.exercises.registry import load_exercise
    from groundup.judge.warm_judge import WarmJudge

    with WarmJudge(load_exercise) as judge:
        yield judge


@pytest.fixture
def one_judge(standing_judge, monkeypatch):
    """Let what is called in this process ask the judge that stays, instead of starting one for each call."""
    monkeypatch.setattr("groundup.judge.warm_judge.WarmJudge", lambda load: contextlib.nullcontext(standing_judge))


@pytest.fixture
def torchrun(tmp_path):
    """Return a function that starts processes as torchrun does, from nothing or forked, in the test's own folder."""
    own = {name: value for name, value in os.environ.items() if name not in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    started = []

    def start(count, *arguments, restarts=0, forked=False):
        options = [f"--nproc-per-node={count}", f"--max-restarts={restarts}", "--rdzv-backend=c10d"]
        options += ["--rdzv-endpoint=127.0.0.1:0", "--local-addr=127.0.0.1"]
        command = [sys.executable, "-m", "torch.distributed.run", *options, *map(str, arguments)]
        process = (warm.start if forked else subprocess.Popen)(
            command,
            cwd=tmp_path,
            env={**own, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=120)


class Member:
    """One of several threads that can hear each other, as `groundup.data.tables.distributed_read.Team` asks."""

    def __init__(self, rank: int, said: list[bytes], barrier: threading.Barrier) -> None:
        self.rank, self.size = rank, len(said)
        self._said, self._barrier = said, barrier

    def gather(self, message: bytes) -> list[bytes]:
        self._said[self.rank] = message
        self._barrier.wait()
        heard = list(self._said)
        self._barrier.wait()
        return heard


@pytest.fixture(scope="session")
def in_team():
    """Return a function that lets each member of a team do a work; it returns what each returned or raised."""

    def run(size: int, work: Callable[[Member], Any]) -> list[Any]:
        said, barrier = [b""] * size, threading.Barrier(size, timeout=600)

        def attempt(rank: int) -> Any:
            try:
                return work(Member(rank, said, barrier))
            except Exception as error:  # noqa: BLE001 - what was raised is what is tested
                return error

        with ThreadPoolExecutor(size) as pool:
            return list(pool.map(attempt, range(size)))

    return run
