"""The run folder: everything that belongs to a trained model, in files that any tool can open.

``runs/NAME/`` holds ``config.json`` (everything needed to rebuild), ``model.safetensors`` (the weights to
use), ``state.safetensors`` (the weights, optimiser, random state and step to go on from), ``metrics.jsonl``
(one line per measurement), ``samples.jsonl`` (what a GPT wrote on the way), pictures and, where asked for,
``tensorboard/`` (the same figures as event files). No pickle anywhere.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from groundup import __version__
from groundup.base.errors import UserError
from groundup.base.files import flush, remove_torn, replacing_folder
from groundup.base.shape import Shape
from groundup.base.writing import explain_read_error, explain_write_error, pack_json, replace_file, write_atomically
from groundup.runs.config import CONFIG, FORMAT, read_config
from groundup.runs.event_log import FOLDER as EVENTS
from groundup.runs.event_log import EventLog, check_tool
from groundup.runs.locking import hold
from groundup.runs.reading import FIGURES, SAMPLE, Lines, read_lines
from groundup.runs.sharded_tensors import whole
from groundup.runs.tensor_files import Header, read_header, read_tensors

METRICS, SAMPLES, REPORT = "metrics.jsonl", "samples.jsonl", "report.json"


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
    def create(
        cls,
        root: Path,
        name: str | None,
        task: str,
        config: Mapping[str, Any],
        fill: Callable[[Run], None] | None = None,
        called: str | None = None,
    ) -> Run:
        """Make a new run folder that contains ``config.json`` from the beginning.

        Parameters
        ----------
        root : Path
            The folder of all runs; made where missing.
        name : str or None
            The run's name; ``None`` takes ``called``, with a number where that is taken.
        task : str
            The task's name.
        config : mapping
            JSON-ready: what the task needs to rebuild the model and to start over.
        fill : callable, optional
            Puts in what must be there from the first instant, too; gets the run where it lies until then.
        called : str, optional
            What a run without a name is called; as its task if left out.

        Raises
        ------
        UserError
            The name is taken or is no folder name, or the folder cannot be written.
        """
        name = check_name(name) if name else _free_name(root, called or task)
        folder = root / name
        taken = UserError(
            f"{folder}: this run exists already. Continue it with --resume, or choose another name with --run."
        )
        try:
            if folder.exists():
                raise taken
            _check_place(folder)
            root.mkdir(parents=True, exist_ok=True)
            with replacing_folder(folder, new_only=True) as staging:
                run = cls(staging, {})
                run.write_config({"format": FORMAT, "groundup": __version__, "task": task, **config})
                if fill is not None:
                    _fill(run, fill, folder)
        except OSError as error:
            raise (taken if folder.exists() else explain_write_error(folder, error)) from error
        return cls(folder, run.config)

    @classmethod
    def open(cls, root: Path, name: str) -> Run:
        """Open a run by its name under ``root``, or by the path of its folder.

        Raises
        ------
        UserError
            There is no such run, or its ``config.json`` is missing or damaged.
        """
        folder = _find_folder(root, name)
        if folder is None:
            known = ", ".join(run.name for run in list_runs(root)) or "none yet"
            shown = name if len(name) <= 100 else f"{name[:100]}…"
            raise UserError(f'No run called "{shown}" in {root}. Runs there: {known}.')
        _check_place(folder)
        path = folder / CONFIG
        if not path.exists():
            raise UserError(f"{folder}: not a run folder, config.json is missing. Train again with another --run.")
        return cls(folder, read_config(path))

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    def path(self, filename: str) -> Path:
        """Return the path of a file in the run folder."""
        return self.folder / filename

    def has_file(self, filename: str) -> bool:
        """Tell whether a file of this name exists; a broken link counts."""
        return self.path(filename).exists() or self.path(filename).is_symlink()

    def write_config(self, config: dict[str, Any]) -> None:
        """Replace ``config.json``."""
        content = pack_json(config)
        write_atomically(self.path(CONFIG), content)
        self.config = json.loads(content)  # a tuple is a list there

    def update_config(self, **more: Any) -> None:
        """Add to ``config.json``; nothing is written if nothing changes."""
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
        with hold(self.folder):
            remove_torn(self.folder)  # left by a process that was killed while it wrote
            try:
                yield
            finally:
                if self._events is not None:
                    self._events.close()
                    self._events = None

    def save_model(self, tensors: Mapping[str, Tensor], filename: str = "model.safetensors") -> None:
        """Save the weights to use, completely or not at all."""
        self.save_tensors(filename, tensors, {"format": "pt"})

    def load_model(self, filename: str = "model.safetensors") -> dict[str, Tensor]:
        """Load the weights to use.

        Raises
        ------
        UserError
            The run has no weights yet, the file is damaged, or a number in it is not finite.
        """
        self.require_weights(filename)
        return read_tensors(self.path(filename), finite=True)[0]

    def read_shapes(self, filename: str = "model.safetensors") -> Header:
        """Return the names and shapes of the weights to use, without reading them; errors as of `load_model`."""
        self.require_weights(filename)
        return read_header(self.path(filename))

    def require_weights(self, filename: str = "model.safetensors") -> None:
        """Refuse a run that has no weights yet."""
        if not self.has_file(filename):
            remedy = f"Train it to its end: groundup train --run {self.name} --resume"
            if self.imported_from is not None:
                remedy = "Import it again, under another name."
            raise UserError(f"{self.folder}: no trained weights yet ({filename} is missing). {remedy}")

    def has_weights(self, filename: str = "model.safetensors") -> bool:
        """Tell whether the weights to use are there and complete."""
        try:
            read_header(self.path(filename))
        except UserError:
            return False
        return True

    @property
    def imported_from(self) -> str | None:
        """Where the weights were imported from; ``None`` if they were trained here."""
        if "imported" in self.config:
            return str(self.config["imported"]["from"])
        # Until 0.1 imported runs were marked by nothing but what a run that was trained has and they have not.
        bare = self.config.get("settings") == {} and "text" not in self.config
        old = bare and self.config["task"] == "gpt" and "model" in self.config
        return str(self.config.get("data")) if old else None

    @property
    def begun_from(self) -> str | None:
        """Whose weights the run began with; ``None`` if it began from nothing."""
        return str(self.config["origin"]["from"]) if "origin" in self.config else None

    @property
    def quantised_from(self) -> str | None:
        """Which run's weights these are, quantised; ``None`` if they are not."""
        return str(self.config["quantised"]["from"]) if "quantised" in self.config else None

    def save_tensors(self, filename: str, tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:
        """Save named tensors, and texts beside them, in one safetensors file."""
        ready = {name: whole(tensor.detach()).cpu().contiguous() for name, tensor in tensors.items()}
        replace_file(self.path(filename), lambda temporary: save_file(ready, temporary, metadata=dict(notes)))

    def load_tensors(self, filename: str) -> tuple[dict[str, Tensor], dict[str, str]]:
        """Load what `save_tensors` saved."""
        return read_tensors(self.path(filename))

    def check_tensors(self, filename: str) -> dict[str, str]:
        """Read the header of what `save_tensors` saved and return its texts. A truncated file is noticed.

        Raises
        ------
        UserError
            The file is missing or damaged.
        """
        return read_header(self.path(filename)).notes

    def log(self, **figures: Any) -> None:
        """Append one line of figures to ``metrics.jsonl``, and to the other logs of the run."""
        self._append(METRICS, figures)
        if self._events is not None:
            self._events.add_figures(figures)

    def log_for(self, tool: str) -> None:
        """Log for another tool as well: past figures now, later ones when they come, also after a resume.

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
        written = self.path(METRICS).stat().st_mtime if metrics else time.time()
        self._events = EventLog(self.path(EVENTS), self.config, metrics, samples, written)

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of ``metrics.jsonl`` by step; a damaged line does not hide others.

        Raises
        ------
        UserError
            The file cannot be read, or none of its lines.
        """
        lines = self.read_figures()
        if lines.damaged and not lines.found:
            raise UserError(lines.damaged)
        return lines.found

    def read_figures(self) -> Lines:
        """Return the content of ``metrics.jsonl``, and its damaged lines."""
        return read_lines(self.path(METRICS), FIGURES)

    def log_sample(self, step: int, text: str) -> None:
        """Append what the model wrote at a step to ``samples.jsonl``."""
        self._append(SAMPLES, {"step": step, "text": text})
        if self._events is not None:
            self._events.add_sample(step, text)

    def samples(self) -> list[dict[str, Any]]:
        """Return what the model wrote, by step; a step trained again after a stop counts once."""
        return self.read_samples().found

    def read_samples(self) -> Lines:
        """Return the content of ``samples.jsonl``, and its damaged lines."""
        return read_lines(self.path(SAMPLES), SAMPLE)

    def _append(self, filename: str, line: Mapping[str, Any]) -> None:
        path = self.path(filename)
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            raise explain_write_error(path, error) from error

    def flush_logs(self) -> None:
        """Write figures and samples to the disk, before a checkpoint that comes after them."""
        for filename in (METRICS, SAMPLES):
            path = self.path(filename)
            try:
                if path.is_file():
                    flush(path)
            except OSError as error:
                raise explain_write_error(path, error) from error

    def keep_metrics_until(self, step: int, last: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Forget figures and samples logged after ``step``: training resumes there and logs them again.

        Parameters
        ----------
        step : int
            The last one to keep.
        last : mapping, optional
            The figures that were logged last until then, which a checkpoint remembers: put back where they are lost.

        Returns
        -------
        list of dict
            The figures kept.
        """
        figures = {line["step"]: line for line in self._take_lines(METRICS, FIGURES) if line["step"] <= step}
        if last is not None:
            figures[int(last["step"])] = dict(last)
        kept = [figures[place] for place in sorted(figures)]
        samples = [line for line in self._take_lines(SAMPLES, SAMPLE) if line["step"] <= step]
        for filename, lines in ((METRICS, kept), (SAMPLES, samples)):
            if lines or self.path(filename).exists():
                write_atomically(self.path(filename), "".join(json.dumps(line) + "\n" for line in lines))
        if self.path(EVENTS).is_dir():
            self._open_events(kept, samples)
        return kept

    def _take_lines(self, filename: str, shape: Shape) -> list[dict[str, Any]]:
        """Return the lines of a file that is to be rewritten; damaged lines are kept in another file."""
        path = self.path(filename)
        lines = read_lines(path, shape)
        if lines.damaged:
            write_atomically(path.with_name(f"{filename}.damaged"), path.read_bytes())
        return lines.found


def list_runs(root: Path) -> list[Run]:
    """Return every readable run under ``root``, by name."""
    runs = []
    for folder in list_folders(root):
        with suppress(UserError):
            runs.append(Run.open(root, folder.name))
    return runs


def list_folders(root: Path) -> list[Path]:
    """Return every folder under ``root`` that holds a run, readable or not, by name."""
    found = []
    try:
        for folder in root.iterdir():
            if folder.name.startswith("."):
                continue
            with suppress(FileNotFoundError, NotADirectoryError):
                with suppress(PermissionError):  # what may not be looked into may be a run
                    (folder / CONFIG).lstat()
                found.append(folder)
    except OSError:
        return []
    return sorted(found)


def show_path(path: Path | str) -> str:
    """Return a path in printable form: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def check_name(name: str) -> str:
    """Return ``name`` if it can be a run's folder name, else raise `UserError`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise UserError(f'--run "{name}": use letters, digits, ".", "_" and "-", a letter or digit first.')
    return name


def _check_place(folder: Path) -> None:
    try:
        str(folder).encode()  # what safetensors opens
    except UnicodeEncodeError as error:
        raise UserError(f"{folder}: not UTF-8. Give the folder another name.") from error


def _find_folder(root: Path, name: str) -> Path | None:
    try:
        if (Path(name) / CONFIG).is_file():
            return Path(name)
        return root / name if (root / name).is_dir() else None
    except PermissionError as error:
        raise explain_read_error(Path(error.filename or root / name), error) from error
    except (OSError, ValueError):  # too long, or a zero byte in it
        return None


def _fill(staged: Run, fill: Callable[[Run], None], folder: Path) -> None:
    try:
        fill(staged)
    except UserError as error:
        raise UserError(str(error).replace(str(staged.folder), str(folder))) from error


def _free_name(root: Path, task: str) -> str:
    if not (root / task).exists():
        return task
    number = 2
    while (root / f"{task}-{number}").exists():
        number += 1
    return f"{task}-{number}"
