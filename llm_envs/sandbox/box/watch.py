"""Waiting for a process: its output is taken while it runs, and it is ended as soon as it has used too much.

CPU decides, of all processes together; the wall's clock ends those that sleep. What has been used is asked for as
rarely as can be: never before all processors together could have used what is left.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Sequence
from typing import Final

from llm_envs.sandbox.box.outlet import Outlet
from llm_envs.sandbox.box.processes import cpu_below
from llm_envs.sandbox.box.request import Limits

__all__ = ["watch"]

_SOONEST_S: Final = 0.02
"""Between two looks at what has been used, when it is nearly all."""

_PROCESSORS: Final = len(os.sched_getaffinity(0))


def watch(
    pid: int,
    outlets: Sequence[Outlet],
    limits: Limits,
    started: float,
    *,
    spent_s: float = 0.0,
    until: int | None = None,
) -> str:
    """Wait for a child's end, without reaping it: "", or the limit for which it must be ended now.

    Args:
        spent_s: CPU that had been used before, and does not count.
        until: a descriptor; when something is to be read of it, that is an end, too.
    """
    process = os.pidfd_open(pid)
    ends = {process} if until is None else {process, until}
    try:
        return _Watch(ends, outlets, limits._replace(cpu_s=limits.cpu_s + spent_s), started, spent_s).until_the_end()
    finally:
        os.close(process)


class _Watch:
    """On what says that it ends, and on what is written meanwhile."""

    def __init__(
        self, ends: set[int], outlets: Sequence[Outlet], limits: Limits, started: float, spent_s: float
    ) -> None:
        self._ends = ends
        self._outlets = {outlet.reader: outlet for outlet in outlets}
        self._cpu_s = limits.cpu_s
        self._end = started + limits.deadline_s
        self._look = started + (limits.cpu_s - spent_s) / _PROCESSORS
        self._poll = select.poll()
        for descriptor in (*ends, *self._outlets):
            self._poll.register(descriptor, select.POLLIN)

    def until_the_end(self) -> str:
        while not self._too_late(now := time.monotonic()):
            soon_s = min(self._look, self._end) - now
            ready = [descriptor for descriptor, _ in self._poll.poll(soon_s * 1000 + 1)]
            if self._too_much(ready):
                return "output_limit"
            if self._ends.intersection(ready):
                return ""
        return "time_limit"

    def _too_late(self, now: float) -> bool:
        if now >= self._end:
            return True
        if now >= self._look:
            left_s = self._cpu_s - cpu_below()
            self._look = now + max(_SOONEST_S, left_s / _PROCESSORS)
            return left_s <= 0
        return False

    def _too_much(self, ready: list[int]) -> bool:
        """Take what has been written."""
        written = [self._outlets[descriptor] for descriptor in ready if descriptor in self._outlets]
        for outlet in written:
            if not outlet.drain():
                self._poll.unregister(outlet.reader)
        return any(outlet.over and outlet.strict for outlet in written)
