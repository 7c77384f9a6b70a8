"""One live box, and how it is spoken to: a request goes out, an answer comes back before its deadline, or never.

What comes too late, or is no message as `llm_envs.sandbox.box.frames` has them, loses the box: `BoxLost`. Who asked
then kills it, and tries a fresh one; nothing a lost box has said is used.

It deliberately does not know what the frames mean, nor what a box is made of: a container, a process in namespaces.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any, Protocol

from llm_envs.sandbox.box.frames import MOST_MIB, written

__all__ = ["Box", "BoxLost", "Worker"]

START_TIMEOUT_S = 60.0
"""Importing what is to be preloaded, from a cold disk, on a machine that is busy."""

_HEADER_BYTES = 4
_PIECE = 1 << 18


class BoxLost(Exception):
    """A box said nothing in time, or what is no answer, or has gone. Never seen outside of this package."""


class Box(Protocol):
    """A place where the program of `llm_envs.sandbox.box` runs, and its standard streams."""

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it to the box, before `deadline` of the monotonic clock. Raises BoxLost."""

    def receive(self, size: int, deadline: float) -> bytes:
        """At least one byte and at most `size` that the box has written. Raises BoxLost."""

    def kill(self) -> None:
        """End whatever runs inside, and wait until it has ended. From any thread; may be called again."""

    def close(self) -> None:
        """Let go of the streams, once nobody uses them: when it has been killed, or in a forked child."""


class Worker:
    """A box that answers one request at a time.

    Args:
        sources: the first thing it is told: what to run inside.
        variant: which programs it can run, where a backend has boxes of several kinds.

    Raises:
        BoxLost: it was gone before it could be told.
    """

    def __init__(self, box: Box, sources: Mapping[str, str], *, variant: str = "") -> None:
        self.variant = variant
        self.programs = 0
        self._box = box
        self._asking = threading.Lock()
        self._ended = False
        try:
            box.send(written(dict(sources)), time.monotonic() + START_TIMEOUT_S)
        except BaseException:
            self.end()
            raise

    def ask(self, request: dict[str, Any], timeout_s: float) -> bytes:
        """The body of the answer to one request, JSON; the first may take longer, while the box gets ready.

        Raises:
            BoxLost: there was none; the box is of no more use.
        """
        deadline = time.monotonic() + timeout_s + (0.0 if self.programs else START_TIMEOUT_S)
        with self._asking:
            if self._ended:
                raise BoxLost("it has been ended")
            self.programs += 1
            self._box.send(written(request), deadline)
            size = int.from_bytes(self._exactly(_HEADER_BYTES, deadline), "big")
            if size > MOST_MIB << 20:
                raise BoxLost(f"it announced an answer of {size:,} bytes")
            return self._exactly(size, deadline)

    def _exactly(self, size: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            received += self._box.receive(min(size - len(received), _PIECE), deadline)
        return bytes(received)

    def end(self) -> None:
        """Kill the box; a thread that waits for its answer loses it."""
        if self._ended:
            return
        self._box.kill()
        with self._asking:
            self._ended = True
            self._box.close()

    def forget(self) -> None:
        """In a forked child: the box is the parent's, and must not be ended here."""
        self._asking = threading.Lock()
        self._ended = True
        self._box.close()
