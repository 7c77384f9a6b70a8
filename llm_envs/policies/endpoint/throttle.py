"""How many questions may be open: as many as allowed, fewer while the endpoint says that these are too many.

Additive increase, multiplicative decrease (Chiu and Jain, 1989), by windows of as many outcomes as there are places:
the limit halves where an eighth of a window was overload, once for all questions that were open then, and grows by one
with a window that was not. An overload now and then is none: some gateways say 503 to one request in a hundred.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["Throttle"]

_TOO_MUCH = 1 / 8
"""Share of a window."""


class Throttle:
    """Places for questions, first come, first served.

    Args:
        most: places at the start, and at any time.
    """

    def __init__(self, most: int) -> None:
        self.limit = most
        self.taken = 0
        self._most = most
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._ticket = 0
        self._cut_at = 0
        self._outcomes = self._overloads = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[int]:
        """A place, once there is one; its number is for `slow`."""
        ticket = await self._take()
        try:
            yield ticket
        finally:
            self._leave()

    async def _take(self) -> int:
        if self.taken >= self.limit or self._waiting:
            await self._queue()
        else:
            self.taken += 1
        self._ticket += 1
        return self._ticket

    async def _queue(self) -> None:
        """Wait until somebody hands over a place."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        self.taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.taken < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.taken += 1
                turn.set_result(None)

    def ease(self) -> None:
        """Note an answer."""
        self._note()

    def slow(self, ticket: int) -> None:
        """Note that the endpoint was overloaded when it had the question of this ticket."""
        if ticket > self._cut_at:
            self._overloads += 1
            self._note()

    def _note(self) -> None:
        """Count an outcome, and see what its window tells so far."""
        self._outcomes += 1
        if self._overloads and self._overloads >= _TOO_MUCH * self.limit:
            self._cut_at = self._ticket
            self._set(max(1, self.limit // 2))
        elif self._outcomes >= self.limit:
            self._set(min(self._most, self.limit + 1))

    def _set(self, limit: int) -> None:
        self.limit = limit
        self._outcomes = self._overloads = 0
        self._admit()
