"""How a chat template ends an assistant turn: the control strings that close one, and those a policy may stop with.

Found by rendering, never by a model's name. Three kinds of template occur: most close every turn with a token of its
own; some close the last turn with another token than earlier ones; some close none, and the policy stops by sampling
the header of whoever speaks next.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

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
    """

    stops: tuple[str, ...]
    closes: tuple[str, ...]
    call_closes: tuple[str, ...]


def find_endings(template: ChatTemplate, encoder: GuardedEncoder, eos: str | None) -> TurnEndings:
    """Read the endings off the template; `eos` is the tokenizer's own end of sequence.

    Raises:
        TemplateRefused: nothing ends a turn.
    """
    text = _text_endings(template, encoder)
    calls = _call_endings(template, encoder, text.closes)
    own_eos = (eos,) if eos in encoder.control_ids else ()
    stops = tuple(dict.fromkeys((*text.stops, *calls.stops, *own_eos)))
    if not stops:
        raise TemplateRefused(
            "nothing in the chat template ends an assistant turn",
            expected="a control token after assistant messages, or an eos token on the tokenizer",
            received=f"eos_token={eos!r}",
            next_step="Set tokenizer.eos_token to an added token of the tokenizer.",
        )
    return TurnEndings(stops, text.closes, tuple(dict.fromkeys((*calls.closes, *text.closes))))


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


def _text_endings(template: ChatTemplate, encoder: GuardedEncoder) -> _Found:
    turn: Message = {"role": "assistant", "content": _SENTINEL}
    before, _, after = template.render([_USER], open_turn=False).partition(_USER["content"])
    followed = _after_turn(template, [_USER, turn, {"role": "user", "content": _NEXT}]) or ""
    final = _after_turn(template, [_USER, turn]) or ""

    def is_header(control: str) -> bool:
        return control in before and control not in after

    at_end = [control for control in encoder.find_controls(final) if not is_header(control)][:1]
    within = encoder.find_controls(followed)[:1]
    closes = (*at_end, *(control for control in within if not is_header(control)))
    headers = tuple(control for control in within if is_header(control))
    return _Found(stops=(*closes[:1], *headers), closes=tuple(dict.fromkeys(closes)))


def _call_endings(template: ChatTemplate, encoder: GuardedEncoder, closes: Sequence[str]) -> _Found:
    result: Message = {"role": "tool", "content": _NEXT, "name": "look", "tool_call_id": call_id(0)}
    followed = _after_turn(template, [_USER, _calling(_SENTINEL), result])
    if followed is None:
        return _Found()
    final = _after_turn(template, [_USER, _calling(_SENTINEL)]) or ""
    at_end = encoder.find_controls(final)
    usual = [control for control in at_end if control in closes]
    if usual:
        return _Found(closes=(usual[0],))
    between = _between_calls(template)
    own = [control for control in at_end if control not in between][-1:]
    headers = encoder.find_controls(followed[len(common_prefix(final, followed)) :])[:1]
    return _Found(stops=tuple(own or headers), closes=tuple(own))


def _after_turn(template: ChatTemplate, messages: Sequence[Message]) -> str | None:
    """The text from the sentinel to the next content; None where the template rejects or drops one of them."""
    is_followed = messages[-1]["role"] != "assistant"
    try:
        text = template.render(messages, open_turn=is_followed)
    except TemplateRefused:
        return None
    _, found, tail = text.rpartition(_SENTINEL)
    if not found or (is_followed and _NEXT not in tail):
        return None
    return tail.partition(_NEXT)[0]


def _between_calls(template: ChatTemplate) -> str:
    try:
        text = template.render([_USER, _calling(_OTHER, _SENTINEL)], open_turn=False)
    except TemplateRefused:
        return ""
    return text.partition(_OTHER)[2].rpartition(_SENTINEL)[0]


def _calling(*arguments: str) -> Message:
    calls = [tool_call("look", {"what": argument}, call_id(i)) for i, argument in enumerate(arguments)]
    return {"role": "assistant", "content": "", "tool_calls": calls}
