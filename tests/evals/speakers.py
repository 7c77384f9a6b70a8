"""Models for tests of the engine: they do as they are told, and remember what they were asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from llm_envs.policies.model import Attempt, Completion, Query


class Speaker:
    """Says what a function of the query says.

    Args:
        say: gives a text, a Completion, or raises.
    """

    level = "turn"

    def __init__(self, say: Callable[[Query], str | Completion], *, wait_s: float = 0.0, **env_options) -> None:
        self.asked: Counter[tuple[Attempt, int]] = Counter()
        self.answered: Counter[tuple[Attempt, int]] = Counter()
        self.open_now = self.open_most = 0
        self.is_open = False
        self.env_options = env_options
        self._say = say
        self._wait_s = wait_s

    async def open(self) -> None:
        self.is_open = True

    async def close(self) -> None:
        self.is_open = False

    async def reply(self, query: Query) -> Completion:
        assert self.is_open
        self.asked[query.attempt, query.turn] += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            await asyncio.sleep(self._wait_s)
            said = self._say(query)
        finally:
            self.open_now -= 1
        self.answered[query.attempt, query.turn] += 1
        return said if isinstance(said, Completion) else Completion(said)


def gold(query: Query) -> str:
    """What the env's oracle says."""
    return query.env.demonstrate(query.env.task)[query.turn]
