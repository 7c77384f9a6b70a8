r"""Rows per CPU-second that `llm/MathData-v0` reads and checks: every question found, every reference read once.

    python benchmarks/math_data.py [--quick] [--write]

The rows are made here, and no two of them are alike: neither a cache nor a short file flatters the figures. No other
suite that we know reads the references of a data set when it is loaded, so there is no peer.
"""

from __future__ import annotations

import csv
import json
import random
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from peers.measure import cpu_time_s
from publishing import Job, Row, publish, run

from llm_envs.envs.math_data import MathData

ROWS = 100_000
QUICK_ROWS = 2_000
STORY = "A sentence of the length that is usual in word problems stands here. "


@click.command()
@click.option("--quick", is_flag=True, help=f"{QUICK_ROWS:,} rows instead of {ROWS:,}.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--write", is_flag=True, help="Renew this script's section of RESULTS.md.")
def main(*, quick: bool, as_json: bool, write: bool) -> None:
    """Print how fast data sets are loaded."""
    count = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory() as folder:
        jobs: list[Job] = [(what, partial(_load, what, make(Path(folder), count))) for what, make in KINDS.items()]
        rows = run(jobs)
    title = f"Loading a data set of {count:,} rows"
    publish(rows, title, as_json=as_json, write=write)


def _load(what: str, path: Path) -> Sequence[Row]:
    began_s = cpu_time_s()
    count = len(MathData(path=path, whole=True).problems)
    return [Row(what, "llm-envs", count / (cpu_time_s() - began_s), ours=True)]


def _integers(count: int) -> list[dict[str, Any]]:
    """As in GSM8K."""
    rng = random.Random(0)
    numbers = rng.sample(range(10 * count), count)
    return [
        {"question": f"{i}. {STORY * 3}", "answer": f"First this.\nThen that.\n#### {number}"}
        for i, number in enumerate(numbers)
    ]


def _expressions(count: int) -> list[dict[str, Any]]:
    """As in MATH, and harder: every reference is an expression of its own."""
    answers = (f"\\frac{{{3 * i + 1}}}{{{i + 2}}} + \\sqrt{{{i + 2}}}x^2" for i in range(count))
    return [
        {"problem": f"{i}. {STORY * 3}", "solution": f"{STORY}It is $\\boxed{{{answer}}}$."}
        for i, answer in enumerate(answers)
    ]


def _jsonl(rows: list[dict[str, Any]], path: Path) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def _csv(rows: list[dict[str, Any]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return path


def _parquet(rows: list[dict[str, Any]], path: Path) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


KINDS = {
    "GSM8K's layout, JSONL": lambda folder, count: _jsonl(_integers(count), folder / "integers.jsonl"),
    "GSM8K's layout, CSV": lambda folder, count: _csv(_integers(count), folder / "integers.csv"),
    "GSM8K's layout, parquet": lambda folder, count: _parquet(_integers(count), folder / "integers.parquet"),
    "MATH's layout, JSONL": lambda folder, count: _jsonl(_expressions(count), folder / "expressions.jsonl"),
}


if __name__ == "__main__":
    main()
