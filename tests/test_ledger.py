"""The record of an episode: three arrays that only grow, and spans that tile them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.ledger import Ledger

writings = st.lists(
    st.tuples(
        st.sampled_from(["prompt", "sampled", "env"]),
        st.one_of(st.lists(st.integers(0, 2**31 - 1), max_size=5), st.just([7]).map(lambda ids: ids * 700)),
        st.booleans(),
    ),
    max_size=12,
)


def write(ledger, kind, ids, with_logprobs):
    """One append; logprob -i at position i of it."""
    if kind == "sampled":
        ledger.append_sampled(ids, [-float(i) for i in range(len(ids))] if with_logprobs else None)
    else:
        ledger.append_env(ids, kind=kind)


def expected_logprobs(kind, ids, with_logprobs):
    """What such an append leaves behind."""
    if kind != "sampled":
        return [0.0] * len(ids)
    return [-float(i) if with_logprobs else np.nan for i in range(len(ids))]


@given(writings)
def test_a_ledger_holds_what_was_written(writings):
    """Ids, mask and logprobs are those appended, in order, whatever the growth."""
    ledger = Ledger()
    for writing in writings:
        write(ledger, *writing)
    assert ledger.ids().tolist() == [i for _, ids, _ in writings for i in ids]
    assert ledger.mask().tolist() == [kind == "sampled" for kind, ids, _ in writings for _ in ids]
    np.testing.assert_array_equal(ledger.logprobs(), np.float32([p for w in writings for p in expected_logprobs(*w)]))
    assert len(ledger) == len(ledger.ids()) == len(ledger.mask()) == len(ledger.logprobs())


@given(writings)
def test_spans_tile_the_ledger(writings):
    """Spans follow each other without gap or overlap, none is empty, and neighbours differ in kind."""
    ledger = Ledger()
    for writing in writings:
        write(ledger, *writing)
    edges = [0, *(span.end for span in ledger.spans)]
    assert [span.start for span in ledger.spans] == edges[:-1]
    assert edges[-1] == len(ledger)
    assert all(span.start < span.end for span in ledger.spans)
    assert all(one.kind != other.kind for one, other in zip(ledger.spans, ledger.spans[1:], strict=False))
    for kind, start, end in ledger.spans:
        assert set(ledger.mask()[start:end]) == {kind == "sampled"}


def test_what_is_read_is_a_copy():
    """Writing into what a ledger gave changes no ledger."""
    ledger = Ledger()
    ledger.append_env([1, 2], kind="prompt")
    ledger.append_sampled([3], [-0.5])
    ledger.ids()[:] = 0
    ledger.mask()[:] = False
    ledger.logprobs(1)[:] = 0
    assert (ledger.ids().tolist(), ledger.mask().tolist()) == ([1, 2, 3], [False, False, True])
    assert ledger.logprobs().tolist() == [0.0, 0.0, -0.5]


def test_what_was_written_is_a_copy():
    """Changing an array after appending it changes no ledger."""
    ids = np.array([1, 2, 3], np.int32)
    ledger = Ledger()
    ledger.append_sampled(ids)
    ids[:] = 0
    assert ledger.ids().tolist() == [1, 2, 3]


def test_reading_from_a_place():
    """`start` leaves out what is known already."""
    ledger = Ledger()
    ledger.append_env([1, 2, 3])
    assert (ledger.ids(2).tolist(), ledger.ids(3).tolist()) == ([3], [])


def test_the_types_are_those_that_trainers_eat():
    """int32 ids, bool mask, float32 logprobs."""
    ledger = Ledger()
    ledger.append_sampled(np.array([1], np.int64), np.array([-1.0], np.float64))
    assert (ledger.ids().dtype, ledger.mask().dtype, ledger.logprobs().dtype) == (np.int32, np.bool_, np.float32)


def test_spans_cannot_be_rewritten():
    """Spans come as a tuple of tuples."""
    ledger = Ledger()
    ledger.append_env([1])
    assert isinstance(ledger.spans, tuple)
    assert isinstance(ledger.spans[0], tuple)
