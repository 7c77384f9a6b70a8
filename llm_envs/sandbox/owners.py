"""Who holds a box, in words that outlive it: so that what the dead have left can be told from what the living use."""

from __future__ import annotations

from pathlib import Path

__all__ = ["pid_namespace", "start_of"]


def pid_namespace() -> str:
    """That of this process, since process ids mean nothing in another; "" where the system has none."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def start_of(pid: int) -> str:
    """When a process was started, in ticks since boot, which tells it from a later one of its id; "" for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
