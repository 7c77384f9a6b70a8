"""A run as it goes on, for whoever watches: bars on a terminal, now and then a line elsewhere.

What it deliberately does not do: its mean and interval are those of the moment, by the normal approximation; the
figures to quote are the summary's.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from llm_envs.evals.prices import Prices
from llm_envs.evals.tally import Tally
from llm_envs.render import visible

__all__ = ["Prices", "watching"]

_REFRESH_S = 0.25
_LINE_EVERY_S = 10.0
_Z_95 = 1.959964
_BAR_CHARS = 40
_ERRORS_SHOWN = 3
_NOTES_SHOWN = 2


@asynccontextmanager
async def watching(tally: Tally, console: Console, prices: Prices) -> AsyncIterator[None]:
    """Show `tally` on `console` while the body runs."""
    show = _on_terminal(tally, console, prices) if console.is_terminal else _in_lines(tally, console, prices)
    watcher = asyncio.create_task(show)
    try:
        yield
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)


async def _on_terminal(tally: Tally, console: Console, prices: Prices) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            live.update(_picture(tally, prices), refresh=True)
            await asyncio.sleep(_REFRESH_S)


async def _in_lines(tally: Tally, console: Console, prices: Prices) -> None:
    told = ""
    while True:
        await asyncio.sleep(_LINE_EVERY_S)
        console.print(" · ".join(_facts(tally, prices)), soft_wrap=True, highlight=False, markup=False)
        if tally.notes and tally.notes[-1] != told:
            told = tally.notes[-1]
            console.print(visible(told), soft_wrap=True, highlight=False, markup=False)


def _picture(tally: Tally, prices: Prices) -> RenderableType:
    bar = Table.grid(padding=(0, 1))
    done = Text(f"{tally.done:,}/{tally.planned:,}", "bold")
    bar.add_row(ProgressBar(tally.planned, tally.done, width=_BAR_CHARS), done, Text(_time_left(tally), "dim"))
    notes = [Text(visible(note), "yellow") for note in list(tally.notes)[-_NOTES_SHOWN:]]
    return Group(bar, Text(" · ".join(_facts(tally, prices)[1:])), *notes)


def _facts(tally: Tally, prices: Prices) -> list[str]:
    """What there is to say, most important last seen first."""
    seconds = max(1e-9, time.monotonic() - tally.began_s)
    facts = [f"{tally.done:,} of {tally.planned:,}", _mean(tally), f"{tally.asking} asked, {tally.working} in envs"]
    if tally.sampled_tokens:
        facts.append(f"{tally.sampled_tokens / seconds:,.0f} tokens/s")
    if cost := prices.of(tally):
        facts.append(f"cost {cost:,.2f}")
    if tally.errors:
        worst = ", ".join(f"{name} {count}" for name, count in tally.failed.most_common(_ERRORS_SHOWN))
        facts.append(f"{tally.errors} without a reward ({worst})")
    return facts


def _mean(tally: Tally) -> str:
    if tally.scored < 2:
        return "mean -"
    variance = max(0.0, tally.squares - tally.scored * tally.mean**2) / (tally.scored - 1)
    if not variance:
        return f"mean {tally.mean:.3f}"  # all are alike so far: this approximation knows nothing of them
    return f"mean {tally.mean:.3f} ± {_Z_95 * math.sqrt(variance / tally.scored):.3f}"


def _time_left(tally: Tally) -> str:
    passed_s = time.monotonic() - tally.began_s
    if not tally.fresh:
        return f"{_clock(passed_s)}"
    left_s = passed_s / tally.fresh * (tally.planned - tally.done)
    return f"{_clock(passed_s)} gone, {_clock(left_s)} left"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
