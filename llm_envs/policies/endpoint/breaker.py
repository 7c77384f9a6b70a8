"""Names an outage: when nobody has been answered for a while, one question after another is sent, not all of them.

While it lasts, failures are the endpoint's and cost no question any of its tries. The first answer ends it; where none
comes for long, the run stops, to be taken up again later.

Source: M. Nygard, Release It! (2007), "Circuit Breaker": closed, open, half open.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from llm_envs.errors import Outage

__all__ = ["Breaker"]

_FIRST_INTERVAL_S = 1.0
_LONGEST_INTERVAL_S = 30.0

_log = logging.getLogger("llm_envs.endpoint")


class Breaker:
    """Of one endpoint.

    Args:
        place: what it is called in messages.
        failures: without an answer in between, that many of `questions` or more, for `quiet_s`, make an outage.
            One question that fails again and again does not: it may be the question.
        limit_s: how long an outage may last.
        clock: seconds, from anywhere on.
    """

    def __init__(
        self,
        place: str,
        *,
        failures: int = 5,
        questions: int = 3,
        quiet_s: float = 10.0,
        limit_s: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.place = place
        self._enough, self._quiet_s, self._limit_s = (failures, questions), quiet_s, limit_s
        self._clock, self._sleep = clock, sleep
        self._failures = 0
        self._failed: set[int] = set()
        self._failing_since_s = 0.0
        self._reason = ""
        self._probes = 0
        self._probing = False
        self._change = asyncio.Event()
        self.is_open = False

    async def enter(self) -> bool:
        """Wait until a question may be sent; True where it is to find out whether the outage is over.

        Raises:
            Outage: it has lasted for too long.
        """
        while self.is_open:
            self._check()
            if not self._probing:
                await self._begin_probe()
                return True
            await self._change.wait()
        return False

    async def _begin_probe(self) -> None:
        self._probing = True
        self._change.clear()
        try:
            await self._sleep(min(_LONGEST_INTERVAL_S, _FIRST_INTERVAL_S * 2.0**self._probes))
        except BaseException:
            self.leave(probed=True)
            raise
        self._probes += 1

    def _check(self) -> None:
        lasted_s = self._clock() - self._failing_since_s
        if lasted_s > self._limit_s:
            raise Outage(
                f"{self.place} has answered nobody for {lasted_s:.0f} s",
                received=self._reason,
                next_step="See to the server, then give the same command again: what was answered is kept.",
            )

    def answered(self) -> None:
        """Note an answer: all may ask again."""
        self._failures = 0
        self._failed.clear()
        if self.is_open:
            _log.warning("%s answers again", self.place)
            self.is_open = self._probing = False
            self._probes = 0
            self._change.set()

    def failed(self, question: int, reason: str) -> None:
        """Note that a question, by its number, got no answer."""
        self._reason = reason
        if not self._failures:
            self._failing_since_s = self._clock()
        self._failures += 1
        self._failed.add(question)
        quiet_s = self._clock() - self._failing_since_s
        if not self.is_open and self._is_enough() and quiet_s >= self._quiet_s:
            _log.warning("%s has answered nobody for %.0f s: %s", self.place, quiet_s, reason)
            self.is_open = True

    def _is_enough(self) -> bool:
        return self._failures >= self._enough[0] and len(self._failed) >= self._enough[1]

    def leave(self, *, probed: bool) -> None:
        """Note that a question is over; let another one probe where this one did."""
        if probed:
            self._probing = False
            self._change.set()
