"""How a chat template ends an assistant turn: the control strings that close one, and those a policy may stop with.

Found by rendering, never by a model's name. Three kinds of template occur: most close every turn with a token of their
own; some close the last turn with another token than earlier ones; some close none, and the policy stops by sampling
the header of whoever speaks next.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.chat.probe import USER, calling, reply, result, user
from llm_envs.chat.template import ChatTemplate
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["TurnEndings", "common_prefix", "find_endings"]

_SENTINEL, _OTHER, _NEXT = "sentinel7word", "other7word", "next7word"


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


def common_prefix(first: str, second: str) -> str:
    """What both begin with."""
    return first[: sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one kind of turn ends with; `openers` are the controls that an assistant's message begins with."""

    stops: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    openers: tuple[str, ...] = ()


def _text_endings(template: ChatTemplate, encoder: GuardedEncoder, eos: str | None) -> _Found:
    before, _, after = template.try_render([USER], open_turn=False).partition(USER["content"])
    followed = _after_turn(template, [USER, reply(_SENTINEL), user(_NEXT)]) or ""
    final = _after_turn(template, [USER, reply(_SENTINEL)]) or ""
    within = _within_turn(template)
    headers = {control for control in encoder.find_controls(before) if control not in after}

    at_end = _first_close(encoder.find_controls(final), followed, headers, within, eos)
    closes = _unique(*at_end, *_first_close(encoder.find_controls(followed), final, headers, within, eos))
    next_header = [control for control in encoder.find_controls(followed)[:1] if control in headers]
    opening = template.try_render([USER, reply(_SENTINEL)], open_turn=False).rpartition(_SENTINEL)[0]
    openers = encoder.find_controls(opening.rpartition(USER["content"])[2])
    return _Found(
        stops=_unique(*closes[:1], *next_header),
        closes=closes,
        headers=tuple(next_header),
        openers=tuple(control for control in openers if control not in closes),
    )


def _first_close(
    controls: Sequence[str], elsewhere: str, headers: Collection[str], within: str, eos: str | None
) -> Sequence[str]:
    """The control that closes a turn, among those behind it: eos where it always stands there, or else the first.

    One that turns hold inside as well (reasoning and calls may be closed by it) is only taken for want of another.
    """
    if eos is not None and eos in controls and eos in elsewhere and eos not in headers:
        return (eos,)
    own = list(takewhile(lambda control: control not in headers, controls))
    return [control for control in own if control not in within][:1] or own[:1]


def _call_endings(template: ChatTemplate, encoder: GuardedEncoder, text: _Found) -> _Found:
    followed = _after_turn(template, [USER, calling(_SENTINEL), result(_NEXT)])
    if followed is None:
        return _Found()
    usual = [control for control in encoder.find_controls(followed) if control in text.closes]
    if usual:
        return _Found(closes=(usual[0],))
    final = _after_turn(template, [USER, calling(_SENTINEL)]) or ""
    always = encoder.find_controls(common_prefix(final, followed))
    between_calls, between_results = _between_two(template)
    behind = [control for control in always if control not in between_calls]
    opening = [control for control in behind if control in between_results or control in text.openers]
    if behind and text.closes and not opening:
        return _Found(stops=(behind[-1],), closes=(behind[-1],))
    headers = (opening or behind or encoder.find_controls(followed)[len(always) :])[:1]
    return _Found(stops=tuple(headers), headers=tuple(headers))


def _after_turn(template: ChatTemplate, messages: Sequence[Message]) -> str | None:
    """The text from the sentinel to the next content; None where the template rejects or drops one of them."""
    is_followed = messages[-1]["role"] != "assistant"
    text = template.try_render(messages, open_turn=is_followed)
    _, found, tail = text.rpartition(_SENTINEL)
    if not found or (is_followed and _NEXT not in tail):
        return None
    return tail.partition(_NEXT)[0]


def _within_turn(template: ChatTemplate) -> str:
    """What templates write inside a turn, before its last word: reasoning, and tool calls."""
    reasoning: dict[str, Any] = {"reasoning_content": _OTHER, "thinking": _OTHER}
    turns: list[Any] = [reply(_SENTINEL) | reasoning, calling(_OTHER, _SENTINEL) | reasoning, calling(_SENTINEL)]
    opened = template.try_render([USER], open_turn=True)
    texts = [template.try_render([USER, turn], open_turn=False).rpartition(_SENTINEL)[0] for turn in turns]
    return "\n".join(text[len(common_prefix(opened, text)) :] for text in texts)


def _between_two(template: ChatTemplate) -> tuple[str, str]:
    """What stands between two calls in one turn, and between the two answers."""
    messages = [USER, calling(_OTHER, _SENTINEL), result("one7word"), result("two7word", 1)]
    text = template.try_render(messages, open_turn=True)
    calls = text.partition(_OTHER)[2].rpartition(_SENTINEL)[0]
    return calls, text.partition("one7word")[2].rpartition("two7word")[0]


def _unique(*words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
