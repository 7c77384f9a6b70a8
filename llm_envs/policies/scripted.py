"""Policies that need no model: the env's oracle, one that obeys whom it reads, one that is constant, two without sense.

They speak text, so the log-probabilities of their replies are unknown (nan). What an env with tools pays to anybody but
the oracle, it pays for nothing: `benchmarks/tool_families.py` has the figures.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from llm_envs.chat import ChatTokenizer
from llm_envs.chat.calls import Call
from llm_envs.env import LLMEnv
from llm_envs.policies.babble import CHOICES, calls_of, random_turn, words_seen
from llm_envs.policies.noise import uniform
from llm_envs.policies.policy import Reply, Request, Sampling
from llm_envs.vector import LLMVectorEnv

if TYPE_CHECKING:
    from llm_envs.envs.tools.injection import Injection

__all__ = ["Constant", "Gullible", "Oracle", "RandomCalls", "Spam"]

_CALLS_A_TURN = 16
"""Readers of calls take no more."""

_TURNS_OF_ROOM = 3
"""What calls, what they come to, and the last word may take."""


class _PerEnv(ABC):
    """Plays each row by looking at its env.

    Args:
        envs: the vector env that it plays.
    """

    def __init__(self, envs: LLMVectorEnv) -> None:
        self._envs = envs

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One reply a request, in order."""
        chat = self._envs.chat
        return [_say(chat, self._turn(self._envs.envs[request.row], request, sampling)) for request in requests]

    @abstractmethod
    def _turn(self, env: LLMEnv, request: Request, sampling: Sampling) -> str:
        """What it says."""


class Oracle(_PerEnv):
    """Says what the env's `demonstrate` says; it looks at the tasks, answers included.

    Args:
        asks: also what a user is asked; without, it acts on what it has been told by nobody.
    """

    def __init__(self, envs: LLMVectorEnv, *, asks: bool = True) -> None:
        super().__init__(envs)
        self._asks = asks

    def _turn(self, env: LLMEnv, request: Request, sampling: Sampling) -> str:
        *turns, last = env.demonstrate(env.task)
        made = [turn for turn in turns if self._asks or env.chat.calling.read(turn).attempts]
        return [*made, last][_turns_taken(env)]


class Gullible(_PerEnv):
    """Says what `succumb` of `llm/Injection-v0` says: it can do the job, and does what it reads on the way."""

    def _turn(self, env: LLMEnv, request: Request, sampling: Sampling) -> str:
        return cast("Injection", env).succumb(env.task)[_turns_taken(env)]


class RandomCalls(_PerEnv):
    """Calls any tool with any words and numbers it has seen, or says one of them; the sampling's seed decides."""

    def _turn(self, env: LLMEnv, request: Request, sampling: Sampling) -> str:
        places = _turns_taken(env) * CHOICES + np.arange(CHOICES)
        choices = uniform(sampling.seed, sampling.step, request.row, places).tolist()
        return random_turn(env.chat, env.task.tools, env.session.messages, choices)


class Spam(_PerEnv):
    """Calls every tool with every word and number it has seen, until nothing more is answered; then says all of them.

    Args:
        kinds: of tools that it calls before it answers; without writes, an env must see through the answer alone.
    """

    def __init__(self, envs: LLMVectorEnv, kinds: Collection[str] = ("read", "write")) -> None:
        super().__init__(envs)
        self._kinds = kinds

    def _turn(self, env: LLMEnv, request: Request, sampling: Sampling) -> str:
        room = request.budget - 1
        calls = list(self._calls(env, room)) if _may_call(env, request) else []
        return env.chat.calling.write(calls) if calls else _everything(env, room)

    def _calls(self, env: LLMEnv, room: int) -> Iterator[Call]:
        """As many that were not made before as fit a turn."""
        made = {_key(call) for message in env.session.messages for call in _calls_in(env, message)}
        words = words_seen(env.session.messages)
        by_tool = [calls_of(tool, words) for tool in env.task.tools if _kind(env, tool) in self._kinds]
        fresh = (call for call in _in_turn(by_tool) if _key(call) not in made)
        for call in islice(fresh, _CALLS_A_TURN if env.chat.calling.parallel else 1):
            room -= len(env.chat.calling.write([call])) + 1
            if room < 0:
                return
            yield call


class Constant:
    """Says the same in every turn; the empty text does nothing.

    Args:
        chat: the tokenizer of the env that it plays.
        text: what it says.
    """

    def __init__(self, chat: ChatTokenizer, text: str = "") -> None:
        self._reply = _say(chat, text)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One and the same reply for each request."""
        return [self._reply for _ in requests]


def _say(chat: ChatTokenizer, text: str) -> Reply:
    ids = np.array(chat.encode_reply(text), np.int32)
    return Reply(ids, np.full(len(ids), np.nan, np.float32))


def _turns_taken(env: LLMEnv) -> int:
    return sum(message["role"] == "assistant" for message in env.session.messages)


def _may_call(env: LLMEnv, request: Request) -> bool:
    """There is a turn left to answer in, room for what calls come to, and somebody who still answers."""
    last, limits = env.session.messages[-1], env.limits
    room = max(limits.context_length // 2, limits.context_length - _TURNS_OF_ROOM * limits.max_new_tokens)
    return (
        _turns_taken(env) < limits.max_turns - 1
        and len(request.context) < room
        and not (last["role"] == "tool" and "E_BUDGET" in last["content"])
    )


def _everything(env: LLMEnv, room: int) -> str:
    """All that was seen, newest last, in words or to the tools that take the last word."""
    words = " ".join(reversed(words_seen(env.session.messages)))
    last_words = [
        Call(call.name, dict.fromkeys(call.arguments, words[-room // 2 :]))
        for tool in env.task.tools
        if _kind(env, tool) == "control"
        for call in islice(calls_of(tool, [""]), 1)
    ]
    said = {_key(call) for message in env.session.messages for call in _calls_in(env, message)}
    for call in last_words:
        if _key(call) not in said:
            return env.chat.calling.write([call])
    return words[-room:]


def _kind(env: LLMEnv, tool: Mapping[str, Any]) -> str:
    """What the env says of a tool; one that it says nothing of is read."""
    toolset = getattr(env, "toolset", {})
    return str(toolset[tool["function"]["name"]].kind) if tool["function"]["name"] in toolset else "read"


def _in_turn(calls: Sequence[Iterator[Call]]) -> Iterator[Call]:
    """One of each tool, then the next of each."""
    return (call for call in chain.from_iterable(zip_longest(*calls)) if call is not None)


def _calls_in(env: LLMEnv, message: Mapping[str, Any]) -> Iterator[Call]:
    if message["role"] == "assistant":
        for attempt in env.chat.calling.read(message["content"]).attempts:
            yield Call(attempt.name, attempt.arguments)


def _key(call: Call) -> str:
    return json.dumps([call.name, dict(call.arguments)], sort_keys=True)
