"""Questions say what was asked for, no more than the endpoint takes, and the same whenever they are put again."""

from __future__ import annotations

import json

import pytest
from asking import query
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.policies.endpoint.questions import Questions, seed_of
from llm_envs.policies.model import Attempt, Decoding, Query


def put(questions, asked=None):
    """A question's body."""
    return json.loads(questions.of(asked or query()).body())


def test_a_chat_has_the_conversation_and_what_the_user_set():
    """What was not set is left to the endpoint."""
    body = put(Questions("m", Decoding()))
    assert set(body) == {"model", "messages", "return_token_ids", "logprobs", "seed"}
    assert body["messages"] == list(query().messages)
    decoding = Decoding(temperature=0.7, top_p=0.9, max_tokens=100, extra={"top_k": 5})
    body = put(Questions("m", decoding))
    assert [body[name] for name in ("temperature", "top_p", "max_tokens", "top_k")] == [0.7, 0.9, 100, 5]


def test_what_the_user_sets_besides_comes_first():
    """A seed of one's own is everybody's."""
    assert put(Questions("m", Decoding(extra={"seed": 7, "logprobs": False})))["seed"] == 7


def test_tokens_follow_tokens():
    """The context as ids, the ids that end a turn, and no more than fits."""
    asked = query(max_new_tokens=10**6, context_length=10**7)
    context = asked.env.context().tolist()
    body = put(Questions("m", Decoding(), as_ids=True, context_length=len(context) + 50), asked)
    assert body["prompt"] == context
    assert body["stop_token_ids"] == sorted(asked.env.chat.stop_ids)
    assert body["max_tokens"] == 50
    assert put(Questions("m", Decoding(max_tokens=20), as_ids=True), asked)["max_tokens"] == 20
    assert put(Questions("m", Decoding(), as_ids=True), query(max_new_tokens=30))["max_tokens"] == 30


SEEDS = st.integers(0, 2**32)
ATTEMPTS = st.builds(Attempt, st.sampled_from(["a", "b"]), st.integers(0, 10**6), st.integers(0, 64))


@given(ATTEMPTS, ATTEMPTS, st.integers(0, 9), SEEDS)
def test_each_turn_of_each_sample_has_a_seed_of_its_own(one, other, turn, seed):
    """The same one in every repetition; below 2^31, as endpoints want it."""
    seeds = [seed_of(Query(None, attempt, turn, seed)) for attempt in (one, one, other)]
    assert seeds[0] == seeds[1]
    assert (seeds[0] == seeds[2]) == (one == other)
    assert 0 <= seeds[0] < 2**31


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("Unrecognized request argument supplied: return_token_ids", {"return_token_ids"}),
        ("logprobs is not supported with this model", {"logprobs"}),
        ('[{"loc": ["body", "return_token_ids"]}, {"loc": ["body", "seed"]}]', {"return_token_ids", "seed"}),
        ("something else", {"return_token_ids", "logprobs"}),
    ],
)
def test_what_an_endpoint_does_not_know_is_left_out(message, gone):
    """What it names; or, where it names nothing, what no endpoint has to know."""
    question = Questions("m", Decoding()).of(query())
    simpler = question.simpler(message, guess=True)
    assert question.optional.keys() - simpler.optional.keys() == gone


def test_what_the_user_asked_for_is_never_left_out():
    """There is no simpler way to put it."""
    question = Questions("m", Decoding(temperature=0.5)).of(query())
    assert question.simpler("temperature is not supported", guess=False) is None
    bare = question.without(frozenset(question.optional))
    assert bare.simpler("something else", guess=True) is None


def test_the_limit_has_two_names():
    """The older one first."""
    question = Questions("m", Decoding(max_tokens=9)).of(query())
    other = question.simpler("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", guess=False)
    body = json.loads(other.body())
    assert "max_tokens" not in body
    assert body["max_completion_tokens"] == 9
    assert other.simpler("Unsupported parameter: 'max_completion_tokens'.", guess=False) is None


def test_a_limit_that_does_not_fit_is_left_to_the_endpoint():
    """In a chat; among tokens, it is what is left of the context."""
    chat = Questions("m", Decoding(max_tokens=9)).of(query())
    assert chat.shorter(None).limit is None
    assert chat.shorter(None).shorter(None) is None
    asked = query(max_new_tokens=1000)
    tokens = Questions("m", Decoding(max_tokens=100), as_ids=True).of(asked)
    length = len(asked.env.context())
    assert tokens.shorter(length + 40).limit == 40
    assert tokens.shorter(length) is None
    assert tokens.shorter(None) is None


def test_the_first_answer_settles_what_is_sent():
    """Later ones change nothing."""
    questions = Questions("m", Decoding(max_tokens=9))
    first = questions.of(query()).without(frozenset({"logprobs"}))
    questions.learn(first)
    assert "logprobs" not in put(questions)
    questions.learn(first.without(frozenset({"seed"})))
    assert put(questions)["seed"] == seed_of(query())


@pytest.mark.parametrize("settled", ["max_tokens", "max_completion_tokens"])
def test_what_was_learned_holds_for_questions_that_were_made_before(settled):
    """And never turns one back that has gone further: two ways to put it are not tried in turn for ever."""
    questions = Questions("m", Decoding(max_tokens=9))
    before = questions.of(query())
    further = before.simpler("Use 'max_completion_tokens'", guess=False).without(frozenset({"seed"}))
    assert questions.current(before) is before
    questions.learn(further if settled == "max_completion_tokens" else before.without(frozenset({"logprobs"})))
    now = questions.current(before)
    assert now is not before
    assert questions.current(now) is now
    assert questions.current(further).limit_name == "max_completion_tokens"
    assert "seed" not in questions.current(further).optional


def test_thoughts_of_earlier_turns_are_not_shown_again():
    """Chat templates drop them too."""

    class Said:
        messages = (
            {"role": "user", "content": "<think>mine</think>"},
            {"role": "assistant", "content": "<think>\nhm\n</think>\n\n5 <think>"},
            {"role": "assistant", "content": "<think> never closed"},
        )

    asked = query()
    env = type("Env", (), {"session": Said, "task": asked.env.task})
    body = put(Questions("m", Decoding()), Query(env, asked.attempt, 1, 0))
    assert [m["content"] for m in body["messages"]] == ["<think>mine</think>", "5 <think>", "<think> never closed"]
