"""Where candidates run: what separates one from everything else, and how all of it is ended and removed.

`Unconfined` separates nothing: the same user, the same files, in a new folder. It exists for machines on which nothing
better can be had, and for trusting people.

`OwnUser` is for a container of its own with a root in it: the candidate becomes another user, which owns nothing and
may write to a few places. Root needs SETUID and SETGID to become it, and KILL for nothing: what it must end, it ends
as that user. The container's limits on processes and memory hold all of it; see *Not covered*.

Covered: processes that detach, fork on and on, ignore signals, or stop themselves; files anywhere the user may write,
in trees of any shape; descriptors of host and zygote; rights by set-user-id files.

Not covered: a candidate that takes back that it is ended first where memory is short (to forbid it takes SYS_RESOURCE),
and fills the container with files and small processes until the kernel ends supervisor and zygote: the box is lost, and
nothing else; the kernel's own faults; what a container without limits on memory and processes lets a program do to the
machine; with `Unconfined`, everything but orphans and the working folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from typing import Protocol

from llm_envs.sandbox.box import kernel
from llm_envs.sandbox.box.processes import children
from llm_envs.sandbox.box.sweep import sweep

__all__ = ["OwnUser", "Slot", "Unconfined"]


class Slot(Protocol):
    """One candidate at a time."""

    work: str
    """The candidate's working folder."""

    own_user: bool
    """Whether a limit on a user's processes is one on the candidate's."""

    def open(self) -> None:
        """In a new supervisor: make ready for runs."""

    def enter(self) -> None:
        """In a candidate: give up what it must not have. Raises OSError where that fails."""

    def kill(self) -> None:
        """In the supervisor: SIGKILL to all that the candidate has started."""

    def sweep(self) -> bool:
        """In the supervisor, once all that is ended: remove its files; false where some are left."""

    def close(self) -> None:
        """In the supervisor, at its end."""


class Unconfined:
    """The supervisor's own user, in a folder made for the program."""

    own_user = False

    def __init__(self) -> None:
        self.work = ""

    def open(self) -> None:
        """Make the folder."""
        self.work = tempfile.mkdtemp(prefix="llm-envs-box-")

    def enter(self) -> None:
        """Nothing is given up; temporary files go where they are found again."""
        os.environ["TMPDIR"] = self.work
        kernel.no_new_privileges()
        kernel.die_with_parent()

    def kill(self) -> None:
        """To children alone: theirs are adopted, and killed in turn."""
        for pid in children():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def sweep(self) -> bool:
        """Of the folder."""
        return sweep(self.work, os.getuid())

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.work, ignore_errors=True)


class OwnUser:
    """Another user, in a container of its own.

    Args:
        uid: also its group. No other process of the machine may have it, in whichever container: limits on the number
            of a user's processes are the machine's.
        writable: all places that it may write to; the first is its working folder.
    """

    own_user = True

    def __init__(self, uid: int, writable: tuple[str, ...]) -> None:
        if uid <= 0:
            raise ValueError(f"user {uid} has rights, and processes, that no candidate may have")
        self._uid = uid
        self._writable = writable
        self.work = writable[0]

    def open(self) -> None:
        """Nothing: the places are there, and empty."""

    def enter(self) -> None:
        """Become the user, for good."""
        os.setgroups([])
        os.setresgid(self._uid, self._uid, self._uid)
        os.setresuid(self._uid, self._uid, self._uid)
        kernel.no_new_privileges()
        kernel.die_with_parent()
        kernel.show()

    def kill(self) -> None:
        """To all of the user's processes at once, so that none can fork away."""
        with self._as_user(), contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)

    def sweep(self) -> bool:
        """Of every place."""
        with self._as_user():
            swept = [sweep(place, self._uid) for place in self._writable]
        return all(swept)

    def close(self) -> None:
        """Nothing."""

    @contextlib.contextmanager
    def _as_user(self) -> Iterator[None]:
        """With that user's rights alone. Its real and saved user stay root's, so that nobody else may signal it."""
        os.setegid(self._uid)
        os.seteuid(self._uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
            kernel.hide()
