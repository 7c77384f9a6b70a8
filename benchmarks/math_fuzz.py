r"""Does the maths verifier ever raise, hang or grow, whatever text it is given?

    python benchmarks/math_fuzz.py                        # a million strings, some ten minutes
    python benchmarks/math_fuzz.py --strings 50000 --seed 7

Nine strings of ten are mutations of the rows of `verifiers/math.jsonl` (characters and commands inserted, deleted,
doubled, moved, two rows spliced, an answer nested in itself), each against a row's reference; every tenth is
Hypothesis' own text. Every check must come back with a verdict whose score is 0 or 1, within the limit, and the memory
of this process must not grow by more than 10 MiB once some 40,000 strings have filled its caches. 32 threads, so that
those few strings which hang do not hold up the rest. The exit status is 1 if any of that fails.
"""

from __future__ import annotations

import random
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress

from llm_envs import verifiers
from llm_envs.testing import read_rows

TABLE = Path(__file__).parents[1] / "verifiers" / "math.jsonl"
LIMIT_S = 2.5
MAX_GROWTH_MIB = 10.0
THREADS = 32
CHUNK = 4096
WARM_UP = 10 * CHUNK
"""Strings that fill the caches, bounded as they are, before memory is measured."""
MAX_CHARS = 400
"""Of a mutated answer, before it is repeated."""

PIECES = (
    *"0123456789+-*/^_=<>!%'(){}[]|,;:&.~ xyienkπ√∞±°½²³％１٣",
    *(r"\frac{", r"\sqrt", r"\sqrt[3]{", r"\boxed{", r"\text{", r"\left(", r"\right)", r"\cdot ", r"\times ", r"\pi "),
    *(
        r"\infty",
        r"\pm ",
        r"\cup ",
        r"\in ",
        r"\le ",
        r"\ne ",
        r"\sum_{k=1}^{",
        r"\int_0^1 ",
        r"\lim_{x\to 0}",
        r"\log_2",
    ),
    *(
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\begin{cases}",
        r"\\",
        r"\binom{",
        r"\pmod{",
        r"\overline{",
        r"\mathbb{R}",
    ),
    *(
        "<think>",
        "</think>",
        "<answer>",
        "####",
        "$",
        "$$",
        " and ",
        " or ",
        "e9",
        "10^",
        "!!",
        "...",
        "\n",
        "\\",
        "}}}",
    ),
)


@dataclass
class Seen:
    """What came of the checks so far."""

    checks: int = 0
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""
    statuses: Counter[str] = field(default_factory=Counter)

    def check(self, reply: str, reference: Any) -> None:
        """Verify one reply, and note what is not as it must be."""
        began_s = time.perf_counter()
        try:
            verdict = verifiers.math(reply, reference)
        except Exception as error:  # noqa: BLE001 - any at all is what is looked for
            self.faults.append(f"{type(error).__name__}: {reply!r} against {reference!r}")
            return
        took_s = time.perf_counter() - began_s
        self.checks += 1
        self.statuses[verdict.status] += 1
        if verdict.reward not in {0.0, 1.0}:
            self.faults.append(f"reward {verdict.reward}: {reply!r}")
        if took_s > self.slowest_s:
            self.slowest_s, self.slowest = took_s, reply[:100]
        if took_s > LIMIT_S:
            self.faults.append(f"{took_s:.2f} s: {reply!r} against {reference!r}")


def written_out(answer: Any) -> str:
    """An answer of the table as text."""
    if isinstance(answer, str):
        return answer
    before, unit, times, after = answer["repeat"]
    return before + unit * min(times, MAX_CHARS) + after


def mutated(text: str, other: str, rng: random.Random) -> str:
    """`text` after one to four accidents."""
    for _ in range(rng.randint(1, 4)):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        text = rng.choice(
            (
                text[:i] + text[j:],
                text[:i] + rng.choice(PIECES) + text[i:],
                text[:j] + text[i:],
                text[:i] + rng.choice(PIECES) + text[j:],
                text[:i] + other[rng.randrange(len(other) + 1) :],
                text[:i] + text[i:j] * rng.choice((2, 3, 20)) + text[j:],
                f"\\boxed{{{text}}}",
            )
        )[:MAX_CHARS]
    return text


def mutations(rows: list[dict[str, Any]], count: int, rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Mutated replies, each with the reference of the row it came from, or now and then of another."""
    for _ in range(count):
        row, other = rng.choice(rows), rng.choice(rows)
        reply = mutated(written_out(row["answer"])[:MAX_CHARS], written_out(other["answer"]), rng)
        yield reply, rng.choice((row, row, row, other))["reference"]


def texts(count: int, first: int) -> Iterator[str]:
    """Hypothesis' own texts, in batches that it makes at once."""
    found: list[str] = []

    @seed(first)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=MAX_CHARS) | st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    yield from found[:count]


def chunks(rows: list[dict[str, Any]], strings: int, first: int) -> Iterator[list[tuple[str, Any]]]:
    """All that is to be checked."""
    rng = random.Random(first)
    for number, start in enumerate(range(0, strings, CHUNK)):
        size = min(CHUNK, strings - start)
        own = [(text, rng.choice(rows)["reference"]) for text in texts(size // 10, first + number)]
        yield [*own, *mutations(rows, size - len(own), rng)]


def resident_mib() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


@click.command()
@click.option("--strings", default=1_000_000, show_default=True, type=click.IntRange(min=1_000), help="How many.")
@click.option("--seed", "first", default=0, show_default=True, help="Of mutations and texts.")
def main(strings: int, first: int) -> None:
    """Throw mutated answers and arbitrary text at the maths verifier."""
    warnings.simplefilter("ignore")  # Hypothesis' own
    rows = list(read_rows(TABLE))
    seen = Seen()
    with ThreadPoolExecutor(THREADS) as threads, Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("strings", total=strings)
        for chunk in chunks(rows, WARM_UP, first - WARM_UP):
            list(threads.map(lambda pair: seen.check(*pair), chunk))
        before_mib, seen = resident_mib(), Seen(faults=seen.faults)
        for chunk in chunks(rows, strings, first):
            list(threads.map(lambda pair: seen.check(*pair), chunk))
            progress.update(bar, advance=len(chunk))
    growth_mib = resident_mib() - before_mib
    verifiers.close()
    print(f"{seen.checks:,} strings: {dict(seen.statuses)}")
    print(f"slowest {seen.slowest_s:.2f} s (limit {LIMIT_S}): {seen.slowest!r}")
    print(f"memory grew by {growth_mib:.1f} MiB (limit {MAX_GROWTH_MIB:g}), to {resident_mib():.0f} MiB")
    for fault in seen.faults[:20]:
        print("fault:", fault)
    sys.exit(1 if seen.faults or growth_mib > MAX_GROWTH_MIB else 0)


if __name__ == "__main__":
    main()
