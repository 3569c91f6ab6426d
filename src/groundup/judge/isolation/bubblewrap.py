"""Bubblewrap around the answers' processes, where it is installed and works: no network, no files of others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from groundup.judge.isolation.landlock import ask_version
from groundup.judge.isolation.seccomp import has_filter
from groundup.judge.isolation.system import limits_memory

TRIAL_SECONDS = 20


def wrap(program: str, base: Path) -> list[str]:
    """Return the command line, without the command itself, that runs a fork server under bubblewrap.

    Parameters
    ----------
    program : str
        Where ``bwrap`` is.
    base : Path
        The folder of the answers' own folders, the only one that can be written to.
    """
    place = str(base)
    hidden = find_hidden()
    return [
        program,
        "--unshare-all",  # network, processes, users, host name, inter-process communication
        "--die-with-parent",
        "--new-session",
        *("--ro-bind", "/", "/"),
        *("--dev", "/dev"),
        *("--proc", "/proc"),
        # What listens in the file system, and what people keep.
        *(word for folder in hidden for word in ("--tmpfs", folder)),
        # Python and its libraries may lie in there.
        *(
            word
            for folder in list_libraries()
            if is_below(folder, hidden)
            for word in ("--ro-bind-try", folder, folder)
        ),
        *("--bind", place, place),
        *("--chdir", place),
        "--",
    ]


def find_hidden() -> list[str]:
    """Return the folders that no answer sees anything of: sockets, others' temporary files, the homes of people."""
    own = os.path.realpath(Path.home())
    wanted = ["/run", "/var/run", "/tmp", "/var/tmp", "/dev/shm", "/home", "/root", own]
    found = dict.fromkeys(os.path.realpath(folder) for folder in wanted if os.path.isdir(folder))
    return [folder for folder in found if folder != "/" and not is_below(folder, [x for x in found if x != folder])]


def list_libraries() -> list[str]:
    """Return the folders that an answer's Python loads from; this process may have others, such as a learner's."""
    told = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; print(sys.prefix, sys.base_prefix, *sys.path, sep=chr(10))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=TRIAL_SECONDS,
    )
    places = [line for line in told.stdout.splitlines() if line.startswith("/")]
    return list(dict.fromkeys([*places, *map(os.path.realpath, places)]))


def is_below(place: str, folders: Sequence[str]) -> bool:
    """Tell whether a path lies in one of some folders, or is one."""
    return any(place == folder or place.startswith(folder + "/") for folder in folders)


def is_isolated() -> bool:
    """Tell whether the kernel itself keeps an answer from others' files, without bubblewrap."""
    return ask_version() > 0 and has_filter()


def _name_rest() -> str:
    if is_isolated():
        return "fenced in by limits, refusals, Landlock and seccomp"
    memory = "" if limits_memory() else ", and take all memory: this system has no limit for it"
    return (
        "and nothing but refusals that can be got round keeps them from what you may do: an answer could read, change "
        f"and delete your files{memory}"
    )


def find_bubblewrap(base: Path) -> tuple[list[str], str]:
    """Return what to put before a fork server's command (nothing where bubblewrap cannot be used), and a line about it.

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
    return command, "Answers run under bubblewrap: no network, no files of yours, and none to write to but their own."
