"""Local time in 2026, by a table of its own.

The tables of `zoneinfo` are missing on some machines, and differ between others; a world must not. So the few zones of
the calendars stand here, with the moments at which their clocks change (tz database 2025b). A test compares them with
`zoneinfo` hour by hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["ZONES", "Zone"]


@dataclass(frozen=True, slots=True)
class Zone:
    """How clocks go somewhere in 2026; for moments of other years it holds only where they never change.

    Args:
        standard: minutes ahead of UTC.
        summer: the same in summer time.
        changes: in UTC, from summer time or to it.
        begins_in_summer: on the first of January it is summer there.
    """

    standard: int
    summer: int = 0
    changes: tuple[datetime, ...] = ()
    begins_in_summer: bool = False

    def offset(self, moment: datetime) -> timedelta:
        """Ahead of UTC, at a moment given in UTC."""
        changed = sum(change <= moment for change in self.changes) % 2 == 1
        return timedelta(minutes=self.summer if changed != self.begins_in_summer else self.standard)

    def local(self, moment: datetime) -> datetime:
        """What clocks show there."""
        return moment + self.offset(moment)

    def utc(self, shown: datetime) -> datetime:
        """When clocks show that; in the hour that comes twice, the first time."""
        early = shown - timedelta(minutes=max(self.standard, self.summer if self.changes else self.standard))
        return early if self.local(early) == shown else shown - timedelta(minutes=self.standard)


def _at(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 (UTC throughout)


_EUROPE = (_at(3, 29, 1), _at(10, 25, 1))

ZONES = {
    "America/New_York": Zone(-300, -240, (_at(3, 8, 7), _at(11, 1, 6))),
    "America/Sao_Paulo": Zone(-180),
    "Europe/London": Zone(0, 60, _EUROPE),
    "Europe/Berlin": Zone(60, 120, _EUROPE),
    "Europe/Helsinki": Zone(120, 180, _EUROPE),
    "Africa/Nairobi": Zone(180),
    "Asia/Dubai": Zone(240),
    "Asia/Kolkata": Zone(330),
    "Asia/Singapore": Zone(480),
    "Asia/Tokyo": Zone(540),
    "Australia/Sydney": Zone(600, 660, (_at(4, 4, 16), _at(10, 3, 16)), begins_in_summer=True),
}
"""By name."""
