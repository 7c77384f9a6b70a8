"""Answers that were given before: programs repeat, since policies sample the same one many times over."""

from __future__ import annotations

import threading
from collections import OrderedDict

__all__ = ["Answers"]

_OVERHEAD = 300
"""Bytes that an entry takes beside its answer."""


class Answers:
    """The answers last used, as long as they fit into `mib` together."""

    def __init__(self, mib: float) -> None:
        self._lock = threading.Lock()
        self._capacity = self._room = int(mib * (1 << 20))
        self._held: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, key: bytes) -> bytes | None:
        """The answer to a request of this key, if it is still here."""
        with self._lock:
            answer = self._held.get(key)
            if answer is not None:
                self._held.move_to_end(key)
            return answer

    def put(self, key: bytes, answer: bytes) -> None:
        """Keep an answer, and let go of the oldest for it."""
        with self._lock:
            size = len(answer) + _OVERHEAD
            if key in self._held or size > self._capacity:
                return
            self._held[key] = answer
            self._room -= size
            while self._room < 0:
                _, oldest = self._held.popitem(last=False)
                self._room += len(oldest) + _OVERHEAD
