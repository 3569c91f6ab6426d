"""A lab in a process of its own, and a browser to look at it."""

import contextlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import browsing
import pytest
from shared_folders import make_once

from groundup.cli import main

# Milliseconds: what a busy machine may take for anything on a page.
PATIENCE = 300_000


@dataclass
class Server:
    """A lab that runs: where it is, and how to ask it."""

    port: int
    token: str
    folder: Path

    @property
    def runs(self):
        return self.folder / "runs"

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path, body=None, method=None, **headers):
        """Return status, headers and text; headers given as None are left out."""
        given = {
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": f"groundup_{self.port}={self.token}",
            "Origin": self.address if body is not None else None,
            "Content-Type": "application/json" if body is not None else None,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            kept = {name: value for name, value in given.items() if value is not None}
            connection.request(method or ("GET" if body is None else "POST"), path, body, kept)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")
        finally:
            connection.close()


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Return a folder of runs, one of each task."""
    return make_once(tmp_path_factory, "runs-for-the-lab", train_all)


def train_all(root):
    assert main(["train", "heights", "--runs", str(root)]) == 0
    assert main(["train", "digits", "--runs", str(root), "--set", "hidden=128"]) == 0
    assert main(["train", "sentiment", "--runs", str(root)]) == 0
    small = ["layers=1", "width=32", "context=32", "steps=60", "evaluate_every=30"]
    assert main(["train", "gpt", "--runs", str(root), *[word for pair in small for word in ("--set", pair)]]) == 0


@pytest.fixture(scope="session")
def lab(trained, tmp_path_factory):
    """Return a running lab over those runs."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(trained, folder / "runs")
    command = [sys.executable, "-m", "groundup", "lab", "--no-open", "--runs", "runs", "--answers", "answers"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", process.stdout.readline())
    yield Server(int(found[1]), found[2], folder)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=600)
    assert process.returncode == 0
    assert "Traceback" not in told, told
    assert "fault of groundup" not in told, told


@pytest.fixture
def stop_early(lab, monkeypatch):
    """Return what begins a GPT as small as the lab's, for it to go on with, and stops it after its first step.

    With a million steps it trains until the lab stops it, however slow the machine is.
    """

    def begin(name, steps):
        asked = threading.Event()
        asked.set()
        with monkeypatch.context() as patch:
            patch.setattr("groundup.training.loop.catch_interrupts", lambda team: contextlib.nullcontext(asked))
            settings = ["--set", f"steps={steps}", "--set", f"evaluate_every={steps}"]
            assert main(["train", "--like", "gpt", "--runs", str(lab.runs), "--run", name, *settings]) == 130

    return begin


@pytest.fixture(scope="session")
def server_at():
    """Return what asks a lab: of its port, its token and its folder."""
    return Server


@pytest.fixture(scope="session")
def wait_until():
    """Return what waits until something happens, and fails where it does not for so many seconds."""

    def wait(happens, seconds=600):
        deadline = time.monotonic() + seconds
        while not happens():
            assert time.monotonic() < deadline, f"not after {seconds} seconds"
            time.sleep(0.1)

    return wait


@pytest.fixture(scope="session")
def browser():
    """Return a Chromium; skip where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(executable_path=browsing.find_browser(), args=["--no-sandbox"])
        except sync_api.Error:
            pytest.skip("no Chromium here: install Debian's chromium, or run `python -m playwright install chromium`")
        yield opened
        opened.close()


@pytest.fixture
def page(browser, lab):
    """Return an empty page that may ask the lab, and fails the test where it logs an error or asks another host.

    Its reader wants no motion: what moves is drawn sixty times a second. A test of what moves asks for motion.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": f"groundup_{lab.port}", "value": lab.token, "url": lab.address}])
    opened = context.new_page()
    wrong = []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: wrong.append(request.url) if is_foreign(request.url, lab) else None)
    opened.wrong = wrong
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture
def lesson(page, lab, name):
    """Return the page of a lesson, ready."""
    page.goto(f"{lab.address}/lessons/{name}/")
    browsing.wait_until_ready(page)
    return page


@pytest.fixture
def settle(wait_until):
    """Return what acts on a page, and waits until the view has drawn what the lab computed for it."""

    def act_and_wait(page, view, act):
        figure = page.locator(f"#view-{view}")
        before = int(figure.get_attribute("data-settled") or 0)
        act()
        wait_until(lambda: int(figure.get_attribute("data-settled") or 0) > before)

    return act_and_wait


def is_foreign(url, lab):
    return not url.startswith((lab.address, f"ws://127.0.0.1:{lab.port}", "data:", "blob:", "about:"))
