"""A number of slots, and those who wait for one in the order in which they came."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterator

__all__ = ["Turnstile"]


class Turnstile:
    """Lets `slots` threads through at a time. A semaphore would let the late pass the early."""

    def __init__(self, slots: int) -> None:
        self._lock = threading.Lock()
        self._free = slots
        self._waiting: deque[threading.Event] = deque()

    @contextlib.contextmanager
    def slot(self, timeout_s: float) -> Iterator[None]:
        """Hold a slot.

        Raises:
            TimeoutError: none came free for this long.
        """
        self._enter(timeout_s)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, timeout_s: float) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        called = False
        try:
            called = turn.wait(timeout_s)
        finally:
            if not called:
                self._give_up(turn)
        if not called:
            raise TimeoutError

    def _give_up(self, turn: threading.Event) -> None:
        """Leave the queue; a turn that has come at the last moment goes to the next."""
        with self._lock:
            if not turn.is_set():
                self._waiting.remove(turn)
                return
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
