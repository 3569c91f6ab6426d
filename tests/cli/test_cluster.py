"""The workers of a Dask cluster do what local processes do, to the last byte, also when one is killed in the middle.

Dask's client leaves threads behind: it runs in processes of its own, never in that of the tests.
"""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import warm

from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import train_tokenizer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what a worker is doing"),
    pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed"),
]

SOFTMAX = "import numpy as np\n\ndef softmax(z):\n    return np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum()\n"
TOKENIZER = train_tokenizer("bytepair", ["line of the first file"] * 3, 280)

CONNECT = """
import sys
from distributed import Client
with Client(sys.argv[1], set_as_default=False) as client:
    client.wait_for_workers(int(sys.argv[2]), timeout=300)
"""
TOKENISE = """
import sys
from pathlib import Path
from groundup.base.cluster import open_cluster
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import train_tokenizer
maker = ShardMaker([Path(sys.argv[2])], Path(sys.argv[3]), 1, 200_000)
counted = []
with open_cluster(sys.argv[1]) as maker.cluster, maker.locked():
    maker.make_shards(train_tokenizer("bytepair", ["line of the first file"] * 3, 280), counted.append)
    maker.make_tokenizer("characters", 0)
print(sum(counted))
"""
READ = """
import hashlib, sys
from pathlib import Path
from groundup.base.cluster import open_cluster
from groundup.base.reporting import Reporter
from groundup.data.tables.distributed_read import ClusterReading
from groundup.data.tables.read_design import read_design
from groundup.data.tables.table import open_table
path = Path(sys.argv[1])
if len(sys.argv) > 2:
    with open_cluster(sys.argv[2]) as cluster:
        design = read_design(path, "y", cluster=ClusterReading(cluster, Reporter.silent()))
else:
    design = read_design(path, "y")
digest = hashlib.sha256(repr((design.codes, design.notes, design.left_out)).encode())
for array in (design.train.factor, design.test.factor, design.sample):
    digest.update(array.tobytes())
print(open_table(path).stretches, design.train.rows + design.test.rows, digest.hexdigest())
"""
LOSE = """
import os, signal, sys
from pathlib import Path
from groundup.base import cluster
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import train_tokenizer
address, text, cache, worker, scheduler = sys.argv[1:]
cluster.WITHOUT_WORKERS_SECONDS = 0.0
maker = ShardMaker([Path(text)], Path(cache), 1, 100_000)
with cluster.open_cluster(address) as maker.cluster:
    try:
        maker.make_shards(
            train_tokenizer("bytepair", ["line of the first file"] * 3, 280), lambda _: os.kill(int(worker), 9)
        )
    except cluster.ClusterLost as error:
        print(error)
    cluster.WITHOUT_WORKERS_SECONDS = 600.0
    waiting = maker.cluster.submit(os.getpid)
    os.kill(int(scheduler), 9)
    print(waiting.exception(timeout=300))
"""
OTHER_VERSION = """
import sys
import groundup.base.cluster
from groundup.cli import main
groundup.base.cluster.__version__ = "9.9"
sys.exit(main(sys.argv[1:]))
"""


def wait_until(found, seconds=300.0):
    """Return what a function finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        threading.Event().wait(0.002)
    raise AssertionError("what was waited for did not come")


def run(*words, code=0, **environment):
    """Run Python with these words, forked; return what it wrote to standard output and standard error."""
    own = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    done = warm.run([sys.executable, *map(str, words)], capture_output=True, text=True, env=own, timeout=600)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def groundup(*words, **options):
    return run("-m", "groundup", *words, **options)


class Dask:
    """A scheduler, and workers that are started again when they die; each in its own process."""

    def __init__(self, folder):
        self.folder, self.started = folder, []
        told = folder / "scheduler.json"
        words = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told)]
        self.scheduler = self.start("dask_scheduler", *words)
        self.address = wait_until(
            lambda: told.exists() and told.read_text().endswith("}") and json.loads(told.read_text())
        )["address"]

    def start(self, module, *words):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"]
        own = {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(self.folder)}
        quiet = subprocess.DEVNULL
        self.started.append(subprocess.Popen(command, env=own, stdin=quiet, stdout=quiet, stderr=quiet))
        return self.started[-1]

    def start_workers(self, count, *words):
        """Start workers of one thread each, and wait until they are there."""
        worker = self.start("dask_worker", self.address, "--nworkers", str(count), "--nthreads", "1", *words)
        subprocess.run([sys.executable, "-c", CONNECT, self.address, str(count)], check=True, timeout=600)
        return worker

    def list_pids(self):
        """Return the ids of all processes that were started here, and of those that they started."""
        left, found = [process.pid for process in self.started], []
        while left:
            found.append(left.pop())
            for path in Path(f"/proc/{found[-1]}/task").glob("*/children"):
                try:
                    left += map(int, path.read_text().split())
                except OSError:
                    continue
        return found

    def kill_one_when(self, find):
        """Return a thread that waits until a function finds the id of a process to kill, and kills it."""

        def kill():
            thread.killed = wait_until(find)
            assert thread.killed in self.list_pids()
            os.kill(thread.killed, signal.SIGKILL)

        thread = threading.Thread(target=kill)
        thread.start()
        return thread

    def close(self):
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    """Two workers, as `dask worker` starts them."""
    started = Dask(tmp_path_factory.mktemp("temporary"))
    try:
        started.start_workers(2)
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    for learner in ("ada", "ben", "eve"):
        (folder / learner).mkdir()
        (folder / learner / "softmax.py").write_text(
            SOFTMAX.replace("return", "return" if learner != "eve" else "exit")
        )
    return folder


def test_a_worker_killed_while_it_judges_costs_no_verdict(workers, answers):
    def find_judging():
        owners = [path.read_text() for path in workers.folder.glob("groundup-grading-*/.owner")]
        return next((int(owner) for owner in owners if owner), None)

    def grade(*more):
        facts = json.loads(groundup("grade", answers, "--seed", 1, "--json", *more, code=1)[0])
        for answer in facts["answers"]:
            del answer["seconds"]  # how long it took is no verdict
        return facts

    killer = workers.kill_one_when(find_judging)
    there = grade("--cluster", workers.address)
    killer.join()
    assert killer.killed
    assert json.dumps(there) == json.dumps(grade("--workers", 1))
    assert (there["judged"], there["right"]) == (3, 2)


def test_a_worker_killed_while_it_tokenises_costs_only_its_chunk(workers, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"line {number} of the first file, née é \r\n" for number in range(60_000)))
    here = ShardMaker([text], tmp_path / "here", 1, 200_000)
    folder = ShardMaker([text], tmp_path / "there", 1, 200_000)._folder_of(TOKENIZER)
    kept = {}

    def find_writing():
        writing = [path.name for path in folder.glob(".*.tokens.*.tmp")]
        done = list(folder.glob("[0-9]*.json"))
        if not done or not writing:
            return None
        assert not (folder / "manifest.json").exists()
        kept.update({path: path.stat().st_mtime_ns for path in done})
        return int(writing[0].split(".")[-2].partition("-")[0])

    killer = workers.kill_one_when(find_writing)
    counted, _ = run("-c", TOKENISE, workers.address, text, tmp_path / "there")
    killer.join()
    assert killer.killed
    assert kept
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    assert int(counted) == text.stat().st_size
    expected = here.make_shards(TOKENIZER).folder
    names = sorted(path.name for path in expected.iterdir())
    assert names == sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    assert all((folder / name).read_bytes() == (expected / name).read_bytes() for name in names)
    alphabet = here.make_tokenizer("characters", 0)
    assert (folder.parent / "characters.json").read_text() == alphabet.to_json()


def test_a_worker_killed_while_it_reads_a_table_changes_no_bit(workers, tmp_path):
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 20_000)) + 50
    word = random.choice(["red", "green", "blue"], 20_000)
    y = x - 2 * z + (word == "red") + random.normal(size=20_000)
    block = "".join(f"{a},{b},{c},{d}\n" for a, b, c, d in zip(x, z, word, y, strict=True))
    table = tmp_path / "table.csv"
    table.write_text("x,z,word,y\n" + block * (36_000_000 // len(block)))

    def find_reading():
        for pid in workers.list_pids():
            try:
                if any(path.readlink() == table for path in Path(f"/proc/{pid}/fd").iterdir()):
                    return pid
            except OSError:
                continue
        return None

    killer = workers.kill_one_when(find_reading)
    there, _ = run("-c", READ, table, workers.address)
    killer.join()
    assert killer.killed
    assert there == run("-c", READ, table)[0]
    assert there.startswith("3 ")


def test_the_command_reads_a_parquet_table_on_the_cluster(workers, tmp_path):
    """What one worker finds wrong is told as one process tells it."""
    path = tmp_path / "table.parquet"
    x = np.arange(2000) % 11
    words = np.char.mod("%d", x)
    command = ["train", "regression", "--data", path, "--runs", tmp_path / "runs", "--cluster", workers.address]
    pa.parquet.write_table(pa.table({"x": words, "y": 3 * x + 1}), path, row_group_size=500)
    out, _ = groundup(*command, "--run", "good", "--json")
    assert json.loads(out)["weights"] == {"x": pytest.approx(3)}
    words[1500] = "?!"
    pa.parquet.write_table(pa.table({"x": words, "y": 3 * x + 1}), path, row_group_size=500)
    _, err = groundup(*command, code=2)
    assert 'row 1501, column "x": "?!" is not a finite number' in err.splitlines()[-1]
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["good"]


def test_a_file_that_a_worker_cannot_see_is_named(workers, tmp_path):
    """The text is moved away once it is cut into chunks: at its path, the worker finds nothing."""
    text = tmp_path / "text.txt"
    text.write_text("some words " * 1000)
    program = TOKENISE.replace("counted = []", "maker.chunks; Path(sys.argv[2]).rename(sys.argv[2] + '.moved')")
    program = program.replace("counted.append", "print")
    caught = "import sys\ntry:\n" + "".join(f"    {line}\n" for line in program.splitlines())
    caught += "except Exception as error:\n    print(type(error).__name__, error)\n"
    told, _ = run("-c", caught, workers.address, text, tmp_path / "cache")
    assert re.search(r"UserError \S+text.txt: the worker on \S+ .process \d+. cannot see this file. Put it on", told)


@pytest.mark.parametrize("kind", ["closed", "silent", "nonsense", "scheme"])
def test_a_wrong_address_is_told_in_a_line(kind, answers, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        if kind == "closed":
            listening.close()
        address, told = {
            "closed": (f"127.0.0.1:{port}", "Timed out"),
            "silent": (f"127.0.0.1:{port}", "nothing was said"),
            "nonsense": ("nonsense", "missing port number"),
            "scheme": ("foo://there:1", "unknown address scheme"),
        }[kind]
        text = tmp_path / "text.txt"
        text.write_text("some words " * 100)
        train = ["train", "--runs", tmp_path / "runs", "--data"]
        command = {
            "closed": ["grade", answers],
            "silent": [*train, text, "gpt", "--set", "shard_above=0"],
            "nonsense": [*train, "families", "regression"],
            "scheme": ["grade", answers],
        }[kind]
        quick = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "0.5s", "GROUNDUP_CACHE": str(tmp_path / "cache")}
        _, err = groundup(*command, "--cluster", address, code=2, **quick)
    assert f"--cluster {address}: no Dask scheduler answers there ({told}" in err.splitlines()[-1]
    assert not list((tmp_path / "runs").glob("*"))


def test_a_worker_of_another_version_is_told(workers, answers):
    _, err = run("-c", OTHER_VERSION, "grade", answers, "--cluster", workers.address, code=2)
    assert re.search(r"the worker tcp://\S+ has groundup \S+; here it is 9.9. Install the same", err.splitlines()[-1])


def test_work_that_is_not_shared_refuses_a_cluster(answers, tmp_path):
    _, err = groundup("train", "digits", "--runs", tmp_path, "--cluster", "127.0.0.1:1", code=2)
    assert "digits has no work that a cluster could share" in err
    _, err = groundup("grade", answers, "--workers", 2, "--cluster", "127.0.0.1:1", code=2)
    assert "Leave --workers out" in err


def test_a_cluster_that_goes_away_is_told_and_what_is_done_is_kept(answers, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"line {number} of the first file\n" for number in range(40_000)))
    maker = ShardMaker([text], tmp_path / "cache", 1, 100_000)
    started = Dask(tmp_path)
    try:
        _, err = groundup("grade", answers, "--cluster", started.address, code=2)
        assert "has no worker. Start some with: dask worker tcp://" in err
        worker = started.start_workers(1, "--no-nanny")
        out, _ = run("-c", LOSE, started.address, text, tmp_path / "cache", worker.pid, started.scheduler.pid)
    finally:
        started.close()
    lost, gone = out.splitlines()
    assert re.search(r"lost all its workers.*The shards that are done are kept", lost)
    assert "scheduler is gone. Start it again" in gone
    kept = {path: path.stat().st_mtime_ns for path in maker._folder_of(TOKENIZER).glob("[0-9]*.json")}
    assert kept
    maker.make_shards(TOKENIZER)
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
