"""The table of hostile and of correct programs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from llm_envs.sandbox import Limits
from llm_envs.testing import read_rows

FOLDER = Path(__file__).parents[2] / "verifiers"
ROWS = list(read_rows(FOLDER / "code.jsonl"))
TASKS = json.loads((FOLDER / "code_tasks.json").read_text(encoding="utf-8"))


def test_there_are_enough_programs_of_both_kinds():
    """At least 120 hostile ones, and at least 40 correct ones."""
    count = Counter(row["expected"] for row in ROWS)
    assert set(count) == {0, 1}
    assert count[0] >= 120
    assert count[1] >= 40


def test_rows_say_why():
    """Every row has a class, a reason, a task and limits that there are, and no two judge the same."""
    assert all(row["class"] and row["why"] and row["reference"] in TASKS for row in ROWS)
    assert all(Limits(**row.get("limits", {})).deadline_s > 0 for row in ROWS)
    kinds = {(json.dumps(row["answer"]), row["reference"], row.get("together")) for row in ROWS}
    assert len(kinds) == len(ROWS)


def test_the_table_is_short():
    """What is long is said by a template and a count."""
    assert (FOLDER / "code.jsonl").stat().st_size < 1 << 18
