"""What a run can be written as, and for which tool."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from groundup.base.errors import UserError
from groundup.export.placing import check_place, place_file, place_folder
from groundup.runs.folder import Run
from groundup.tasks.registry import find_about, list_tasks


@dataclass(frozen=True)
class Format:
    """One way out.

    Attributes
    ----------
    dtypes : tuple of str
        How numbers can be stored, the default first.
    suffix : str
        Of the file's name; empty where a folder is written.
    open_with : str
        The line that opens it, ``{path}`` in it.
    files : frozenset of str
        What the folder holds, where a folder is written.
    packages : tuple of str
        Modules of the extra of the format's own name that it takes.
    """

    dtypes: tuple[str, ...]
    suffix: str
    open_with: str
    files: frozenset[str] = frozenset()
    packages: tuple[str, ...] = ()


FORMATS = {
    "huggingface": Format(
        ("f32", "f16", "bf16"),
        "",
        'with transformers: pipeline("text-generation", "{path}")',
        files=frozenset(
            {
                "README.md",
                "config.json",
                "generation_config.json",
                "model.safetensors",
                "tokenizer.json",
                "tokenizer_config.json",
            }
        ),
    ),
    "gguf": Format(
        ("f32", "f16", "bf16", "q8_0"),
        ".gguf",
        'with llama.cpp: llama-completion -no-cnv -n 200 -m "{path}" -p "…"',
    ),
    "onnx": Format(
        ("f32",),
        ".onnx",
        'with onnxruntime: InferenceSession("{path}")',
        packages=("onnx", "onnxscript"),
    ),
}


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    format, dtype : str
        As in `FORMATS`.
    path : Path
        The file or folder.
    files : list of Path
        Every file of it.
    size : int
        Their bytes together.
    open_with : str
        The line that opens it in the other tool.
    """

    format: str
    dtype: str
    path: Path
    files: list[Path]
    size: int
    open_with: str


def export_run(run: Run, to: str, out: Path | None = None, dtype: str | None = None, force: bool = False) -> Exported:
    """Write a run in another tool's format, completely or not at all.

    Parameters
    ----------
    run : Run
        A trained run.
    to : {"huggingface", "gguf", "onnx"}
        The format.
    out : Path, optional
        The folder (huggingface) or file to write; in the run's folder, with the run's name, if left out.
    dtype : {"f32", "f16", "bf16", "q8_0"}, optional
        How the matrices are stored; as they are (f32) if left out.
    force : bool
        Replace an earlier export.

    Raises
    ------
    UserError
        No such format, one that this run cannot take, a place that is taken or cannot be written to, a package that
        is missing, or a run that is damaged or not trained yet.
    """
    chosen = _find_format(to)
    dtype = _check_dtype(to, dtype)
    _check_run(run, to)
    path = out or run.path(to if not chosen.suffix else run.name + chosen.suffix)
    for package in chosen.packages:
        if importlib.util.find_spec(package) is None:
            wanted = " ".join(chosen.packages)
            raise UserError(f"--to {to} takes the package {package}: python -m pip install {wanted}")
    check_place(path, force, chosen.files)
    write = _WRITERS[to](run, dtype)
    (place_folder if chosen.files else place_file)(path, write)
    files = sorted(path.iterdir()) if chosen.files else [path]
    size = sum(file.stat().st_size for file in files)
    return Exported(to, dtype, path, files, size, chosen.open_with.format(path=path))


def _find_format(to: str) -> Format:
    if to not in FORMATS:
        raise UserError(f"--to {to}: no such format. There are {', '.join(FORMATS)}.")
    return FORMATS[to]


def _check_dtype(to: str, dtype: str | None) -> str:
    known = FORMATS[to].dtypes
    if dtype is not None and dtype not in known:
        raise UserError(f"--dtype {dtype}: --to {to} stores numbers as {' or '.join(known)}.")
    return dtype or known[0]


def _check_run(run: Run, to: str) -> None:
    about = find_about(run.config["task"])
    if to not in about.exports:
        takes = ", ".join(one.name for one in list_tasks() if to in one.exports)
        remedy = f" Try --to {' or '.join(about.exports)}." if about.exports else ""
        raise UserError(f"{run.folder} is a run of {about.name}: --to {to} takes runs of {takes}.{remedy}")
    if (source := run.quantised_from) is not None:
        raise UserError(
            f"{run.folder}: its weights are quantised. Export the run that they come from: groundup export {source}"
        )
    if to != "huggingface" and "experts" in run.config:
        raise UserError(f"{run.folder}: its model is a mixture of experts, which only --to huggingface can write.")
    if parts := run.config.get("parts"):
        raise UserError(
            f"{run.folder} computes with the learner's own {', '.join(parts)}, which no other tool can run. "
            "Train without --with to export it."
        )
    if to != "onnx" and run.config.get("model", {}).get("preset") == "plain":
        raise UserError(
            f"{run.folder}: --to {to} has no architecture like the plain preset. "
            "Train with --set preset=classic or modern, or export with --to onnx."
        )


def _prepare_huggingface(run: Run, dtype: str) -> Callable[[Path], None]:
    from groundup.export.huggingface import prepare_folder

    return prepare_folder(run, dtype)


def _prepare_gguf(run: Run, dtype: str) -> Callable[[Path], None]:
    from groundup.export.gguf_model import prepare_gguf

    return prepare_gguf(run, dtype)


def _prepare_onnx(run: Run, dtype: str) -> Callable[[Path], None]:  # noqa: ARG001 - the writers' shared signature
    from groundup.export.onnx_model import prepare_onnx

    return prepare_onnx(run)


# Each opens a run, refuses what it must, and returns what writes the file or fills the folder.
_WRITERS: dict[str, Callable[[Run, str], Callable[[Path], None]]] = {
    "huggingface": _prepare_huggingface,
    "gguf": _prepare_gguf,
    "onnx": _prepare_onnx,
}
