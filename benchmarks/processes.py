"""A command, run to its end, to a limit, or to the moment when it is to be killed: what it took, and what it said.

CPU time is that of the process and of all descendants that were waited for. Memory is the resident set of the whole
tree, added up every few hundredths of a second, so that pages shared between processes count more than once. What the
kernel says of a child at its end (`ru_maxrss`) is of no use: it begins with the size of whoever started the child.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from peers.measure import children, live_time_s

__all__ = ["Done", "run"]

_LOOK_S = 0.01
_LOOKS_PER_WEIGHING = 3
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Done:
    """What became of a command.

    Args:
        code: how it exited; None where it was killed.
        before_cpu_s: of `cpu_s`, what was spent before the work began.
        peak_mib: of the process tree.
        out, err: what it printed.
    """

    code: int | None
    wall_s: float
    cpu_s: float
    before_cpu_s: float
    peak_mib: float
    out: str
    err: str

    @property
    def work_cpu_s(self) -> float:
        """From when the work began to the end."""
        return self.cpu_s - self.before_cpu_s

    @property
    def last_words(self) -> str:
        """The last line of stderr."""
        return (self.err.strip() or "nothing said").splitlines()[-1].strip()


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    limit_s: float,
    kill_when: Callable[[], bool] = lambda: False,
    has_begun: Callable[[], bool] = lambda: True,
) -> Done:
    """Run the command in a session of its own; the whole of it is killed after `limit_s`, or when `kill_when` says.

    Args:
        has_begun: whether the work has, for which the command was started.
    """
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        began_s = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        watch = _Watch(process, has_begun)
        killed = watch.until(lambda: kill_when() or time.perf_counter() > began_s + limit_s)
        if killed:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            watch.until(lambda: False)
        wall_s, code = time.perf_counter() - began_s, None if killed else process.returncode
        out.seek(0)
        err.seek(0)
        return Done(code, wall_s, watch.cpu_s, watch.before_cpu_s, watch.peak_mib, out.read(), err.read())


class _Watch:
    """Looks at a process again and again."""

    def __init__(self, process: subprocess.Popen[bytes], has_begun: Callable[[], bool]) -> None:
        self.cpu_s = self.before_cpu_s = self.peak_mib = 0.0
        self._process, self._has_begun = process, has_begun
        self._begun = False

    def until(self, is_enough: Callable[[], bool]) -> bool:
        """Watch until the process has ended, or it is enough; True where it has not ended."""
        for look in itertools.count():
            if self._has_ended():
                return False
            if is_enough():
                return True
            if not self._begun and self._has_begun():
                self._begun, self.before_cpu_s = True, live_time_s(self._process.pid)
            if look % _LOOKS_PER_WEIGHING == 0:
                self.peak_mib = max(self.peak_mib, _resident_mib(self._process.pid))
            time.sleep(_LOOK_S)
        return True

    def _has_ended(self) -> bool:
        pid, status, used = os.wait4(self._process.pid, os.WNOHANG)
        if pid:
            self._process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for again
            self.cpu_s = used.ru_utime + used.ru_stime
        return bool(pid)


def _resident_mib(pid: int) -> float:
    """Of a process and its descendants."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):  # it has just ended
        return 0.0
    return pages * _PAGE_MIB + sum(map(_resident_mib, children(pid)))
