"""A command, run to its end, to a limit, or to the moment at which it is to be killed: what it took, and what it said.

CPU time is that of the process and of all descendants that were waited for. Memory is the resident set of the whole
tree, added up every few hundredths of a second, so that pages shared between processes count more than once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from peers.measure import children

__all__ = ["Done", "run"]

_LOOK_S = 0.01
_LOOKS_PER_WEIGHING = 3
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Done:
    """What became of a command.

    Args:
        code: how it exited; None where it was killed.
        peak_mib: of the process tree.
        out, err: what it printed.
    """

    code: int | None
    wall_s: float
    cpu_s: float
    peak_mib: float
    out: str
    err: str

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
) -> Done:
    """Run the command in a session of its own; the whole of it is killed after `limit_s`, or when `kill_when` says."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        began_s = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        code, peak_mib, used = _watched(process, began_s + limit_s, kill_when)
        wall_s = time.perf_counter() - began_s
        out.seek(0)
        err.seek(0)
        return Done(code, wall_s, used.ru_utime + used.ru_stime, peak_mib, out.read(), err.read())


def _watched(
    process: subprocess.Popen[bytes], ends_s: float, kill_when: Callable[[], bool]
) -> tuple[int | None, float, Any]:
    """Exit code, peak memory and resources used."""
    peak_mib, looks, killed = 0.0, 0, False
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)  # or it would be waited for again
            return None if killed else process.returncode, peak_mib, used
        if not killed and (kill_when() or time.perf_counter() > ends_s):
            killed = True
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if looks % _LOOKS_PER_WEIGHING == 0:
            peak_mib = max(peak_mib, _resident_mib(process.pid))
        looks += 1
        time.sleep(_LOOK_S)


def _resident_mib(pid: int) -> float:
    """Of a process and its descendants."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):  # it has just ended
        return 0.0
    return pages * _PAGE_MIB + sum(map(_resident_mib, children(pid)))
