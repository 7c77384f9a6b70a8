"""Patterns of JSON schemas: what they find, and that nobody waits for them."""

from __future__ import annotations

import pytest

from llm_envs.tools import ToolError
from llm_envs.tools.json_schema import arguments_of_schema


def fits(pattern, value):
    """Whether a tool that declares the pattern takes the value."""
    arguments = arguments_of_schema({"properties": {"a": {"type": "string", "pattern": pattern}}}, "look")
    try:
        return arguments.decode({"a": value}, typed=True) == {"a": value}
    except ToolError:
        return False


@pytest.mark.parametrize(
    ("pattern", "value", "found"),
    [
        ("^ord-[0-9]+$", "ord-17", True),
        ("^ord-[0-9]+$", "ord-17x", False),
        ("b", "abc", True),
        ("^(?!x)a", "ab", True),
        ("^(?!a)a", "ab", False),
        (r"(a)\1", "aa", True),
        ("^.$", "\N{GRINNING FACE}", True),
    ],
)
def test_a_pattern_is_found_anywhere_in_a_text(pattern, value, found):
    """Unless it is tied to an end; look-around and references to groups are known."""
    assert fits(pattern, value) is found


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^([a-z]+)*$"])
def test_no_text_makes_a_pattern_search_without_end(pattern):
    """Python's own engine would take years for this."""
    assert fits(pattern, "a" * 60) is True
    assert fits(pattern, "a" * 60 + "!") is False
