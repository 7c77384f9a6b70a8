"""How a chat template ends an assistant turn: the control strings that close one, and those a policy may stop with.

Found by rendering, never by a model's name. Three kinds of template occur: most close every turn with a token of their
own; some close the last turn with another token than earlier ones; some close none, and the policy stops by sampling
the header of whoever speaks next.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.chat.template import ChatTemplate, tool_call
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["TurnEndings", "call_id", "common_prefix", "find_endings"]

_SENTINEL, _OTHER, _NEXT = "sentinel7word", "other7word", "next7word"
_USER: Message = {"role": "user", "content": "first7word"}


@dataclass(frozen=True, slots=True)
class TurnEndings:
    """What ends a turn.

    Args:
        stops: control strings a policy ends its turn with; the first is the template's own.
        closes: control strings that the template writes at the end of a plain turn.
        call_closes: the same after tool calls.
        result_headers: control strings that open a tool's answer, where nothing closes the turn that called it.
    """

    stops: tuple[str, ...]
    closes: tuple[str, ...]
    call_closes: tuple[str, ...]
    result_headers: tuple[str, ...]


def find_endings(template: ChatTemplate, encoder: GuardedEncoder, eos: str | None) -> TurnEndings:
    """Read the endings off the template; `eos` is the tokenizer's own end of sequence.

    Raises:
        TemplateRefused: nothing ends a turn.
    """
    text = _text_endings(template, encoder, eos)
    calls = _call_endings(template, encoder, text)
    own_eos = (eos,) if eos in encoder.control_ids else ()
    stops = _unique(*text.stops, *calls.stops, *own_eos)
    if not stops:
        raise TemplateRefused(
            "nothing in the chat template ends an assistant turn",
            expected="a control token after assistant messages, or an eos token on the tokenizer",
            received=f"eos_token={eos!r}",
            next_step="Set tokenizer.eos_token to an added token of the tokenizer.",
        )
    return TurnEndings(stops, text.closes, _unique(*calls.closes, *text.closes), calls.headers)


def call_id(index: int) -> str:
    """A tool call id that every template takes: nine letters and digits."""
    return f"call{index:05d}"


def common_prefix(first: str, second: str) -> str:
    """What both begin with."""
    return os.path.commonprefix((first, second))


@dataclass(frozen=True, slots=True)
class _Found:
    stops: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


def _text_endings(template: ChatTemplate, encoder: GuardedEncoder, eos: str | None) -> _Found:
    before, _, after = _rendered(template, [_USER], open_turn=False).partition(_USER["content"])
    followed = _after_turn(template, [_USER, _reply(_SENTINEL), {"role": "user", "content": _NEXT}]) or ""
    final = _after_turn(template, [_USER, _reply(_SENTINEL)]) or ""
    within = _within_turn(template)
    headers = {control for control in encoder.find_controls(before) if control not in after}

    at_end = _first_close(encoder.find_controls(final), followed, headers, within, eos)
    closes = _unique(*at_end, *_first_close(encoder.find_controls(followed), final, headers, within, eos))
    next_header = [control for control in encoder.find_controls(followed)[:1] if control in headers]
    return _Found(stops=_unique(*closes[:1], *next_header), closes=closes, headers=tuple(next_header))


def _first_close(
    controls: Sequence[str], elsewhere: str, headers: Collection[str], within: str, eos: str | None
) -> Sequence[str]:
    """The control that closes a turn, among those behind it: eos where it always stands there, or else the first.

    One that turns hold inside as well (reasoning and calls may be closed by it) is only taken for want of another.
    """
    if eos in controls and eos in elsewhere and eos not in headers:
        return (eos,)
    own = list(takewhile(lambda control: control not in headers, controls))
    return [control for control in own if control not in within][:1] or own[:1]


def _call_endings(template: ChatTemplate, encoder: GuardedEncoder, text: _Found) -> _Found:
    followed = _after_turn(template, [_USER, _calling(_SENTINEL), _result(_NEXT)])
    if followed is None:
        return _Found()
    usual = [control for control in encoder.find_controls(followed) if control in text.closes]
    if usual:
        return _Found(closes=(usual[0],))
    final = _after_turn(template, [_USER, _calling(_SENTINEL)]) or ""
    between_calls, between_results = _between_two(template)
    last = [control for control in encoder.find_controls(final) if control not in between_calls][-1:]
    if last and text.closes and last[0] not in between_results:
        return _Found(stops=tuple(last), closes=tuple(last))
    headers = last or encoder.find_controls(followed[len(common_prefix(final, followed)) :])[:1]
    return _Found(stops=tuple(headers), headers=tuple(headers))


def _after_turn(template: ChatTemplate, messages: Sequence[Message]) -> str | None:
    """The text from the sentinel to the next content; None where the template rejects or drops one of them."""
    is_followed = messages[-1]["role"] != "assistant"
    text = _rendered(template, messages, open_turn=is_followed)
    _, found, tail = text.rpartition(_SENTINEL)
    if not found or (is_followed and _NEXT not in tail):
        return None
    return tail.partition(_NEXT)[0]


def _within_turn(template: ChatTemplate) -> str:
    """What templates write inside a turn, before its last word: reasoning, and tool calls."""
    reasoning: dict[str, Any] = {"reasoning_content": _OTHER, "thinking": _OTHER}
    turns: list[Any] = [_reply(_SENTINEL) | reasoning, _calling(_OTHER, _SENTINEL) | reasoning, _calling(_SENTINEL)]
    opened = _rendered(template, [_USER], open_turn=True)
    texts = [_rendered(template, [_USER, turn], open_turn=False).rpartition(_SENTINEL)[0] for turn in turns]
    return "\n".join(text[len(common_prefix(opened, text)) :] for text in texts)


def _between_two(template: ChatTemplate) -> tuple[str, str]:
    """What stands between two calls in one turn, and between the two answers."""
    messages = [_USER, _calling(_OTHER, _SENTINEL), _result("one7word"), _result("two7word", 1)]
    text = _rendered(template, messages, open_turn=True)
    calls = text.partition(_OTHER)[2].rpartition(_SENTINEL)[0]
    return calls, text.partition("one7word")[2].rpartition("two7word")[0]


def _rendered(template: ChatTemplate, messages: Sequence[Message], *, open_turn: bool) -> str:
    try:
        return template.render(messages, template.required_tools, open_turn=open_turn)
    except TemplateRefused:
        return ""


def _reply(content: str) -> Message:
    return {"role": "assistant", "content": content}


def _calling(*arguments: str) -> Message:
    calls = [tool_call("look", {"what": argument}, call_id(i)) for i, argument in enumerate(arguments)]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _result(content: str, index: int = 0) -> Message:
    return {"role": "tool", "content": content, "name": "look", "tool_call_id": call_id(index)}


def _unique(*words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
