"""Linux's Landlock: a process gives up, for good and for all it may start, files, TCP and signals beyond what it names.

Unlike `audit_hook`, the kernel enforces it, whatever code the process runs, and no privilege is needed. It imports
nothing of this package. Source: Linux's ``Documentation/userspace-api/landlock.rst``.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ALL_OF_FIRST, _REFER = (1 << 13) - 1, 1 << 13
_TCP, _SIGNALS_AND_SOCKETS = 0b11, 0b11


def ask_version() -> int:
    """Return which version of Landlock this system has; 0 if none."""
    if sys.platform != "linux":
        return 0
    call = ctypes.CDLL(None).syscall
    return max(0, int(call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))))


def build_wall(folder: str, readable: Sequence[str], files: Sequence[str]) -> bool:
    """Take from this process every file but those named, programs to start, TCP, and signals to others.

    Parameters
    ----------
    folder : str
        Everything may be done in it.
    readable : sequence of str
        Folders whose files may be read; those that do not exist are left out.
    files : sequence of str
        Single files that may be read.

    Returns
    -------
    bool
        Whether this system has Landlock; TCP is taken from Linux 6.7 on, signals from 6.12.
    """
    version = ask_version()
    if version < 1:
        return False
    system = ctypes.CDLL(None)
    call = system.syscall
    everything = _ALL_OF_FIRST | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    network = struct.pack("=Q", _TCP) if version >= 4 else b""
    scoped = struct.pack("=Q", _SIGNALS_AND_SOCKETS) if version >= 6 else b""
    rules = struct.pack("=Q", everything) + network + scoped
    ruleset = int(call(_CREATE, rules, ctypes.c_size_t(len(rules)), ctypes.c_uint32(0)))
    if ruleset < 0:
        return False
    both = _READ_FILE | _WRITE_FILE | (_TRUNCATE & everything)
    granted = [(folder, everything), (os.devnull, both), *((place, _READ_FILE) for place in files)]
    granted += [(place, _READ_FILE | _READ_FOLDER) for place in readable if os.path.isdir(place)]
    for place, rights in granted:
        try:
            handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rule = struct.pack("=Qi", rights, handle)
        call(_ADD_RULE, ruleset, _PATH_BENEATH, rule, ctypes.c_uint32(0))
        os.close(handle)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    built = call(_RESTRICT, ruleset, ctypes.c_uint32(0)) == 0
    os.close(ruleset)
    return bool(built)
