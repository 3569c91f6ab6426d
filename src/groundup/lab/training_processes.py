"""Runs that the lab itself starts: processes of their own, stopped without loss."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from groundup.base.errors import UserError
from groundup.runs.folder import check_name
from groundup.tasks.opening import open_run, refuse_imported
from groundup.tasks.registry import find_task

MOST_AT_ONCE = 2
ENDING_SECONDS = 10.0


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Press Ctrl-C for a process; on Windows Ctrl-Break, the only one that reaches another group of processes."""
    process.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


@dataclass
class Jobs:
    """The trainings that the lab has started.

    Attributes
    ----------
    root : Path
        The folder of all runs.
    """

    root: Path
    _running: dict[str, tuple[subprocess.Popen[bytes], IO[bytes]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, task: str, name: str, minutes: float | None = None, resume: bool = False) -> str:
        """Start or resume a training; return its run's name.

        Raises
        ------
        UserError
            The names are none, enough is running already, or the run was imported.
        """
        find_task(task)
        with self._lock:
            if sum(process.poll() is None for process, _ in self._running.values()) >= MOST_AT_ONCE:
                raise UserError(f"{MOST_AT_ONCE} runs are training already: wait for one, or stop it.")
            name = check_name(name) if name else self._choose_name(task)
            if resume and (self.root / name).is_dir():
                refuse_imported(open_run(self.root, name, settings=False))
            if self._is_alive(name, ENDING_SECONDS if resume else 0) or ((self.root / name).exists() and not resume):
                raise UserError(f"There is a run called {name} already. Choose another name.")
            command = [sys.executable, "-m", "groundup", "train", task, "--run", name, "--runs", str(self.root)]
            command += ["--minutes", f"{minutes:g}"] if minutes else []
            command += ["--resume"] if resume else []
            told = tempfile.TemporaryFile()  # noqa: SIM115, closed with the lab
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=told,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows sends signals to groups
            )
            self._running[name] = process, told
        return name

    def _is_alive(self, name: str, seconds: float) -> bool:
        """Tell whether a training runs, after so long a wait for one that ends."""
        if name not in self._running:
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._running[name][0].wait(seconds)
        return self._running[name][0].poll() is None

    def _choose_name(self, task: str) -> str:
        taken = self._running.keys() | {path.name for path in self.root.glob("*")}
        names = (task if number == 1 else f"{task}-{number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def describe(self, name: str) -> dict[str, object]:
        """Return whether the lab trains a run, and the last message of a failed start."""
        if name not in self._running:
            return {"ours": False, "said": ""}
        process, told = self._running[name]
        code = process.poll()
        if code in (None, 0, 130):
            return {"ours": code is None, "said": ""}
        told.seek(0)
        lines = told.read().decode("utf-8", "replace").strip().splitlines()
        return {"ours": False, "said": lines[-1].removeprefix("groundup: ") if lines else f"it ended with code {code}"}

    def stop(self, name: str) -> None:
        """Ask a training to stop: it saves first.

        Raises
        ------
        UserError
            The lab has not started it.
        """
        process = self._running.get(name, (None,))[0]
        if process is None or process.poll() is not None:
            raise UserError(f"{name} was not started from here: stop it with Ctrl-C where it runs.")
        _interrupt(process)

    def close(self, seconds: float = 20.0) -> None:
        """Stop all of them, and wait until they have saved."""
        for process, _ in self._running.values():
            if process.poll() is None:
                _interrupt(process)
        for process, told in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
            told.close()
