"""The run folder: everything a trained model is, in files that any tool can open.

``runs/NAME/`` holds ``config.json`` (everything needed to rebuild), ``model.safetensors`` (the weights to
use), ``state.safetensors`` (the weights, optimiser, random state and step to go on from), ``metrics.jsonl``
(a line a measurement), ``samples.jsonl`` (what a GPT wrote on the way), pictures and, where asked for,
``tensorboard/`` (the same figures as event files). No pickle anywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from groundup import __version__
from groundup.errors import UserError
from groundup.training.event_log import FOLDER as EVENTS
from groundup.training.event_log import EventLog, check_tool
from groundup.training.files import explain_write_error, replace_file, write_atomically
from groundup.training.sharding import whole

FORMAT = 1


class Run:
    """One run folder.

    Attributes
    ----------
    folder : Path
        Where the run lies.
    config : dict
        The content of ``config.json``.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self.folder = folder
        self.config = config
        self._events: EventLog | None = None

    @classmethod
    def create(cls, root: Path, name: str | None, task: str, config: Mapping[str, Any]) -> Run:
        """Make a new run folder that holds ``config.json`` from its first instant.

        Parameters
        ----------
        root : Path
            The folder of all runs; made where missing.
        name : str or None
            The run's name; ``None`` takes the task's name, with a number where that is taken.
        task : str
            The task's name.
        config : mapping
            JSON-ready: what the task needs to rebuild the model and to start over.

        Raises
        ------
        UserError
            The name is taken or is no folder name, or the folder cannot be written.
        """
        name = check_name(name) if name else _free_name(root, task)
        folder = root / name
        if folder.exists():
            raise UserError(
                f"{folder}: this run exists already. Go on with it by --resume, or choose another name with --run."
            )
        full = {"format": FORMAT, "groundup": __version__, "task": task, **config}
        staging = root / f".{name}.{os.getpid()}.tmp"
        try:
            staging.mkdir(parents=True)
            write_atomically(staging / "config.json", _to_json(full))
            staging.rename(folder)
        except OSError as error:
            raise explain_write_error(folder, error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return cls(folder, full)

    @classmethod
    def open(cls, root: Path, name: str) -> Run:
        """Open a run by its name under ``root``, or by the path of its folder.

        Raises
        ------
        UserError
            There is no such run, or its ``config.json`` is missing or damaged.
        """
        folder = Path(name) if (Path(name) / "config.json").is_file() else root / name
        if not folder.is_dir():
            known = ", ".join(run.name for run in list_runs(root)) or "none yet"
            raise UserError(f'No run called "{name}" in {root}. Runs there: {known}.')
        path = folder / "config.json"
        if not path.is_file():
            raise UserError(f"{folder}: not a run folder, config.json is missing. Train again with another --run.")
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: damaged ({error}). Train again with another --run.") from error
        if not isinstance(config, dict) or "task" not in config:
            raise UserError(f"{path}: damaged, it names no task. Train again with another --run.")
        for part in ("settings", "model"):
            if not isinstance(config.get(part, {}), dict):
                raise UserError(f"{path}: damaged, its {part} are no object. Train again with another --run.")
        if config.get("format") != FORMAT:
            found = config.get("format")
            raise UserError(f"{path}: written in format {found}, this groundup reads {FORMAT}. Train again.")
        return cls(folder, config)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    def path(self, filename: str) -> Path:
        """Return the path of a file in the run folder."""
        return self.folder / filename

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace ``config.json``."""
        write_atomically(self.path("config.json"), _to_json(config))
        self.config = config

    def update_config(self, **more: Any) -> None:
        """Add to ``config.json``; nothing is written where nothing changes."""
        merged = {**self.config, **more}
        if merged != self.config:
            self.write_config(merged)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run for writing; the lock dies with the process that holds it.

        Raises
        ------
        UserError
            Another process is training into this folder.
        """
        lock = FileLock(self.path("lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UserError(
                f"{self.folder}: another process is training this run. Wait for it, stop it, or choose another --run."
            ) from error
        except OSError as error:
            raise explain_write_error(self.path("lock"), error) from error
        try:
            for torn in self.folder.glob(".*tmp*"):  # left by a process that was killed while it wrote
                torn.unlink(missing_ok=True)
            yield
        finally:
            if self._events is not None:
                self._events.close()
                self._events = None
            lock.release()

    def save_model(self, tensors: Mapping[str, Tensor], filename: str = "model.safetensors") -> None:
        """Save the weights to use, whole or not at all."""
        self.save_tensors(filename, tensors, {"format": "pt"})

    def load_model(self, filename: str = "model.safetensors") -> dict[str, Tensor]:
        """Load the weights to use.

        Raises
        ------
        UserError
            The run has no weights yet, or the file is damaged.
        """
        path = self.path(filename)
        if not path.is_file():
            raise UserError(
                f"{self.folder}: no trained weights yet ({filename} is missing). "
                f"Train it to its end: groundup train --run {self.name} --resume"
            )
        return self.load_tensors(filename)[0]

    def save_tensors(self, filename: str, tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:
        """Save named tensors, and texts beside them, in one safetensors file."""
        ready = {name: whole(tensor.detach()).cpu().contiguous() for name, tensor in tensors.items()}
        replace_file(self.path(filename), lambda temporary: save_file(ready, temporary, metadata=dict(notes)))

    def load_tensors(self, filename: str) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Load what `save_tensors` saved."""
        notes = self.check_tensors(filename)
        path = self.path(filename)
        try:
            return load_file(path), notes
        except (SafetensorError, OSError, ValueError) as error:
            raise _explain_damage(path, error) from error

    def check_tensors(self, filename: str) -> dict[str, str]:
        """Read the header of what `save_tensors` saved, which tells a file cut short; return the texts in it.

        Raises
        ------
        UserError
            The file is missing or damaged.
        """
        path = self.path(filename)
        try:
            with safe_open(path, framework="pt") as file:
                return dict(file.metadata() or {})
        except (SafetensorError, OSError, ValueError) as error:
            raise _explain_damage(path, error) from error

    def log(self, **figures: Any) -> None:
        """Append one line of figures to ``metrics.jsonl``, and to the other logs of the run."""
        self._append("metrics.jsonl", figures)
        if self._events is not None:
            self._events.add_figures(figures)

    def log_for(self, tool: str) -> None:
        """Log for another tool as well: what was logged so far now, and the rest as it comes, after a stop, too.

        Parameters
        ----------
        tool : str
            ``"tensorboard"``: event files in ``tensorboard/``. Call it within `locked`, which closes them.

        Raises
        ------
        UserError
            There is no such tool, or its package is not installed.
        """
        check_tool(tool)
        self._open_events(self.metrics(), self.samples())

    def _open_events(self, metrics: list[dict[str, Any]], samples: list[dict[str, Any]]) -> None:
        if self._events is not None:
            self._events.close()
        written = self.path("metrics.jsonl").stat().st_mtime if metrics else time.time()
        self._events = EventLog(self.path(EVENTS), self.config, metrics, samples, written)

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of ``metrics.jsonl``; a last line torn by a crash is left out."""
        return self._read_lines("metrics.jsonl")

    def log_sample(self, step: int, text: str) -> None:
        """Append what the model wrote at a step to ``samples.jsonl``."""
        self._append("samples.jsonl", {"step": step, "text": text})
        if self._events is not None:
            self._events.add_sample(step, text)

    def samples(self) -> list[dict[str, Any]]:
        """Return what the model wrote, by step; a step trained again after a stop counts once."""
        by_step = {line.get("step", 0): line for line in self._read_lines("samples.jsonl")}
        return [by_step[step] for step in sorted(by_step)]

    def _append(self, filename: str, line: Mapping[str, Any]) -> None:
        path = self.path(filename)
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise explain_write_error(path, error) from error

    def _read_lines(self, filename: str) -> list[dict[str, Any]]:
        path = self.path(filename)
        if not path.is_file():
            return []
        lines = path.read_bytes().split(b"\n")
        found = []
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                read = json.loads(line)
                if not isinstance(read, dict) or not isinstance(read.get("step", 0), int | float):
                    raise ValueError("no figures of a step")
            except ValueError as error:
                if number == len(lines):
                    break
                raise UserError(f"{path}, line {number}: damaged. Delete that line.") from error
            found.append(read)
        return found

    def keep_metrics_until(self, step: int) -> None:
        """Forget figures logged after ``step``: training goes on from there and logs them again."""
        path = self.path("metrics.jsonl")
        kept = [line for line in self.metrics() if line.get("step", 0) <= step]
        if path.is_file():
            write_atomically(path, "".join(json.dumps(line) + "\n" for line in kept))
        if self.path(EVENTS).is_dir():
            self._open_events(kept, [sample for sample in self.samples() if sample["step"] <= step])


def list_runs(root: Path) -> list[Run]:
    """Return every readable run under ``root``, by name."""
    runs = []
    for config in sorted(root.glob("*/config.json")):
        try:
            runs.append(Run.open(root, config.parent.name))
        except UserError:
            continue
    return runs


def check_name(name: str) -> str:
    """Return ``name`` if it can be a run's folder name, else raise `UserError`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise UserError(f'--run "{name}": use letters, digits, ".", "_" and "-", a letter or digit first.')
    return name


def _free_name(root: Path, task: str) -> str:
    if not (root / task).exists():
        return task
    number = 2
    while (root / f"{task}-{number}").exists():
        number += 1
    return f"{task}-{number}"


def _explain_damage(path: Path, error: Exception) -> UserError:
    reason = f"it is cut short or overwritten: {error}" if path.is_file() else "it is missing"
    return UserError(f"{path}: damaged ({reason}). Train the run again under another name.")


def _to_json(config: Mapping[str, Any]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"
