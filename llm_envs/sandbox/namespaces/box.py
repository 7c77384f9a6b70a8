"""A box of Linux namespaces: no daemon, no image, no setuid program, as root or as anybody.

The program inside sees a root of its own (see `layout`), its own processes, a network that ends at its own loopback, no
user but itself. When `kill` has returned, none of its processes is left, no mount, no control group, no file.

Covered: processes and memory of all that runs inside, by a control group, where the caller is root or has been
delegated one; the host's files, processes, network and devices; a caller who is root runs nothing as root: inside is
a uid that owns nothing. Not covered: bugs of the kernel, whose whole interface a box shares; the load on disk and
processor that a program makes within its limits; for an ordinary user without a control group, memory of all processes
together: each has its own limit, and memory that processes share is bounded by address space alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from llm_envs.sandbox.namespaces.cgroups import Cgroup, find_places
from llm_envs.sandbox.namespaces.layout import Layout
from llm_envs.sandbox.namespaces.refusal import no_cgroup, refused
from llm_envs.sandbox.process import ProcessBox

__all__ = ["WRITABLE", "NamespacesBox"]

PROCESSES = 256
"""Of the whole box: more than any one program may have."""

WRITABLE = {"/box": (64, 8192), "/tmp": (64, 8192), "/dev/shm": (64, 8192)}  # noqa: S108 - of the box
"""Path inside -> MiB and files. Runs get fresh ones on top, of the size that their limits say."""

_ADDRESS_SPACE_MIB = 8 << 10
"""For ordinary users without a control group: threads and numpy reserve address space that they never use."""

_START_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 10.0

_LAUNCHER = """\
import json, sys, types
package = types.ModuleType("launcher")
package.__path__ = [sys.argv[1]]
sys.modules["launcher"] = package
from launcher.launch import main
main(json.loads(sys.argv[2]))
"""
"""The launcher loads two modules of this folder and nothing above them: a box starts in tens of milliseconds."""


class NamespacesBox:
    """Python in namespaces of its own; a `Box` of `llm_envs.sandbox.worker`.

    Args:
        arguments: what that Python is started with.
        memory_mib: of all that runs inside together, files included.
        processes: and threads, of all that runs inside.
        layout: what it sees of the host's files; None for what this Python needs.

    Raises:
        SandboxUnavailable: the kernel, or who administers it, does not let us; the message says what to do.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        layout: Layout | None = None,
        *,
        memory_mib: int = 512,
        processes: int = PROCESSES,
    ) -> None:
        layout = layout or Layout.of_this_python()
        self._cgroup = _own_cgroup(memory_mib, processes)
        report, told = os.pipe()
        lifeline, self._lifeline = os.pipe()
        plan: dict[str, Any] = {
            **asdict(layout),
            "command": [layout.python, *arguments],
            "environment": _environment(layout.python),
            "privileged": os.geteuid() == 0,
            "cgroups": [str(folder) for folder in self._cgroup.folders] if self._cgroup else [],
            "counters": self._cgroup.counters if self._cgroup else {},
            "limits": _limits(memory_mib, processes, grouped=self._cgroup is not None),
            "writable": WRITABLE,
            "report": told,
            "lifeline": lifeline,
        }
        command = [layout.python, "-I", "-S", "-c", _LAUNCHER, str(Path(__file__).parent), json.dumps(plan)]
        try:
            self._process = ProcessBox(command, {}, pass_fds=(told, lifeline))
        except BaseException:
            os.close(report)
            os.close(self._lifeline)
            if self._cgroup:
                self._cgroup.remove()
            raise
        finally:
            os.close(told)
            os.close(lifeline)
        self.pid = self._process.pid
        self._started(report)

    def _started(self, report: int) -> None:
        """Wait until the program runs, or it is said why it does not."""
        try:
            said = _read_all(report, time.monotonic() + _START_TIMEOUT_S)
        finally:
            os.close(report)
        if said != b"":
            self.kill()
            self.close()
            raise refused(said)

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it to the program, before `deadline` of the monotonic clock."""
        self._process.send(data, deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """What the program has written: at least one byte, at most `size`."""
        return self._process.receive(size, deadline)

    def kill(self) -> None:
        """End all processes inside, and take down what was set up for them. From any thread; may be called again."""
        with contextlib.suppress(OSError):
            os.write(self._lifeline, b"x")  # closing would not do: a forked child may hold the other copy
        _await_end(self._process.pid, _END_TIMEOUT_S)
        self._process.kill()
        if self._cgroup:
            self._cgroup.remove()

    def close(self) -> None:
        """Let go of the streams, when it has been killed, or in a forked child."""
        self._process.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


def _own_cgroup(memory_mib: int, processes: int) -> Cgroup | None:
    """None where an ordinary user has none; root never does without, since no other limit binds it."""
    places = find_places()
    try:
        if places:
            return Cgroup.create(places, memory_mib=memory_mib, processes=processes)
    except OSError as error:
        if os.geteuid() == 0:
            raise no_cgroup(str(error)) from error
    if os.geteuid() == 0:
        raise no_cgroup("no writable group with both controllers")
    return None


def _limits(memory_mib: int, processes: int, *, grouped: bool) -> dict[str, int]:
    """Resource limits by the names that `setrlimit` has for them; memory is the group's, where there is one."""
    if grouped:
        return {"NPROC": processes}
    return {"NPROC": processes, "DATA": memory_mib << 20, "AS": (memory_mib + _ADDRESS_SPACE_MIB) << 20}


def _environment(python: str) -> dict[str, str]:
    return {
        "PATH": f"{Path(python).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/tmp",  # noqa: S108 - inside the box
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _read_all(source: int, deadline: float) -> bytes | None:
    """What is written until the last writer closes; None where that takes too long."""
    said = b""
    while select.select([source], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(source, 4096)
        if not piece:
            return said
        said += piece
    return None


def _await_end(pid: int, timeout_s: float) -> None:
    """Until a child has ended; it is not reaped here."""
    with contextlib.suppress(OSError):
        ended = os.pidfd_open(pid)
        try:
            select.select([ended], [], [], timeout_s)
        finally:
            os.close(ended)
