"""A bar on the terminal while a large data set is read; nothing where it is quick, or where nobody looks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator, Iterator

from llm_envs.envs.math_data.files import Row

__all__ = ["watched"]

PATIENCE_S = 2.0
"""Reading that takes longer shows how far it is."""

_ROWS = 1000
"""Between two looks at the clock."""


def watched(
    rows: Iterator[Row], title: str, size: int | None = None, position: Callable[[], int] | None = None
) -> Generator[Row, None, None]:
    """The rows as they come, with a bar once they have taken longer than `PATIENCE_S`.

    Args:
        size: of the whole, in bytes; None where it is not known.
        position: how many of these have been read.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        some = list(itertools.islice(rows, _ROWS))
        yield from some
        if len(some) < _ROWS:
            return
    yield from _with_bar(rows, title, size, position)


def _with_bar(
    rows: Iterator[Row], title: str, size: int | None, position: Callable[[], int] | None
) -> Generator[Row, None, None]:
    from rich.console import Console  # imported where used: rich takes longer to import than the core
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=size)
        for number, row in enumerate(rows):
            yield row
            if position and not number % _ROWS:
                bar.update(task, completed=position())
