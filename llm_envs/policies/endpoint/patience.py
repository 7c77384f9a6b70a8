"""What a failure costs: whether to ask again, how long to wait before, and how long to wait for an answer.

Waits are drawn evenly from zero to a bound that doubles with each failure ("full jitter": M. Brooker, Exponential
Backoff and Jitter, AWS Architecture Blog, 2015), so that those who failed together do not return together. Retries of
a whole run are limited to a number that grows with its answers: a server on its knees is not asked ever more.

An endpoint's deadline is learned: ten times the slowest answer so far says that something hangs, but only for as long
as it may be wrong; each further try of one question waits twice as long, up to the limit that the user set.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Patience"]

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_LONGEST_RETRY_AFTER_S = 120.0
_SPREAD = 0.1
"""Share by which a wait that the server named is drawn out, so that not everybody is back at once."""

_ANSWERS_TO_LEARN_FROM = 20
_TIMES_THE_SLOWEST = 10.0
_DEADLINE_GROWTH = 2.0
_RETRIES_PER_ANSWER = 1.0


class Patience:
    """Of one run with one endpoint.

    Args:
        timeout_s: for one request, at most; and for each, until there is something to learn from.
        floor_s: a learned deadline is no shorter.
        tries: of one question.
        retries: of a whole run, before any answer.
        draw: numbers in [0, 1).
    """

    def __init__(
        self,
        timeout_s: float = 600.0,
        *,
        floor_s: float = 30.0,
        tries: int = 10,
        retries: int = 500,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.timeout_s = timeout_s
        self.tries = tries
        self._floor_s = floor_s
        self._retries_left = float(retries)
        self._draw = draw
        self._answers = 0
        self._slowest_s = 0.0

    def hear(self, took_s: float) -> bool:
        """Note that an answer came; True where deadlines are others now."""
        before = self.deadline_s(0)
        self._answers += 1
        self._retries_left += _RETRIES_PER_ANSWER
        self._slowest_s = max(self._slowest_s, took_s)
        return self.deadline_s(0) != before

    def deadline_s(self, failed: int) -> float:
        """How long to wait for an answer to a question that has failed so many times."""
        if self._answers < _ANSWERS_TO_LEARN_FROM:
            return self.timeout_s
        learned_s = max(self._floor_s, _TIMES_THE_SLOWEST * self._slowest_s)
        return float(min(self.timeout_s, learned_s * _DEADLINE_GROWTH**failed))

    def spend(self, failed: int) -> bool:
        """Take one more try for a question that has failed so many times; False where there is none left."""
        if failed >= self.tries or self._retries_left < 1.0:
            return False
        self._retries_left -= 1.0
        return True

    def wait_s(self, failed: int, retry_after_s: float | None = None) -> float:
        """How long to wait before a question that has failed so many times is asked again.

        Args:
            retry_after_s: what the server asked for, where it did.
        """
        wait_s = self._draw() * min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** max(0, failed - 1))
        if retry_after_s is None:
            return wait_s
        return max(wait_s, min(retry_after_s, _LONGEST_RETRY_AFTER_S) * (1.0 + _SPREAD * self._draw()))
