"""The workers of a Dask cluster do what local processes do, to the last byte, also when one is killed in the middle."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from groundup.base import cluster as cluster_module
from groundup.base.cluster import ClusterLost, open_cluster
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.data.corpus.shards import ShardMaker
from groundup.data.corpus.tokens import train_tokenizer
from groundup.data.tables.distributed_read import ClusterReading
from groundup.data.tables.read_design import read_design
from groundup.data.tables.table import open_table

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what a worker is doing")

BY_NUMPY = (
    "import numpy as np\n\ndef softmax(z):\n    return np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum()  # {}\n"
)
TOKENIZER = train_tokenizer("bytepair", ["line of the first file"] * 3, 280)


def wait_until(found, seconds=300.0):
    """Return what a function finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        threading.Event().wait(0.002)
    raise AssertionError("what was waited for did not come")


class TwoWorkers:
    """A scheduler and two workers of one thread, each in its own process; who is killed is started again."""

    def __init__(self, folder):
        self.temporary = folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.cluster = distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
            )
            self.client = distributed.Client(self.cluster, set_as_default=False)
        self.address = self.cluster.scheduler_address

    def find_pids(self):
        """Return the workers' process ids, once there are two."""
        self.client.wait_for_workers(2, timeout=300)
        return set(self.client.run(os.getpid).values())

    def kill_one_when(self, find):
        """Return a thread that waits until a function of the workers' ids finds the one to kill, and kills it."""
        pids = self.find_pids()
        killed = []

        def kill():
            pid = wait_until(lambda: find(pids))
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

        thread = threading.Thread(target=kill)
        thread.killed = killed
        thread.start()
        return thread

    def close(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.client.close()
            self.cluster.close()


@pytest.fixture(scope="module")
def workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED", "false")
        started = TwoWorkers(folder)
        yield started
        started.close()


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    for number in range(2):
        (folder / f"learner{number}").mkdir()
        (folder / f"learner{number}" / "softmax.py").write_text(BY_NUMPY.format(number))
    (folder / "eve").mkdir()
    (folder / "eve" / "softmax.py").write_text("import os\n\ndef softmax(z):\n    os._exit(0)\n")
    return folder


def grade(capsys, *arguments):
    code = main(["grade", *map(str, arguments), "--seed", "1", "--json"])
    facts = json.loads(capsys.readouterr().out)
    for answer in facts["answers"]:
        del answer["seconds"]  # how long it took is no verdict
    return code, json.dumps(facts)


def test_a_worker_killed_while_it_judges_costs_no_verdict(workers, answers, capsys):
    def find_judging(pids):
        owners = [path.read_text() for path in workers.temporary.glob("groundup-grading-*/.owner")]
        return next((int(owner) for owner in owners if owner and int(owner) in pids), None)

    killer = workers.kill_one_when(find_judging)
    code, facts = grade(capsys, answers, "--cluster", workers.address)
    killer.join()
    assert killer.killed[0] not in workers.find_pids()
    assert (code, facts) == grade(capsys, answers, "--workers", "1")
    assert json.loads(facts)["judged"] == 3
    assert json.loads(facts)["right"] == 2


def test_a_worker_killed_while_it_tokenises_costs_only_its_chunk(workers, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"line {number} of the first file, née é \r\n" for number in range(60_000)))
    here = ShardMaker([text], tmp_path / "here", 1, 200_000)
    there = ShardMaker([text], tmp_path / "there", 1, 200_000)
    folder = there._folder_of(TOKENIZER)
    kept = {}

    def find_writing(pids):
        writing = [int(path.name.split(".")[-2].partition("-")[0]) for path in folder.glob(".*.tokens.*.tmp")]
        done = list(folder.glob("[0-9]*.json"))
        if done and writing and writing[0] in pids:
            assert not (folder / "manifest.json").exists()
            kept.update({path: path.stat().st_mtime_ns for path in done})
            return writing[0]
        return None

    counted = []
    with open_cluster(workers.address) as there.cluster, there.locked():
        killer = workers.kill_one_when(find_writing)
        made = there.make_shards(TOKENIZER, counted.append)
        killer.join()
        alphabet = there.make_tokenizer("characters", 0)
    expected = here.make_shards(TOKENIZER)
    assert kept
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
    assert sum(counted) == text.stat().st_size
    names = sorted(path.name for path in expected.folder.iterdir())
    assert names == sorted(path.name for path in made.folder.iterdir() if not path.name.startswith("."))
    assert all((made.folder / name).read_bytes() == (expected.folder / name).read_bytes() for name in names)
    assert alphabet.to_json() == here.make_tokenizer("characters", 0).to_json()


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of 36 MB: three stretches."""
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 20_000)) + 50
    word = random.choice(["red", "green", "blue"], 20_000)
    y = x - 2 * z + (word == "red") + random.normal(size=20_000)
    block = "".join(f"{a},{b},{c},{d}\n" for a, b, c, d in zip(x, z, word, y, strict=True))
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_text("x,z,word,y\n" + block * (36_000_000 // len(block)))
    return path


def test_a_worker_killed_while_it_reads_a_table_changes_no_bit(workers, table):
    def find_reading(pids):
        for pid in pids:
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    if descriptor.readlink() == table:
                        return pid
                except OSError:
                    continue
        return None

    killer = workers.kill_one_when(find_reading)
    with open_cluster(workers.address) as cluster:
        there = read_design(table, "y", cluster=ClusterReading(cluster, Reporter.silent()))
    killer.join()
    assert killer.killed[0] not in workers.find_pids()
    here = read_design(table, "y")
    assert open_table(table).stretches == 3
    for part in ("train", "test"):
        ours, theirs = getattr(here, part), getattr(there, part)
        assert (ours.rows, ours.factor.tobytes()) == (theirs.rows, theirs.factor.tobytes())
    assert here.sample.tobytes() == there.sample.tobytes()
    assert (here.codes, here.notes, here.left_out) == (there.codes, there.notes, there.left_out)


def test_the_command_reads_a_parquet_table_on_the_cluster(workers, tmp_path, capsys):
    """What one worker finds wrong is told as one process tells it."""
    path = tmp_path / "table.parquet"
    x = np.arange(2000) % 11
    words = np.char.mod("%d", x)
    command = ["train", "regression", "--data", str(path), "--runs", str(tmp_path / "runs")]
    pa.parquet.write_table(pa.table({"x": words, "y": 3 * x + 1}), path, row_group_size=500)
    assert main([*command, "--cluster", workers.address, "--run", "good", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == {"x": pytest.approx(3)}
    words[1500] = "?!"
    pa.parquet.write_table(pa.table({"x": words, "y": 3 * x + 1}), path, row_group_size=500)
    assert main([*command, "--cluster", workers.address]) == 2
    assert 'row 1501, column "x": "?!" is not a finite number' in capsys.readouterr().err.splitlines()[-1]
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["good"]


def test_a_file_that_a_worker_cannot_see_is_named(workers, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("some words " * 1000)
    maker = ShardMaker([text], tmp_path / "cache", 1)
    assert maker.chunks
    text.rename(tmp_path / "elsewhere.txt")
    with (
        open_cluster(workers.address) as maker.cluster,
        pytest.raises(UserError, match=r"text.txt: the worker on \S+ .process \d+. cannot see this file. Put it on"),
    ):
        maker.make_shards(TOKENIZER)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:{closed}", r"no Dask scheduler answers there \(Timed out"),
        ("127.0.0.1:{silent}", r"no Dask scheduler answers there \(nothing was said"),
        ("nonsense", r"no Dask scheduler answers there \(missing port number"),
        ("foo://there:1", r"no Dask scheduler answers there \(unknown address scheme"),
    ],
)
def test_a_wrong_address_is_told_in_a_line(address, told, answers, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as closing:
        closed = closing.getsockname()[1]
        closing.close()
        address = address.format(closed=closed, silent=silent.getsockname()[1])
        text = tmp_path / "text.txt"
        text.write_text("some words " * 100)
        train = ["train", "--runs", str(tmp_path / "runs"), "--data"]
        for command in (
            ["grade", str(answers)],
            [*train, str(text), "gpt", "--set", "shard_above=0"],
            [*train, "families", "regression"],
        ):
            assert main([*command, "--cluster", address]) == 2
            captured = capsys.readouterr()
            last = captured.err.splitlines()[-1]
            assert re.search(told, last)
            assert address in last
            assert "Traceback" not in captured.err
        assert not list((tmp_path / "runs").glob("*"))


def test_a_cluster_of_other_versions_or_without_workers_is_told(workers, monkeypatch, capsys, answers):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        empty = distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None)
        assert main(["grade", str(answers), "--cluster", empty.scheduler_address]) == 2
        empty.close()
    assert "has no worker. Start some with: dask worker" in capsys.readouterr().err
    monkeypatch.setattr(cluster_module, "__version__", "9.9")
    assert main(["grade", str(answers), "--cluster", workers.address]) == 2
    assert re.search(
        r"the worker tcp://\S+ has groundup \S+; here it is 9.9. Install the same", capsys.readouterr().err
    )


def test_a_task_without_shared_work_refuses_a_cluster(tmp_path, capsys):
    assert main(["train", "digits", "--runs", str(tmp_path), "--cluster", "127.0.0.1:1"]) == 2
    assert "digits has no work that a cluster could share" in capsys.readouterr().err
    assert main(["grade", str(tmp_path), "--workers", "2", "--cluster", "127.0.0.1:1"]) == 2
    assert "Leave --workers out" in capsys.readouterr().err


def test_a_cluster_that_goes_away_is_told_and_what_is_done_is_kept(tmp_path, monkeypatch):
    started = []

    def start(module, *words):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *words, "--no-dashboard"]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return started[-1]

    told = tmp_path / "scheduler.json"
    text = tmp_path / "text.txt"
    text.write_text("".join(f"line {number} of the first file\n" for number in range(40_000)))
    maker = ShardMaker([text], tmp_path / "cache", 1, 100_000)
    try:
        scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        wait_until(told.exists)
        worker = start("dask_worker", "--scheduler-file", str(told), "--nthreads", "1", "--no-nanny")
        address = json.loads(told.read_text())["address"]
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=300)
        monkeypatch.setattr(cluster_module, "WITHOUT_WORKERS_SECONDS", 0.0)
        with open_cluster(address) as maker.cluster:
            with pytest.raises(ClusterLost, match=r"lost all its workers.*The shards that are done are kept"):
                maker.make_shards(TOKENIZER, lambda _: worker.kill())
            monkeypatch.setattr(cluster_module, "WITHOUT_WORKERS_SECONDS", 600.0)
            waiting = maker.cluster.submit(os.getpid)
            scheduler.kill()
            with pytest.raises(ClusterLost, match=r"scheduler is gone. Start it again"):
                waiting.result(timeout=300)
        kept = {path: path.stat().st_mtime_ns for path in maker._folder_of(TOKENIZER).glob("[0-9]*.json")}
        assert kept
    finally:
        for process in started:
            process.kill()
            process.wait()
    maker.cluster = None
    maker.make_shards(TOKENIZER)
    assert all(path.stat().st_mtime_ns == before for path, before in kept.items())
