"""A candidate in namespaces of its own: user, pid, mount and ipc, new for every run.

For a box whose zygote is root of a user namespace with nobody else in it, so that a candidate can become no other user:
one that was started by an ordinary user. Three processes, each the parent of the next:

    guard       in the box's pid namespace; it ends as the candidate has ended, for the supervisor to see
    first       process 1 of the new pid namespace: at its end, the kernel ends all that is left inside
    candidate   process 2, since the kernel keeps many signals from a process 1

Covered: processes, however they detach themselves; files, since every place that can be written is a new file system
that goes with the last process; shared memory and queues. No process outside can be seen or signalled, and no file of
the zygote read.

Not covered: first is of the candidate's user. It cannot be seen, read or traced, and the kernel keeps a process 1 from
signals; but its limits can be set, and it can be ended that way, with all inside: that is a SIGKILL for the candidate.
The limit on processes counts the zygote, the supervisor, guard and first, too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
from typing import Final, NoReturn

from llm_envs.sandbox.box import kernel
from llm_envs.sandbox.box.processes import children

__all__ = ["OwnNamespaces"]

_USER: Final = 1
"""Nobody in particular: root would have its capabilities again after an exec."""

_NEW: Final = 0x1000_0000 | 0x2000_0000 | 0x0002_0000 | 0x0800_0000
"""CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNS, CLONE_NEWIPC."""

_NOSUID, _NODEV, _NOEXEC = 2, 4, 8
_ROOM: Final = "size=64m,nr_inodes=8192,mode=1777"
"""Of each place that can be written."""

_THREADS: Final = 8
"""Node starts four, with stacks as large as the main thread's may become."""

_STATUS: Final = struct.Struct("i")


class OwnNamespaces:
    """New namespaces for each run.

    Args:
        writable: all places that it may write to; the first is its working folder.
    """

    own_user = True

    def __init__(self, writable: tuple[str, ...]) -> None:
        self._writable = writable
        self.work = writable[0]

    def open(self) -> None:
        """Nothing: all is made anew for each run."""

    def enter(self) -> None:
        """Return in the candidate; guard and first never do."""
        kernel.unshare(_NEW)
        kernel.die_with_parent()
        _become_user()
        kernel.hide()  # guard and first are of the candidate's user, and say how it has ended
        for place in self._writable:
            kernel.mount("none", place, "tmpfs", _NOSUID | _NODEV, _ROOM)
        told, tell = os.pipe()
        first = os.fork()
        if first:
            os.close(tell)
            _guard(first, told)
        kernel.die_with_parent()
        kernel.mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC, "hidepid=2")
        candidate = os.fork()
        if candidate:
            _reap(candidate, tell)
        os.setsid()
        os.close(told)
        os.close(tell)
        _leave_room_for_threads()
        kernel.drop_capabilities()
        kernel.no_new_privileges()
        kernel.die_with_parent()
        kernel.show()

    def kill(self) -> None:
        """The guard, and what became a child of the supervisor when it died; all else dies with these."""
        for pid in children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def sweep(self) -> bool:
        """Its files went with it."""
        return True

    def close(self) -> None:
        """Nothing."""


def _leave_room_for_threads() -> None:
    """Without a control group, memory is bounded as a process's data, of which a thread's stack takes all at once."""
    data, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if data != resource.RLIM_INFINITY:
        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        resource.setrlimit(resource.RLIMIT_STACK, (min(soft, data // _THREADS), hard))


def _become_user() -> None:
    for name, line in (("setgroups", "deny"), ("uid_map", f"{_USER} 0 1"), ("gid_map", f"{_USER} 0 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def _guard(first: int, told: int) -> NoReturn:
    """End as the candidate has ended, when nothing of it is left."""
    os.closerange(0, told)
    os.closerange(told + 1, 1 << 20)
    os.waitpid(first, 0)
    said = os.read(told, _STATUS.size)
    status = _STATUS.unpack(said)[0] if said else signal.SIGKILL
    if os.WIFSIGNALED(status):
        _end_by(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _end_by(number: int) -> None:
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _reap(candidate: int, tell: int) -> NoReturn:
    """Wait for the candidate, and for orphans meanwhile; at the end of this process the kernel ends all others."""
    os.closerange(0, tell)
    os.closerange(tell + 1, 1 << 20)
    ended = 0
    while ended != candidate:
        ended, status = os.waitpid(-1, 0)
    os.write(tell, _STATUS.pack(status))
    os._exit(0)
