"""Every lesson in marimo's own editor: it opens there, and every cell of it runs."""

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from groundup.lessons.registry import NOTEBOOKS

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def editor(tmp_path_factory, trained):
    """Return the address of marimo's editor over copies of the lessons: it saves what it shows."""
    folder = tmp_path_factory.mktemp("editor")
    for lesson in NOTEBOOKS:
        shutil.copy(lesson.path, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "-q", "edit", str(folder), "--headless", "--no-token"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--skip-update-check"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_RUNS", str(trained))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
            break
        except (urllib.error.URLError, OSError):
            assert process.poll() is None
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(20)


# Each takes half a minute, and the editor is the same for all.
@pytest.mark.parametrize("lesson", NOTEBOOKS[::4], ids=[lesson.name for lesson in NOTEBOOKS[::4]])
def test_a_lesson_runs_in_the_editor(editor, browser, lesson):
    page = browser.new_page()
    try:
        page.goto(f"{editor}/?file={lesson.name}.py")
        page.wait_for_selector("h1", timeout=60000)
        # The editor runs nothing unasked. The last of these buttons runs all cells.
        page.get_by_test_id("run-button").last.click()
        # The last cell but one is the learner's answer: where it stands, the others have run.
        page.wait_for_selector("marimo-code-editor", state="attached", timeout=120000)
        page.get_by_text("Write your answer above").wait_for(state="attached", timeout=60000)
        assert page.locator("h1", has_text=lesson.title).count()
        page.wait_for_selector("[data-status=running], [data-status=queued]", state="detached", timeout=60000)
        text = page.evaluate("document.body.innerText")
        assert not re.search("raised an exception|Traceback|ancestor prevented", text)
    finally:
        page.close()
