"""``groundup attention``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def attention(
    run: RunName,
    text: Annotated[str, typer.Option(help="The text the model reads.")],
    out: Annotated[Path | None, typer.Option(help="The file of the picture. Default: RUN/attention.png.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Draw which tokens every head in every layer attends to while the model reads a text."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.tasks.gpt.plots import draw_attention
    from groundup.tasks.gpt.runs import open_gpt
    from groundup.tasks.opening import open_run
    from groundup.tasks.protocol import Report

    opened = open_run(Path(runs), run)
    model, tokenizer, _ = open_gpt(opened)
    tokens = tokenizer.encode(text).tolist()
    if not tokens:
        raise UserError('--text "": there is nothing to look at. Give some text.')
    s = model.settings
    left_out = max(0, len(tokens) - s.context)
    tokens = tokens[left_out:]
    path = out or opened.path("attention.png")
    draw_attention(model, tokenizer, tokens, path)
    lines = [f"Saved {escape(str(path))}: {s.layers} layers of {s.heads} heads, {len(tokens)} tokens"]
    if left_out:
        lines.append(f"The first {left_out} tokens are left out: this model can see {s.context} at once.")
    facts = {"picture": str(path), "layers": s.layers, "heads": s.heads, "tokens": len(tokens), "left_out": left_out}
    emit(Report(facts=facts, lines=lines), as_json)
