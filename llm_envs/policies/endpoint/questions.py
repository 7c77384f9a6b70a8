"""What is sent: the conversation so far, as a chat or as token ids, and what this endpoint takes besides.

Fields that not every endpoint knows (`return_token_ids`, `logprobs`, `seed`) are sent until it says that it does not;
the first question that is answered tells which are sent from then on. What the user asked for is never left out.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llm_envs.policies.model import Decoding, Query
from llm_envs.types import Message

__all__ = ["CHAT", "COMPLETIONS", "Question", "Questions", "seed_of"]

CHAT, COMPLETIONS = "/chat/completions", "/completions"

_THOUGHT = re.compile(r"\A<think>.*?</think>\s*", re.DOTALL)
_GIVES_MORE = frozenset({"return_token_ids", "logprobs"})
_NOT_FOR_ALL = _GIVES_MORE | {"seed"}
_LIMIT, _NEW_LIMIT = "max_tokens", "max_completion_tokens"
_TOKENS_UNLESS_KNOWN = 4096
"""To sample at most, where neither the user nor the endpoint sets a limit: /completions has one of 16."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and how it may be put otherwise.

    Args:
        fixed: what every way of putting it has.
        optional: what an endpoint may do without.
        limit: of tokens to sample; None leaves it to the endpoint.
    """

    path: str
    fixed: Mapping[str, Any]
    optional: Mapping[str, Any]
    limit: int | None = None
    limit_name: str = _LIMIT

    def body(self) -> bytes:
        """As it is sent."""
        limit = {} if self.limit is None else {self.limit_name: self.limit}
        return json.dumps({**self.fixed, **limit, **self.optional}).encode()

    def without(self, names: frozenset[str]) -> Question:
        """The same, without some of its optional fields."""
        kept = {name: value for name, value in self.optional.items() if name not in names}
        return dataclasses.replace(self, optional=kept)

    def simpler(self, message: str, *, guess: bool) -> Question | None:
        """The same, put so that an endpoint may take it that said `message`; None where there is no such way.

        Args:
            guess: leave out what no endpoint has to know, though the message does not name it.
        """
        if self.limit is not None and self.limit_name == _LIMIT and _NEW_LIMIT in message:
            return dataclasses.replace(self, limit_name=_NEW_LIMIT)
        named = frozenset(name for name in self.optional if name in message)
        guessed = _GIVES_MORE & self.optional.keys() if guess else frozenset()
        dropped = named or guessed
        return self.without(dropped) if dropped else None

    def shorter(self, context_length: int | None) -> Question | None:
        """The same, asking for no more than fits; None where nothing does."""
        if self.path == CHAT:
            return None if self.limit is None else dataclasses.replace(self, limit=None)
        if context_length is None or self.limit is None:
            return None
        room = context_length - len(self.fixed["prompt"])
        return dataclasses.replace(self, limit=room) if 0 < room < self.limit else None


@dataclass(slots=True)
class Questions:
    """Puts the queries of a run into words.

    Args:
        as_ids: ask for tokens after tokens, not for messages after messages.
        context_length: that the endpoint takes, where it is known.
    """

    model: str
    decoding: Decoding
    as_ids: bool = False
    context_length: int | None = None
    dropped: frozenset[str] = field(default_factory=frozenset)
    limit_name: str = _LIMIT
    is_settled: bool = False

    def of(self, query: Query) -> Question:
        """What to ask for a query's turn."""
        optional = {"return_token_ids": True, "logprobs": 1 if self.as_ids else True, "seed": seed_of(query)}
        fixed: dict[str, Any] = {"model": self.model}
        for name in ("temperature", "top_p"):
            if (value := getattr(self.decoding, name)) is not None:
                fixed[name] = value
        question = self._continuation(query, fixed) if self.as_ids else self._chat(query, fixed)
        fixed.update(self.decoding.extra)
        kept = {name: value for name, value in optional.items() if name not in self.dropped and name not in fixed}
        return dataclasses.replace(question, optional=kept, limit_name=self.limit_name)

    def _chat(self, query: Query, fixed: dict[str, Any]) -> Question:
        fixed["messages"] = [_without_thought(message) for message in query.messages]
        if tools := query.env.task.tools:
            fixed["tools"] = [dict(tool) for tool in tools]
        return Question(CHAT, fixed, {}, self.decoding.max_tokens)

    def _continuation(self, query: Query, fixed: dict[str, Any]) -> Question:
        prompt = query.env.context().tolist()
        fixed["prompt"] = prompt
        fixed["stop_token_ids"] = sorted(query.env.chat.stop_ids)
        room = self.context_length - len(prompt) if self.context_length else _TOKENS_UNLESS_KNOWN
        limit = min(room, self.decoding.max_tokens or room, query.env.budget)
        return Question(COMPLETIONS, fixed, {}, max(1, limit))

    def current(self, question: Question) -> Question:
        """The same, as it is put now; what was learned since it was made counts."""
        if not self.is_settled:
            return question
        renamed = self.limit_name if question.limit_name == _LIMIT else question.limit_name
        if self.dropped.isdisjoint(question.optional) and renamed == question.limit_name:
            return question
        return dataclasses.replace(question.without(self.dropped), limit_name=renamed)

    def learn(self, question: Question) -> None:
        """Note that a question was answered as it was put."""
        if not self.is_settled:
            self.dropped = _NOT_FOR_ALL - question.optional.keys()
            self.limit_name = question.limit_name
            self.is_settled = True


def seed_of(query: Query) -> int:
    """Another one for each turn of each sample, the same one whenever the run is repeated; below 2^31."""
    words = f"{query.seed}/{query.attempt.env}/{query.attempt.task}/{query.attempt.sample}/{query.turn}"
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=4).digest(), "big") >> 1


def _without_thought(message: Message) -> dict[str, Any]:
    """What a model thought in an earlier turn is not shown to it again: chat templates drop it too."""
    if message["role"] == "assistant" and message["content"].startswith("<think>"):
        return {**message, "content": _THOUGHT.sub("", message["content"], count=1)}
    return dict(message)
