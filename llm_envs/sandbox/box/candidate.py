"""From a fork of the supervisor to a process that is ready for untrusted code: descriptors, limits, rights, files.

Everything here runs before the first line of the program, so it may be trusted; when it is done it says so on a
descriptor that it then closes. What is said after that is the program's word.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import resource
import signal
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from llm_envs.sandbox.box import seccomp
from llm_envs.sandbox.box.request import Limits
from llm_envs.sandbox.box.slots import Slot

__all__ = ["PROGRAM", "SAID", "STATUS", "Plumbing", "confine", "furnish"]

SAID: Final = 900
"""Where a program's results go. High up, for programs that expect 3 to be the next free descriptor."""

STATUS: Final = 901
"""Where the candidate says that it is ready, while it can be trusted."""

PROGRAM: Final = 902
"""A compiled program, to be started."""

_STACK_MIB: Final = 256
"""Deep recursion in C, and in Python through C. As far as the main thread's neighbours in memory let it."""

_DESCRIPTORS: Final = 1 << 20
_PATH_PARTS: Final = 16


class Plumbing(NamedTuple):
    """The descriptors that a candidate gets, as its parent has them."""

    stdin: int
    stdout: int
    stderr: int
    said: int
    status: int
    program: int | None


def confine(plumbing: Plumbing, limits: Limits, slot: Slot) -> None:
    """Give up everything that is not the candidate's.

    Raises:
        OSError: the kernel refuses; nothing untrusted may run then.
    """
    os.setsid()
    _die_first()
    _connect(plumbing)
    _limit(limits, slot.own_user)
    slot.enter()
    seccomp.install()
    os.chdir(slot.work)
    os.environ["HOME"] = slot.work
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o022)


def _die_first() -> None:
    """Where memory is short, the kernel takes the candidate rather than those who watch it."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _connect(plumbing: Plumbing) -> None:
    given = [descriptor for descriptor in plumbing if descriptor is not None]
    safe = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, PROGRAM + 1) for descriptor in given]
    for descriptor, place in zip(safe, (0, 1, 2, SAID, STATUS, PROGRAM), strict=False):
        os.dup2(descriptor, place, inheritable=place < 3)
    os.closerange(3, SAID)
    os.closerange(SAID + len(given) - 3, _DESCRIPTORS)


def _limit(limits: Limits, own_user: bool) -> None:
    cpu_s = math.ceil(limits.cpu_s)
    disk = int(limits.disk_mib) << 20
    bounds = {
        resource.RLIMIT_CPU: (cpu_s, cpu_s + 1),
        resource.RLIMIT_FSIZE: (disk, disk),
        resource.RLIMIT_NOFILE: (int(limits.open_files), int(limits.open_files)),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_STACK: (_STACK_MIB << 20, _STACK_MIB << 20),
    }
    if own_user:
        bounds[resource.RLIMIT_NPROC] = (int(limits.processes), int(limits.processes))
    for name, (soft, hard) in bounds.items():
        _, most = resource.getrlimit(name)
        top = hard if most == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(name, (min(soft, top), top))


def furnish(files: dict[str, bytes]) -> None:
    """Write files into the working folder.

    Raises:
        ValueError: a path leads out of it.
        OSError: it cannot be written.
    """
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not 0 < len(path.parts) <= _PATH_PARTS:
            raise ValueError(f"{name[:100]!r} is no path within the working folder")
        if len(path.parts) > 1:
            os.makedirs(path.parent, exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
