"""The one door through which replies are read: reasoning, bounds, and time linear in the text."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_envs.chat.calls import FORMATS, Call, Calling, TaggedJson

ONE = [Call("look", {"what": "door"})]
TAGGED = Calling(TaggedJson())
FORMS = pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])


def statuses(reading):
    """Of the attempts."""
    return [attempt.status for attempt in reading.attempts]


def test_an_oracle_closes_the_reasoning_that_the_template_has_opened():
    """What it writes is read as said, calls and words alike."""
    opened = Calling(TaggedJson(), opened=True)
    assert statuses(opened.read(opened.write(ONE))) == ["ok"]
    assert opened.read(opened.write([], "It is a door.")) == ((), "It is a door.")
    reading = opened.read(opened.write(ONE, "I look."))
    assert (statuses(reading), reading.text) == (["ok"], "I look.")


def test_text_beyond_the_most_that_is_looked_at_is_not_looked_at():
    """A call behind 200,000 characters is none."""
    assert TAGGED.read("x" * 200_000 + TAGGED.write(ONE)).attempts == ()


def units(form):
    """What hostile text may be made of: beginnings of a call, its markers, quotes behind them, markers of reasoning."""
    written = form.write(ONE)
    markers = re.findall(r"<[^<>]*>|\[[A-Z_]+\]", written)
    beginnings = [written[:end] for end in range(1, len(written), 3)]
    return [
        *beginnings,
        *markers,
        *(f"{marker}{tail}" for marker in markers for tail in ('"', "'", "{", "[", " " * 30)),
    ]


def steps(calling, text):
    """How many lines of the readers run: time that does not depend on the machine."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "calls" not in frame.f_code.co_filename:
            return None
        count += 1
        return trace

    sys.settrace(trace)
    try:
        calling.read(text)
    finally:
        sys.settrace(None)
    return count


@FORMS
def test_the_work_does_not_grow_faster_than_the_text(form):
    """Four times the text is at most four times the lines run, whatever of a call is repeated in it."""
    calling = Calling(form)
    for unit in units(form):
        short, long = (steps(calling, unit * times) for times in (100, 400))
        assert long <= 4 * short + 200, unit


@pytest.mark.parametrize("unit", ["<think>", "</think>", "<think></think>", "<think>a</think>b"])
def test_markers_of_reasoning_cost_no_more_than_their_number(unit):
    """The same for blocks without end."""
    short, long = (steps(TAGGED, unit * times) for times in (200, 800))
    assert long <= 4 * short + 200


@FORMS
@settings(max_examples=25)
@given(data=st.data())
def test_no_mutation_of_a_call_raises_or_moves_a_span_outside(form, data):
    """Pieces of well-formed calls and of anything else, in any order."""
    written = form.write([*ONE, Call("x", {"n": [1, {"a": None}]})])
    cut = st.tuples(st.integers(0, len(written)), st.integers(0, len(written))).map(lambda ends: written[slice(*ends)])
    pieces = st.lists(
        cut | st.sampled_from(["<think>", "</think>", "\\", '"', "\ud800", "\0", "\r\n"]) | st.text(max_size=9)
    )
    text = "".join(data.draw(pieces))
    at = 0
    for attempt in Calling(form).read(text).attempts:
        assert at <= attempt.start < attempt.end <= len(text)
        assert attempt.status != "ok" or attempt.name
        at = attempt.end
