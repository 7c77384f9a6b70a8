"""A name in a marker, and behind it the arguments as one JSON object: `[TOOL_CALLS]look[ARGS]{...}`.

Sources: the chat templates of Mistral, DeepSeek, Kimi K2, Solar and Functionary; OpenAI's harmony format; the
`Action:` and `Action Input:` lines of ReAct (Yao et al., 2023).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from llm_envs.chat.calls.call import Call, CallAttempt, CallStatus
from llm_envs.chat.calls.markers import any_blanks, as_json, behind, filled, head, pattern, resume, scan
from llm_envs.chat.calls.strict_json import BadJson, read_json

__all__ = ["NamedJson", "opening_of", "without_name"]


@dataclass(frozen=True)
class NamedJson:
    """Name first.

    Args:
        openings: the markers with the NAME, the one that is written first.
        closing: behind the arguments; "" where nothing closes them.
        section: markers around all calls of a turn; they may be missing.
        pad: written around the arguments.
        joint: written between calls.
        line_start: a marker counts only where a line begins.
        whole: the beginning of a marker alone is text.
        at_start: templates write the head of the first marker themselves, so that a line begins with a name.
    """

    name: str
    openings: tuple[str, ...]
    closing: str = ""
    section: tuple[str, str] = ("", "")
    pad: tuple[str, str] = ("", "")
    joint: str = ""
    line_start: bool = False
    whole: bool = False
    at_start: bool = False

    def read(self, reply: str) -> list[CallAttempt]:
        """Every marker that opens a call is an attempt; what stands in strings is not looked at."""
        return scan(reply, self._opening, self._read_here)

    def write(self, calls: Sequence[Call]) -> str:
        """As the templates do."""
        before, behind_all = self.section
        inside = self.joint.join(self._written(call, number) for number, call in enumerate(calls))
        return before + inside.removeprefix(head(self.openings[0]) if self.at_start else "") + behind_all

    def _written(self, call: Call, number: int) -> str:
        opening = filled(self.openings[0], {"NAME": call.name, "NUMBER": number, "ID": f"call{number:05d}"})
        return opening + self.pad[0] + as_json(dict(call.arguments)) + self.pad[1] + self.closing

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        usual = opening_of(self.openings, self.section[0], line_start=self.line_start, whole=self.whole)
        if not self.at_start:
            return usual
        headless = pattern(self.openings[0].removeprefix(head(self.openings[0])))
        return re.compile(rf"^{headless}(?=\{{)|{usual.pattern}", re.MULTILINE)

    def _read_here(self, reply: str, found: re.Match[str]) -> list[CallAttempt]:
        start, at = found.span()
        name = next(filter(None, found.groups()), "")
        if not name:
            return [without_name(reply, found, self.openings[0], resume(reply, self._opening, self.closing, at))]
        try:
            arguments, end = read_json(reply, at)
        except BadJson as fault:
            end = resume(reply, self._opening, self.closing, at)
            return [CallAttempt("invalid_json", start, end, name, why=fault.message)]
        closed = behind(reply, self.closing, end) if self.closing else end
        if closed < 0:
            why = f"the call does not end with {self.closing}"
            return [CallAttempt("unclosed", start, end, name, why=why)]
        closed = max(closed, behind(reply, self.section[1], closed) if self.section[1] else closed)
        if not isinstance(arguments, dict):
            return [CallAttempt("malformed", start, closed, name, why="the arguments of a call are a JSON object")]
        return [CallAttempt("ok", start, closed, name, arguments)]


def opening_of(
    openings: Sequence[str], section: str = "", *, line_start: bool = False, whole: bool = False
) -> re.Pattern[str]:
    """A pattern for any of the markers, the literal beginning of one, or that of a section without any."""
    heads = [re.escape(head(opening)) for opening in openings if head(opening) and not whole]
    calls = "|".join([*map(pattern, openings), *heads])
    anchor = "^[ \t]*" if line_start else ""
    if not section:
        return re.compile(f"{anchor}(?:{calls})", re.MULTILINE)
    around = pattern(section)
    return re.compile(rf"(?:{around}\s*)?(?:{calls})|{around}", re.MULTILINE)


def without_name(reply: str, found: re.Match[str], opening: str, end: int) -> CallAttempt:
    """The attempt of a marker whose name is missing, or of a section that holds no call."""
    at = any_blanks(reply, found.end())
    status: CallStatus = "malformed" if reply[at : at + 1].isalpha() else "missing_name"
    return CallAttempt(status, found.start(), end, why=f"a call begins with {opening}")
