"""A real HTTP server on this computer that misbehaves as asked, and catalogues that point to it."""

import hashlib
import re
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from groundup.data.named import downloading
from groundup.data.named.catalogue import find_entry


class Server:
    """Serves what was `put`; each request to a path takes the next behaviour put there, then serves as it should."""

    def __init__(self):
        self.contents, self.behaviours, self.log = {}, defaultdict(list), []
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.log.append((self.path, self.headers["Range"], self.headers["If-Range"]))
                waiting = outer.behaviours[self.path]
                (waiting.pop(0) if waiting else serve)(self, outer.contents.get(self.path))

            def log_message(self, *arguments):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """Clients that hang up are part of the tests."""

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def put(self, path, content, *behaviours):
        self.contents[path] = content
        self.behaviours[path] = list(behaviours)
        return self.url(path)

    def url(self, path):
        return f"http://127.0.0.1:{self.http.server_port}{path}"

    def close(self):
        self.released.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def tag(content):
    return f'"{hashlib.md5(content).hexdigest()}"'


def serve(handler, content, ranges=True, etag=True, cut=None, length=None, headers=(), pause=None, shift=0):  # noqa: PLR0913 - a kind of data each
    """Serve as a good server does, but for what is asked: see the behaviours below."""
    if content is None:
        return handler.send_error(404)
    start, status, own = 0, 200, tag(content) if etag else None
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers["Range"] or "")
    condition = handler.headers["If-Range"]
    if ranges and asked and condition in (None, own):
        start, status = int(asked[1]), 206
        if start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
            return handler.end_headers()
    body = content[start:]
    handler.send_response(status)
    handler.send_header("Content-Type", "application/octet-stream")
    if etag:
        handler.send_header("ETag", own)
    if status == 206:
        handler.send_header("Content-Range", f"bytes {start + shift}-{len(content) - 1 + shift}/{len(content)}")
    if length != "none":
        handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()
    body = body if cut is None else body[: max(0, cut - start) if isinstance(cut, int) else int(cut * len(body))]
    step = 1 << 14
    for place in range(0, len(body), step):
        handler.wfile.write(body[place : place + step])
        if pause:
            pause()
    return None


def behave(**options):
    """Return a behaviour: `serve` with options."""
    return lambda handler, content: serve(handler, content, **options)


def answer(status, body=b"", **headers):
    """Return a behaviour: always this answer."""

    def respond(handler, content):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return respond


@pytest.fixture(name="behave")
def _behave():
    return behave


@pytest.fixture(name="answer")
def _answer():
    return answer


@pytest.fixture
def server(monkeypatch):
    """Return a running server; nothing waits long between two tries."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloading, "WAITS", (0.01,))
    server = Server()
    yield server
    server.close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Return the folder of a cache of the test's own."""
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GROUNDUP_CATALOGUE", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def catalogue(tmp_path, monkeypatch, cache):
    """Return a function that adds an entry to a catalogue; its files are ``(name, content, urls, fields)``."""
    written = {}

    def write(name, files, task="gpt", checked=True, sized=True, **fields):
        lines = [f"[{name}]", 'about = "a test"', f'task = "{task}"', 'licence = "CC0"', 'homepage = "http://a.org"']
        lines += [f"{key} = {value!r}" for key, value in fields.items()]
        for file, content, urls, more in files:
            lines += [f"[[{name}.files]]", f'name = "{file}"', f"urls = {list(urls)!r}"]
            lines += [f"size = {len(content)}"] if sized else []
            lines += [f'checksum = "sha256:{hashlib.sha256(content).hexdigest()}"'] if checked else []
            lines += [f"{key} = {value}" for key, value in more.items()]
        written[name] = "\n".join(lines)
        path = tmp_path / "catalogue.toml"
        path.write_text("\n".join(written.values()))
        monkeypatch.setenv("GROUNDUP_CATALOGUE", str(path))
        return find_entry(name)

    return write
