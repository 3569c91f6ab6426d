"""Run every check: lint, format, types, layering and the tests. ``--quick`` leaves the tests out."""

import os
import subprocess
import sys
import time

QUICK = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "layering": [],
    "types": ["mypy"],
}


def run(name: str, command: list[str]) -> bool:
    """Run one check as a module of this Python; return whether it passed."""
    print(f"── {name}", flush=True)
    started = time.monotonic()
    if name == "layering":
        call = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    else:
        call = [sys.executable, "-m", *command]
    passed = subprocess.run(call, env=environment()).returncode == 0
    print(f"── {name}: {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
    return passed


def environment() -> dict[str, str]:
    """One thread a process: the test workers are as many as the cores, and would only wait for each other."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def main(arguments: list[str]) -> int:
    """Run the checks named by the arguments; return 0 where all passed."""
    quick = "--quick" in arguments
    results = [run(name, command) for name, command in QUICK.items()]
    if not quick:
        # The tests come last, so that their count is the last line.
        tests = ["pytest", "-n", str(os.cpu_count() or 1), "--dist", "worksteal", "-q", "--durations=12"]
        results.append(run("tests", tests + [word for word in arguments if word != "--quick"]))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
