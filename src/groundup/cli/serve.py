"""``groundup serve``: a trained GPT as a web server in OpenAI's form."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import RunsFolder
from groundup.cli.predict import RunName


def serve(
    run: RunName,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on. Default: any free port.")] = 0,
    token_file: Annotated[
        Path | None,
        typer.Option(help="The file that holds the key, made if missing. Default: one in your data folder."),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, max=1024, help="Threads to compute with. Default: chosen by the model's size.")
    ] = None,
    runs: RunsFolder = "runs",
) -> None:
    """Serve a GPT to programs that speak OpenAI's protocol. Only on this computer; Ctrl-C ends it."""
    from groundup.base.console import PlainConsole
    from groundup.cli.local_server import listen, serve_until_stopped
    from groundup.data.corpus.chat_marks import find_marks
    from groundup.serving.app import Served, build_app, find_ends
    from groundup.serving.engine import Engine
    from groundup.serving.token_file import find_token_file, read_token
    from groundup.tasks.gpt.runs import open_gpt, threads_to_decode
    from groundup.tasks.opening import open_run

    opened = open_run(Path(runs), run)
    model, tokenizer, _ = open_gpt(opened)
    path = token_file or find_token_file()
    token = read_token(path)
    listening = listen(port)
    port = listening.getsockname()[1]
    engine = Engine(model, tokenizer, find_ends(tokenizer), threads or threads_to_decode(model))
    app = build_app(Served(opened.name, tokenizer, model.settings.context, engine), port, token)
    console = PlainConsole()
    with contextlib.suppress(KeyboardInterrupt):
        console.print(f"Serving {opened.name}: [bold]http://127.0.0.1:{port}/v1[/bold]", soft_wrap=True)
        console.print(f"The key (api_key): [bold]{token}[/bold]", soft_wrap=True)
        console.print(f"[dim]It lies in {path}. The server is for this computer only.[/dim]", soft_wrap=True)
        if find_marks(tokenizer) is None:
            said = "This model was not trained on chats: asked for one, it continues a transcript."
            console.print(f"[dim]{said}[/dim]", soft_wrap=True)
        body = json.dumps({"model": opened.name, "prompt": "", "max_tokens": 50})
        headers = f'-H "Authorization: Bearer {token}" -H "Content-Type: application/json"'
        console.print_line(f"Try it: curl http://127.0.0.1:{port}/v1/completions {headers} -d '{body}'")
        console.print("[dim]Ctrl-C ends it.[/dim]")
        sys.stdout.flush()
        serve_until_stopped(app, listening)
    try:
        console.print("The server is closed.")
        sys.stdout.flush()
    finally:
        # A token that is being computed would keep Python waiting.
        os._exit(0)
