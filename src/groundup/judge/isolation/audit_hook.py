"""What an answer's process may do: limits of the operating system, and a hook that refuses the rest.

The hook says what was tried, and stops what a learner's file does by mistake or by the usual tricks. Who knows
Python's innards gets through it, and meets the kernel (see `landlock` and `seccomp`); `groundup grade` adds
bubblewrap where it is there.
The hook holds on to the few functions it needs, so that replacing ``os`` or the builtins changes nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from typing import Any

from groundup.judge.isolation.landlock import build_wall
from groundup.judge.isolation.seccomp import install_filter
from groundup.judge.isolation.system import MEMORY_FILE, limits_memory

MOST_FILE_BYTES = 4 * 2**20
MOST_FILES = 32
MOST_DESCRIPTORS = 256
JUDGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.dirname(JUDGE)

_DIE_WITH_PARENT, _ADOPT_ORPHANS = 1, 36


def set_process_option(option: int, value: int) -> None:
    """Set one of Linux's options for this process; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of whatever this process's descendants leave behind."""
    set_process_option(_ADOPT_ORPHANS, 1)


def limit(memory: int, seconds: float) -> None:
    """Bound this process: ``memory`` bytes more than now, processor seconds, files, no core file, no outliving."""
    import resource  # Windows has none

    set_process_option(_DIE_WITH_PARENT, signal.SIGKILL)
    if limits_memory():
        now = int(MEMORY_FILE.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    # What it took so far, it took to load libraries.
    processor = int(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_DESCRIPTORS, MOST_DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Refused(PermissionError):
    """The answer, or a library that it uses, did what the judge does not allow: as if the system had refused it."""


# How many of an event's last arguments are folders that a path is relative to, if they are not -1.
_RELATIVE = {
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.mkdir": 1,
    "os.chmod": 1,
    "os.chown": 1,
    "os.utime": 1,
    "os.link": 2,
    "os.symlink": 1,
}
_LISTS = ("os.listdir", "os.scandir")
_PROCESSES = ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen", "pty.")
_SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill")
_NETWORK = ("socket.__new__", "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg")
_INNARDS = ("gc.get_", "ctypes.dl", "sys.settrace", "sys.setprofile")
_LINKS = ("os.link", "os.symlink")
_CHANGES = (
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.lchown", "os.trun", "os.utime"),
    *("os.setxattr", "os.removexattr", "shutil.chown"),
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc", "/dev", "/sys/devices/system/cpu", "/System", "/Library")
# What libraries look up about the machine. Other places under /proc lead to other processes and to every file.
_FACTS = ("/proc/meminfo", "/proc/cpuinfo", "/proc/stat", "/proc/self/status", "/proc/self/statm", "/proc/self/maps")


def list_readable() -> list[str]:
    """Return the folders that Python and its libraries read from."""
    libraries = [place for place in (sys.prefix, sys.base_prefix, *sys.path) if place.startswith("/")]
    return [*_SYSTEM, *dict.fromkeys([*libraries, *map(os.path.realpath, libraries)])]


def install_audit_hook(folder: str, refused: list[str]) -> None:
    """Take from this process what an answer must not do, by the kernel where it can, and by the hook.

    Parameters as in `guard`.
    """
    build_wall(folder, list_readable(), _FACTS)
    install_filter()
    guard(folder, refused)


def guard(folder: str, refused: list[str]) -> None:  # noqa: C901 - closures, so that no answer reaches what they hold
    """Refuse, from now on, the network, other processes, the reference, and others' files.

    Parameters
    ----------
    folder : str
        The answer's own, where it may write: an absolute path without links.
    refused : list of str
        What was refused is added here, in words.
    """
    readable = (folder, *list_readable())
    decode, where, null, separator = os.fsdecode, os.getcwd, os.devnull, os.sep
    is_a, text, number, count, is_folder = isinstance, str, int, len, os.path.isdir
    written: set[str] = set()

    def refuse(what: str) -> None:
        if what not in refused:
            refused.append(what)
        raise Refused(what)

    def place_of(path: Any) -> str:
        """Return an absolute path without ``..``; no link is followed, and none can be made."""
        told = path if is_a(path, text) else decode(path)
        parts: list[str] = []
        for part in (told if told.startswith(separator) else where() + separator + told).split(separator):
            if part == "..":
                del parts[-1:]
            elif part and part != ".":
                parts.append(part)
        return separator + separator.join(parts)

    def is_in(place: str, root: str) -> bool:
        return place == root or place.startswith(root + separator)

    def check_open(path: Any, mode: Any, flags: Any) -> None:
        if is_a(path, number):
            return
        place = place_of(path)
        writes = flags & _WRITES if is_a(flags, number) else "r" not in (mode or "r") or "+" in (mode or "")
        if writes and place != null:
            if not is_in(place, folder):
                refuse("writing files outside its own folder")
            written.add(place)
            if count(written) > MOST_FILES:
                refuse(f"writing more than {MOST_FILES} files")
        if writes or place in _FACTS:
            return
        check_read(place)
        # Held open, a folder would be where other paths begin, of which nothing here hears.
        if is_a(flags, number) and is_folder(place):
            refuse("opening a folder as a file")

    def check_read(place: str) -> None:
        # Tracebacks quote the files of this process.
        if is_in(place, PACKAGE) and not is_in(place, JUDGE):
            refuse("reading groundup's own files")
        for root in readable:
            if is_in(place, root):
                return
        refuse("reading files that are not its own")

    def check_change(event: str, arguments: tuple[Any, ...]) -> None:
        begins = arguments[-_RELATIVE[event] :] if event in _RELATIVE else ()
        for part in begins:
            if part not in (-1, None):
                refuse("paths that begin at an open folder")
        for path in arguments[:1] if event not in _RELATIVE else arguments[: _RELATIVE[event]]:
            if is_a(path, number):
                refuse("changing files by their numbers")
            if not is_in(place_of(path), folder):
                refuse("changing files outside its own folder")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:  # noqa: C901 - closures, so that no answer reaches what they hold
        if event == "import":
            if arguments[0] == "groundup" or arguments[0].startswith("groundup."):
                refuse("importing groundup")
        elif event == "open":
            check_open(*arguments)
        elif event in _LISTS:
            if arguments[0] is not None and not is_a(arguments[0], number):
                check_read(place_of(arguments[0]))
        elif event == "sqlite3.connect":
            if arguments[0] not in ("", ":memory:"):
                check_open(arguments[0], None, os.O_RDWR)
        elif event == "object.__setattr__":
            if arguments[0] in (hook, check_open, check_read, check_change, place_of, is_in, refuse):
                refuse("changing the judge")
        elif event.startswith(_INNARDS):
            refuse("reaching into the interpreter")
        elif event.startswith(_NETWORK):
            refuse("the network")
        elif event.startswith(_PROCESSES):
            refuse("starting another process")
        elif event in _SIGNALS:
            refuse("sending signals")
        elif event in _LINKS:
            refuse("making links")
        elif event.startswith(_CHANGES):
            check_change(event, arguments)

    sys.addaudithook(hook)
