"""Whether ``--minutes`` is kept: alone, and beside other work that begins or ends during the training."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

# Name → when other work begins and ends, as shares of the budget.
SITUATIONS = {"alone": None, "other work from a third on": (0.33, 2.0), "other work until a half": (0.0, 0.5)}
BUSY = "while True: pass"


def train(minutes: float, other: tuple[float, float] | None) -> dict[str, object]:
    """Train a GPT, and return how long the command took and how its plan changed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "groundup", "train", "gpt", "--minutes", f"{minutes:g}", "--runs", folder]
        ended = threading.Event()
        thread = threading.Thread(target=disturb, args=(60 * minutes, other, ended))
        started = time.monotonic()
        thread.start()
        try:
            subprocess.run(command, check=True, capture_output=True)
        finally:
            seconds = time.monotonic() - started
            ended.set()
            thread.join()
        config = json.loads((Path(folder) / "gpt" / "config.json").read_text("utf-8"))
        report = json.loads((Path(folder) / "gpt" / "report.json").read_text("utf-8"))
    facts = {"seconds": round(seconds, 1), "off": round(seconds / (60 * minutes) - 1, 3), "planned": config["steps"]}
    return {**facts, "steps": report["steps"], "loss": round(report["best_validation_loss"], 4)}


def disturb(budget: float, other: tuple[float, float] | None, ended: threading.Event) -> None:
    """Keep one processor core busy for a while."""
    if other is None or ended.wait(other[0] * budget):
        return
    process = subprocess.Popen([sys.executable, "-c", BUSY])
    ended.wait((other[1] - other[0]) * budget)
    process.kill()
    process.wait()


def main() -> None:
    """Measure every situation, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[0.5, 1.0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [
        {"minutes": minutes, "beside": name, **train(minutes, other)}
        for minutes in options.minutes
        for name, other in SITUATIONS.items()
    ]
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
