r"""How long do hostile answers take, on the main thread, on another, and 32 at a time?

    python benchmarks/math_hostile.py
    python benchmarks/math_hostile.py --json

Every row of class `hostile` in `verifiers/math.jsonl` (code payloads, exponent towers, giant factorials, nests of
100,000 characters, `\boxed{1E1000000}`, identities on which SymPy hangs). Each must get its expected verdict within the
limit; after them, an honest check that needs SymPy must be right. The exit status is 1 if any of that fails.
Wall-clock time, since waiting is what a trainer would feel.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from llm_envs import verifiers
from llm_envs.testing import read_rows, written_out

TABLE = Path(__file__).parents[1] / "verifiers" / "math.jsonl"
LIMIT_S = 2.5
CONCURRENT = 32


def hostile_rows() -> list[dict[str, Any]]:
    """The rows, their `repeat` answers written out."""
    rows = [row for row in read_rows(TABLE) if row["class"] == "hostile"]
    return [{**row, "answer": written_out(row["answer"])} for row in rows]


def timed(row: dict[str, Any]) -> tuple[float, bool]:
    """Wall-clock seconds of one check, and whether its verdict was right."""
    began_s = time.perf_counter()
    reward = verifiers.math(row["answer"], row["reference"]).reward
    return time.perf_counter() - began_s, reward == row["expected"]


def measure(how: str, run: Callable[[Sequence[dict[str, Any]]], Any], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One line of the table."""
    results = list(run(rows))
    honest = verifiers.math(r"\boxed{\sqrt{x^2}^2}", "x^2").reward == 1.0
    return {
        "how": how,
        "checks": len(results),
        "wrong": sum(not right for _, right in results),
        "slowest_s": round(max(seconds for seconds, _ in results), 3),
        "honest_check_after": "right" if honest else "wrong",
    }


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(*, as_json: bool) -> None:
    """Time hostile answers."""
    rows = hostile_rows()
    hanging = [row for row in rows if verifiers.math(row["answer"], row["reference"]).status == "timeout"]
    crowd = list(islice(cycle(hanging), CONCURRENT))
    with ThreadPoolExecutor(1) as thread, ThreadPoolExecutor(CONCURRENT) as many:
        table = [
            measure("main thread", lambda rows: map(timed, rows), rows),
            measure("a worker thread", lambda rows: thread.map(timed, rows), rows),
            measure(f"{CONCURRENT} at a time", lambda rows: many.map(timed, rows), rows),
            measure(f"{CONCURRENT} hanging ones at once", lambda rows: many.map(timed, rows), crowd),
        ]
    if as_json:
        print(json.dumps(table, indent=2))
    else:
        shown = Table(*table[0], title=f"hostile answers, limit {LIMIT_S} s")
        for line in table:
            shown.add_row(*map(str, line.values()))
        Console().print(shown)
    failed = any(x["wrong"] or x["slowest_s"] > LIMIT_S or x["honest_check_after"] == "wrong" for x in table)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
