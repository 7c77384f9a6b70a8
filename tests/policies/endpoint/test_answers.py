"""What the model said is told from what it did not say, in the words of every server."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.policies.endpoint.answers import NoAnswer, Refusal, Spoken, read


def of(status=200, headers=None, **plain):
    """What a JSON body says."""
    return read(status, headers or {}, json.dumps(plain).encode())


def said(message, finish="stop", **choice):
    """The completion of a chat's only choice."""
    return of(choices=[{"message": message, "finish_reason": finish, **choice}]).completion


@pytest.mark.parametrize(
    ("message", "finish", "text", "found"),
    [
        ({"content": "42"}, "stop", "42", "stop"),
        ({"content": ""}, "stop", "", "stop"),
        ({"content": "42"}, None, "42", "stop"),
        ({"content": "4"}, "length", "4", "length"),
        ({"content": None}, "length", "", "length"),
        ({"content": "4"}, "content_filter", "4", "filter"),
        ({"content": None}, "content_filter", "", "filter"),
        ({"content": None, "refusal": "No."}, "stop", "No.", "stop"),
        ({"content": [{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]}, "stop", "42", "stop"),
        ({"content": "42", "reasoning_content": "6 x 7"}, "stop", "<think>\n6 x 7\n</think>\n\n42", "stop"),
        ({"content": "42", "reasoning": "6 x 7"}, "stop", "<think>\n6 x 7\n</think>\n\n42", "stop"),
        ({"content": None, "reasoning": "6 x"}, "length", "<think>\n6 x\n</think>\n\n", "length"),
        ({"content": "42", "reasoning": None, "tool_calls": []}, "stop", "42", "stop"),
        ({"content": "42"}, ["stop"], "42", "stop"),
        ({"content": [{"type": "text", "text": None}, "4", {"type": "text", "text": "2"}]}, "stop", "42", "stop"),
    ],
)
def test_what_was_said_is_read(message, finish, text, found):
    """Content, reasoning, refusals and finish reasons."""
    completion = said(message, finish)
    assert (completion.text, completion.finish) == (text, found)


def test_calls_of_tools_are_kept_as_text():
    """In the form that most open models are trained on; malformed arguments stay as they are."""
    calls = [{"function": {"name": "add", "arguments": '{"a": 1}'}}, {"function": {"name": "add", "arguments": "{a:"}}]
    first = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
    second = '<tool_call>\n{"name": "add", "arguments": "{a:"}\n</tool_call>'
    assert said({"content": None, "tool_calls": calls}, "tool_calls").text == f"{first}\n{second}"
    assert said({"content": "Well.", "tool_calls": calls[:1]}, "tool_calls").text == f"Well.\n{first}"


@pytest.mark.parametrize("call", [None, "add", {"function": None}, {"function": ["add"]}])
def test_a_call_of_no_tool_is_the_models_own(call):
    """It is what was said, and no failure of the endpoint."""
    assert said({"content": "Well.", "tool_calls": [call]}).text.startswith("Well.\n<tool_call>")


def test_arguments_too_deep_to_read_stay_as_they_are():
    """A model can write brackets for as long as it likes."""
    deep = "[" * 100_000
    assert deep in said({"content": None, "tool_calls": [{"function": {"name": "add", "arguments": deep}}]}).text


def test_json_too_deep_to_read_is_no_answer():
    """Wherever it stands."""
    with pytest.raises(NoAnswer, match="malformed"):
        read(200, {}, b'{"choices": ' + b"[" * 100_000)
    assert read(400, {}, b"[" * 100_000).status == 400


@pytest.mark.parametrize(("told", "kept"), [(5, 5), (-5, None), (True, None), (10**30, None), ("5", None), (0, 0)])
def test_usage_that_cannot_be_is_left_out(told, kept):
    """Tokens are counted in whole numbers from 0 on, and in no more than any model says."""
    usage = {"prompt_tokens": told, "completion_tokens": told}
    found = of(choices=[{"message": {"content": "42"}}], usage=usage).completion
    assert (found.prompt_tokens, found.sampled_tokens) == (kept, kept)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"choices": [{"mess',
        b"<html>Bad gateway</html>",
        b"[]",
        b'"words"',
        b"{}",
        b'{"choices": []}',
        b'{"choices": null}',
        b'{"choices": [null]}',
        b'{"choices": [{}]}',
        b'{"choices": [{"message": null, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}',
        b'{"choices": [{"message": {"content": "half"}, "finish_reason": "abort"}]}',
        b'{"choices": [{"text": null}]}',
        b'{"error": {"message": "overloaded", "code": 503}}',
        b"\xff\xfe",
    ],
)
def test_what_nobody_said_is_no_answer(body):
    """However good its status."""
    with pytest.raises(NoAnswer):
        read(200, {}, body)


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "error", "logprobs"]), inner),
).map(lambda plain: json.dumps(plain).encode()), st.sampled_from([200, 204, 302, 400, 404, 429, 503]))  # fmt: skip
def test_any_body_is_answer_refusal_or_none(body, status):
    """Nothing that a server may send raises anything else."""
    with suppress(NoAnswer):
        assert isinstance(read(status, {}, body), Spoken | Refusal)


@pytest.mark.parametrize("status", [204, 408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_statuses_that_may_pass(status):
    """Some tell of an overload."""
    with pytest.raises(NoAnswer, match=str(status)) as caught:
        of(status, error={"message": "later"})
    assert caught.value.overloaded == (status in {429, 503})


@pytest.mark.parametrize("status", [301, 401, 402, 403, 404, 405])
def test_statuses_that_stay(status):
    """Nobody will fare better."""
    refusal = of(status, {"location": "https://elsewhere"}, error={"message": "no"})
    assert refusal.is_final
    assert ("elsewhere" in refusal.message) == (status == 301)


@pytest.mark.parametrize("status", [400, 422])
def test_statuses_of_one_question(status):
    """Others may be taken."""
    assert not of(status, error={"message": "no"}).is_final


def test_a_quota_that_is_used_up_is_no_overload():
    """OpenAI says both with the same status."""
    assert of(429, error={"code": "insufficient_quota", "message": "Check your plan."}).is_final


@pytest.mark.parametrize(
    ("status", "plain", "context_length"),
    [
        (400, {"error": {"code": "context_length_exceeded", "message": "Your input exceeds the window."}}, None),
        (400, {"error": {"message": "This model's maximum context length is 8192 tokens. However, you"}}, 8192),
        (400, {"message": "You passed 9000 input tokens and requested 1 output tokens. However, the model's context "
               "length is only 8192 tokens, resulting in a maximum input length of 8191 tokens."}, 8192),
        (400, {"message": "'max_tokens' or 'max_completion_tokens' is too large: 8000. This model's maximum context "
               "length is 4096 tokens and your request has 2778 input tokens (8000 > 4096 - 2778)."}, 4096),
        (400, {"message": "The input (9000 tokens) is longer than the model's context length (8192 tokens)."}, 8192),
        (400, {"message": "Requested token count exceeds the model's maximum context length of 8192 tokens."}, 8192),
        (400, {"error": {"type": "exceed_context_size_error", "message": "the request exceeds the available context "
                         "size, try increasing it", "n_ctx": 8192}}, None),
        (400, {"error": {"message": "request (9000 tokens) exceeds the available context size (8192 tokens)"}}, 8192),
        (400, {"error": {"message": "input length exceeds maximum context length"}}, None),
        (400, {"error": {"message": "the input length exceeds the context length"}}, None),
        (400, {"error": "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded "
               "with context length of only 8192 tokens, which is not enough."}, 8192),
        (200, {"error": "Context size has been exceeded."}, None),
        (413, {"error": {"message": "Payload too large"}}, None),
        (422, {"message": "prompt is too long: 9000 tokens > 8192 maximum"}, None),
    ],
)  # fmt: skip
def test_an_overflow_is_recognised_by_its_words(status, plain, context_length):
    """Of OpenAI, vLLM, SGLang, llama.cpp, Ollama, LM Studio and others, with the limit where they tell it."""
    refusal = of(status, **plain)
    assert refusal.is_overflow
    assert refusal.context_length == context_length


@pytest.mark.parametrize(
    "message",
    [
        "Unrecognized request argument supplied: seed",
        "temperature must be at most 2",
        "max_tokens is too large: 100000",
    ],
)
def test_other_refusals_are_no_overflow(message):
    """Though they speak of tokens."""
    assert not of(400, error={"message": message}).is_overflow


@pytest.mark.parametrize(
    ("headers", "after_s"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_when_to_come_back_is_read(headers, after_s):
    """Seconds or milliseconds; nonsense is none."""
    with pytest.raises(NoAnswer) as caught:
        of(429, headers)
    assert caught.value.after_s == after_s


def test_when_to_come_back_may_be_a_date():
    """In the past, it is now."""
    for shift_s, low, high in ((60, 50, 60), (-60, 0, 0)):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=shift_s), usegmt=True)
        with pytest.raises(NoAnswer) as caught:
            of(503, {"retry-after": date})
        assert low <= caught.value.after_s <= high


def test_ids_and_logprobs_are_kept_where_they_are_given():
    """In the forms of vLLM's chats and completions; what is amiss is left out."""
    content = [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1}]
    chat = said({"content": "ab"}, token_ids=[1, 2], logprobs={"content": content})
    assert (chat.ids, chat.logprobs) == ([1, 2], [-0.5, -1])
    spoken = of(choices=[{"text": "ab", "token_ids": [1, 2], "logprobs": {"token_logprobs": [-0.5, -1]}}])
    assert (spoken.completion.ids, spoken.completion.logprobs) == ([1, 2], [-0.5, -1])
    for amiss in (
        {"content": []},
        {"token_logprobs": [0.5]},
        {"token_logprobs": [10**400]},
        {"content": [{}]},
        {"token_logprobs": [None, -1.0]},
        [],
        "x",
        None,
    ):
        assert said({"content": "a"}, logprobs=amiss, token_ids=["a"]).logprobs is None
    assert said({"content": "a"}, token_ids=["a"]).ids is None


def test_the_prompt_is_read_wherever_it_stands():
    """Beside the choice, or in it."""
    choice = {"text": "a", "prompt_token_ids": [1]}
    assert of(choices=[choice]).prompt_ids == [1]
    assert of(choices=[{"text": "a"}], prompt_token_ids=[2]).prompt_ids == [2]
    assert of(choices=[{"text": "a"}]).prompt_ids is None


def test_tokens_are_counted_as_the_endpoint_counts_them():
    """Where it does."""
    spoken = of(choices=[{"text": "a"}], usage={"prompt_tokens": 3, "completion_tokens": 5}).completion
    assert (spoken.prompt_tokens, spoken.sampled_tokens) == (3, 5)
    assert of(choices=[{"text": "a"}], usage=None).completion.prompt_tokens is None
