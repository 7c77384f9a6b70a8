"""Ctrl-C as a request: the work at hand is finished and saved; a second Ctrl-C does not wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interrupt"]


class Interrupt:
    """A context in which the first SIGINT sets `requested` and the second one raises KeyboardInterrupt.

    Signals reach the main thread alone; in any other it changes nothing.

    Args:
        farewell: called when the context is left by KeyboardInterrupt.
        on_request: called at the first SIGINT.
    """

    def __init__(
        self, farewell: Callable[[], None] = lambda: None, on_request: Callable[[], None] = lambda: None
    ) -> None:
        self.requested = False
        self._farewell = farewell
        self._on_request = on_request
        self._previous: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
        if kind is KeyboardInterrupt:
            self._farewell()

    def obey(self) -> None:
        """Raise KeyboardInterrupt if it was requested: the place to stop is here."""
        if self.requested:
            raise KeyboardInterrupt

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.obey()
        self.requested = True
        self._on_request()
