"""How many steps, and how much processor time, a GPT takes to learn sums, and to learn on from rewards.

Each row is a run of its own in a temporary folder. "reaches" is the first measurement from which on the share of exact
answers to held-out questions stays at the wanted share. Processor seconds count all threads; on a busy machine they
tell more than the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from groundup.base.reporting import Reporter
from groundup.export.huggingface import find_origin
from groundup.runs.folder import Run
from groundup.tasks.launch import launch

# name → task, settings, the run that it goes on from, the wanted share of exact answers
ROWS: dict[str, tuple[str, list[str], str | None, float]] = {
    "3 digits": ("sums", [], None, 0.999),
    "3 digits, reading order": ("sums", ["order=reading"], None, 0.999),
    "10 digits": ("sums", ["digits=10"], None, 0.999),
    "10 digits, reading order": ("sums", ["digits=10", "order=reading"], None, 0.999),
    "products of 2 digits": ("sums", ["operation=times", "digits=2"], None, 0.95),
    "products of 2 digits, reading order": ("sums", ["operation=times", "digits=2", "order=reading"], None, 0.95),
    "products of 2 digits, no working": ("sums", ["operation=times", "digits=2", "working=no"], None, 0.95),
    "products of 3 digits": ("sums", ["operation=times", "digits=3"], None, 0.95),
    "early": ("sums", ["steps=120"], None, 1.0),
    "rewards": ("reward", [], "early", 0.99),
    "rewards, no pull": ("reward", ["pull=0"], "early", 0.99),
    "rewards, one sample": ("reward", ["samples=1"], "early", 0.99),
    "rewards, share of digits": ("reward", ["reward=digits"], "early", 0.99),
    "rewards, cheatable": ("reward", ["reward=cheatable"], "early", 0.99),
    "preferences": ("reward", ["method=preference"], "early", 0.99),
}


def main() -> None:
    """Train the rows that are asked for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=f"of: {'; '.join(ROWS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting for every row")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if unknown := [name for name in asked.rows if name not in ROWS]:
        parser.error(f"no row called {unknown[0]}. There are: {'; '.join(ROWS)}")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in asked.rows:
            found.append(measure(Path(folder), name, asked.seed, asked.set))
            if not asked.json:
                print("  ".join(f"{key} {value}" for key, value in found[-1].items()), flush=True)
    if asked.json:
        print(json.dumps(found, indent=2))


def measure(root: Path, name: str, seed: int, more: list[str]) -> dict[str, Any]:
    """Train one row; the run that it goes on from is trained first where it is not there yet."""
    task, _, source, wanted = ROWS[name]
    if source is not None and not (root / source).exists():
        train(root, source, seed, more)
    load, started = os.getloadavg()[0], time.process_time()
    run, report = train(root, name, seed, more)
    processor = time.process_time() - started
    lines = [line for line in run.metrics() if "accuracy" in line]
    reached = None
    for line in reversed(lines):
        if line["accuracy"] < wanted:
            break
        reached = line
    steps = report.facts["steps"]
    figures = {
        "row": name,
        "exact": f"{report.facts['accuracy']:.2%}",
        "questions": report.facts["test_questions"],
        "steps": steps,
        f"reaches {wanted:.1%} after": reached["step"] if reached else "never",
        "seconds": report.facts["seconds"],
        "processor_seconds_per_step": round(processor / steps, 3),
        "load": round(load, 1),
    }
    if task == "reward":
        figures |= {"before": f"{report.facts['accuracy_before']:.2%}", "reward": round(report.facts["reward"], 3)}
    return figures


def train(root: Path, name: str, seed: int, more: list[str]) -> tuple[Run, Any]:
    """Train the run of a row."""
    task, pairs, source, _ = ROWS[name]
    return launch(
        task,
        root=root,
        name=name.replace(" ", "-").replace(",", ""),
        pairs=[*pairs, *more],
        seed=seed,
        origin=partial(find_origin, root, source) if source is not None else None,
        reporter=Reporter.silent(),
    )


if __name__ == "__main__":
    main()
