"""Calls without sense: the tools there are, with words and numbers that the conversation has shown.

What an env pays for them it pays for nothing. They are well formed, so that it is the env that refuses them, and not
the reader of calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from llm_envs.chat import ChatTokenizer
from llm_envs.chat.calls import Call
from llm_envs.chat.tokenizer import Tools
from llm_envs.types import Message

__all__ = ["CHOICES", "calls_of", "random_turn", "words_seen"]

CHOICES = 64
"""Random numbers that one turn takes, at most."""

_CALLS = 3
"""In one random turn, at most."""

_WORD = re.compile(r"[^\s\"'`,;(){}\[\]<>|=]+")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_AROUND = ".:?!*_"
_ERROR = '{"error": "E_'
_MESSAGE_CHARS = 4_000
_WORDS = 400

_CALLS_OF_A_TOOL = 400
"""That `calls_of` makes: with several arguments there are more than any env would answer."""


def words_seen(messages: Sequence[Message]) -> list[str]:
    """The different words and numbers of what a policy was told, errors left out, the newest first."""
    told = (message["content"][:_MESSAGE_CHARS] for message in reversed(messages) if message["role"] != "assistant")
    words = (
        word.strip(_AROUND) for text in told if not text.startswith(_ERROR) for word in reversed(_WORD.findall(text))
    )
    return list(islice(dict.fromkeys(filter(None, words)), _WORDS))


def random_turn(chat: ChatTokenizer, tools: Tools, messages: Sequence[Message], choices: Sequence[float]) -> str:
    """Some calls in two turns of three, else a word or a number, as if it were the answer.

    Args:
        choices: `CHOICES` numbers in [0, 1), which decide everything.
    """
    words, chance = words_seen(messages), _Chance(choices)
    if chance.below(1 / 3) or not tools:
        return str(chance.pick(words))
    count = 1 + chance.up_to(_CALLS) if chat.calling.parallel else 1
    return chat.calling.write([_random_call(chance.pick(tools), words, chance) for _ in range(count)])


def calls_of(tool: Mapping[str, Any], words: Sequence[str]) -> Iterator[Call]:
    """Every call of a tool whose required arguments are among these words, up to a limit."""
    function = tool["function"]
    properties, required = function["parameters"]["properties"], function["parameters"].get("required", ())
    values = [_values(properties[name], words) for name in required]
    for chosen in islice(product(*values), _CALLS_OF_A_TOOL):
        yield Call(function["name"], dict(zip(required, chosen, strict=True)))


class _Chance:
    """Takes one number after the other, and begins anew behind the last."""

    def __init__(self, choices: Sequence[float]) -> None:
        self._choices = choices
        self._at = -1

    def below(self, probability: float) -> bool:
        return self._next() < probability

    def up_to(self, count: int) -> int:
        return int(self._next() * count)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.up_to(len(options))] if options else ""

    def _next(self) -> float:
        self._at = (self._at + 1) % len(self._choices)
        return float(self._choices[self._at])


def _random_call(tool: Mapping[str, Any], words: Sequence[str], chance: _Chance) -> Call:
    """Required arguments, and each of the others in one case of two."""
    function = tool["function"]
    required = function["parameters"].get("required", ())
    return Call(
        function["name"],
        {
            name: chance.pick(_values(schema, words))
            for name, schema in function["parameters"]["properties"].items()
            if name in required or chance.below(1 / 2)
        },
    )


def _values(schema: Mapping[str, Any], words: Sequence[str]) -> Sequence[Any]:
    """What an argument may be, by its schema."""
    if "enum" in schema:
        return list(schema["enum"])
    kind = schema.get("type", "string")
    if kind in {"integer", "number"}:
        return [number for number in map(_number, words) if number is not None and kind in _KINDS[type(number)]] or [0]
    if kind == "boolean":
        return [True, False]
    if kind == "array":
        return [[value] for value in _values(schema.get("items", {}), words)]
    if kind == "object":
        properties = schema.get("properties", {})
        return [{name: _first(_values(properties[name], words)) for name in schema.get("required", ())}]
    return words


_KINDS: Mapping[type, tuple[str, ...]] = {int: ("integer", "number"), float: ("number",)}


def _first(values: Sequence[Any]) -> Any:
    return values[0] if values else ""


def _number(word: str) -> int | float | None:
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    return float(word) if found[1] else int(word)
