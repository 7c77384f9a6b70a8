"""The markers of a call format, in a small notation that is both read and written.

A marker is literal text, in which blanks stand for any blanks, and capital words for what differs from call to call:
`<function=NAME>`, `call NUMBER`. Reading turns it into a pattern of bounded parts, so that looking for one takes time
linear in the text; writing fills it in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llm_envs.chat.calls.call import CallAttempt

__all__ = ["MOST_ATTEMPTS", "Ahead", "any_blanks", "as_json", "behind", "filled", "head", "pattern", "resume", "scan"]

MOST_ATTEMPTS = 64
"""In one text; no turn may have as many. It bounds what hostile text costs, however a call is looked for."""

_HOLES = {
    "NAME": r"([A-Za-z_][\w.\-/]{0,127})",
    "KEY": r"([^\s<>\"'|=]{1,128})",
    "NUMBER": r"\d{1,6}",
    "TYPE": r"[a-z]{1,16}",
    "TEXTUAL": r"(?:true|false)",
    "ID": r"[\w\-.]{1,128}",
}
_PARTS = re.compile(rf"(\s+|(?<![A-Z_])(?:{'|'.join(_HOLES)})(?![A-Z_]))")
_BLANKS = re.compile(r"\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def pattern(marker: str) -> str:
    """The regular expression of a marker; NAME and KEY are its groups."""
    return "".join(map(_part, _PARTS.split(marker)))


def _part(part: str) -> str:
    return r"\s*" if part.isspace() else _HOLES.get(part, re.escape(part))


def head(marker: str) -> str:
    """The literal text that a marker begins with."""
    return _PARTS.split(marker)[0]


def filled(marker: str, values: Mapping[str, Any]) -> str:
    """The marker as written; `values` by the capital words in it."""
    return _PARTS.sub(lambda part: str(values.get(part.group(), part.group())), marker)


def as_json(value: Any) -> str:
    """As templates write it; what is no Unicode is escaped, so that it survives being encoded."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if _SURROGATE.search(text) else text


def any_blanks(text: str, at: int) -> int:
    """The place behind the blanks at a place."""
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def behind(text: str, marker: str, at: int) -> int:
    """The place behind a literal marker that stands at a place, blanks before it left out; -1 where none stands."""
    start = any_blanks(text, at)
    return start + len(marker) if text.startswith(marker, start) else -1


def scan(
    text: str, opening: re.Pattern[str], read: Callable[[str, re.Match[str]], Sequence[CallAttempt]]
) -> list[CallAttempt]:
    """What `read` makes of each opening marker, up to MOST_ATTEMPTS; it goes on where the last attempt ends."""
    attempts: list[CallAttempt] = []
    at = 0
    while len(attempts) < MOST_ATTEMPTS and (found := opening.search(text, at)):
        here = read(text, found)
        attempts += here
        at = max(here[-1].end if here else found.end(), found.start() + 1)
    return attempts


def resume(text: str, opening: re.Pattern[str], closing: str, at: int) -> int:
    """Where a call that cannot be read ends: behind its closing marker, or where the next one opens.

    It looks no further than the next opening marker, so that all of them together cost one pass over the text.
    """
    following = opening.search(text, at)
    limit = following.start() if following else len(text)
    found = text.find(closing, at, limit) if closing else -1
    return found + len(closing) if found >= 0 else limit


class Ahead:
    """The next place of a pattern behind a moving one, looked for once however often it is asked for."""

    def __init__(self, sought: re.Pattern[str], text: str) -> None:
        self._sought, self._text = sought, text
        self._from, self._found = 0, sought.search(text)

    def of(self, place: int) -> re.Match[str] | None:
        """The first match at or behind a place."""
        known = self._from <= place and (self._found is None or place <= self._found.start())
        if not known:
            self._from, self._found = place, self._sought.search(self._text, place)
        return self._found
