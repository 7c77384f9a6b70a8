"""Where commands print: the terminal as wide as it is, a pipe with one line for each row of a table."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["mark", "print_table", "stdout"]

_PIPE_WIDTH = 10_000
"""Columns: no row of ours is longer."""


def stdout() -> Console:
    """A console on what stdout is now, even if it is redirected later. Rich is imported late: it takes a while."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False)


def print_table(table: Table) -> None:
    """Print a table; in a pipe without wrapping, and without blanks at the ends of lines."""
    from rich.console import Console

    console = stdout()
    if console.is_terminal:
        console.print(table)
        return
    sink = io.StringIO()
    Console(file=sink, width=_PIPE_WIDTH).print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in sink.getvalue().splitlines())


def mark(holds: bool) -> str:
    """A tick or a cross, in colour, as rich's markup; words where stdout knows no such signs."""
    tick, cross = (
        ("\N{CHECK MARK}", "\N{BALLOT X}") if "utf" in (sys.stdout.encoding or "utf").lower() else ("yes", "no")
    )
    return f"[green]{tick}[/]" if holds else f"[red]{cross}[/]"
