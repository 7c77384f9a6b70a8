"""The sentinel delta: the ids that stand between a sampled turn and the next one, for any chat template.

The sampled turn itself is never rendered. A stand-in whose content is a sentinel takes its place, the template renders
the conversation with the new messages behind it, and the text after the sentinel is what the template adds. That text
is cut behind the stop that was sampled. A second rendering, with a word in place of each new content, shows where
content begins, proves that none was dropped, and says which control tokens are the template's own.

It appends to the context and never rewrites it: where a template would render earlier turns differently later on
(dropping old reasoning, moving the system message), the context keeps what the policy has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat, takewhile
from typing import Any

from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.chat.endings import TurnEndings, common_prefix
from llm_envs.chat.probe import USER, call_id, reply, tool_call
from llm_envs.chat.template import ChatTemplate
from llm_envs.chat.tokenizer import Tools
from llm_envs.chat.untrusted import Guard, changed_structure, place, placed, require_shown
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["SentinelDelta"]

_SENTINEL = "sentinel7word"

_STAND_IN = (USER,)
"""The history that is as good as any other for templates whose answers do not depend on it."""


class SentinelDelta:
    """Computes deltas for one template.

    Args:
        history_matters: render the real conversation before the turn; False where the template adds the same text
            behind a turn whatever came before it, and a stand-in of one message will do.
    """

    def __init__(
        self, template: ChatTemplate, encoder: GuardedEncoder, endings: TurnEndings, *, history_matters: bool = True
    ) -> None:
        self._template = template
        self._encoder = encoder
        self._endings = endings
        self._history_matters = history_matters

    def ids(self, messages: Sequence[Message], new: Sequence[Message], stop: str, tools: Tools = ()) -> list[int]:
        """The ids that follow `stop`, with which the last of `messages` was ended.

        Raises:
            TemplateRefused: the template rejects the new messages, or drops one.
        """
        scene = self._scene(messages, new, tools)
        whole, light = Guard(self._encoder, whole=True), Guard(self._encoder)
        shape = scene.tail(whole.turn(scene.turn), placed(scene.new, self._encoder))
        require_shown(shape, scene.new)
        cut = self._cut(scene, shape.partition(place(0))[0], stop)
        own_controls = self._encoder.control_sequence(stop, shape[cut:])
        for guard in (light, whole):
            tail = scene.tail(guard.turn(scene.turn), guard.messages(scene.new))
            ids = self._encoder.encode_behind(stop, tail[cut:])
            if tail[:cut] == shape[:cut] and self._encoder.controls_among(ids) == own_controls:
                return ids
        raise changed_structure(new)

    def _scene(self, messages: Sequence[Message], new: Sequence[Message], tools: Tools) -> _Scene:
        history = self._history(messages[:-1]) if self._history_matters else _STAND_IN
        sentinel = _absent_from(history, new, tools)
        turn, answers = self._skeleton(messages[-1], new, sentinel, sum(map(_is_result, messages)))
        guard = Guard(self._encoder)
        return _Scene(self._template, guard.messages(history), turn, answers, guard.tools(tools), sentinel)

    def _history(self, messages: Sequence[Message]) -> list[Message]:
        return _paired(messages) if self._template.shows_calls else [_without_calls(message) for message in messages]

    def _skeleton(
        self, turn: Message, new: Sequence[Message], sentinel: str, first_index: int
    ) -> tuple[Message, list[Message]]:
        """A turn of the same kind that ends in the sentinel, and the new messages paired with its tool calls."""
        results = [message for message in new if _is_result(message)]
        if not results:
            return reply(sentinel), list(new)
        calls = _calls_of(turn, results, first_index)
        answers = _answering(new, calls)
        if not self._template.shows_calls:
            return reply(sentinel), answers
        calls[-1]["function"]["arguments"] = {"what": sentinel}
        return {"role": "assistant", "content": "", "tool_calls": calls}, answers

    def _cut(self, scene: _Scene, head: str, stop: str) -> int:
        """How much of the tail the sampled turn has said already; `head` is the tail up to the first new content."""
        calls = "tool_calls" in scene.turn
        closes = self._endings.call_closes if calls else self._endings.closes
        if stop in head:
            return head.index(stop) + len(stop)
        ends = [head.index(close) + len(close) for close in closes if close in head]
        if ends:
            return min(ends)
        return self._end_of_calls(scene, head) if calls else 0

    def _end_of_calls(self, scene: _Scene, head: str) -> int:
        """Where the calls of a turn end that the template does not close: where the answers begin."""
        for header in self._endings.result_headers:
            if header in head:
                return head.index(header)
        return len(common_prefix(head, scene.tail(scene.turn, (), open_turn=False)))


@dataclass(frozen=True, slots=True)
class _Scene:
    """A conversation with a skeleton of the sampled turn in it; history and tools are guarded already."""

    template: ChatTemplate
    history: list[Message]
    turn: Message
    new: list[Message]
    tools: list[dict[str, Any]]
    sentinel: str

    def tail(self, turn: Message, new: Sequence[Message], *, open_turn: bool = True) -> str:
        """What the template writes after the sentinel, for a turn and new messages that are guarded."""
        text = self.template.render([*self.history, turn, *new], self.tools, open_turn=open_turn)
        _, found, tail = text.rpartition(self.sentinel)
        if found:
            return tail
        calls = len(turn.get("tool_calls", ()))
        raise TemplateRefused(
            "the chat template does not show the assistant's turn",
            expected="one tool call in a turn, and one answer" if calls > 1 else "a template that prints every turn",
            received=f"{calls} tool calls" if calls else turn["role"],
            next_step="Let the env answer a single call at a time." if calls > 1 else "Set another chat_template.",
        )


def _paired(messages: Sequence[Message]) -> list[Message]:
    """The history with tool calls where templates look for them: a sampled turn holds them as text only."""
    paired: list[Message] = []
    for index, message in enumerate(messages):
        results = list(takewhile(_is_result, islice(messages, index + 1, None)))
        if message["role"] == "assistant" and results:
            calls = _calls_of(message, results, sum(map(_is_result, paired)))
            paired += [{"role": "assistant", "content": "", "tool_calls": calls}, *_answering(results, calls)]
        elif message["role"] != "tool":
            paired.append(message)
    return paired


def _without_calls(message: Message) -> Message:
    plain = message.copy()
    plain.pop("tool_calls", None)
    return plain


def _calls_of(turn: Message, results: Sequence[Message], first_index: int) -> list[dict[str, Any]]:
    """One blank call for each call the turn names, or else for each result that came."""
    named = [(call["function"]["name"], call.get("id")) for call in turn.get("tool_calls", ())]
    named = named or [(result.get("name", "tool"), result.get("tool_call_id")) for result in results]
    return [
        tool_call(name, {"what": "x"}, given or call_id(index))
        for index, (name, given) in enumerate(named, first_index)
    ]


def _answering(messages: Sequence[Message], calls: Sequence[Mapping[str, Any]]) -> list[Message]:
    """The messages, tool results named after the calls they answer, in order."""
    in_order = chain(calls, repeat(calls[-1]))
    return [_result_of(message, next(in_order)) if _is_result(message) else message for message in messages]


def _result_of(message: Message, call: Mapping[str, Any]) -> Message:
    return {"name": call["function"]["name"], "tool_call_id": call["id"], **message}


def _is_result(message: Message) -> bool:
    return message["role"] == "tool"


def _absent_from(*things: Any) -> str:
    """A word that occurs nowhere in `things`; nobody can write their own hash into them."""
    written = repr(things)
    if _SENTINEL not in written:
        return _SENTINEL
    return _SENTINEL + hashlib.sha256(written.encode("utf-8", "replace")).hexdigest()
