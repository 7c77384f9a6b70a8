"""Threads that are used only where they help: for work seen to wait on something.

A verdict that takes 20 microseconds is slower in a thread than without one; a verdict from a sandbox is not. Nobody
has to say which kind an env has: work starts in the caller's thread, and once a few pieces in a row have waited, the
threads come in, for good. Time on the CPU does not count: it would not get shorter.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar, cast

__all__ = ["Parallel"]

_WAIT_S = 1e-3
"""Handing work to a thread costs some 50 microseconds; waiting for twenty times that makes it worth it."""

_WAITS = 3
"""In a row. A single one may be a first-time cost, or another process that had the CPU for a moment."""

_HELPERS = min(64, 8 * (os.cpu_count() or 1))
"""Threads for one `map`: they wait for sandboxes, browsers and verifier processes, and compute little themselves."""

_THREADS = 1024
"""At most; each exists only once work has waited for it. Fewer, and that many slow worlds would hold up a fast one."""

_NAME = "llm-envs"

Item = TypeVar("Item")
Result = TypeVar("Result")


class Parallel:
    """A thread pool that starts late. Threads, pool and the memory of waits belong to one owner."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._waits = 0

    def map(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """`work` of every item, in order. The error of the first item that has one is raised once all are done."""
        batch = _Batch(work, items)
        while self._waits < _WAITS and batch.todo:
            began_s = time.perf_counter() - time.thread_time()
            batch.do_one()
            waited_s = time.perf_counter() - time.thread_time() - began_s
            self._waits = self._waits + 1 if waited_s > _WAIT_S else 0
        helpers = [self.start(batch.drain) for _ in range(min(_HELPERS, len(batch.todo) - 1))]
        batch.drain()
        for helper in helpers:
            if not helper.cancel():  # one that has not started is stuck behind other work, and nothing is left to do
                helper.result()
        return batch.results()

    def start(self, work: Callable[[], None]) -> Future[None]:
        """Run `work` in a thread."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=_NAME)
        return self._pool.submit(work)

    def close(self) -> None:
        """Let running work finish, drop what has not started, end the threads.

        The garbage collector may close a pool from one of its own threads, which cannot wait for itself.
        """
        if self._pool is not None:
            inside = threading.current_thread().name.startswith(_NAME)
            self._pool.shutdown(wait=not inside, cancel_futures=True)
            self._pool = None


class _Batch(Generic[Item, Result]):
    """Items that several threads work off together."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        self._work = work
        self._done: list[Result | None] = [None] * len(items)
        self._errors: dict[int, Exception] = {}
        self.todo = deque(enumerate(items))

    def do_one(self) -> None:
        place, item = self.todo.popleft()
        try:
            self._done[place] = self._work(item)
        except Exception as error:  # noqa: BLE001 (raised again by results, where the caller is)
            self._errors[place] = error

    def drain(self) -> None:
        while True:
            try:
                self.do_one()
            except IndexError:  # another thread took the last item
                return

    def results(self) -> list[Result]:
        if self._errors:
            raise self._errors[min(self._errors)]
        return cast("list[Result]", self._done)
