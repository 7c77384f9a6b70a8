"""A marker for the call, and markers for each argument: `<function=look><parameter=what>...</parameter></function>`.

Values are texts, which the declared types decode. A text ends where its closing marker stands before the next
argument or before the call's end, so that a closing marker inside a text is text; one that is followed by such a
marker as well cannot be told from the real one, in these formats, by anybody.

Sources: the chat templates of Qwen3-Coder, Seed-OSS, GLM, MiniMax, DeepSeek V3.2, MiniCPM, Hunyuan and Kimi K3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llm_envs.chat.calls.call import Call, CallAttempt, CallStatus
from llm_envs.chat.calls.markers import Ahead, any_blanks, as_json, behind, filled, pattern, resume, scan
from llm_envs.chat.calls.named_json import opening_of, without_name

__all__ = ["TaggedArguments"]

_CDATA = ("<![CDATA[", "]]>")
_PLAIN = re.compile(r"[^<>&\n]*")


@dataclass(frozen=True)
class TaggedArguments:
    """Name, then arguments.

    Args:
        call: the markers before and behind a call.
        argument: the markers before and behind a value.
        section: markers around calls, which may be missing: around each, or around all of a turn.
        each: whether each call has a section of its own.
        pad: written around a value, and no part of it.
        gap: written between markers.
        cdata: a value may stand in a section of character data, which holds anything.
    """

    name: str
    call: tuple[str, str]
    argument: tuple[str, str]
    section: tuple[str, str] = ("", "")
    each: bool = False
    pad: str = ""
    gap: str = "\n"
    cdata: bool = False

    def read(self, reply: str) -> list[CallAttempt]:
        """Every marker that opens a call, or a section without one, is an attempt."""
        return _Reader(self, reply).attempts()

    def write(self, calls: Sequence[Call]) -> str:
        """As the templates do."""
        before, behind_it = self.section
        written = [self._written(call, number) for number, call in enumerate(calls, 1)]
        if not before:
            return self.gap.join(written)
        if self.each:
            return self.gap.join(f"{before}{self.gap}{text}{self.gap}{behind_it}" for text in written)
        return f"{before}{self.gap}{self.gap.join(written)}{self.gap}{behind_it}"

    def _written(self, call: Call, number: int) -> str:
        opening = filled(self.call[0], {"NAME": call.name, "NUMBER": number})
        arguments = [self._argument(key, value) for key, value in call.arguments.items()]
        return self.gap.join([opening, *arguments, self.call[1]])

    def _argument(self, key: str, value: Any) -> str:
        text = value if isinstance(value, str) else as_json(value)
        if self.cdata and isinstance(value, str) and not _PLAIN.fullmatch(value):
            text = _CDATA[0] + text + _CDATA[1]
        opening = filled(self.argument[0], {"KEY": key, **_words_of(value)})
        return f"{opening}{self.pad}{text}{self.pad}{self.argument[1]}"

    @cached_property
    def opening(self) -> re.Pattern[str]:
        """What opens a call, or a section."""
        return opening_of([self.call[0]], self.section[0])

    @cached_property
    def argument_opening(self) -> re.Pattern[str]:
        """What stands before a value, its key in a group."""
        return re.compile(pattern(self.argument[0]))

    @cached_property
    def argument_end(self) -> re.Pattern[str]:
        """A closing marker behind which another argument or the end of the call stands."""
        ends = [pattern(self.argument[0]), *(re.escape(end) for end in (self.call[1], self.section[1]) if end)]
        return re.compile(rf"{re.escape(self.argument[1])}(?=\s*(?:{'|'.join(ends)}|\Z))")


class _Reader:
    """Reads one text."""

    def __init__(self, form: TaggedArguments, text: str) -> None:
        self._form, self._text = form, text
        self._ends = Ahead(form.argument_end, text)
        self._closings = Ahead(re.compile(re.escape(form.argument[1])), text)
        self._openings = Ahead(form.opening, text)

    def attempts(self) -> list[CallAttempt]:
        return scan(self._text, self._form.opening, self._read_here)

    def _read_here(self, text: str, found: re.Match[str]) -> list[CallAttempt]:
        name = next(filter(None, found.groups()), "")
        form = self._form
        if not name:
            end = resume(text, form.opening, form.section[1] or form.call[1], found.end())
            return [without_name(text, found, form.call[0], end)]
        arguments, at, why = self._arguments(found.end())
        end = behind(text, form.call[1], at)
        if why or end < 0:
            status: CallStatus = "malformed" if why else "unclosed"
            end = resume(text, form.opening, form.section[1] or form.call[1], at)
            why = why or f"the call does not end with {form.call[1]}"
            return [CallAttempt(status, found.start(), end, name, why=why)]
        if form.section[1]:
            end = max(end, behind(text, form.section[1], end))
        return [CallAttempt("ok", found.start(), end, name, arguments, typed=False)]

    def _arguments(self, at: int) -> tuple[dict[str, str], int, str]:
        """The texts by name, the place behind them, and what is wrong."""
        arguments: dict[str, str] = {}
        while opening := self._form.argument_opening.match(self._text, any_blanks(self._text, at)):
            key, at = opening.group(1), opening.end()
            end = self._end_of_value(at)
            if end < 0:
                return {}, at, f"the argument {key!r} does not end with {self._form.argument[1]}"
            if key in arguments:
                return {}, end, f"the argument {key!r} is there twice"
            arguments[key] = self._value(at, end)
            at = end + len(self._form.argument[1])
        return arguments, at, ""

    def _end_of_value(self, at: int) -> int:
        """Where the closing marker of a value begins; -1 where there is none."""
        if self._form.cdata and self._text.startswith(_CDATA[0], at):
            found = self._text.find(_CDATA[1] + self._form.argument[1], at)
            return found + len(_CDATA[1]) if found >= 0 else -1
        good, plain, opening = self._ends.of(at), self._closings.of(at), self._openings.of(at)
        if plain is None:
            return -1
        if good is None or (opening and plain.start() < opening.start() < good.start()):
            return plain.start()
        return good.start()

    def _value(self, start: int, end: int) -> str:
        text, pad = self._text[start:end], self._form.pad
        if pad == "\n":
            text = text.removeprefix("\r").removeprefix("\n").removesuffix("\n").removesuffix("\r")
        before, behind_it = _CDATA
        if self._form.cdata and text.startswith(before) and text.endswith(behind_it):
            return text[len(before) : -len(behind_it)]
        return text


def _words_of(value: Any) -> dict[str, str]:
    """What a marker may say of the value behind it."""
    names = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}
    return {"TYPE": names.get(type(value), "null"), "TEXTUAL": as_json(isinstance(value, str))}
