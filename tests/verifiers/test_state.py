"""The state verifier, row by row of its table."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_envs.testing import read_rows
from llm_envs.verifiers import row_f1, state
from llm_envs.world import Change, Tables

ROWS = list(read_rows(Path(__file__).parents[2] / "verifiers" / "state.jsonl"))
TABLES = Tables("""
    CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, note TEXT);
    CREATE TABLE notes (id TEXT PRIMARY KEY, order_id TEXT, text TEXT);
""")
CANONICAL = {"notes.text": lambda text: " ".join(text.casefold().split())}


def diff(plain):
    """As worlds give it."""
    return {table: {key: Change(*rows) for key, rows in changes.items()} for table, changes in plain.items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"])
def test_a_row_of_the_table_holds(row):
    """A full score for exactly what was wanted; nearness is full there, and nowhere else."""
    done, wanted = diff(row["done"]), diff(row["wanted"])
    assert state(done, wanted, TABLES, CANONICAL).reward == row["expected"]
    assert (row_f1(done, wanted, TABLES, CANONICAL) == 1.0) == row["expected"]
    assert state(wanted, wanted, TABLES).reward == state(done, done, TABLES).reward == 1.0


def test_nearness_is_the_share_of_right_changes():
    """One of two wanted changes, and one that nobody wanted."""
    done = diff(
        {"orders": {"o1": [{"id": "o1", "status": "a", "note": None}, None]}, "notes": {"n": [None, {"id": "n"}]}}
    )
    wanted = diff({"orders": {"o1": [{"id": "o1", "status": "a", "note": None}, None], "o2": [{"id": "o2"}, None]}})
    assert row_f1(done, wanted, TABLES) == 0.5
    assert row_f1({}, wanted, TABLES) == 0.0


def test_the_verdict_says_what_is_missing_and_what_is_needless():
    """In words, without the keys of new rows."""
    done = diff({"notes": {"n-1": [None, {"id": "n-1", "order_id": "o1", "text": "hello"}]}})
    wanted = diff({"orders": {"o1": [{"id": "o1", "status": "a"}, {"id": "o1", "status": "b"}]}})
    verdict = state(done, wanted, TABLES)
    assert verdict.reason == "not done: orders 'o1': status='b'; done: notes added: order_id='o1', text='hello'"
    assert verdict.details == {"missing": 1, "needless": 1}
