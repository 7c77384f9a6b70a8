r"""Does reading tool calls ever raise, hang or forget where it was, whatever text it is given?

    python benchmarks/call_fuzz.py                        # a million strings, some minutes
    python benchmarks/call_fuzz.py --strings 50000 --seed 7

Nine strings of ten are mutations of well-formed calls of all formats and of the rows of `verifiers/tool_calls.jsonl`
(characters and markers inserted, deleted, doubled, moved, two texts spliced, of the same format or of another); every
tenth is Hypothesis' own text. Each is read in the format that it came from, and in another one. Attempts must stand in
order inside the text, whatever is well formed must have a name and arguments, and no string may take longer than the
limit. The exit status is 1 if any of that fails.
"""

from __future__ import annotations

import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import click
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress

from llm_envs.chat.calls import FORMATS, Call, Calling
from llm_envs.testing import read_rows

TABLE = Path(__file__).parents[1] / "verifiers" / "tool_calls.jsonl"
LIMIT_S = 0.25
"""Of CPU time; strings are of some hundred characters, and take microseconds."""
CHUNK = 5_000
MAX_CHARS = 600

CALLS = (
    Call("look", {"what": "door"}),
    Call("find_all", {"what": 'a "b"\n</tool_call> é東', "times": 3, "slowly": True, "deep": {"a": [1, None]}}),
    Call("nothing", {}),
)
CALLINGS = [Calling(form, opened=opened) for form in FORMATS for opened in (False, True)]
MARKERS = [
    "<think>",
    "</think>",
    "\\",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    "\ud800",
    "NaN",
    "9" * 40,
]


@dataclass
class Seen:
    """What came of the readings so far."""

    readings: int = 0
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    slowest: str = ""
    statuses: Counter[str] = field(default_factory=Counter)

    def read(self, calling: Calling, text: str) -> None:
        """Read one text, and note what is not as it must be."""
        began_s = time.thread_time()
        try:
            reading = calling.read(text)
        except Exception as error:  # noqa: BLE001 - any at all is what is looked for
            self.faults.append(f"{calling.format.name}: {type(error).__name__}: {error}: {text!r}")
            return
        took_s = time.thread_time() - began_s
        self.readings += 1
        self.statuses.update(attempt.status for attempt in reading.attempts)
        at = 0
        for attempt in reading.attempts:
            if not at <= attempt.start < attempt.end <= len(text):
                self.faults.append(f"{calling.format.name}: the span of {attempt} of {text!r}")
            if attempt.status == "ok" and not (attempt.name and isinstance(attempt.arguments, dict)):
                self.faults.append(f"{calling.format.name}: {attempt} of {text!r}")
            at = attempt.end
        if took_s > self.slowest_s:
            self.slowest_s, self.slowest = took_s, f"{calling.format.name}: {text[:100]!r}"
        if took_s > LIMIT_S:
            self.faults.append(f"{calling.format.name}: {took_s:.2f} s: {text!r}")


def mutated(text: str, other: str, rng: random.Random) -> str:
    """`text` after one to four accidents."""
    for _ in range(rng.randint(1, 4)):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        piece = rng.choice((rng.choice(MARKERS), other[rng.randrange(len(other) + 1) :][: rng.randrange(1, 30)]))
        text = rng.choice(
            (
                text[:i] + text[j:],
                text[:i] + piece + text[i:],
                text[:j] + text[i:],
                text[:i] + piece + text[j:],
                text[:i] + other[rng.randrange(len(other) + 1) :],
                text[:i] + text[i:j] * rng.choice((2, 3, 20)) + text[j:],
                f"<think>{text[:i]}</think>{text[i:]}",
            )
        )[:MAX_CHARS]
    return text


@cache
def samples() -> list[tuple[int, str]]:
    """Well-formed calls of all formats and the short rows of the table, each with the number of its format."""
    names = [calling.format.name for calling in CALLINGS]
    rows = [row for row in read_rows(TABLE) if isinstance(row["reply"], str)]
    written = [(n, calling.write(CALLS, "So.")) for n, calling in enumerate(CALLINGS)]
    return [*written, *((names.index(row["format"]), row["reply"]) for row in rows)]


def texts(count: int, first: int) -> Iterator[str]:
    """Hypothesis' own texts, in batches that it makes at once."""
    found: list[str] = []
    pieces = [*MARKERS, *(text[i : i + 12] for _, text in samples() for i in range(0, min(len(text), 60), 12))]

    @seed(first)
    @settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(), max_size=200) | st.lists(st.sampled_from(pieces), max_size=30).map("".join))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    yield from found[:count]


def strings(count: int, first: int) -> Iterator[tuple[int, str]]:
    """All that is to be read, each with the number of a format."""
    rng = random.Random(first)
    own = count // 10
    for text in texts(own, first):
        yield rng.randrange(len(CALLINGS)), text
    known = samples()
    for _ in range(count - own):
        number, text = rng.choice(known)
        yield number, mutated(text, rng.choice(known)[1], rng)


@click.command()
@click.option(
    "--strings", "count", default=1_000_000, show_default=True, type=click.IntRange(min=1_000), help="How many."
)
@click.option("--seed", "first", default=0, show_default=True, help="Of mutations and texts.")
def main(count: int, first: int) -> None:
    """Throw mutated calls and arbitrary text at the readers of all formats."""
    warnings.simplefilter("ignore")  # Hypothesis' own
    rng, seen, read = random.Random(first), Seen(), 0
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("strings", total=count)
        for number, start in enumerate(range(0, count, CHUNK)):
            for own, text in strings(min(CHUNK, count - start), first + number):
                seen.read(CALLINGS[own], text)
                seen.read(rng.choice(CALLINGS), text)
                read += 1
            progress.update(bar, completed=read)
    print(f"{read:,} strings, {seen.readings:,} readings: {dict(seen.statuses.most_common())}")
    print(f"slowest {1_000 * seen.slowest_s:.1f} ms of CPU (limit {1_000 * LIMIT_S:g}): {seen.slowest}")
    print(f"{len(seen.faults)} faults")
    for fault in seen.faults[:20]:
        print("fault:", fault.encode("utf-8", "backslashreplace").decode())
    sys.exit(1 if seen.faults else 0)


if __name__ == "__main__":
    main()
