"""A key comes from the environment and goes into one header."""

from __future__ import annotations

import pickle

import pytest

from llm_envs.access import Key
from llm_envs.errors import BadOption

OURS, OPENAI = "LLM_ENVS_API_KEY", "OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("environment", "sent", "source"),
    [
        ({OPENAI: "sk-1"}, "Bearer sk-1", OPENAI),
        ({OPENAI: "sk-1", OURS: "sk-2"}, "Bearer sk-2", OURS),
        ({OPENAI: "sk-1", OURS: ""}, None, OURS),
        ({OPENAI: " sk-1\n"}, "Bearer sk-1", OPENAI),
        ({}, None, ""),
    ],
)
def test_our_variable_comes_before_openais(environment, sent, source):
    """Set to nothing, it keeps the other one at home."""
    key = Key(environment)
    assert key.headers.get("Authorization") == sent
    assert (bool(key), key.source) == (sent is not None, source)


def test_a_key_does_not_show():
    """Neither in its repr, nor in a pickle, nor in what a server repeats."""
    key = Key({OPENAI: "sk-secret"})
    assert "secret" not in repr(key) + str(key) + repr(pickle.dumps(key))
    assert key.hide("Incorrect API key provided: sk-secret.") == "Incorrect API key provided: [key]."
    assert Key({}).hide("as it is") == "as it is"


def test_an_answer_stays_whole_where_the_key_is_a_word():
    """Servers that ask for none are given EMPTY or none, which models say, too; errors do not repeat even these."""
    assert Key({OURS: "EMPTY"}).hide_in(b"EMPTY boxes") == b"EMPTY boxes"
    assert Key({OURS: "EMPTY"}).hide("EMPTY is wrong") == "[key] is wrong"
    assert Key({OURS: "sk-0123456789"}).hide_in(b"sk-0123456789 is wrong") == b"[key] is wrong"


@pytest.mark.parametrize("value", ["sk-1\r\nX-Other: 1", "ключ", "sk\x00"])
def test_a_key_that_no_header_can_hold_is_told(value):
    """By the name of its variable, not by its value."""
    with pytest.raises(BadOption, match=OURS) as caught:
        Key({OURS: value})
    assert value not in str(caught.value)
