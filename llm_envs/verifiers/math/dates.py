"""Dates and times of day, as far as their reading is sure.

`March 5, 2024`, `5th of March 2024`, `Tuesday, 5 March 2024` and `2024-03-05` are one date; `3:30 PM`, `15:30` and
`half past three pm` one time. A date is compared part by part: a year that one side leaves out is missing, a weekday
may be left out. A.m. and p.m. may be left out.

Not covered: `3/5/2024`, which is a different day on each side of an ocean; time zones, durations, other calendars.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Date", "Time", "is_sure", "read_moment", "same_moment"]

MAX_CHARS: Final = 60
"""A longer text is no date."""


class Date(NamedTuple):
    """A day, a month of a year, or a day of the year; 0 and "" for what is not said."""

    year: int
    month: int
    day: int
    weekday: str = ""


class Time(NamedTuple):
    """A time of day; `half` is "a" or "p" where that was said, and hours then run from 1 to 12."""

    hour: int
    minute: int
    second: int = 0
    half: str = ""


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY: Final = r"(?:(?P<weekday>mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?"
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>[12]\d{3})"
_DATES: Final = (
    re.compile(rf"{_WEEKDAY}{_MONTH} {_DAY}(?:,? {_YEAR})?"),
    re.compile(rf"{_WEEKDAY}{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?"),
    re.compile(rf"{_MONTH},?(?: of)? {_YEAR}"),
    re.compile(r"(?P<year>[12]\d{3})[-/](?P<month>[01]\d)[-/](?P<day>[0-3]\d)"),
)
_HALF: Final = r"(?: ?(?P<half>[ap])\.? ?m\.?)"
_CLOCKS: Final = (
    re.compile(rf"(?P<hour>[0-2]?\d)(?::|\.)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?{_HALF}"),
    re.compile(r"(?P<hour>[0-2]?\d):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?: hours?| h)?"),
    re.compile(rf"(?P<hour>1?\d)(?: o'?clock)?{_HALF}"),
    re.compile(r"(?P<hour>1?\d) o'?clock"),
)
_SPOKEN: Final = re.compile(
    rf"(?:a )?(?P<minute>half|1/2|quarter|1/4|[0-5]?\d)(?: minutes?)? (?P<side>past|to) (?P<hour>1?\d){_HALF}?"
)
_NAMED: Final = {
    "noon": Time(12, 0, 0, "p"),
    "midday": Time(12, 0, 0, "p"),
    "12 noon": Time(12, 0, 0, "p"),
    "midnight": Time(12, 0, 0, "a"),
    "12 midnight": Time(12, 0, 0, "a"),
}
_MINUTES: Final = {"half": 30, "1/2": 30, "quarter": 15, "1/4": 15}
_MARKUP: Final = re.compile(r"\\text\s*\{|[{}~]|\\[ ,;]")
_RATIO: Final = re.compile(r"^\W*[1-9]\d*\s*:\s*[1-9]\d*\W*$")
_GAPS: Final = re.compile(r"\s+")


def read_moment(text: str) -> Date | Time | None:
    """The date or time that a normalised text gives, in whole; None where it gives none."""
    if len(text) > 2 * MAX_CHARS:
        return None
    plain = _GAPS.sub(" ", _MARKUP.sub(" ", text)).strip(" .,").lower()
    if len(plain) > MAX_CHARS or not any(map(str.isdigit, plain)):
        return _NAMED.get(plain)
    return _date(plain) or _NAMED.get(plain) or _clock(plain) or _spoken(plain)


def _date(text: str) -> Date | None:
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match is not None:
            parts = match.groupdict()
            month = parts["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
            date = Date(int(parts.get("year") or 0), number, int(parts.get("day") or 0), parts.get("weekday") or "")
            return date if 1 <= number <= 12 and date.day <= 31 else None
    return None


def _clock(text: str) -> Time | None:
    for pattern in _CLOCKS:
        match = pattern.fullmatch(text)
        if match is not None:
            parts = match.groupdict()
            hour, minute, second = (int(parts.get(part) or 0) for part in ("hour", "minute", "second"))
            return _time(hour, minute, second, parts.get("half"))
    return None


def _spoken(text: str) -> Time | None:
    match = _SPOKEN.fullmatch(text)
    if match is None:
        return None
    minute, hour = _MINUTES.get(match["minute"]) or int(match["minute"]), int(match["hour"])
    if match["side"] == "to":
        minute, hour = 60 - minute, hour - 1 or 12
    return _time(hour, minute, 0, match["half"])


def _time(hour: int, minute: int, second: int, half: str | None) -> Time | None:
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    return Time(hour, minute, second, half or "")


def is_sure(text: str) -> bool:
    """Whether what reads as a date or time can be nothing else; `3:20` might be a ratio, `3:05` is none."""
    return _RATIO.search(text) is None


def same_moment(answer: Date | Time, reference: Date | Time) -> bool:
    """Whether two dates, or two times, are one."""
    if isinstance(answer, Date) and isinstance(reference, Date):
        weekdays = {answer.weekday, reference.weekday} - {""}
        return answer[:3] == reference[:3] and len(weekdays) < 2
    if isinstance(answer, Time) and isinstance(reference, Time):
        return _same_hour(answer, reference) and answer[1:3] == reference[1:3]
    return False


def _same_hour(first: Time, second: Time) -> bool:
    """`3:30` may be half of `3:30 pm`, and so may `15:30`; but `3:30` is not `15:30`."""
    if bool(first.half) == bool(second.half):
        return _of_24(first) == _of_24(second)
    bare, full = (second, first) if first.half else (first, second)
    return bare.hour in {full.hour, _of_24(full)}


def _of_24(time: Time) -> int:
    return time.hour % 12 + 12 * (time.half == "p") if time.half else time.hour % 24
