"""Four ways to look at a context: each is consistent with it, and owns its memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.chat import ByteTokenizer
from llm_envs.errors import BadOption
from llm_envs.views import make_view

CHAT = ByteTokenizer()
LENGTH = 64
pieces = st.lists(st.lists(st.integers(0, CHAT.vocab_size - 1), min_size=1, max_size=6), min_size=1, max_size=10)


def looks(mode, pieces):
    """The view, and its observations of a context that grows by these pieces."""
    view = make_view(mode, CHAT, LENGTH)
    first, *rest = [np.array(ids, np.int32) for ids in pieces]
    return view, [view.begin(first), *map(view.extend, rest)]


def contexts(pieces):
    """The context after each piece."""
    return [[i for ids in pieces[: n + 1] for i in ids] for n in range(len(pieces))]


@given(pieces)
def test_delta_adds_up(pieces):
    """Joined, the observations are the context."""
    view, seen = looks("delta", pieces)
    assert [ids.tolist() for ids in seen] == pieces
    assert all(ids in view.space for ids in seen)


@given(pieces)
def test_last_is_the_newest_id(pieces):
    """Each observation is the last id of the context."""
    view, seen = looks("last", pieces)
    assert seen == [ids[-1] for ids in pieces]
    assert all(i in view.space for i in seen)


@given(pieces)
def test_padded_is_the_context_and_padding(pieces):
    """The context stands on the left, the padding id on the right, and `length` says where it begins."""
    view, seen = looks("padded", pieces)
    for context, observation in zip(contexts(pieces), seen, strict=True):
        assert observation in view.space
        assert observation["length"] == len(context)
        assert observation["tokens"].tolist() == context + [CHAT.pad_id] * (LENGTH - len(context))


@given(pieces)
def test_text_is_the_context_decoded(pieces):
    """Decoded as a whole: a character whose bytes come in two pieces is whole in the end."""
    view, seen = looks("text", pieces)
    assert seen == [CHAT.decode(context) for context in contexts(pieces)]
    assert all(text in view.space for text in seen)


def test_the_longest_text_is_inside_its_space():
    """A context full of the id with the longest name fits."""
    longest = max(range(CHAT.vocab_size), key=lambda i: len(CHAT.decode([i])))
    view, seen = looks("text", [[longest] * LENGTH])
    assert seen[0] in view.space


@pytest.mark.parametrize("mode", ["delta", "last", "padded", "text"])
def test_an_episode_leaves_nothing_to_the_next(mode):
    """After `begin`, a view shows the new prompt alone."""
    view, _ = looks(mode, [[1, 2, 3], [4]])
    again = view.begin(np.array([5], np.int32))
    fresh = make_view(mode, CHAT, LENGTH).begin(np.array([5], np.int32))
    assert str(again) == str(fresh)


def test_padded_observations_share_no_memory():
    """Writing into one observation changes no other."""
    view = make_view("padded", CHAT, LENGTH)
    first = view.begin(np.array([1, 2], np.int32))
    first["tokens"][:] = 9
    second = view.extend(np.array([3], np.int32))
    assert second["tokens"][:3].tolist() == [1, 2, 3]
    assert first["tokens"].tolist() == [9] * LENGTH


@pytest.mark.parametrize(
    ("mode", "hint"), [("dleta", "'delta'"), ("TEXT", "text"), (None, "Known"), (["delta"], "delta")]
)
def test_an_unknown_mode_is_refused(mode, hint):
    """The error names the modes there are."""
    with pytest.raises(BadOption, match=hint):
        make_view(mode, CHAT, LENGTH)
