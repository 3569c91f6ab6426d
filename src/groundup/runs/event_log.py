"""A run's log for TensorBoard: event files with exactly the figures of ``metrics.jsonl``."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error, pack_json

FOLDER = "tensorboard"
TOOLS = ("tensorboard",)
# Ends the names of our files: what another program wrote into the folder stays.
OURS = ".groundup"


def check_tool(tool: str) -> None:
    """Raise `UserError` if a logging tool is unknown, or its package is not installed."""
    if tool not in TOOLS:
        raise UserError(f"--log {tool}: there is only --log {', '.join(TOOLS)}. Every run writes metrics.jsonl anyway.")
    try:
        import torch.utils.tensorboard  # noqa: F401
    except ImportError as error:
        raise UserError(
            "TensorBoard's files are written with its own package, which is not installed: "
            f"python -m pip install tensorboard ({error}). The run's figures are in metrics.jsonl."
        ) from error


class EventLog:
    """Writes a run's figures and samples into event files. Close it at the end.

    TensorBoard takes what it reads first for true, and files can only grow: a run that goes on from an earlier step
    would be drawn twice. So a log always starts again, with everything that the run holds, and does away with older
    files. Its first event tells a TensorBoard that is open to forget them.

    Times are those of training without its pauses: the axis "relative" shows seconds of training.

    Parameters
    ----------
    folder : Path
        Where the files are; made where missing.
    config : mapping
        The run's ``config.json``.
    metrics, samples : iterable of dict
        The lines logged so far, oldest first.
    written : float
        When the last of them was written, in seconds since 1970.

    Raises
    ------
    UserError
        The package is not installed, or the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        metrics: list[dict[str, Any]],
        samples: Iterable[dict[str, Any]],
        written: float,
    ) -> None:
        check_tool("tensorboard")
        if folder.is_symlink():
            raise UserError(f"{folder}: a link, and files there are not this run's to replace. Remove the link.")
        self.folder = folder
        self.began = written - (metrics[-1].get("seconds", 0.0) if metrics else 0.0)
        try:
            folder.mkdir(exist_ok=True)
            older = sorted(path for path in folder.glob(f"events.out.tfevents.*{OURS}") if not path.is_symlink())
            # TensorBoard reads files in the order of their names.
            self.path = folder / f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}{OURS}"
            self.file = self.path.open("xb")
        except OSError as error:
            raise explain_write_error(folder, error) from error
        with self._writing():
            self._begin(config)
            for figures in metrics:
                self._put_figures(figures)
            seconds = {figures["step"]: figures.get("seconds", 0.0) for figures in metrics if "step" in figures}
            for sample in samples:
                self._put_sample(sample["step"], sample["text"], self.began + seconds.get(sample["step"], 0.0))
        try:
            for path in older[-1:]:
                path.write_bytes(b"")  # an open TensorBoard reads it to its end first, and stops where it is missing
            for path in older[:-1]:
                path.unlink()
        except OSError as error:
            self.close()
            raise explain_write_error(folder, error) from error

    def add_figures(self, figures: Mapping[str, Any]) -> None:
        """Write one line of figures for a step, so that a reader sees it immediately."""
        with self._writing():
            self._put_figures(figures)

    def add_sample(self, step: int, text: str) -> None:
        """Write what the model wrote at a step."""
        with self._writing():
            self._put_sample(step, text, time.time())

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):  # told before, when it could not be written
            self.file.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Write the data; if that fails, raise a `UserError`."""
        try:
            yield
            self.file.flush()
        except OSError as error:
            self.close()
            raise explain_write_error(self.path, error) from error

    def _begin(self, config: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard.summary import hparams, text

        self._put(self.began, file_version="brain.Event:2")
        self._put(self.began, step=0, session_log={"status": "START"})  # forget what was read from step 0 on
        told = {key: config.get(key) for key in ("task", "data", "seed", "minutes")} | config.get("settings", {})
        plain = {
            key: value if isinstance(value, bool | int | float) else str(value)
            for key, value in told.items()
            if value is not None
        }
        # The session's start alone: what comes before it would fix the table's columns for all runs beside this one.
        _, start, _ = hparams(plain, {})
        self._put(self.began, step=0, summary=start)
        self._put(self.began, step=0, summary=text("config", _as_code(pack_json(config).rstrip())))

    def _put_figures(self, figures: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard.summary import scalar

        now = self.began + figures["seconds"] if "seconds" in figures else self.began
        for name, value in figures.items():
            if name != "step" and isinstance(value, int | float):
                self._put(now, step=figures.get("step", 0), summary=scalar(name, float(value)))

    def _put_sample(self, step: int, content: str, now: float) -> None:
        from torch.utils.tensorboard.summary import text

        self._put(now, step=step, summary=text("sample", _as_code(content)))

    def _put(self, now: float, **event: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter

        RecordWriter(self.file).write(Event(wall_time=now, **event).SerializeToString())


def _as_code(text: str) -> str:
    """Return a text in a form that TensorBoard, which reads Markdown, shows unchanged."""
    return "\n".join("    " + line for line in text.split("\n"))
