"""Transcripts, compressed some hundreds at a time, in a file of their own until the page is put together.

A chunk is zlib-compressed JSON, ASCII throughout; the page unpacks one when an episode of it is opened or searched.
"""

from __future__ import annotations

import json
import math
import zlib
from typing import Any, BinaryIO

__all__ = ["Chunks"]

_EPISODES = 256
_CHARS = 1 << 20
"""Either closes a chunk: opening one episode unpacks its whole chunk, which is to take a few milliseconds."""
_LEVEL = 6


class Chunks:
    """The chunks of a run.

    Args:
        store: takes them; nobody else writes to it.
    """

    def __init__(self, store: BinaryIO) -> None:
        self.firsts: list[int] = []
        self._store = store
        self._ends = [0]
        self._open: list[str] = []
        self._chars = 0
        self._rows = 0

    def add(self, transcript: Any) -> None:
        """One more row."""
        text = _json(transcript)
        self._open.append(text)
        self._chars += len(text)
        self._rows += 1
        if len(self._open) >= _EPISODES or self._chars >= _CHARS:
            self.close()

    def close(self) -> None:
        """End the chunk that is being filled, so that it can be read."""
        if not self._open:
            return
        packed = zlib.compress(f"[{','.join(self._open)}]".encode("ascii"), _LEVEL)
        self.firsts.append(self._rows - len(self._open))
        self._store.seek(self._ends[-1])
        self._store.write(packed)
        self._ends.append(self._ends[-1] + len(packed))
        self._open, self._chars = [], 0

    def read(self, number: int) -> bytes:
        """A chunk, compressed."""
        self._store.seek(self._ends[number])
        return self._store.read(self._ends[number + 1] - self._ends[number])


def _json(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:  # JSON knows neither nan nor infinity
        return json.dumps(_finite(value), separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value
