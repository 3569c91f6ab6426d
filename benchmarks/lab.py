"""How long the lab takes to show its home page, and each lesson until its controls can be moved; what memory it keeps.

Run ``python benchmarks/lab.py [--chromium PATH] [--rounds N] [--json]`` with Playwright and a Chromium. Each page is
opened once, in a lab that has just been started and has runs to show, as a learner would. With ``--rounds``, every
lesson is then opened and left so many times, its first button pressed, and the lab's memory told when all have ended.
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

from playwright.sync_api import BrowserContext, sync_playwright

from groundup.cli import main as groundup
from groundup.lab.app import KEPT_SECONDS
from groundup.lessons.registry import LESSONS

ENDED_SECONDS = KEPT_SECONDS + 10


def read_memory(process: subprocess.Popen[str]) -> float:
    """Return what a process holds in memory, in MB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


def leave_every_lesson(context: BrowserContext, root: str) -> None:
    """Open each lesson, press its first button, and leave it."""
    for lesson in LESSONS:
        page = context.new_page()
        page.goto(f"{root}/lessons/{lesson.name}/")
        page.wait_for_selector("marimo-code-editor", state="attached")
        buttons = page.locator("marimo-button button")
        if buttons.count():
            buttons.first.click()
        page.wait_for_timeout(500)
        page.close()
    time.sleep(ENDED_SECONDS)


def measure(chromium: str | None, folder: Path, rounds: int) -> tuple[dict[str, float], list[float]]:
    for task, settings in (("digits", []), ("gpt", ["--set", "layers=2", "--set", "steps=150"])):
        groundup(["train", task, "--runs", str(folder / "runs"), *settings])
    command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", "runs", "--answers", "answers"]
    environment = {**os.environ, "GROUNDUP_CACHE": str(folder / "cache")}
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
            memory = []
            for _ in range(rounds):
                leave_every_lesson(context, address.partition("/?")[0])
                memory.append(round(read_memory(lab)))
            browser.close()
    finally:
        lab.send_signal(signal.SIGINT)
        lab.wait(30)
    return {name: round(value, 2) for name, value in seconds.items()}, memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds, memory = measure(options.chromium, Path(folder), options.rounds)
    if options.json:
        print(json.dumps({"seconds": seconds, "memory_mb": memory}))
        return
    for name, value in seconds.items():
        print(f"{name:20s} {value:5.2f} s")
    for number, held in enumerate(memory, 1):
        print(f"memory after round {number} {held:5.0f} MB")


if __name__ == "__main__":
    main()
