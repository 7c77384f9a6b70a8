"""The name verifier, row by row of its table, and what it says of what it read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.errors import BadReference
from llm_envs.testing import check_verifier, read_rows, written_out
from llm_envs.verifiers import entity
from llm_envs.verifiers.entity import normalised

TABLE = Path(__file__).parents[2] / "verifiers" / "entity.jsonl"
ROWS = [{**row, "answer": written_out(row["answer"])} for row in read_rows(TABLE)]


def test_every_row_of_the_table_holds():
    """In this thread and in another one; and no garbage is paid for any reference."""
    check_verifier(entity, ROWS)


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({(row["answer"], json.dumps(row["reference"])) for row in ROWS}) == len(ROWS)


def test_the_verdict_says_what_was_read():
    """As it was written, beside the first spelling."""
    verdict = entity("Answer: Torvell", ["Torvel", "Port Torvel"])
    assert verdict.reason == "read 'Torvell', expected 'Torvel'"
    assert verdict.details["extracted"] == "Torvell"
    assert entity(" ", ["Torvel"]).details["extracted"] == ""


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(name):
    """What is left of a name has nothing left to lose, but for an article that opens it anew."""
    once = normalised(name)
    assert normalised(once) in (once, once.partition(" ")[2])


@given(st.text(max_size=400))
def test_every_text_is_judged(reply):
    """Whatever it is."""
    assert entity(reply, ["Torvel"]).reward in (0.0, 1.0)


@pytest.mark.parametrize("reference", ["Torvel", [], [""], ["..."], [7], None, ["x" * 501], ["Torvel", "()"]])
def test_a_reference_must_be_names(reference):
    """Anything else is the task's fault, not the policy's."""
    with pytest.raises(BadReference):
        entity("Torvel", reference)
