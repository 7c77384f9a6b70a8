"""The Linux calls that Python's `os` lacks, as functions that raise OSError."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

__all__ = [
    "adopt_orphans",
    "die_with_parent",
    "drop_capabilities",
    "hide",
    "mount",
    "no_new_privileges",
    "prctl",
    "show",
    "unshare",
]

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_SIGKILL: Final = 9
_CAPABILITIES_V3: Final = (0x2008_0522).to_bytes(4, sys.byteorder) + bytes(4)

_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """One attribute of this process."""
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_void_p(pointer), 0, 0), "prctl")


def hide() -> None:
    """Nobody of the same user may read or trace this process."""
    prctl(_PR_SET_DUMPABLE, 0)


def show() -> None:
    """An ordinary process again: its /proc/self is its own."""
    prctl(_PR_SET_DUMPABLE, 1)


def adopt_orphans() -> None:
    """Processes whose parents die become children of this one, however they detached themselves."""
    prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """SIGKILL when the parent ends. A change of user undoes it: call it after."""
    prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def no_new_privileges() -> None:
    """No program started from here on gains rights by its file."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Whatever a root may do in its user namespace, this process may no more."""
    _checked(_libc.capset(_CAPABILITIES_V3, bytes(24)), "capset")


def unshare(flags: int) -> None:
    """Leave the namespaces of these CLONE_NEW flags for new ones."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system."""
    texts = [text.encode() for text in (source, target, kind)]
    _checked(_libc.mount(*texts, ctypes.c_ulong(flags), options.encode()), f"mount {kind} on {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
