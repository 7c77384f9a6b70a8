"""A list of system calls that no program to be judged needs, refused by the kernel.

It is stacked on whatever filter the box already has. What is refused fails with EPERM, so that programs which merely
ask (a library that tries a new call first) go on; clone3 fails with ENOSYS, so that libraries fall back to clone, whose
flags can be looked at. Calls by another architecture's numbers kill the process.

Covered: tracing and reading other processes; namespaces and mounts; io_uring; bpf, perf, userfaultfd; keyrings;
kernel modules, clocks, reboot; message queues, semaphores and shared memory that outlive their processes; handles of
files and of other processes' descriptors; sockets that lead past a network namespace (a virtual machine's to its host)
or deep into the kernel.

Not covered: sockets of files, of the internet's protocols and of netlink (asyncio, multiprocessing and the C library
need them; the box has no network instead); calls that are newer than this list; machines other than x86-64 and arm64,
which get no filter.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from typing import Final

from llm_envs.sandbox.box import kernel

__all__ = ["install"]

_NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "landlock_create_ruleset": (444, 444),
    "lookup_dcookie": (212, 18),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "semget": (64, 190),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmget": (29, 194),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}
"""By name: the call's number on x86-64 and on arm64."""

_SOCKET: Final = (41, 198)
_SOCKETPAIR: Final = (53, 199)
_FAMILIES: Final = (1, 2, 10, 16)
"""Of sockets that may be made: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""

_CLONE: Final = (56, 220)
_CLONE3: Final = 435
_NEW_NAMESPACES: Final = 0x7E020000
"""Every CLONE_NEW flag that clone takes."""

_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""By name: the column above, and what the kernel calls it (AUDIT_ARCH)."""

_X32: Final = 0x40000000
"""x86-64 has every call a second time from here on."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _FAIL, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2

_Step = tuple[int, int, int, int]
"""A step of classic BPF: code, steps to skip if so, if not, operand."""


class _Filter(ctypes.Structure):
    """The kernel's `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def _steps(column: int, architecture: int) -> list[_Step]:
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
    ]
    for numbers in _NUMBERS.values():
        steps += [(_EQUAL, 0, 1, numbers[column]), (_RETURN, 0, 0, _FAIL | errno.EPERM)]
    return [
        *steps,
        *_socket_steps(column),
        (_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _socket_steps(column: int) -> list[_Step]:
    """Leave the number of any other call as it was loaded."""
    count = len(_FAMILIES)
    return [
        (_EQUAL, 1, 0, _SOCKET[column]),
        (_EQUAL, 0, count + 3, _SOCKETPAIR[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        *((_EQUAL, count - place, 0, family) for place, family in enumerate(_FAMILIES)),
        (_RETURN, 0, 0, _FAIL | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _program() -> _Filter | None:
    if platform.machine() not in _MACHINES:
        return None
    steps = _steps(*_MACHINES[platform.machine()])
    text = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(text, len(text))
    _kept.append(buffer)
    return _Filter(len(steps), ctypes.addressof(buffer))


_kept: list[ctypes.Array[ctypes.c_char]] = []
_filter = _program()


def install() -> None:
    """For this process and all that it starts, for good; it must be unable to gain privileges.

    Raises:
        OSError: the kernel has no such filters.
    """
    if _filter is not None:
        kernel.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(_filter))
