"""Durations, times of day and money as a text says them."""

from __future__ import annotations

__all__ = ["clock", "counted", "duration", "money"]


def counted(count: int, thing: str) -> str:
    """`1 hour`, `2 hours`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def duration(minutes: int) -> str:
    """`45 minutes`, `2 hours`, `1 hour and 5 minutes`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return counted(rest, "minute")
    return f"{counted(hours, 'hour')} and {counted(rest, 'minute')}" if rest else counted(hours, "hour")


def clock(minutes: int) -> str:
    """A time of day, from minutes since midnight: `09:05`; days are left out."""
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def money(cents: int) -> str:
    """Cents as euros: `12.40`."""
    euros, rest = divmod(cents, 100)
    return f"{euros}.{rest:02d}"
