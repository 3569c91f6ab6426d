"""How long the lab takes until a page is ready for the hand, and how fast its pictures follow; what memory it keeps.

Run ``python benchmarks/lab.py [--chromium PATH] [--rounds N] [--json]`` with Playwright and a Chromium. The lab has
just been started and has runs to show, as a learner would. Each lesson is opened once. Then each slider of its view is
moved a step, again and again: the time until a frame is drawn. Then it is dragged for two seconds, and frames are
counted. With ``--rounds``, every lesson is opened, played and left so many times; then the memory of the lab is told,
with that of the processes it has started.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from groundup.cli import main as groundup
from groundup.exercises.registry import list_names
from groundup.lessons.registry import LESSONS

# Notes the time of every drawing of the main view: what a reader sees as one picture.
WATCH = """() => {
  window.drawn = [];
  const note = () => drawn.push(performance.now());
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  new MutationObserver(note).observe(document.querySelector('.stage .picture'), all);
}"""
MOVE = """async (name) => {
  const input = document.querySelector(`.stage .controls input[name="${name}"]`);
  const times = [];
  const middle = (Number(input.min) + Number(input.max)) / 2, step = (Number(input.max) - Number(input.min)) / 40;
  for (let turn = 0; turn < 12; turn += 1) {
    const before = performance.now();
    input.value = middle + (turn % 2 ? -1 : 1) * step * (1 + turn / 2);
    input.dispatchEvent(new Event('input', {bubbles: true}));
    const found = await new Promise((done) => {
      const poll = () => {
        const last = drawn.at(-1) ?? 0;
        if (last > before) done(last - before);
        else if (performance.now() - before > 3000) done(null);
        else requestAnimationFrame(poll);
      };
      requestAnimationFrame(poll);
    });
    times.push(found);
    await new Promise((done) => setTimeout(done, 120));
  }
  return times;
}"""
DRAG = """async (name) => {
  const input = document.querySelector(`.stage .controls input[name="${name}"]`);
  const [low, high] = [Number(input.min), Number(input.max)];
  drawn.length = 0;
  const began = performance.now();
  let frames = new Set();
  while (performance.now() - began < 2000) {
    const share = (performance.now() - began) / 2000;
    input.value = low + (high - low) * (0.2 + 0.6 * share);
    input.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise(requestAnimationFrame);
  }
  // Changes within one animation frame (16 ms) are one picture.
  for (const at of drawn) frames.add(Math.round((at - began) / 16));
  return frames.size / 2;
}"""


def read_memory(process: subprocess.Popen[str]) -> float:
    """Return what a process and those it has started hold in memory, in MB: shared pages count once (PSS)."""
    pids = [process.pid]
    for pid in pids:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    total = 0
    for pid in pids:
        try:
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1])
        except (OSError, TypeError):  # it has ended meanwhile
            continue
    return total / 1000


def open_page(context: BrowserContext, address: str) -> tuple[Page, float]:
    """Return a page when it is ready for the hand, and the seconds it took."""
    page = context.new_page()
    before = time.monotonic()
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
    return page, time.monotonic() - before


def follow_hand(page: Page) -> tuple[float, float] | None:
    """Return the median milliseconds from a slider to the picture, and pictures per second in a drag; main view."""
    page.wait_for_function("document.querySelector('.stage .says').textContent.length > 0", timeout=120_000)
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    names = page.locator(".stage .controls input[type=range]").evaluate_all("all => all.map((one) => one.name)")
    times: list[float] = []
    rates: list[float] = []
    for name in names:
        times += [value for value in page.evaluate(MOVE, name) if value is not None]
        rates.append(page.evaluate(DRAG, name))
    return (statistics.median(times), max(rates)) if times else None


def measure(chromium: str | None, folder: Path, rounds: int) -> dict[str, object]:
    for task, settings in (("digits", []), ("gpt", ["--set", "layers=2", "--set", "steps=150"])):
        groundup(["train", task, "--runs", str(folder / "runs"), *settings])
    command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", "runs", "--answers", "answers"]
    environment = {**os.environ, "GROUNDUP_CACHE": str(folder / "cache")}
    started = time.monotonic()
    lab = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    address = re.search(r"http\S+", lab.stdout.readline()).group()
    root = address.partition("/?")[0]
    seconds = {"until it listens": time.monotonic() - started}
    hand: dict[str, tuple[float, float]] = {}
    memory = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            before = time.monotonic()
            page.goto(address)
            page.wait_for_selector("#list tbody tr", state="attached")
            seconds["home"] = time.monotonic() - before
            for lesson in LESSONS:
                page, seconds[lesson.name] = open_page(context, f"{root}/lessons/{lesson.name}/")
                followed = follow_hand(page)
                if followed is not None:
                    hand[lesson.name] = followed
                page.close()
            opened = []
            for name in list_names():
                page, spent = open_page(context, f"{root}/exercises/{name}/")
                opened.append(spent)
                page.close()
            seconds["exercise, median"] = statistics.median(opened)
            for _ in range(rounds):
                for lesson in LESSONS:
                    page, _ = open_page(context, f"{root}/lessons/{lesson.name}/")
                    buttons = page.locator(".play-button")
                    if buttons.count():
                        buttons.first.click()
                    page.wait_for_timeout(500)
                    page.close()
                memory.append(round(read_memory(lab)))
            browser.close()
    finally:
        lab.send_signal(signal.SIGINT)
        lab.wait(30)
    return {
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
        "milliseconds_to_picture": {name: round(value[0]) for name, value in hand.items()},
        "pictures_per_second": {name: round(value[1]) for name, value in hand.items()},
        "memory_mb": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.chromium, Path(folder), options.rounds)
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found["seconds"].items():
        hand = found["milliseconds_to_picture"].get(name)
        told = (
            f"   {hand:4d} ms to the picture, {found['pictures_per_second'][name]:3d} pictures per second"
            if hand
            else ""
        )
        print(f"{name:20s} {value:5.2f} s{told}")
    for number, held in enumerate(found["memory_mb"], 1):
        print(f"memory after round {number} {held:5.0f} MB")


if __name__ == "__main__":
    main()
