"""What one check may cost, and what it remembers while it lasts: limits for lists whose members are all dear.

Single values are bounded where they are computed; a check of forty against forty of them needs a bound of its own.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Hashable, Iterator
from typing import Any, Final

__all__ = ["is_spent", "memory", "one_check", "spend"]

MAX_WORK: Final = 5e6
"""Digits of all values that one check computes: about a second."""


class _Check(threading.local):
    """Without limit and memory where none was begun."""

    left: float = math.inf
    memory: dict[Hashable, Any] | None = None


_check = _Check()


@contextlib.contextmanager
def one_check() -> Iterator[None]:
    """All that is computed inside together costs no more than `MAX_WORK`, and is remembered up to its end."""
    before = _check.left, _check.memory
    _check.left, _check.memory = min(_check.left, MAX_WORK), {}
    try:
        yield
    finally:
        _check.left, _check.memory = before


def spend(digits: float) -> bool:
    """Pay for a value; False where the check has nothing left."""
    _check.left -= digits
    return _check.left >= 0


def is_spent() -> bool:
    """The check has computed all that it may."""
    return _check.left < 0


def memory() -> dict[Hashable, Any]:
    """What the check has computed so far; forgotten at once outside of one."""
    return {} if _check.memory is None else _check.memory
