"""What work on a Dask cluster costs: the scheduler for a task, a worker for a megabyte of text and for an answer.

Needs the extra "cluster". All figures are seconds of the processor, which a busy machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import judge
from groundup.base.cluster import open_cluster
from groundup.base.executors import share_out
from groundup.data.corpus.shards import ShardMaker
from groundup.exercises.grading_folders import open_place
from groundup.judge.grading import grade
from groundup.judge.isolation.worker import Job
from groundup.judge.judging import CheckOptions


def wait_for_nothing(number: int) -> int:
    return number


def measure_children() -> float:
    """Return the processor seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_tasks(count: int) -> dict[str, float]:
    """Measure tasks that do nothing; the scheduler runs in this process, with the client."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as there,
        open_cluster(there.scheduler_address) as cluster,
    ):
        began, started = time.process_time(), time.perf_counter()
        for _ in share_out(cluster, wait_for_nothing, range(count), lambda: 32):
            pass
        used, passed = time.process_time() - began, time.perf_counter() - started
    return {"milliseconds per task": 1000 * used / count, "tasks per second": count / passed}


def measure_tokenising(source: Path, megabytes: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder, "text.txt")
        lines = source.read_bytes()
        with text.open("wb") as file:
            while file.tell() < megabytes * 1e6:
                file.write(lines)
        maker = ShardMaker([text], Path(folder, "cache"), 1)
        tokenizer = maker.make_tokenizer("bytepair", 8192)
        before = measure_children()
        tokens = maker.make_shards(tokenizer)
        used, size = measure_children() - before, text.stat().st_size
        return {"text MB per second": size / 1e6 / used, "shard bytes per byte of text": 2 * len(tokens) / size}


def measure_grading(count: int) -> dict[str, float]:
    jobs = [Job("regression-training", source, CheckOptions(seed=1)) for _, source in judge.write_answers(count)]
    before = measure_children()
    with open_place(trust=True) as (setting, _):
        verdicts = list(grade(jobs, setting, 1))
    largest = max(len(json.dumps(verdict)) for _, verdict in verdicts)
    return {"seconds per answer": (measure_children() - before) / count, "bytes of the longest verdict": largest}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, help="a text to repeat")
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--tasks", type=int, default=5000)
    options = parser.parse_args()
    found = {
        "load": os.getloadavg()[0],
        "tasks": measure_tasks(options.tasks),
        "tokenising, one process": measure_tokenising(options.text, options.megabytes),
        "grading, one judge": measure_grading(options.answers),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
