"""Calls with a deadline, in threads that are ended when they are late.

A call past its deadline is interrupted: an exception is raised in its thread, at its next step of Python. That ends
loops, recursion and slow algorithms. What it cannot end is a call that stands still in C: a socket without a timeout,
a regular expression that never comes back. No thread can be killed; such a call ends the episode as an infrastructure
error, and its thread, which nobody waits for any more, is the price. Who may hang like that declares a timeout of
its own where it waits: `urlopen(url, timeout=5)`.

Handing a call over costs some 30 microseconds. Threads are kept and used again.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from llm_envs.errors import ToolHung

__all__ = ["DeadlineExceeded", "within"]

_GRACE_S = 1.0
"""For an interrupted call to leave its blocks."""


class DeadlineExceeded(Exception):
    """A call took longer than it may, and was ended; a tool's own TimeoutError is something else."""


class _TooLate(BaseException):
    """Raised inside a late call; no Exception, so that no tool takes it for one of its own."""


def within(timeout_s: float, work: Callable[[], Any], name: str) -> Any:
    """What `work` returns or raises.

    Raises:
        DeadlineExceeded: it took longer, and was ended.
        ToolHung: it took longer, and cannot be ended.
    """
    hand = _hand()
    context = contextvars.copy_context()
    hand.jobs.put(lambda: context.run(work))
    try:
        value, error = hand.results.get(timeout=timeout_s)
    except Empty:
        if hand.interrupted(_GRACE_S):
            raise DeadlineExceeded(f"{name} took longer than {timeout_s:g} s") from None
        raise ToolHung(
            f"the tool {name} has hung for {timeout_s:g} s, and could not be ended",
            expected="an answer in time",
            next_step="Give whatever it waits for a timeout of its own.",
        ) from None
    except BaseException:  # Ctrl-C while waiting
        hand.interrupted(0)
        raise
    _idle.append(hand)
    if error is not None:
        raise error
    return value


def _hand() -> _Hand:
    try:
        return _idle.pop()
    except IndexError:
        return _Hand()


class _Hand:
    """A thread that does one piece of work after the other."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self.results: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="llm-envs-tool", daemon=True)
        self._thread.start()

    def interrupted(self, grace_s: float) -> bool:
        """Interrupt the work; whether it has ended by then. The thread is not to be used again."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident or 0), ctypes.py_object(_TooLate))
        self.jobs.put(lambda: None)  # should it have come back meanwhile, this wakes it
        self._thread.join(grace_s)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        with suppress(_TooLate):
            while True:
                work = self.jobs.get()
                done: tuple[Any, BaseException | None]
                try:
                    done = work(), None
                except _TooLate:
                    return
                except BaseException as error:  # noqa: BLE001 (it is raised again where the call was made)
                    done = None, error
                self.results.put(done)
                del work, done


_idle: list[_Hand] = []
os.register_at_fork(after_in_child=_idle.clear)
