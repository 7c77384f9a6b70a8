"""The rows of `verifiers/tool_calls.jsonl`, replayed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from llm_envs.chat.calls import FORMATS, Calling
from llm_envs.testing import read_rows

TABLE = Path(__file__).parents[3] / "verifiers" / "tool_calls.jsonl"
ROWS = list(read_rows(TABLE))
FORMAT_OF = {form.name: form for form in FORMATS}


def reply_of(row):
    """The text, repetitions written out."""
    if isinstance(row["reply"], str):
        return row["reply"]
    before, unit, times, after = row["reply"]["repeat"]
    return before + unit * times + after


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row['format']}" for number, row in enumerate(ROWS, 1)])
def test_a_reply_is_read_as_the_row_says(row):
    """Statuses, names, arguments, spans and the text that is left."""
    reply = reply_of(row)
    thinking = tuple(row.get("thinking", ("<think>", "</think>")))
    form, opened, headers = FORMAT_OF[row["format"]], row.get("opened", False), row.get("headers", "")
    calling = Calling(form, thinking=thinking, opened=opened, headers=headers)
    reading = calling.read(reply)
    if row["attempts"] == "broken":
        assert reading.attempts
        assert not {"ok", "in_reasoning"} & {attempt.status for attempt in reading.attempts}
    else:
        assert [[one.status, one.name, one.arguments] for one in reading.attempts] == row["attempts"]
    if row["text"] is not None:
        assert reading.text == row["text"]
    if "spans" in row:
        assert [reply[one.start : one.end] for one in reading.attempts] == row["spans"]
    assert all(one.why for one in reading.attempts if one.status not in {"ok", "in_reasoning"})


def test_the_battery_is_large_and_says_why():
    """At least 150 rows, most formats, no row twice, a reason for each."""
    assert len(ROWS) >= 150
    assert {row["format"] for row in ROWS} <= FORMAT_OF.keys()
    assert len({row["format"] for row in ROWS}) >= 30
    assert max(Counter(map(repr, ROWS)).values()) == 1
    assert all(row["why"] and row["class"] for row in ROWS)
