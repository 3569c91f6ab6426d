"""A server in a process of its own, with a tiny model."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
import warm
from shared_folders import make_once

from groundup.base.reporting import Reporter
from groundup.tasks.launch import launch

RHYME = "one two three four five six seven eight\n" * 60
TINY = ["layers=1", "heads=2", "width=16", "context=64", "batch_size=8", "precision=float32", "steps=100"]


@dataclass
class Server:
    """A server that runs: where it is, and how to ask it."""

    port: int
    token: str
    process: subprocess.Popen

    def ask(self, path, body=None, method=None, **headers):
        """Return status, headers and the answer, read as JSON where it is; headers given as None are left out."""
        given = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json" if body is not None else None,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            kept = {name: value for name, value in given.items() if value is not None}
            sent = body if body is None or isinstance(body, bytes) else json.dumps(body)
            connection.request(method or ("GET" if body is None else "POST"), path, sent, kept)
            answer = connection.getresponse()
            text = answer.read().decode()
            head = dict(answer.getheaders())
            return answer.status, head, json.loads(text) if "json" in head["content-type"] else text
        finally:
            connection.close()

    def complete(self, prompt="one two", **more):
        """Return status and answer of a completion."""
        status, _, answer = self.ask("/v1/completions", {"model": "rhyme", "prompt": prompt, **more})
        return status, answer


def train(root):
    root.mkdir(parents=True, exist_ok=True)
    (root / "rhyme.txt").write_text(RHYME)
    launch("gpt", root=root, data=str(root / "rhyme.txt"), name="rhyme", pairs=TINY, reporter=Reporter.silent())


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Return a folder with a run that knows a rhyme."""
    return make_once(tmp_path_factory, "runs-to-serve", train)


@pytest.fixture(scope="session")
def start(runs, tmp_path_factory):
    """Return a function that starts a server; all of them are ended with the tests."""
    started = []

    def begin(*arguments, token_file=None):
        path = token_file or tmp_path_factory.mktemp("key") / "token"
        command = [sys.executable, "-m", "groundup", "serve", "rhyme", "--runs", str(runs), "--token-file", str(path)]
        process = warm.start([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        port = re.search(r"http://127\.0\.0\.1:(\d+)/v1", process.stdout.readline())[1]
        assert Path(path).read_text().strip() in process.stdout.readline()
        return Server(int(port), Path(path).read_text().strip(), process)

    yield begin
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=600)


@pytest.fixture(scope="session")
def server(start):
    """Return a server that stays for all tests."""
    return start()
