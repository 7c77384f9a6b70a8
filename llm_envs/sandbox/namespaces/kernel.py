"""The system calls of a private root, by ctypes: what Python 3.11 has no function for.

Runs in the launcher, which imports nothing of this package but what lies in this folder. Sources: the manual pages
mount(2), mount_setattr(2), pivot_root(2), prctl(2), unshare(2), and the kernel's own headers for the numbers.
"""

from __future__ import annotations

import ctypes
import os
import sys

__all__ = [
    "bind",
    "detach",
    "die_with_parent",
    "forbid_privileges",
    "make_dumpable",
    "mount",
    "name_host",
    "pivot",
    "raise_loopback",
    "restrict",
    "unshare",
]

NEW_NS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000
NEW_USER, NEW_PID, NEW_NET = 0x1000_0000, 0x2000_0000, 0x4000_0000

NO_SUID, NO_DEVICES, NO_EXEC = 0x2, 0x4, 0x8
"""Flags of mount(2); those of mount_setattr(2) are the same for these three."""
BIND, RECURSIVE, SLAVE = 0x1000, 0x4000, 0x8_0000
READ_ONLY = 0x1

_MOUNT_SETATTR = 442
"""Its number is the same on every architecture; the C library has a function for it only since glibc 2.36."""
_AT_RECURSIVE = 0x8000
_DETACH = 0x2
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _NO_NEW_PRIVILEGES = 1, 4, 38
_KILL = 9

_AF_INET, _SOCK_DGRAM, _SET_INTERFACE_FLAGS, _UP, _REQUEST_BYTES = 2, 2, 0x8914, 0x1, 40
_LOOPBACK = b"lo".ljust(16, b"\0") + _UP.to_bytes(2, sys.byteorder)
"""A `struct ifreq` of netdevice(7), by hand: the module socket takes longer to import than all else here to run."""

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("user_namespace", ctypes.c_uint64),
    )


def _done(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unshare(namespaces: int) -> None:
    """This process gets namespaces of its own; of pid, its next children do."""
    _done(_libc.unshare(namespaces))


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount a file system, or change how one is mounted."""
    _done(
        _libc.mount(
            source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data.encode() or None
        )
    )


def bind(source: str, target: str, *, devices: bool = False) -> None:
    """Show a file or folder at another place, read-only with everything mounted below it."""
    mount(source, target, "", BIND | RECURSIVE)
    restrict(target, READ_ONLY | NO_SUID | (0 if devices else NO_DEVICES), recursive=True)


def restrict(target: str, flags: int, *, recursive: bool = False) -> None:
    """Take rights from a mount, and from all below it."""
    attributes = _MountAttributes(set=flags)
    _done(
        _libc.syscall(
            ctypes.c_long(_MOUNT_SETATTR),
            ctypes.c_int(-1),
            ctypes.c_char_p(target.encode()),
            ctypes.c_uint(_AT_RECURSIVE if recursive else 0),
            ctypes.byref(attributes),
            ctypes.c_size_t(ctypes.sizeof(attributes)),
        )
    )


def pivot(new_root: str, old_root: str) -> None:
    """`new_root` becomes /, and what was / is found at `old_root`."""
    _done(_libc.pivot_root(new_root.encode(), old_root.encode()))
    os.chdir("/")


def detach(target: str) -> None:
    """Take a mount, and all below it, out of sight."""
    _done(_libc.umount2(target.encode(), _DETACH))


def raise_loopback() -> None:
    """The one interface of a new network namespace works: processes inside can reach each other, and nobody else."""
    request = ctypes.create_string_buffer(_LOOPBACK, _REQUEST_BYTES)
    control = _libc.socket(_AF_INET, _SOCK_DGRAM, 0)
    if control < 0:
        _done(control)
    try:
        _done(_libc.ioctl(control, ctypes.c_ulong(_SET_INTERFACE_FLAGS), request))
    finally:
        os.close(control)


def die_with_parent() -> None:
    """When the parent ends, however it ends, so does this process. A change of uid forgets that."""
    _prctl(_SET_DEATH_SIGNAL, _KILL)


def forbid_privileges() -> None:
    """No program that is started from here on gains rights by its file's owner or capabilities."""
    _prctl(_NO_NEW_PRIVILEGES, 1)


def make_dumpable() -> None:
    """This process's files under /proc are its own again; a change of uid gives them to root."""
    _prctl(_SET_DUMPABLE, 1)


def name_host(name: str) -> None:
    """The host name of this process's uts namespace."""
    _done(_libc.sethostname(name.encode(), ctypes.c_size_t(len(name))))


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _done(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero))
