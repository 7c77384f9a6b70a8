"""Ground truth for turn deltas that shares no code with the package: transformers renders, string comparison judges.

A real conversation is rendered by `apply_chat_template` with a marker as the assistant's last words. What stands behind
the marker, less the stop that the policy sampled, is what a context must go on with.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
from dataclasses import dataclass, field
from functools import cached_property

import templates

MARKER = "MARKERmarker"
USER = {"role": "user", "content": "What is\nhere? {é} 东"}
NEXT = {"role": "user", "content": "And  there, [1, 2]?\n\n  Look:\n"}
MORE = {"role": "user", "content": "Also\tthis."}
SYSTEM = {"role": "system", "content": "Be brief."}
REPLY = {"role": "assistant", "content": "It is a door."}
TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look at a thing.",
        "parameters": {
            "type": "object",
            "properties": {"what": {"type": "string", "description": "Its name."}},
            "required": ["what"],
        },
    },
}


def calling(*arguments, first=0):
    """An assistant message that calls `look` once for each argument."""
    calls = [
        {"type": "function", "id": f"id{first + i:07d}", "function": {"name": "look", "arguments": {"what": argument}}}
        for i, argument in enumerate(arguments)
    ]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def result(content, index=0):
    """The answer to call `index`."""
    return {"role": "tool", "content": content, "name": "look", "tool_call_id": f"id{index:07d}"}


@dataclass(frozen=True)
class Case:
    """One turn: what was said before, how the turn ends, what the env answers."""

    name: str
    history: list
    turn: dict
    new: list
    tools: list = field(default_factory=list)


MARKED = {"role": "assistant", "content": MARKER}
DOOR, WALL = result("a [door] & a wall,\nor two\n"), result("a wall", 1)

CASES = [
    Case("user", [USER], MARKED, [NEXT]),
    Case("user after a system message", [SYSTEM, USER], MARKED, [NEXT]),
    Case("user, third turn", [SYSTEM, USER, REPLY, NEXT, REPLY, MORE], MARKED, [NEXT]),
    Case("two users", [USER], MARKED, [NEXT, MORE]),
    Case("user, with tools", [USER], MARKED, [NEXT], [TOOL]),
    Case("one result", [USER], calling(MARKER), [DOOR], [TOOL]),
    Case("two results", [SYSTEM, USER], calling("door", MARKER), [DOOR, WALL], [TOOL]),
    Case("one result, second call", [USER, calling("door"), DOOR], calling(MARKER, first=1), [WALL], [TOOL]),
    Case("user after a result", [USER, calling("door"), DOOR], MARKED, [NEXT], [TOOL]),
    Case("result after a reply", [USER, REPLY, NEXT], calling(MARKER), [DOOR], [TOOL]),
]


HEADERS = {"<|user|>", "<|observation|>", "<|tool_response>", "<|START_OF_TURN_TOKEN|>"}
"""Stops that open somebody else's message, read off by hand: GLM and Gemma 4 policies stop by sampling one.

So do Command R+ policies after tool calls: its template closes every other turn.
"""

REAL_EOS = ("<|END_OF_TURN_TOKEN|>", "<|end_of_msg|>")
"""What the tokenizers of Cohere and Kimi K3 name as eos_token: several control tokens end each of their turns."""


class Rejected(Exception):
    """The template does not take this conversation, or leaves something out."""


class Oracle:
    """One template with a tokenizer that has its control tokens."""

    def __init__(self, source: str) -> None:
        bare = templates.tokenizer_with(source, [])
        self.source = source
        self.tokenizer = bare
        self._shapes = _SHAPES_OF_CALLS
        self.least_tools = self._find_least_tools()
        self._shapes = _SHAPES_OF_CALLS if self._shows_calls() else _SHAPES_OF_TEXT
        self.controls = templates.control_strings(self._conversations())
        eos = next((name for name in REAL_EOS if name in self.controls), "<eos>")
        self.tokenizer = templates.tokenizer_with(source, self.controls, eos)

    def _find_least_tools(self) -> list:
        with contextlib.suppress(Rejected):
            self.render([USER], open_turn=True)
            return []
        return [TOOL]

    def _shows_calls(self) -> bool:
        with contextlib.suppress(Rejected):
            return bool(self.render([USER, calling(MARKER), DOOR], [TOOL], open_turn=True))
        return False

    def tools(self, case: Case) -> list:
        """The case's tools, or those without which the template cannot be rendered."""
        return case.tools or self.least_tools

    def _conversations(self) -> list[str]:
        texts = []
        for case in CASES:
            for messages in ([*case.history, case.turn, *case.new], [*case.history, case.turn]):
                for open_turn in (True, False):
                    with contextlib.suppress(Rejected):
                        texts.append(self.render(messages, self.tools(case), open_turn=open_turn))
        return texts

    def takes(self, case: Case) -> bool:
        """Whether the conversation before the turn can be rendered at all."""
        try:
            self.render(case.history, self.tools(case), open_turn=True)
        except Rejected:
            return False
        return True

    def render(self, messages, tools=(), *, open_turn: bool) -> str:
        """The conversation by transformers, in the first message shape in which all of its words are shown."""
        words = [word for message in messages if message["role"] != "system" for word in _words(message)]
        reason = Rejected("some words are not shown")
        for shape_content, shape_calls in itertools.product((_as_given, _parts), self._shapes):
            try:
                text = self.tokenizer.apply_chat_template(
                    [shape_content(shape_calls(copy.deepcopy(message))) for message in messages],
                    tools=list(tools) or None,
                    add_generation_prompt=open_turn,
                    tokenize=False,
                )
            except Exception as error:  # noqa: BLE001 -- a template may raise anything
                reason = Rejected(str(error))
                continue
            if all(word in text for word in words):
                return text
        raise reason

    def tail(self, case: Case) -> str:
        """What stands behind the turn, the next turn opened."""
        text = self.render([*case.history, case.turn, *case.new], self.tools(case), open_turn=True)
        tail = text.rpartition(MARKER)[2]
        if all(word in tail for message in case.new for word in _words(message)):
            return tail
        raise Rejected("an answer stands before the turn that it answers")

    def expected(self, case: Case, stop: str, stops: list[str]) -> str:
        """What must follow `stop`; `stops` are all that a turn may end with, the usual one first.

        A stop that the template would not have written there takes the place of the one that it would have.
        """
        tail = self.tail(case)
        head = tail[: min(tail.index(word) for message in case.new for word in _words(message))]
        for written in (stop, *stops, *self._closes_of_users()):
            if written in head:
                replaced = written == stop or written not in HEADERS
                return tail[head.index(written) + (len(written) if replaced else 0) :]
        if templates.control_strings([head]):
            raise AssertionError(f"no known stop in {head!r}")
        return tail

    def _closes_of_users(self) -> list[str]:
        after = self.render([USER], self.least_tools, open_turn=False).rpartition(USER["content"])[2]
        return templates.control_strings([after])[:1]

    def ids_behind(self, stop: str, text: str) -> list[int]:
        """The ids of `text` as the tokenizer gives them behind `stop`."""
        ids = self.tokenizer(stop + text, add_special_tokens=False)["input_ids"]
        assert ids[0] == self.tokenizer.convert_tokens_to_ids(stop)
        return ids[1:]

    @cached_property
    def control_ids(self) -> set[int]:
        """Every added token's id."""
        return set(self.tokenizer.get_added_vocab().values())


def _words(message) -> list[str]:
    """The parts of a message that no template may change: whitespace at the ends and JSON escapes aside."""
    lines = [line.strip() for line in message["content"].splitlines()]
    calls = [value for call in message.get("tool_calls", ()) for value in call["function"]["arguments"].values()]
    return [word for word in (*lines, *calls) if word and '"' not in word]


def _as_given(message):
    return message


def _json_arguments(message):
    for call in message.get("tool_calls", ()):
        call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
    return message


def _no_content(message):
    if "tool_calls" in message:
        del message["content"]
    return message


def _calls_as_text(message):
    calls = message.pop("tool_calls", ())
    words = [value for call in calls for value in call["function"]["arguments"].values()]
    return {**message, "content": " ".join(words)} if words else message


def _parts(message):
    return {**message, "content": [{"type": "text", "text": message["content"]}]} if "content" in message else message


def _no_content_json(message):
    return _no_content(_json_arguments(message))


_SHAPES_OF_CALLS = (_as_given, _json_arguments, _no_content, _no_content_json)
_SHAPES_OF_TEXT = (_calls_as_text,)
