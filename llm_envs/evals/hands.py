"""Threads that do an event loop's blocking work, and that nobody waits for when they hang.

`asyncio.to_thread` would do, but for two things: its threads are joined when the interpreter leaves, so that one env
that never answers keeps the program for ever; and a thread that hangs takes a place of its pool for good.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Hands"]

Result = TypeVar("Result")
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]


class Hands:
    """At most `count` pieces of work at a time, each with a deadline; threads start when they are first needed.

    Used from one event loop. Work past its deadline is left alone: its thread goes on, uncounted, and its result is
    dropped.
    """

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._idle = 0

    async def do(self, work: Callable[[], Result], timeout_s: float | None) -> Result:
        """The result of `work`.

        Raises:
            TimeoutError: it has not come back within `timeout_s` of its start; None waits for ever.
        """
        async with self._free:
            future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            self._jobs.put((work, future))
            if self._idle:
                self._idle -= 1
            else:
                self._start()
            try:
                return await asyncio.wait_for(future, timeout_s)
            finally:
                self._idle += not future.cancelled()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_work, args=(self._jobs, loop), name="llm-envs-hand", daemon=True).start()

    def close(self) -> None:
        """Let the threads end that are not at work."""
        for _ in range(self._idle):
            self._jobs.put(None)
        self._idle = 0


def _work(jobs: queue.SimpleQueue[_Job | None], loop: asyncio.AbstractEventLoop) -> None:
    while job := jobs.get():
        work, future = job
        try:
            value, error = work(), None
        except BaseException as caught:  # noqa: BLE001 (it is raised again where the work was asked for)
            value, error = None, caught
        if future.cancelled():
            return
        try:
            loop.call_soon_threadsafe(_settle, future, value, error)
        except RuntimeError:  # the loop has closed meanwhile
            return


def _settle(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(error)
