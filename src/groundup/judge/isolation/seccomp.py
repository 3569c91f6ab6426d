"""Linux's seccomp: a process gives up, for good, the calls to the kernel that no answer needs.

What Landlock (`groundup.judge.isolation.landlock`) leaves open is closed here: other processes' limits, priorities and
signals, new processes, every kind of socket, rights and times of files, memory outside the process's own. The kernel
keeps it whatever code the process runs, and no privilege is needed. It imports nothing of this package. Source: Linux's
``Documentation/userspace-api/seccomp_filter.rst``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000
_THREAD = 0x00010000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
# Calls that only ever concern the process itself may name it, or 0.
_OWN_ALONE = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261), "sched_setaffinity": (203, 122)}
_CLONE, _CLONE3 = (56, 220), (435, 435)
# Name: number on x86_64 and on aarch64, from the kernel's own lists; None where there is no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    # the network, on this machine as well
    "socket": (41, 198),
    # files beyond what Landlock knows
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    # memory that outlives the process or is counted nowhere
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    # the machine, where the judge runs as root
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
}


def has_filter() -> bool:
    """Tell whether this system is one that the filter is written for."""
    return sys.platform == "linux" and platform.machine() in _MACHINES and struct.calcsize("P") == 8


def install_filter() -> bool:
    """Give up the refused calls, for this process and all its threads to come; return whether the kernel does it.

    A refused call fails with "operation not permitted".
    """
    if not has_filter():
        return False
    program = b"".join(_write_program(*_MACHINES[platform.machine()], os.getpid()))
    held = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: how many instructions, and where.
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    system = ctypes.CDLL(None)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return bool(system.prctl(_SET_SECCOMP, _FILTER, head, 0, 0) == 0)


def _write_program(column: int, architecture: int, own: int) -> Iterator[bytes]:
    """Yield the filter's instructions: code, jump if true, jump if false, operand."""

    def write(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, operand)

    refuse = write(_RETURN, _REFUSE | errno.EPERM)
    yield write(_LOAD, _ARCHITECTURE)
    yield write(_EQUAL, architecture, 1, 0)
    yield refuse
    yield write(_LOAD, _NUMBER)
    yield write(_AT_LEAST, _X32, 0, 1)
    yield refuse
    for numbers in REFUSED.values():
        number = numbers[column]
        if number is not None:
            yield write(_EQUAL, number, 0, 1)
            yield refuse
    # Its flags lie in memory, where no filter can look: without it the C library takes `clone`.
    yield write(_EQUAL, _CLONE3[column], 0, 1)
    yield write(_RETURN, _REFUSE | errno.ENOSYS)
    yield write(_EQUAL, _CLONE[column], 0, 4)
    yield write(_LOAD, _FIRST_ARGUMENT)
    yield write(_ANY_BIT, _THREAD, 1, 0)
    yield refuse
    yield write(_RETURN, _ALLOW)
    for numbers in _OWN_ALONE.values():
        yield write(_EQUAL, numbers[column], 0, 5)
        yield write(_LOAD, _FIRST_ARGUMENT)
        yield write(_EQUAL, own, 2, 0)
        yield write(_EQUAL, 0, 1, 0)
        yield refuse
        yield write(_RETURN, _ALLOW)
    yield write(_RETURN, _ALLOW)
