"""The processes below this one: what they have used, and that none is left.

A supervisor adopts orphans, so whatever a program starts, and however that detaches itself, stays below it. Two facts
follow. What all of it has used can be read off /proc while it runs. And when `wait4` says that there are no children,
nothing of the program is alive.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

__all__ = ["children", "cpu_below", "end_all"]

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PATIENCE_S: Final = 5.0
"""After SIGKILL. What is not gone by then waits for hardware, or the kernel is short of everything."""


def children() -> list[int]:
    """The ids of this process's children."""
    with open("/proc/thread-self/children", "rb") as file:
        return [int(pid) for pid in file.read().split()]


def cpu_below() -> float:
    """Seconds of CPU that all living descendants have used, with those of their children that they waited for."""
    parents, used = {}, {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _stat(name)):
            parents[int(name)] = int(fields[1])
            used[int(name)] = sum(map(int, fields[11:15]))
    return sum(ticks for pid, ticks in used.items() if _is_below(pid, parents)) / _TICKS


def _stat(pid: str) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return []  # it has just ended
    return text[text.rindex(b")") + 2 :].split()  # a process chooses its name, brackets and all


def _is_below(pid: int, parents: dict[int, int]) -> bool:
    me = os.getpid()
    seen = set()
    while pid in parents and pid not in seen:
        seen.add(pid)
        pid = parents[pid]
        if pid == me:
            return True
    return False


def end_all(kill: Callable[[], None]) -> tuple[float, bool]:
    """Kill and wait until no child is left: seconds of CPU of those that were waited for, and whether none is left."""
    used, end = 0.0, time.monotonic() + _PATIENCE_S
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return used, True
        if pid:
            used += usage.ru_utime + usage.ru_stime
        elif time.monotonic() > end:
            return used, False
        else:
            kill()
            time.sleep(0.001)
