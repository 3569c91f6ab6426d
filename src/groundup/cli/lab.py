"""``groundup lab``: the local web server."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.answers import AnswersFolder
from groundup.cli.output import RunsFolder

if TYPE_CHECKING:
    from groundup.lab.auth import Guard

# How long one thread computes while another one waits to answer a page; Python's own 5 ms would add up.
SWITCH_SECONDS = 0.001
LEADS_ON = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>groundup</title>'
    '<meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url={address}">'
    '<p><a href="{address}">Open the lab</a></p></html>\n'
)


def lab(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on. Default: any free port.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    runs: RunsFolder = "runs",
    answers: AnswersFolder = "answers",
) -> None:
    """Open the lab in the browser, with lessons, live runs and playgrounds. Only on this computer; Ctrl-C ends it."""
    from groundup.cli.local_server import listen, serve_until_stopped

    listening = listen(port)
    port = listening.getsockname()[1]
    # Lessons run in this process and look here.
    os.environ["GROUNDUP_RUNS"] = str(Path(runs).resolve())

    from groundup.base.allocation import keep_little_memory
    from groundup.base.console import PlainConsole
    from groundup.lab.app import Lab, build_app
    from groundup.lab.training_processes import Jobs
    from groundup.lessons.processes import choose_starter

    keep_little_memory()
    sys.setswitchinterval(SWITCH_SECONDS)
    starter = choose_starter()  # now: nothing runs in threads yet
    root = Path(runs).resolve()
    app = build_app(Lab(root, Path(answers).resolve(), Jobs(root)), port, starter=starter)
    address = f"http://127.0.0.1:{port}/?token={app.token}"
    console = PlainConsole()
    console.print(f"The lab: [bold]{address}[/bold]", soft_wrap=True)
    console.print("[dim]Only this address opens it, on this computer. Ctrl-C ends it.[/dim]")
    sys.stdout.flush()
    with contextlib.ExitStack() as stack:
        if not no_open:
            stack.enter_context(opened_browser(app, root, Path(answers).resolve()))
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        serve_until_stopped(app, listening)
    try:
        console.print("The lab is closed. The runs that it trained are saved.")
        sys.stdout.flush()
    finally:
        # A model that a lesson trains would keep Python waiting.
        os._exit(0)


@contextlib.contextmanager
def opened_browser(app: Guard, *folders: Path) -> Iterator[None]:
    """Open the lab in the browser through a file that only this user can read and that works once.

    An address on the browser's command line can be read by every user of the computer; so the key is in the file. It
    lies in the first of ``folders`` that there is: some browsers may not read the system's folder for such files.
    """
    folder = next((folder for folder in folders if os.access(folder, os.W_OK)), None)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".lab-", suffix=".html", dir=folder)
    except OSError:
        yield  # the address that is printed will do
        return
    path = Path(name)
    try:
        address = f"http://127.0.0.1:{app.port}/?ticket={app.issue_ticket(lambda: remove_page(path))}"
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(LEADS_ON.format(address=address))
        # A browser that runs in this terminal would keep the lab from answering it.
        threading.Thread(target=open_quietly, args=(path.as_uri(),), daemon=True).start()
        yield
    finally:
        remove_page(path)


def remove_page(path: Path) -> None:
    """Remove the file that leads to the lab; Windows refuses that while the browser reads it."""
    with contextlib.suppress(OSError):
        path.unlink()


def open_quietly(address: str) -> None:
    """Open an address in the browser if possible; the address is printed as well."""
    import webbrowser

    with contextlib.suppress(Exception):
        webbrowser.open(address)
