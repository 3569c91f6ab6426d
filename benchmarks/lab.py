"""How long the lab takes to show its home page, and each lesson until its controls can be moved.

Run ``python benchmarks/lab.py [--chromium PATH] [--json]`` with Playwright and a Chromium. Each page is opened once, in
a lab that has just been started and has runs to show, as a learner would.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from groundup.cli import main as groundup
from groundup.lessons.registry import LESSONS


def measure(chromium: str | None, folder: Path) -> dict[str, float]:
    for task, settings in (("digits", []), ("gpt", ["--set", "layers=2", "--set", "steps=150"])):
        groundup(["train", task, "--runs", str(folder / "runs"), *settings])
    command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", "runs", "--answers", "answers"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder)}
    started = time.monotonic()
    lab = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    address = re.search(r"http\S+", lab.stdout.readline()).group()
    seconds = {"until it listens": time.monotonic() - started}
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            context = browser.new_context()
            for name, path, ready in [
                ("home", "/?" + address.partition("?")[2], "#list tbody tr"),
                *((lesson.name, f"/lessons/{lesson.name}/", "marimo-code-editor") for lesson in LESSONS),
            ]:
                page = context.new_page()
                before = time.monotonic()
                page.goto(address.partition("/?")[0] + path)
                page.wait_for_selector(ready, state="attached")
                seconds[name] = time.monotonic() - before
                page.close()
            browser.close()
    finally:
        lab.send_signal(signal.SIGINT)
        lab.wait(30)
    return {name: round(value, 2) for name, value in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(options.chromium, Path(folder))
    print(
        json.dumps(seconds)
        if options.json
        else "\n".join(f"{name:20s} {value:5.2f} s" for name, value in seconds.items())
    )


if __name__ == "__main__":
    main()
