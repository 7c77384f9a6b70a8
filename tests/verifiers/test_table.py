"""The table verifier, row by row of its table, and what it says of what it read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_envs.errors import BadReference
from llm_envs.testing import check_verifier, read_rows, written_out
from llm_envs.verifiers import table

TABLE = Path(__file__).parents[2] / "verifiers" / "table.jsonl"
GRID = ["1234", "3412", "2143", "4321"]


ROWS = [{**row, "answer": written_out(row["answer"])} for row in read_rows(TABLE)]


def test_every_row_of_the_table_holds():
    """In this thread and in another one; and no garbage is paid for any reference."""
    check_verifier(table, ROWS)


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({(row["answer"], json.dumps(row["reference"])) for row in ROWS}) == len(ROWS)


def test_the_verdict_says_what_was_read():
    """A person sees how much was right, and a rubric sees the cells."""
    verdict = table("1234\n3412\n2143\n4312", GRID)
    assert verdict.reason == "14 of 16 cells are right"
    assert verdict.details["rows"] == tuple(map(tuple, ["1234", "3412", "2143", "4312"]))


def test_the_verdict_says_what_is_missing():
    """Where there is no table, its shape is named."""
    verdict = table("1234", GRID)
    assert verdict.reason == (
        "the reply has no table of 4 rows and 4 columns, or one with entries that no cell can have"
    )
    assert verdict.details["rows"] == ()


@pytest.mark.parametrize("size", [4, 6, 9])
@pytest.mark.parametrize("between", ["", " ", ",", " | ", "\t", " & "])
@pytest.mark.parametrize("ruled", [False, True])
def test_a_grid_is_read_however_it_is_drawn(size, between, ruled):
    """All sizes, separators and rules mean the same grid, and another grid is never it."""
    rows = [[str((row + column) % size + 1) for column in range(size)] for row in range(size)]
    drawn = [between.join(row) for row in rows]
    text = ("\n" + "-" * 20 + "\n" if ruled else "\n").join(drawn)
    assert table(text, rows).reward == 1.0
    assert table(text, rows[::-1]).reward == 0.0


@pytest.mark.parametrize("reference", [[], [""], ["12", "1"], ["1 2"], [["a b", "c"]], 7, None, [[1, 2]], ["1."]])
def test_a_reference_must_be_a_table(reference):
    """Anything else is the task's fault, not the policy's."""
    with pytest.raises(BadReference):
        table("1 2", reference)
