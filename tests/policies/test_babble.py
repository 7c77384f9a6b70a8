"""Calls made of words that were seen: what a word is, and what fits a schema."""

from __future__ import annotations

import numpy as np
import pytest

from llm_envs.chat.bytes import ByteTokenizer
from llm_envs.policies.babble import CHOICES, calls_of, random_turn, words_seen

CHAT = ByteTokenizer()
WORDS = ["ord-7", "12", "4.5", "yes"]


def schema(required=(), **properties):
    """A tool that takes this."""
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": "do", "description": "Do.", "parameters": parameters}}


def test_words_seen():
    """Ids, dates, times, paths and addresses stay whole; the newest comes first, errors and own words never."""
    messages = [
        {"role": "user", "content": "Is 'ord-7' due at 09:30, on 2026-03-02? Ask ann@b.org (see /a/b.txt)."},
        {"role": "assistant", "content": "mine"},
        {"role": "tool", "content": '{"error": "E_ARGS", "message": "wrong"}'},
        {"role": "tool", "content": '{"id": 4, "tags": ["new", "ord-7"]}'},
    ]
    oldest = ["/a/b.txt", "see", "ann@b.org", "Ask", "2026-03-02", "on", "09:30", "at", "due", "Is"]
    assert words_seen(messages) == ["ord-7", "new", "tags", "4", "id", *oldest]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ({"type": "string"}, WORDS),
        ({}, WORDS),
        ({"type": "integer"}, [12]),
        ({"type": "number"}, [12, 4.5]),
        ({"type": "boolean"}, [True, False]),
        ({"type": "string", "enum": ["a", "b"]}, ["a", "b"]),
        ({"type": "array", "items": {"type": "integer"}}, [[12]]),
        ({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}, [{"n": 12}]),
    ],
)
def test_arguments_fit_their_schema(kind, values):
    """Every word, number or choice that an argument may be."""
    assert [call.arguments["x"] for call in calls_of(schema(["x"], x=kind), WORDS)] == values


def test_every_combination_is_made_up_to_a_limit():
    """Of required arguments; a tool that needs none is called once, one that has nothing to take not at all."""
    text = {"type": "string"}
    assert len(list(calls_of(schema(["x", "y"], x=text, y=text, z=text), WORDS))) == 16
    assert [call.arguments for call in calls_of(schema(x=text), WORDS)] == [{}]
    assert list(calls_of(schema(["x"], x=text), [])) == []
    assert len(list(calls_of(schema("abcdefgh", **dict.fromkeys("abcdefgh", text)), WORDS))) == 400


def test_random_turns_are_calls_or_words():
    """Two in three call something, all of it well formed; the others say one word."""
    tools = [schema(["x"], x={"type": "integer"}), schema(["x"], x={"type": "string"}, y={"type": "boolean"})]
    messages = [{"role": "user", "content": " ".join(WORDS)}]
    rng = np.random.default_rng(0)
    readings = [CHAT.calling.read(random_turn(CHAT, tools, messages, rng.random(CHOICES).tolist())) for _ in range(300)]
    calling = [reading for reading in readings if reading.attempts]
    assert 150 < len(calling) < 250
    assert {attempt.status for reading in calling for attempt in reading.attempts} == {"ok"}
    assert {reading.text for reading in readings if not reading.attempts} == set(WORDS)


def test_nothing_to_say():
    """Without a word seen and without tools the turn is empty."""
    assert random_turn(CHAT, (), [], [0.9] * CHOICES) == ""
