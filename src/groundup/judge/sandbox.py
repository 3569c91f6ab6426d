"""Bubblewrap around the answers' processes, where it is installed and works: no network, nothing else to write to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from groundup.judge.wall import ask_version

TRIAL_SECONDS = 20


def wrap(program: str, base: Path) -> list[str]:
    """Return the command line, without the command itself, that runs a nursery under bubblewrap.

    Parameters
    ----------
    program : str
        Where ``bwrap`` is.
    base : Path
        The folder of the answers' own folders, the only one that can be written to.
    """
    place = str(base)
    return [
        program,
        "--unshare-all",  # network, processes, users, host name, inter-process communication
        "--die-with-parent",
        "--new-session",
        *("--ro-bind", "/", "/"),
        *("--dev", "/dev"),
        *("--proc", "/proc"),
        *("--bind", place, place),
        *("--chdir", place),
        "--",
    ]


def _name_rest() -> str:
    return "fenced in by limits, refusals and " + ("Landlock" if ask_version() else "nothing else")


def find_sandbox(base: Path) -> tuple[list[str], str]:
    """Return what to put before a nursery's command (nothing where bubblewrap cannot be used), and a line about it.

    Parameters
    ----------
    base : Path
        As for `wrap`; it must exist.
    """
    program = shutil.which("bwrap")
    if program is None:
        return [], f"bubblewrap is not installed: answers run without it, {_name_rest()}."
    command = wrap(program, base)
    try:
        trial = subprocess.run(
            [*command, sys.executable, "-I", "-S", "-c", ""], capture_output=True, timeout=TRIAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], f"bubblewrap does not work here ({error}): answers run without it, {_name_rest()}."
    if trial.returncode:
        said = trial.stderr.decode(errors="replace").strip().splitlines()
        reason = (said or ["no reason given"])[-1][:120]
        return [], f"bubblewrap does not work here ({reason}): answers run without it, {_name_rest()}."
    return command, "Answers run under bubblewrap: no network, and no file to write to but their own."
