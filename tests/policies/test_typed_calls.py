"""Calls as a person types them."""

from __future__ import annotations

import json

import pytest

from llm_envs.chat import load_tokenizer
from llm_envs.policies.typed_calls import as_call, explained, signatures
from llm_envs.tools import tool


@tool
def look(what: str, times: int = 1) -> str:
    """Look at something.

    Args:
        what: a door.
    """
    return what * times


TOOLS = [look.schema]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ('look(what="door")', {"what": "door"}),
        (" look('door', 2) ", {"what": "door", "times": 2}),
        ("look(door)", {"what": "door"}),
        ("look(ord-17, times=-3)", {"what": "ord-17", "times": -3}),
        ("look(what=true, times=null)", {"what": True, "times": None}),
        ("look([1, {'a': 2.5}])", {"what": [1, {"a": 2.5}]}),
        ("look({1, 2})", {"what": "{1, 2}"}),
        ("look(__import__('os').abort())", {"what": "__import__('os').abort()"}),
        (r"look('a\d')", {"what": r"a\d"}),
        ("look()", {}),
    ],
)
def test_a_line_that_calls_a_tool_becomes_a_call(line, arguments):
    """In the model's own format; what is no literal is text, and nothing is evaluated."""
    calling = load_tokenizer("bytes").calling
    (attempt,), text = calling.read(as_call(line, TOOLS, calling.write))
    assert (attempt.name, attempt.arguments, text) == ("look", arguments, "")


@pytest.mark.parametrize("line", ["42", "see(door)", "I look(door)", "look", "(" * 10_000, "\0", ""])
def test_any_other_line_is_what_it_is(line):
    """A reply."""
    assert as_call(line, TOOLS, json.dumps) == line


@pytest.mark.parametrize(
    "line", ["look(door", "look(a door)", "look(1, 2, 3)", "look(" + "(" * 10_000, "look(door) + 1"]
)
def test_a_call_that_cannot_be_read_is_no_reply(line):
    """It would end an episode; the person is told how calls are written."""
    with pytest.raises(ValueError, match=r"look\(what, times\)"):
        as_call(line, TOOLS, json.dumps)


def test_tools_are_told_of():
    """In one line, or each with what it takes."""
    assert signatures(TOOLS) == "look(what, times)"
    assert explained(TOOLS).splitlines() == [
        "look(what, times): Look at something.",
        "  what (string): a door.",
        "  times (integer, may be left out)",
    ]
    assert explained([]) == "This task has no tools."
