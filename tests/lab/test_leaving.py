"""Lessons that are left in the middle of their work: they end soon, and nothing of them stays."""

import gc
import threading
from collections import Counter

import marimo as mo
import pytest
import uvicorn

import groundup.lab.app
from groundup.cli.lab import listen
from groundup.lab.app import Lab, build_app
from groundup.lab.page_tracking import find_page
from groundup.lab.training_processes import Jobs
from groundup.lessons import kit, open_pages
from groundup.lessons.registry import NOTEBOOKS

# Notebooks whose first button begins a training.
TRAINING = [lesson.name for lesson in NOTEBOOKS if lesson.name in {"network"}]


@pytest.fixture
def near_lab(tmp_path, monkeypatch):
    """Return the address and token of a lab in this process, whose lessons end a second after they are left."""
    monkeypatch.setattr(groundup.lab.app, "KEPT_SECONDS", 1)
    listening = listen(0)
    port = listening.getsockname()[1]
    app = build_app(Lab(tmp_path / "runs", tmp_path / "answers", Jobs(tmp_path / "runs")), port)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=3)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}", app.token
    server.should_exit = True
    thread.join(30)


def find_kernels():
    return [thread for thread in threading.enumerate() if "launch_kernel" in thread.name]


def count_kept():
    """Return how many things that a lesson makes are alive."""
    gc.collect()
    counts = Counter(type(thing).__name__ for thing in gc.get_objects())
    return {name: counts[name] for name in ("SessionImpl", "KernelManagerImpl", "Parameter", "Figure", "CellImpl")}


@pytest.mark.slow
def test_lessons_left_while_they_train_end_and_nothing_of_them_stays(browser, near_lab, wait_until):
    address, token = near_lab
    context = browser.new_context()
    context.new_page().goto(f"{address}/?token={token}")

    def train_and_leave():
        for name in TRAINING:
            page = context.new_page()
            page.goto(f"{address}/lessons/{name}/")
            page.wait_for_selector("marimo-code-editor", state="attached", timeout=60000)
            page.locator("marimo-button button").first.click()
            page.wait_for_timeout(1500)
            assert find_kernels(), "it trains"
            page.close()
        # Trainings that nobody watches any more.
        wait_until(lambda: not find_kernels(), 25)

    train_and_leave()
    kept = count_kept()
    for _ in range(2):
        train_and_leave()
    assert {name: count for name, count in count_kept().items() if count > kept[name]} == {}
    context.close()


def test_a_lesson_without_a_page_works_to_its_end():
    assert kit.is_watched()
    assert list(kit.while_watched(range(3))) == [0, 1, 2]


def test_work_stops_when_the_page_is_closed(monkeypatch):
    class Meta:
        request = type("Request", (), {"meta": {open_pages.KEY: "s_1"}})

    monkeypatch.setattr(mo, "app_meta", Meta)
    assert not kit.is_watched()
    open_pages.arrive("s_1")
    steps = kit.while_watched(range(5))
    assert [next(steps), next(steps)] == [0, 1]
    open_pages.arrive("s_1")
    open_pages.leave("s_1")
    assert next(steps) == 2, "loaded anew: the old page goes after the new one has come"
    open_pages.leave("s_1")
    assert list(steps) == []


def test_a_page_is_known_by_what_marimo_calls_it():
    assert find_page({"type": "websocket", "query_string": b"session_id=s_1&file=x"}) == "s_1"
    assert find_page({"type": "http", "headers": [(b"marimo-session-id", b"s_2")]}) == "s_2"
    assert find_page({"type": "websocket", "query_string": b""}) is None
    assert find_page({"type": "http", "headers": []}) is None
    assert find_page({"type": "lifespan"}) is None
