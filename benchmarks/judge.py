"""How long the judge takes, and how much memory.

Run ``python benchmarks/judge.py --grade 500 [--workers N] [--json]``: many answers at once, half of them right, a tenth
hostile, each kind of those in turn; memory is that of all processes together, shared pages counted once.

With ``--check`` instead: the seconds of a cold ``groundup check`` and of a watched one, from the file's saving to the
verdict, for a right and a wrong answer to a NumPy exercise and to a PyTorch one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

from groundup.base.processors import count_cores
from groundup.exercises.registry import load_exercise
from groundup.judge.grading import grade
from groundup.judge.isolation.worker import Job, Setting
from groundup.judge.judging import CheckOptions

RIGHT = textwrap.dedent("""
    import numpy as np

    class Solution:
        def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
            HERE
            return -2 * np.dot(ground_truth - model_prediction, X[:, desired_weight]) / N

        def train_model(self, X, Y, num_iterations, initial_weights):
            weights = np.array(initial_weights, dtype=float)
            for _ in range(num_iterations):
                prediction = X @ weights
                slopes = [self.get_derivative(prediction, Y, len(X), X, j) for j in range(len(weights))]
                weights = weights - 0.01 * np.array(slopes)
            return np.round(weights, 5)
""")
WRONG = [(" / N", ""), ("-2 *", "2 *"), ("-2 *", "-1 *"), ("- 0.01", "+ 0.01"), ("range(num_", "range(1, num_")]
HOSTILE = [
    "while True: pass",
    "import os; os._exit(0)",
    "import os; os.abort()",
    "import os; os.fork() or os.setsid() or os.fork()",
    "while True: print('x' * 10**6)",
    "kept = [bytearray(10**8) for _ in range(100)]",
    "import os; os.kill(os.getppid(), 9)",
    "import os; os.closerange(0, 100)",
    "return np.ones(7_500_000)",
    "import sys; sys.setrecursionlimit(10**9); self.get_derivative(1, 2, 3, X, 0)",
]
SAMPLE_SECONDS = 0.1


def write_answers(count: int) -> list[tuple[str, str]]:
    """Return kind and source of so many answers: of ten, five right ones, four wrong and one hostile."""
    answers = []
    for place in range(count):
        source = RIGHT.replace("HERE", "pass")
        if place % 10 == 9:
            answers.append(("hostile", RIGHT.replace("HERE", HOSTILE[place // 10 % len(HOSTILE)])))
        elif place % 2:
            answers.append(("wrong", source.replace(*WRONG[place // 2 % len(WRONG)])))
        else:
            answers.append(("right", source))
    return answers


class MemoryWatch(threading.Thread):
    """Samples the memory of this process and all that descend from it (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = self.peak_of_judge = 0
        self.done = threading.Event()

    def run(self) -> None:
        """Sample until `done`."""
        while not self.done.wait(SAMPLE_SECONDS):
            sizes = {pid: read_proportional_bytes(pid) for pid in list_descendants(Path("/proc/self").resolve().name)}
            self.peak = max(self.peak, sum(sizes.values()))
            judges = [size for pid, size in sizes.items() if is_judge(pid)]
            self.peak_of_judge = max(self.peak_of_judge, *judges, 0)


def list_descendants(pid: str) -> list[str]:
    """Return a process and all below it."""
    found = [pid]
    try:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found += list_descendants(child)
    except OSError:
        pass
    return found


def is_judge(pid: str) -> bool:
    """Tell whether a process is a judge, and no answer."""
    try:
        return b"groundup.judge.isolation.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def read_proportional_bytes(pid: str) -> int:
    """Return a process's memory, of shared pages its share; 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def measure_grading(count: int, workers: int) -> dict[str, object]:
    """Grade so many answers; return seconds, memory, and whether every verdict is what it must be."""
    answers = write_answers(count)
    exercise = load_exercise("regression-training")
    with tempfile.TemporaryDirectory() as base:
        setting = Setting(load_exercise, base=Path(base).resolve())
        watch = MemoryWatch()
        watch.start()
        started = time.perf_counter()
        jobs = [Job(exercise.name, source, CheckOptions(seed=1)) for _, source in answers]
        verdicts = dict(grade(jobs, setting, workers))
        seconds = time.perf_counter() - started
        watch.done.set()
        left = len(list(Path(base).iterdir()))
    rejected = [place for place, verdict in verdicts.items() if not verdict["accepted"]]
    wrongly = [place for place in verdicts if verdicts[place]["accepted"] != (answers[place][0] == "right")]
    return {
        "answers": count,
        "workers": workers,
        "seconds": round(seconds, 1),
        "verdicts": len(verdicts),
        "rejected": len(rejected),
        "wrong_verdicts": len(wrongly),
        "named": sum(bool(verdicts[place]["mistakes"]) for place, (kind, _) in enumerate(answers) if kind == "wrong"),
        "slowest_seconds": max(verdict["seconds"] for verdict in verdicts.values()),
        "peak_megabytes": round(watch.peak / 1e6),
        "peak_of_one_judge_megabytes": round(watch.peak_of_judge / 1e6),
        "folders_left": left,
    }


CHECKED = {"regression_training/einsum": ("* 2 / n", "* 2"), "self_attention/fused": ("triu(1)", "triu(2)")}


def measure_checks() -> dict[str, dict[str, float]]:
    """Return the seconds of cold and watched checks, the best of three each."""
    answers = Path(__file__).parents[1] / "tests" / "exercises" / "answers"
    found: dict[str, dict[str, float]] = {}
    for name, broken in (
        ("regression_training/einsum", ("* 2 / n", "* 2")),
        ("self_attention/fused", ("triu(1)", "triu(2)")),
    ):
        right = (answers / f"{name}.py").read_text()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name.partition('/')[0]}.py"
            command = [sys.executable, "-m", "groundup", "check", str(path), "--json"]
            for kind, source in (("right", right), ("wrong", right.replace(*broken))):
                cold = []
                for _ in range(3):
                    path.write_text(source)
                    started = time.perf_counter()
                    subprocess.run(command, capture_output=True, check=False)
                    cold.append(time.perf_counter() - started)
                found[f"{path.stem}, {kind}"] = {"cold": round(min(cold), 2)}
            with subprocess.Popen([*command, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                assert process.stdout is not None
                process.stdout.readline()
                for kind, source in (("right", right), ("wrong", right.replace(*broken))):
                    watched = []
                    for number in range(4):
                        time.sleep(0.3)
                        path.write_text(source + f"# {number}\n")
                        started = time.perf_counter()
                        process.stdout.readline()
                        watched.append(time.perf_counter() - started)
                    found[f"{path.stem}, {kind}"]["watched"] = round(min(watched[1:]), 2)
                process.terminate()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grade", type=int, default=500, help="how many answers")
    parser.add_argument("--workers", type=int, default=count_cores())
    parser.add_argument("--check", action="store_true", help="time single checks instead")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.check:
        print(json.dumps(measure_checks(), indent=None if options.json else 2))
        return
    figures = measure_grading(options.grade, options.workers)
    if options.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name.replace('_', ' '):30} {figure}")


if __name__ == "__main__":
    main()
