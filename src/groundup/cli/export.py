"""``groundup export`` and ``groundup import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.completion import complete_format
from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def export(
    run: RunName,
    to: Annotated[
        str, typer.Option(help="The format: huggingface, gguf or onnx.", autocompletion=complete_format)
    ] = "huggingface",
    out: Annotated[Path | None, typer.Option(help="The file or folder to write. Default: in the run's folder.")] = None,
    dtype: Annotated[
        str | None, typer.Option(help="How weights are stored: f32 (exact, the default), f16, bf16 or q8_0.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Write a run in another tool's format."""
    from rich.markup import escape

    from groundup.base.console import PlainConsole
    from groundup.export.formats import export_run
    from groundup.tasks.opening import open_run
    from groundup.tasks.protocol import Report

    opened = open_run(Path(runs), run)
    # It moves on a terminal only.
    with PlainConsole(stderr=True).status(f"Writing {escape(opened.name)} for {escape(to)}"):
        made = export_run(opened, to, out, dtype, force)
    lines = [f"Saved {escape(str(made.path))} ({made.dtype}, {_format_size(made.size)})."]
    lines.append(f"Open it {escape(made.open_with)}")
    facts = {
        "format": made.format,
        "dtype": made.dtype,
        "path": str(made.path),
        "files": [str(file) for file in made.files],
        "bytes": made.size,
        "open_with": made.open_with,
    }
    emit(Report(facts=facts, lines=lines), as_json)


def _format_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def import_(
    folder: Annotated[
        Path, typer.Argument(help="A folder with a GPT-2, Llama or Qwen3 checkpoint, and tokenizer.json.")
    ],
    run: Annotated[str, typer.Option(help="A name for the new run.")] = "imported",
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Make a run from a Hugging Face checkpoint, to generate text with it."""
    from rich.markup import escape

    from groundup.export.huggingface import import_run
    from groundup.tasks.protocol import Report

    made = import_run(folder, Path(runs), run)
    model = made.config["model"]
    described = f"{model['preset']}, {model['layers']} layers, {model['width']} wide"
    lines = [f"Saved in {escape(str(made.folder))}: {described}."]
    lines.append(f'Try it: groundup generate {made.name} --prompt "…"')
    emit(Report(facts={"run": made.name, "folder": str(made.folder), "model": model}, lines=lines), as_json)
