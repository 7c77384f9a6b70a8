"""From characters back to the ids that cover them, for tokenizers of several kinds."""

from __future__ import annotations

import pytest
import templates
from hypothesis import given
from hypothesis import strategies as st
from oracle import Oracle

from llm_envs.chat import load_tokenizer
from llm_envs.chat.calls import Call
from llm_envs.chat.spans import token_span

CORPUS = templates.distinct(templates.installed())


@pytest.fixture(scope="session", params=["bytes", "chatml", "metaspace"])
def chat(request):
    """A tokenizer of bytes, one of merges with added tokens, one whose spaces are part of tokens."""
    return load_tokenizer("bytes" if request.param == "bytes" else request.getfixturevalue(request.param))


valid_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=40)


@given(data=st.data(), text=valid_text)
def test_the_ids_of_a_span_hold_its_characters_and_no_fewer_would(data, chat, text):
    """The ids decode to text around the span; without the first or the last of them some of it is missing."""
    ids = chat.encode_reply(text)[:-1]
    text = chat.decode(ids)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = token_span(chat, ids, start, end)
    if start == end:
        assert not span
        return
    assert len(chat.decode(ids[: span.start])) <= start or not text.startswith(chat.decode(ids[: span.start]))
    assert chat.decode(ids[: span.stop])[:end] == text[:end]
    assert not chat.decode(ids[: span.stop - 1]).startswith(text[:end])
    assert not chat.decode(ids[: span.start + 1]).startswith(text[: start + 1]) or span.start + 1 <= span.stop


def test_the_bytes_of_one_character_belong_to_it():
    """Three ids for one sign."""
    chat = load_tokenizer("bytes")
    ids = chat.encode_reply("a東b")[:-1]
    assert [token_span(chat, ids, i, i + 1) for i in range(3)] == [range(1), range(1, 4), range(4, 5)]


@pytest.mark.parametrize("name", CORPUS)
def test_the_ids_of_a_call_are_those_that_were_written_for_it(name):
    """A call between words, in every template's own format; its ids decode to it alone."""
    chat = load_tokenizer(Oracle(CORPUS[name]).tokenizer)
    reply = chat.calling.write([Call("look", {"what": "é東"})], "I look. ")
    ids = chat.encode_reply(reply)[:-1]
    text = chat.decode(ids)
    [attempt] = chat.calling.read(text).attempts
    span = token_span(chat, ids, attempt.start, attempt.end)
    assert text[attempt.start : attempt.end].strip() in chat.decode(ids[span.start : span.stop])
    assert "I look" not in chat.decode(ids[span.start : span.stop])
