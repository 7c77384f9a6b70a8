"""How many questions may be open: as many as allowed, fewer while the endpoint says that these are too many.

Additive increase, multiplicative decrease (Chiu and Jain, 1989): the limit halves when the endpoint is overloaded, once
for all questions that were open then, and grows by one with as many answers as it counts.
"""

from __future__ import annotations

import asyncio
from collections import deque

__all__ = ["Throttle"]


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
        self._answers = 0

    async def take(self) -> int:
        """Wait for a place, and take it: its number is what the others want."""
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
                self.leave()
            raise

    def leave(self) -> None:
        """Give a place back."""
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
        self._answers += 1
        if self._answers >= self.limit < self._most:
            self._answers = 0
            self.limit += 1
            self._admit()

    def slow(self, ticket: int) -> None:
        """Note that the endpoint was overloaded when it had the question of this ticket."""
        if ticket > self._cut_at:
            self._cut_at = self._ticket
            self._answers = 0
            self.limit = max(1, self.limit // 2)
