"""How often the kernel has killed for want of memory in this box's control group, which holds the limit."""

from __future__ import annotations

from typing import Final

__all__ = ["kills"]

_COUNTERS: Final = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""Of control groups of version 2 and 1, as a container sees its own."""


def kills() -> int:
    """Since the box began; 0 where it cannot be known."""
    for counter in _COUNTERS:
        try:
            with open(counter, "rb") as file:
                lines = [line.split() for line in file]
        except OSError:
            continue
        return sum(int(line[1]) for line in lines if line[0] == b"oom_kill")
    return 0
