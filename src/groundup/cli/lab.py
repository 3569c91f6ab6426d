"""``groundup lab``: the local web server."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.learn import AnswersFolder
from groundup.cli.output import RunsFolder


def lab(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; any free port if left out.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    runs: RunsFolder = "runs",
    answers: AnswersFolder = "answers",
) -> None:
    """Open the lab in the browser: lessons, live runs, playgrounds. On this computer only; Ctrl-C ends it."""
    listening = listen(port)
    port = listening.getsockname()[1]
    # Lessons run in this process and look here.
    os.environ["GROUNDUP_RUNS"] = str(Path(runs).resolve())
    os.environ["GROUNDUP_ANSWERS"] = str(Path(answers).resolve())

    import uvicorn
    from rich.console import Console

    from groundup.lab.app import Lab, build_app
    from groundup.lab.jobs import Jobs
    from groundup.lab.memory import share_arenas

    share_arenas()
    root = Path(runs).resolve()
    app = build_app(Lab(root, Path(answers).resolve(), Jobs(root)), port)
    address = f"http://127.0.0.1:{port}/?token={app.token}"
    console = Console(highlight=False)
    console.print(f"The lab: [bold]{address}[/bold]", soft_wrap=True)
    console.print("[dim]Only this address opens it, on this computer. Ctrl-C ends it.[/dim]")
    if not no_open:
        import webbrowser

        webbrowser.open(address)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3, ws="websockets-sansio")
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    console.print("The lab is closed; runs that it trained are saved.")
    if "groundup.lessons.kit" in sys.modules:
        sys.modules["groundup.lessons.kit"].close()
    sys.stdout.flush()
    # Lessons' threads wait for pages that are gone, and Python would wait for the threads.
    os._exit(0)


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this computer, or on any free one for 0.

    Raises
    ------
    UserError
        The port is taken, or not to be had.
    """
    from groundup.errors import UserError

    # Nagle's algorithm would hold answers back for 40 ms; asyncio switches it off where the socket names its protocol.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UserError(f"--port {port}: {error.strerror}. Choose another one, or leave it out.") from error
    return listening
