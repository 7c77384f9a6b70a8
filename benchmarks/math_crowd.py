r"""Do answers that hang hold up honest ones, in threads or in an event loop?

    python benchmarks/math_crowd.py                # half a minute
    python benchmarks/math_crowd.py --seconds 30

64 threads, and 64 tasks of an asyncio loop, check the rows of `verifiers/math.jsonl` at once; then again, with one in
ten of both handing in answers on which SymPy hangs until it is killed, one after another and no two alike. Every
verdict must be what it is alone, honest checks must come at no less than 70% of the rate without hanging ones, and
`verifiers.close()` must leave no process behind. The exit status is 1 if any of that fails.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from llm_envs import verifiers
from llm_envs.testing import read_rows

TABLE = Path(__file__).parents[1] / "verifiers" / "math.jsonl"
MEMBERS = 64
HANGING = MEMBERS // 10
LEAST_SHARE = 0.7
Pair = tuple[str, Any, float | None]
"""A reply, its reference, and the score it must get; None where it must run out of time."""


class Crowd:
    """Threads and tasks that check until a moment, and what came of it."""

    def __init__(self, honest: list[Pair], hanging_members: int, seconds: float) -> None:
        self.honest = honest
        self.hanging_members = hanging_members
        self.until = time.monotonic() + seconds
        self.right: Counter[str] = Counter()
        self.wrong: list[Pair] = []
        self._lock = threading.Lock()

    def run(self) -> None:
        """All members at once, to the end."""
        threads = [threading.Thread(target=self._in_thread, args=(i,)) for i in range(MEMBERS)]
        threads.append(threading.Thread(target=lambda: asyncio.run(self._in_loop())))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _pairs(self, member: int) -> Iterator[Pair]:
        """What a member hands in."""
        own = hanging(member) if member < self.hanging_members else itertools.cycle(self.honest[member:])
        return itertools.takewhile(lambda _: time.monotonic() < self.until, own)

    def _in_thread(self, member: int) -> None:
        for pair in self._pairs(member):
            self._note(pair, verifiers.math(*pair[:2]), "threads")

    async def _in_loop(self) -> None:
        await asyncio.gather(*map(self._as_task, range(MEMBERS)))

    async def _as_task(self, member: int) -> None:
        for pair in self._pairs(member):
            self._note(pair, await verifiers.math_async(*pair[:2]), "event loop")
            await asyncio.sleep(0)

    def _note(self, pair: Pair, verdict: Any, where: str) -> None:
        expected = pair[2]
        fine = verdict.status == "timeout" if expected is None else verdict.reward == expected
        with self._lock:
            self.right[f"{where}, {'hanging' if expected is None else 'honest'}"] += fine
            if not fine:
                self.wrong.append(pair)


def hanging(member: int) -> Iterator[Pair]:
    """Answers on which SymPy hangs; no two alike."""
    for number in itertools.count():
        yield f"\\boxed{{x^{{9^{{9^{{{9 + member}}}}}}} + {number}}}", f"x + {number}", None


def honest_rows() -> list[Pair]:
    """The rows that a policy could mean; the hostile ones are for `math_hostile.py`."""
    rows = [row for row in read_rows(TABLE) if row["class"] != "hostile" and isinstance(row["answer"], str)]
    return [(row["answer"], row["reference"], float(row["expected"])) for row in rows]


def processes() -> set[str]:
    """Children of this process."""
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}


@click.command()
@click.option("--seconds", default=10.0, show_default=True, help="Of each of the two runs.")
def main(seconds: float) -> None:
    """Check honest answers alone, and beside answers that hang."""
    rows = honest_rows()
    Crowd(rows, 0, 1.0).run()  # starts processes, fills caches
    runs = [Crowd(rows, members, 0) for members in (0, HANGING)]
    for crowd in track(runs, "crowds", console=Console(stderr=True), transient=True):
        crowd.until = time.monotonic() + seconds
        crowd.run()
    verifiers.close()
    left = processes()
    table = Table("", "honest only", f"with {HANGING} of {MEMBERS} hanging", "share a member", title="right verdicts")
    shares = []
    for where in ("threads", "event loop"):
        alone, beside = (crowd.right[f"{where}, honest"] for crowd in runs)
        shares.append(beside / (MEMBERS - HANGING) / (alone / MEMBERS))
        table.add_row(f"{where}, honest checks", f"{alone:,}", f"{beside:,}", f"{shares[-1]:.0%}")
        table.add_row(f"{where}, timeouts", "", str(runs[1].right[f"{where}, hanging"]), "")
    Console(width=110).print(table)
    total = [sum(crowd.right[f"{where}, honest"] for where in ("threads", "event loop")) for crowd in runs]
    share = total[1] / total[0]
    wrong = [pair for crowd in runs for pair in crowd.wrong]
    print(
        f"honest checks, all members: {share:.0%} of the run without hanging ones (at least {LEAST_SHARE:.0%} wanted)"
    )
    print(f"wrong verdicts: {len(wrong)}; processes left after close(): {len(left)}")
    for pair in wrong[:5]:
        print("wrong:", pair)
    sys.exit(1 if wrong or left or share < LEAST_SHARE else 0)


if __name__ == "__main__":
    main()
