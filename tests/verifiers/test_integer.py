"""The last-integer verifier, row by row of its table, and under hostile replies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llm_envs.errors import BadReference
from llm_envs.verifiers.integer import integer

TABLE = Path(__file__).parents[2] / "verifiers" / "integer.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ascii(row["answer"]))
def test_row(row):
    """Every answer in the table gets the score its row promises."""
    assert integer(row["answer"], row["reference"]).reward == row["expected"], row["why"]


@pytest.mark.parametrize("reply", ["9" * 10_000_000, "1," * 5_000_000, "-" * 10_000_000, "1 " * 1_000_000], ids=len)
def test_huge_replies_get_a_verdict(reply):
    """Ten million characters are read once, and are wrong."""
    assert integer(reply, 95).reward == 0


def test_the_verdict_says_what_was_read():
    """A person sees what was extracted and what was expected."""
    verdict = integer("94", 95)
    assert verdict.reason == "read 94, expected 95"
    assert verdict.details["extracted"] == "94"


@pytest.mark.parametrize("reference", ["95", 95.0, None, True])
def test_a_reference_must_be_an_integer(reference):
    """Anything else is the task's fault, not the policy's."""
    with pytest.raises(BadReference):
        integer("95", reference)
