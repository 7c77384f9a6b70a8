"""The named options of the maths verifier: each loosens or tightens one rule, and no other."""

from __future__ import annotations

import pytest

from llm_envs import verifiers
from llm_envs.errors import BadOption

CASES = [
    # answer, reference, option, right by default, right with the option
    (r"50\%", "50", {"percent": "exact"}, True, False),
    (r"50\%", "1/2", {"percent": "exact"}, True, True),
    ("50", r"50\%", {"percent": "exact"}, True, False),
    (r"50\%", r"50\%", {"percent": "exact"}, True, True),
    ("180^\\circ", "180", {"degrees": "exact"}, True, False),
    ("180^\\circ", "\\pi", {"degrees": "exact"}, True, True),
    ("180^\\circ", "180^\\circ", {"degrees": "exact"}, True, True),
    ("101", 100, {"tolerance": 0.01}, False, True),
    ("99", "100", {"tolerance": 0.01}, False, True),
    ("101.1", 100, {"tolerance": 0.01}, False, False),
    ("-100", 100, {"tolerance": 0.01}, False, False),
    ("3.15", "\\pi", {"tolerance": 0.01}, False, True),
    ("\\sqrt{10}", "\\pi", {"tolerance": 0.01}, False, True),
    ("22/7", "\\pi", {"tolerance": 0.0001}, False, False),
    ("0", "0", {"tolerance": 0.5}, True, True),
    ("0.001", "0", {"tolerance": 0.5}, False, False),
    ("x + 0.1", "x", {"tolerance": 0.5}, False, False),
    ("(1.01, 2)", "(1, 2)", {"tolerance": 0.02}, False, True),
    ("60 + 41", 100, {"tolerance": 0.02}, False, False),
    ("5.05 km", "5000 m", {"tolerance": 0.02}, False, True),
    ("2, 1", "1, 2", {"order": True}, True, False),
    ("1, 2", "1, 2", {"order": True}, True, True),
    ("\\{2, 1\\}", "\\{1, 2\\}", {"order": True}, True, False),
    ("1, 2, 2", "1, 2", {"order": True}, True, False),
    ("5", "5 km", {"units": "required"}, True, False),
    ("5000 m", "5 km", {"units": "required"}, True, True),
    ("5 km", "5", {"units": "required"}, True, True),
    ("5 kg", "5 km", {"units": "ignored"}, False, True),
    ("5000 m", "5 km", {"units": "ignored"}, True, False),
    ("6 kg", "5 kg", {"units": "ignored"}, False, False),
    ("17 + 25", 42, {"restatement": True}, False, True),
    ("17 + 26", 42, {"restatement": True}, False, False),
]


@pytest.mark.parametrize(("answer", "reference", "option", "by_default", "with_option"), CASES)
def test_an_option_changes_what_it_names(answer, reference, option, by_default, with_option):
    """The default is what a careful examiner would do; the option is what the task's author knows better."""
    reply = f"\\boxed{{{answer}}}"
    assert verifiers.math(reply, reference).correct == by_default
    assert verifiers.math(reply, reference, **option).correct == with_option


@pytest.mark.parametrize(
    "option",
    [
        {"percent": "maybe"},
        {"tolerance": 0},
        {"tolerance": 1},
        {"tolerance": True},
        {"tolerance": "0.1"},
        {"units": True},
        {"order": "yes"},
        {"degrees": None},
        {"restatement": 2},
        {"percents": "exact"},
    ],
    ids=str,
)
def test_an_option_that_does_not_exist_is_refused(option):
    """At the call, with what is possible."""
    with pytest.raises(BadOption, match="expected"):
        verifiers.math("5", 5, **option)
