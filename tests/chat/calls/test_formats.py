"""Every known format: what it writes it reads back, and broken calls are told in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_envs.chat.calls import FORMATS, Call, Calling, decode_text

NAMES = [form.name for form in FORMATS]
FORMS = pytest.mark.parametrize("form", FORMATS, ids=NAMES)

CALLS = [
    Call("look", {"what": "one"}),
    Call("find_all", {"what": 'two "words"\nand é東, it\'s {a} [b] <c>', "times": 3, "slowly": True}),
    Call("find_all", {"where": {"rooms": [1, -2.5, None, {"name": "x"}], "open": False, "none": {}}, "list": []}),
    Call("nothing", {}),
]


def decoded(attempt):
    """Name and arguments, texts decoded as if `what` were the only one declared a text."""
    if attempt.typed:
        return attempt.name, attempt.arguments
    schemas = {"what": {"type": "string"}}
    return attempt.name, {key: decode_text(text, schemas.get(key, {})) for key, text in attempt.arguments.items()}


def test_names_of_formats_differ():
    """People tell them apart by these."""
    assert len(set(NAMES)) == len(NAMES)


@FORMS
@pytest.mark.parametrize("calls", [*([call] for call in CALLS), CALLS], ids=["one", "strings", "deep", "bare", "all"])
def test_what_a_format_writes_it_reads_back(form, calls):
    """Names, arguments and types; the attempts cover every character that was written."""
    written = form.write(calls)
    attempts = form.read(written)
    assert [attempt.status for attempt in attempts] == ["ok"] * len(calls)
    assert [decoded(attempt) for attempt in attempts] == [(call.name, dict(call.arguments)) for call in calls]
    covered = "".join(written[attempt.start : attempt.end] for attempt in attempts)
    assert "".join(covered.split()) == "".join(written.split())


@FORMS
def test_a_call_that_is_cut_off_is_no_call(form):
    """Wherever the text ends, nothing is run that was not written to its end."""
    written = form.write(CALLS[1:2])
    for end in range(len(written)):
        for attempt in form.read(written[:end]):
            if attempt.status == "ok":
                assert decoded(attempt) == (CALLS[1].name, CALLS[1].arguments)


@FORMS
def test_attempts_are_in_order_and_do_not_overlap(form):
    """In whatever text."""
    written = form.write(CALLS)
    for text in (written + written, written[5:] + written[:-3] + written, "x" + written[:40] * 9 + written):
        ends = [0]
        for attempt in form.read(text):
            assert ends[-1] <= attempt.start < attempt.end <= len(text)
            ends.append(attempt.end)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), inner),
    max_leaves=8,
)


@FORMS
@settings(max_examples=25)
@given(where=json_values)
def test_any_values_come_back_as_they_were(form, where):
    """Numbers, truth values, null, lists and objects."""
    calls = [Call("look", {"where": where})]
    [attempt] = form.read(form.write(calls))
    assert (attempt.status, decoded(attempt)) == ("ok", ("look", {"where": where}))


@FORMS
@settings(max_examples=25)
@given(text=st.text(max_size=200))
def test_no_text_raises(form, text):
    """Nor does it with the format's own markers around it."""
    written = form.write(CALLS[:1])
    for reply in (text, written.replace("one", text), written[: len(written) // 2] + text, text + written):
        Calling(form).read(reply)
