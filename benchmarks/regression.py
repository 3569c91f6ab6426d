"""Linear regression: descent as a recurrence against the NumPy loop, memory while a table is streamed, 2 processes.

    python benchmarks/regression.py                 the loop is run for 100 iterations and its time scaled
    python benchmarks/regression.py --full          the loop is run for all 10,000 iterations (some minutes)
    python benchmarks/regression.py --only processes --table-rows 1000000      ten million rows by 2 processes
    python benchmarks/regression.py --json

Both give weights for the same rows, learning rate and number of iterations, bias included, and the weights are
compared at every number of iterations that the loop really ran. Memory is the highest resident size of a process of
its own that learns from a file, for a file and for one of ten times as many rows. That larger CSV file is also learned
from by ``groundup train heights`` with one process and with two: whole processes, by turns, the median.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from groundup import LinearRegression
from groundup.steps.c2_regression.regression import train_with_bias

FEATURES = 10
RATE = 0.01


def make_rows(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw correlated features away from 0, and a noisy target."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, FEATURES)) @ random.normal(size=(FEATURES, FEATURES)) / 4 + random.normal(
        size=FEATURES
    )
    return X, X @ random.normal(size=FEATURES) + 3 + random.normal(size=rows)


def measure_speed(rows: int, iterations: int, loop_iterations: int) -> dict:
    """Time both and compare their weights at the iterations that the loop ran."""
    X, y = make_rows(rows)
    train_with_bias(X, y, 2, learning_rate=RATE)
    started = time.perf_counter()
    weights, bias = train_with_bias(X, y, loop_iterations, learning_rate=RATE)
    loop_seconds = time.perf_counter() - started
    expected = np.append(weights, bias)
    model = LinearRegression(RATE, loop_iterations).fit(X, y)
    found = np.append(model.coef_, model.intercept_)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        LinearRegression(RATE, iterations).fit(X, y)
        seconds.append(time.perf_counter() - started)
    fit_seconds = statistics.median(seconds)
    scaled = loop_seconds * iterations / loop_iterations
    return {
        "rows": rows,
        "features": FEATURES,
        "iterations": iterations,
        "loop_iterations_run": loop_iterations,
        "loop_seconds_run": loop_seconds,
        "loop_seconds_for_all": scaled,
        "loop_scaled": loop_iterations != iterations,
        "fit_seconds": fit_seconds,
        "times_faster": scaled / fit_seconds,
        "largest_relative_difference": float(np.max(np.abs(found - expected) / np.abs(expected))),
    }


def write_table(path: Path, rows: int) -> None:
    """Write rows to CSV or Parquet, a chunk at a time."""
    names = [f"x{place}" for place in range(FEATURES)] + ["y"]
    schema = pa.schema([(name, pa.float64()) for name in names])
    kind = pa.parquet.ParquetWriter if path.suffix == ".parquet" else pa.csv.CSVWriter
    with kind(path, schema) as writer:
        for start in range(0, rows, 50_000):
            X, y = make_rows(min(50_000, rows - start), start)
            writer.write_table(pa.table([*X.T, y], schema=schema))


def measure_memory(path: Path) -> dict:
    """Learn from a file in a process of its own; return its highest resident size and time."""
    answer = subprocess.run(
        [sys.executable, __file__, "--learn", str(path)], capture_output=True, text=True, check=True
    )
    return {"file": path.name, "megabytes": path.stat().st_size / 1e6, **json.loads(answer.stdout)}


def measure_processes(path: Path, times: int) -> dict:
    """Time whole commands with one process and with two, by turns."""
    seconds: dict[int, list[float]] = {1: [], 2: []}
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    for turn in range(times):
        for count, found in seconds.items():
            command = [sys.executable, "-m", "groundup", "train", "heights", "--data", str(path), "--json"]
            command += ["--runs", str(path.parent / "runs"), "--run", f"by{count}-{turn}", "--processes", str(count)]
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            found.append(time.perf_counter() - started)
    one, two = (statistics.median(found) for found in seconds.values())
    return {
        "file": path.name,
        "megabytes": path.stat().st_size / 1e6,
        "one": one,
        "two": two,
        "times_faster": one / two,
    }


def learn(path: str) -> None:
    started = time.perf_counter()
    model = LinearRegression("auto", 10_000, standardize=True).fit_table(path, "y")
    seconds = time.perf_counter() - started
    print(json.dumps({"rows": model.triangle_.rows, "seconds": seconds, "peak_mib": measure_peak()}))


def measure_peak() -> float:
    """Return this process's highest resident size in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss would count the parent's size too, from before this program was loaded.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--iterations", type=int, default=10_000)
    parser.add_argument("--loop-iterations", type=int, default=100, help="how many of them the loop runs")
    parser.add_argument("--full", action="store_true", help="let the loop run all of them")
    parser.add_argument(
        "--table-rows", type=int, default=100_000, help="rows of the smaller file; the other has ten times"
    )
    parser.add_argument("--only", choices=("speed", "memory", "processes"))
    parser.add_argument("--times", type=int, default=3, help="how often each command is timed")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--learn", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.learn:
        learn(options.learn)
        return
    found: dict = {}
    if options.only in (None, "speed"):
        found["speed"] = measure_speed(
            options.rows, options.iterations, options.iterations if options.full else options.loop_iterations
        )
    with tempfile.TemporaryDirectory() as folder:
        if options.only in (None, "memory"):
            found["memory"] = []
            for suffix in ("csv", "parquet"):
                for rows in (options.table_rows, 10 * options.table_rows):
                    path = Path(folder) / f"{rows}.{suffix}"
                    write_table(path, rows)
                    found["memory"].append(measure_memory(path))
        if options.only in (None, "processes"):
            path = Path(folder) / f"{10 * options.table_rows}.csv"
            if not path.exists():
                write_table(path, 10 * options.table_rows)
            found["processes"] = measure_processes(path, options.times)
    if options.json:
        print(json.dumps(found))
        return
    if "speed" in found:
        print_speed(found["speed"])
    for entry in found.get("memory", []):
        print(
            f"  {entry['file']:16} {entry['megabytes']:7.0f} MB  {entry['rows']:>10,} rows  {entry['seconds']:6.2f} s  "
            f"peak {entry['peak_mib']:.0f} MiB"
        )
    if "processes" in found:
        entry = found["processes"]
        print(
            f"  {entry['file']:16} {entry['megabytes']:7.0f} MB  1 process {entry['one']:6.2f} s  "
            f"2 processes {entry['two']:6.2f} s  times faster {entry['times_faster']:.2f}"
        )


def print_speed(speed: dict) -> None:
    how = "scaled from" if speed["loop_scaled"] else "run in full:"
    print(f"{speed['rows']:,} rows x {FEATURES} features and a bias, {speed['iterations']:,} iterations")
    print(
        f"  NumPy loop        {speed['loop_seconds_for_all']:10.3f} s   "
        f"({how} {speed['loop_iterations_run']:,} iterations, {speed['loop_seconds_run']:.2f} s)"
    )
    print(f"  LinearRegression  {speed['fit_seconds']:10.3f} s   (median of 5)")
    print(f"  times faster      {speed['times_faster']:10.0f}")
    print(
        f"  weights differ by {speed['largest_relative_difference']:10.1e}     "
        f"(relative, the largest, after {speed['loop_iterations_run']:,} iterations)"
    )


if __name__ == "__main__":
    main()
