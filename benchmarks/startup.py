"""How long the command takes to answer when it has nothing to compute.

Run ``python benchmarks/startup.py [--json]``.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

COMPLETE = {"_GROUNDUP_COMPLETE": "complete_bash", "COMP_WORDS": "groundup show ", "COMP_CWORD": "2"}


def measure(arguments: list[str], runs: int, **environment: str) -> dict[str, float]:
    """Time whole processes after one warm-up; return the median and the extremes in seconds."""
    seconds = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        command = [sys.executable, "-m", "groundup", *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env={**os.environ, **environment})
        seconds.append(time.perf_counter() - started)
    counted = seconds[1:]
    return {"median": statistics.median(counted), "min": min(counted), "max": max(counted)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    commands = {"--help": ["--help"], "--version": ["--version"], "train --help": ["train", "--help"]}
    results = {name: measure(arguments, options.runs) for name, arguments in commands.items()}
    results["show <Tab>"] = measure([], options.runs, **COMPLETE)
    if options.json:
        print(json.dumps(results))
        return
    for name, figures in results.items():
        print(f"groundup {name:14} {figures['median']:.3f} s   ({figures['min']:.3f} to {figures['max']:.3f})")


if __name__ == "__main__":
    main()
