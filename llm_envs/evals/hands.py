"""Threads that do an event loop's blocking work, and that nobody waits for when they hang.

`asyncio.to_thread` would do, but for three things: its threads are joined when the interpreter leaves, so that one env
that never answers keeps the program for ever; a thread that hangs takes a place of its pool for good; and it wakes a
thread, and the loop, for each piece of work. Here one thread works off what is there, and others join it only where
work has waited. For pieces of fifty microseconds, of which a run has thousands, handing over would be most of the cost,
and two threads that want the interpreter at once more still: so what is asked in one round of the loop is handed over
together, results come back together, and the loop stands still for a moment where they are likely to come at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Hands"]

_PATIENCE_S = 0.02
"""Where work has waited for longer, twice as many threads are at it, while there are some left."""

_TICK_S = 0.01
"""How often deadlines, waiting work and results are looked at while there is any."""

_QUICK_S = 0.001
"""While work takes no longer, the loop stands still for it."""

_GATHER_S = 0.002
"""How long results are gathered while there is more work at hand, and how long the loop stands still for them."""

Result = TypeVar("Result")


class _Job:
    """A piece of work, and where its result is awaited."""

    __slots__ = ("asked_s", "error", "future", "lost", "started_s", "timeout_s", "took_s", "value", "work")

    def __init__(self, work: Callable[[], Any], future: asyncio.Future[Any], timeout_s: float | None) -> None:
        self.work = work
        self.future = future
        self.timeout_s = timeout_s
        self.asked_s = time.monotonic()
        self.started_s = self.took_s = 0.0
        self.lost = False
        self.value: Any = None
        self.error: BaseException | None = None

    @property
    def is_late(self) -> bool:
        """It was started, and has not come back by its deadline."""
        late = self.timeout_s is not None and time.monotonic() - self.started_s > self.timeout_s
        return bool(self.started_s) and late

    def settle(self) -> None:
        """Tell whoever awaits it."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class Hands:
    """At most `count` pieces of work at a time, each with a deadline; threads start when they are needed.

    Used from one event loop. Work past its deadline is left alone: its thread goes on, uncounted, and its result is
    dropped.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._threads = 0
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._asked: list[_Job] = []
        self._open: dict[_Job, None] = {}
        self._done: deque[_Job] = deque()
        self._told = False
        self._is_quick = True
        self._back = threading.Event()
        self._tick: asyncio.TimerHandle | None = None

    async def do(self, work: Callable[[], Result], timeout_s: float | None) -> Result:
        """The result of `work`.

        Raises:
            TimeoutError: it has not come back within `timeout_s` of its start; None waits for ever.
            Exception: whatever it has raised; what is no Exception, or StopIteration, as a RuntimeError.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        job = _Job(work, future, timeout_s)
        self._open[job] = None
        if not self._asked:
            loop.call_soon(self._hand_over)
        self._asked.append(job)
        return await future

    def close(self) -> None:
        """Let the threads end, those at work after it."""
        for _ in range(self._threads):
            self._jobs.put(None)
        self._threads = 0

    def _hand_over(self) -> None:
        """Let the threads have what was asked in this round of the loop."""
        for job in self._asked:
            self._jobs.put(job)
        self._asked.clear()
        if not self._threads:
            self._start()
        if self._is_quick:
            self._back.clear()
            self._told = True  # nobody needs to wake the loop
            self._back.wait(_GATHER_S)
            self._take_in()
        if self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(_TICK_S, self._look)

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, args=(loop,), name="llm-envs-hand", daemon=True).start()
        self._threads += 1

    def _look(self) -> None:
        """Take in what is done, give up on work that is late, and call for help where work has waited."""
        self._take_in()
        for job in [job for job in self._open if job.is_late]:
            del self._open[job]
            job.lost = True
            self._threads -= 1
            if not job.future.done():
                job.future.set_exception(TimeoutError())
        waiting = next((job for job in self._open if not job.started_s), None)
        if waiting and time.monotonic() - waiting.asked_s > _PATIENCE_S:
            for _ in range(min(max(1, self._threads), self._count - self._threads)):
                self._start()
        loop = asyncio.get_running_loop()
        self._tick = loop.call_later(_TICK_S, self._look) if self._open else None

    def _take_in(self) -> None:
        """Settle what the threads have done."""
        self._told = False
        while self._done:
            job = self._done.popleft()
            self._is_quick = job.took_s < _QUICK_S
            self._open.pop(job, None)
            job.settle()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """What a thread does: one piece after the other, until there is a None."""
        first_s = 0.0
        while job := self._jobs.get():
            job.started_s = time.monotonic()
            first_s = first_s or job.started_s
            try:
                job.value = job.work()
            except BaseException as caught:  # noqa: BLE001 (it is raised again where the work was asked for)
                job.error = _bearable(caught)
            if job.lost:
                return
            job.took_s = time.monotonic() - job.started_s
            self._done.append(job)
            if not self._jobs.empty() and time.monotonic() - first_s < _GATHER_S:
                continue
            first_s = 0.0
            self._back.set()
            if not self._told:
                self._told = True
                try:
                    loop.call_soon_threadsafe(self._take_in)
                except RuntimeError:  # the loop has closed meanwhile
                    return


def _bearable(error: BaseException) -> Exception:
    """What an event loop can hand on: not the exceptions by which generators, threads and programs end."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    said = traceback.format_exception_only(error)[0].strip()  # unlike str, it never fails
    wrapped = RuntimeError(f"it raised {said}").with_traceback(error.__traceback__)
    wrapped.__cause__ = error
    return wrapped
