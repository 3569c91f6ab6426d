"""``groundup export`` and ``groundup import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def export(
    run: RunName,
    to: Annotated[str, typer.Option(help="The format: huggingface.")] = "huggingface",
    out: Annotated[Path | None, typer.Option(help="Where to write; RUN/huggingface if left out.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Write a gpt run in another tool's format."""
    from groundup.errors import UserError
    from groundup.export.huggingface import export_run
    from groundup.tasks.protocol import Report
    from groundup.training.runs import Run

    if to != "huggingface":
        raise UserError(f"--to {to}: no such format. There is huggingface.")
    opened = Run.open(Path(runs), run)
    folder = out or opened.path(to)
    files = export_run(opened, folder)
    lines = [f'Saved {folder}. Open it with transformers: AutoModelForCausalLM.from_pretrained("{folder}")']
    emit(Report(facts={"folder": str(folder), "files": [str(file) for file in files]}, lines=lines), as_json)


def import_(
    folder: Annotated[Path, typer.Argument(help="A folder with a GPT-2 or Qwen3 checkpoint and its tokenizer.json.")],
    run: Annotated[str, typer.Option(help="A name for the new run.")] = "imported",
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Make a run of a Hugging Face checkpoint, to generate with."""
    from groundup.export.huggingface import import_run
    from groundup.tasks.protocol import Report

    made = import_run(folder, Path(runs), run)
    model = made.config["model"]
    lines = [f"Saved in {made.folder}: {model['preset']}, {model['layers']} layers, {model['width']} wide."]
    lines.append(f'Try it: groundup generate {made.name} --prompt "…"')
    emit(Report(facts={"run": made.name, "folder": str(made.folder), "model": model}, lines=lines), as_json)
