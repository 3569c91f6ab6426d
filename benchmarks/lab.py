"""How long the lab takes until a page is ready for the hand, and how fast its pictures follow; what memory it keeps.

Run ``python benchmarks/lab.py [--chromium PATH] [--rounds N] [--lessons NAMES] [--json]`` with Playwright and a
Chromium. The lab has just been started and has runs to show, as a learner would. Each lesson is opened once, or those
of ``--lessons``, in a tab that is there and rests, when the lab rests too: a learner follows a link and has read what
stood there before. Then each slider of its main view is moved, again and again: the time until the picture is drawn
that the lab computed for it. Then it is dragged for two seconds, with another value in each animation frame, and such
pictures are counted. Other work on the machine stretches all this. It stretches less the processor time of the lab and
of the browser, which is told for a page until it is ready, and for a picture of a drag. With ``--rounds``, every lesson
is opened, played and left so many times; then the memory of the lab is told, with that of the processes it has started.
"""

import argparse
import contextlib
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
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from groundup.cli import main as groundup
from groundup.exercises.registry import list_names
from groundup.lessons.registry import LESSONS

# Notes the time of each picture of the main view. A picture counts where it shows what the lab has computed for the
# hand. Where the page itself does what the slider asks for, without the lab, each change of the picture counts.
WATCH = """() => {
  const seen = window.seen = {drawn: [], asked: 0, fresh: false, local: false};
  const note = () => {
    if (seen.fresh || seen.local) seen.drawn.push(performance.now());
    seen.fresh = false;
  };
  const ask = window.fetch, read = Response.prototype.json;
  window.fetch = (...given) => { seen.asked += 1; return ask(...given); };
  Response.prototype.json = async function () {
    const found = await read.call(this);
    if (/[/]views[/]|[/]api[/]streams[/]/.test(this.url)) seen.fresh = true;
    return found;
  };
  const all = {subtree: true, childList: true, attributes: true, characterData: true};
  new MutationObserver(note).observe(document.querySelector('.stage .picture'), all);
  for (const name of ['putImageData', 'fillRect', 'drawImage']) {
    const paint = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) { note(); return paint.apply(this, given); };
  }
  window.waitForPicture = (before) => new Promise((done) => {
    const poll = () => {
      const last = seen.drawn.at(-1) ?? 0;
      if (last > before) done(last - before);
      else if (performance.now() - before > 3000) done(null);
      else requestAnimationFrame(poll);
    };
    requestAnimationFrame(poll);
  });
  window.rest = () => new Promise((done) => setTimeout(done, 120));
}"""
# The values of a slider that lie between a fifth and four fifths of its way.
VALUES = """(name) => {
  const input = document.querySelector(`.stage .controls input[name="${name}"]`);
  const [low, high] = [Number(input.min), Number(input.max)], step = Number(input.step);
  const count = Math.round((high - low) / step), [first, last] = [Math.ceil(0.2 * count), Math.floor(0.8 * count)];
  const put = (place) => {
    input.value = low + place * step;
    input.dispatchEvent(new Event('input', {bubbles: true}));
  };
  return {put, first, last};
}"""
MOVE = """async (name) => {
  const {put, first, last} = (VALUES)(name);
  const times = [], middle = (first + last) / 2;
  seen.local = false;
  for (let turn = 0; turn < 12; turn += 1) {
    const before = performance.now(), asked = seen.asked;
    put(Math.round(middle + (turn % 2 ? -1 : 1) * (0.5 + (last - first) * (turn + 1) / 48)));
    if (!turn) seen.local = seen.asked === asked && !isStream;
    times.push(await waitForPicture(before));
    await rest();
  }
  return times;
}"""
# A hand that goes to and fro, with another value in each animation frame.
DRAG = """async (name) => {
  const {put, first, last} = (VALUES)(name);
  const stride = Math.max(1, Math.round((last - first) / 60));
  let place = first, way = stride;
  seen.drawn.length = 0;
  const began = performance.now();
  while (performance.now() - began < 2000) {
    if (place + way > last || place + way < first) way = -way;
    place += way;
    put(place);
    await new Promise(requestAnimationFrame);
  }
  // Changes within one animation frame (16 ms) are one picture.
  return new Set(seen.drawn.map((at) => Math.round((at - began) / 16))).size;
}"""
PRESS = """async () => {
  const found = document.querySelectorAll('.stage .controls :is(.choice, .switch) input');
  const times = [];
  for (const input of [...found, ...found]) {
    if (input.type === 'radio' && input.checked) continue;
    const before = performance.now();
    input.click();
    times.push(await waitForPicture(before));
    await rest();
  }
  return times;
}"""


@dataclass
class Hand:
    """What a main view does when its controls are moved.

    Attributes
    ----------
    milliseconds : float
        The median time from a slider (where there is none, from a choice or a switch) to the picture computed for it.
    rate : float, optional
        The pictures per second of the slowest slider in a drag; None without a slider, and where a training begins anew
        when the hand rests.
    processor : dict
        The processor milliseconds for a picture of that drag, of the lab and of the browser.
    """

    milliseconds: float
    rate: float | None = None
    processor: dict[str, float] = field(default_factory=dict)


def list_processes(first: int) -> list[int]:
    """Return a process and all those that it has started."""
    pids = [first]
    for pid in pids:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                pids += [int(child) for child in children.read_text().split()]
    return pids


def read_processor(lab: int) -> dict[str, float]:
    """Return the processor seconds so far of the lab and of the browser: all else that this process has started."""

    def spend(pids: set[int]) -> float:
        total = 0
        for pid in pids:
            with contextlib.suppress(OSError):
                total += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        return total / os.sysconf("SC_CLK_TCK")

    own = set(list_processes(lab))
    return {"lab": spend(own), "browser": spend({*list_processes(os.getpid())} - own - {os.getpid()})}


def subtract(later: dict[str, float], earlier: dict[str, float]) -> dict[str, float]:
    """Return what was spent between two moments."""
    return {name: later[name] - earlier[name] for name in later}


def read_memory(process: subprocess.Popen[str]) -> float:
    """Return what a process and those it has started hold in memory, in MB: shared pages count once (PSS)."""
    total = 0
    for pid in list_processes(process.pid):
        try:
            total += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[1])
        except (OSError, TypeError):  # it has ended meanwhile
            continue
    return total / 1000


def wait_for_rest(page: Page, lab: int) -> None:
    """Wait until the lab and the browser rest: a new tab, and what the page before has asked for, take their time."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        before = read_processor(lab)
        page.wait_for_timeout(500)
        if all(spent < 0.05 for spent in subtract(read_processor(lab), before).values()):
            return


def open_page(context: BrowserContext, address: str, lab: int) -> tuple[Page, float, dict[str, float]]:
    """Return a page when it is ready for the hand, the seconds it took, and those of the processors."""
    page = context.new_page()
    wait_for_rest(page, lab)
    spent, before = read_processor(lab), time.monotonic()
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
    seconds = time.monotonic() - before
    return page, seconds, subtract(read_processor(lab), spent)


def follow_hand(page: Page, lab: int) -> Hand | None:
    """Return what the main view does when its controls are moved; None where it has none."""
    # The pages evaluate no text, so that `wait_for_function` fails where it has to wait.
    page.locator(".stage .says:not(:empty)").first.wait_for(state="attached", timeout=120_000)
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    streams = page.evaluate(
        "() => window.isStream = JSON.parse(document.querySelector('#lesson-data').textContent)"
        "[document.querySelector('.stage .view').dataset.view].stream"
    )
    names = page.locator(".stage .controls input[type=range]").evaluate_all("all => all.map((one) => one.name)")
    times: list[float | None] = []
    drags: list[tuple[float, dict[str, float]]] = []
    for name in names:
        times += page.evaluate(MOVE.replace("VALUES", VALUES), name)
        if not streams:
            before = read_processor(lab)
            count = page.evaluate(DRAG.replace("VALUES", VALUES), name)
            spent = subtract(read_processor(lab), before)
            drags.append((count / 2, {part: 1000 * value / max(1, count) for part, value in spent.items()}))
            page.wait_for_timeout(300)
    if not names:
        times = page.evaluate(PRESS)
    found = [value for value in times if value is not None]
    if not found:
        return None
    return Hand(statistics.median(found), *min(drags, key=lambda drag: drag[0], default=()))


def measure(chromium: str | None, folder: Path, rounds: int, names: list[str]) -> dict[str, object]:
    chosen = [lesson for lesson in LESSONS if names == [""] or lesson.name in names]
    for task, settings in (("digits", []), ("gpt", ["--set", "layers=2", "--set", "steps=150"])):
        groundup(["train", task, "--runs", str(folder / "runs"), *settings])
    command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", "runs", "--answers", "answers"]
    environment = {**os.environ, "GROUNDUP_CACHE": str(folder / "cache")}
    # As on a learner's computer, where Python keeps what it has compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    lab = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    address = re.search(r"http\S+", lab.stdout.readline()).group()
    root = address.partition("/?")[0]
    seconds = {"until it listens": time.monotonic() - started}
    hand: dict[str, Hand] = {}
    processor: dict[str, dict[str, float]] = {}
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
            page.close()  # it asks for its runs again and again
            for lesson in chosen:
                address = f"{root}/lessons/{lesson.name}/"
                page, seconds[lesson.name], processor[lesson.name] = open_page(context, address, lab.pid)
                followed = follow_hand(page, lab.pid)
                if followed is not None:
                    hand[lesson.name] = followed
                page.close()
            opened = []
            for name in list_names() if len(chosen) == len(LESSONS) else ():
                page, spent, _ = open_page(context, f"{root}/exercises/{name}/", lab.pid)
                opened.append(spent)
                page.close()
            if opened:
                seconds["exercise, median"] = statistics.median(opened)
            for _ in range(rounds):
                for lesson in chosen:
                    page, *_ = open_page(context, f"{root}/lessons/{lesson.name}/", lab.pid)
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
        "processor_seconds": {
            name: {part: round(value, 2) for part, value in spent.items()} for name, spent in processor.items()
        },
        "milliseconds_to_picture": {name: round(value.milliseconds) for name, value in hand.items()},
        "pictures_per_second": {name: round(value.rate) for name, value in hand.items() if value.rate is not None},
        "processor_milliseconds_per_picture": {
            name: {part: round(spent) for part, spent in value.processor.items()}
            for name, value in hand.items()
            if value.processor
        },
        "memory_mb": memory,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-headless-shell"))
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--lessons", default="", help="names with commas between them; all lessons if left out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.chromium, Path(folder), options.rounds, options.lessons.split(","))
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found["seconds"].items():
        hand, rate = (found[kind].get(name) for kind in ("milliseconds_to_picture", "pictures_per_second"))
        spent, each = (found[kind].get(name) for kind in ("processor_seconds", "processor_milliseconds_per_picture"))
        told = f" (processor: lab {spent['lab']:.2f}, browser {spent['browser']:.2f} s)" if spent else ""
        told += f"   {hand:4d} ms to the picture" if hand is not None else ""
        told += f", {rate:3d} pictures per second" if rate is not None else ""
        told += f" (processor: lab {each['lab']:.0f}, browser {each['browser']:.0f} ms per picture)" if each else ""
        print(f"{name:20s} {value:5.2f} s{told}")
    for number, held in enumerate(found["memory_mb"], 1):
        print(f"memory after round {number} {held:5.0f} MB")


if __name__ == "__main__":
    main()
