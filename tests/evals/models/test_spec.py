"""SPECs: each form leads to its model, and what leads nowhere says where to go."""

from __future__ import annotations

import asyncio

import pytest

from llm_envs.errors import BadOption, UnknownModel
from llm_envs.evals.models import make_model
from llm_envs.evals.models.spec import EXAMPLES
from llm_envs.policies.endpoint import Endpoint
from llm_envs.policies.model import Decoding


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ("gold", "'mock:gold'"),
        ("mok:gold", "'mock'"),
        ("pyhton:module:function", "'python'"),
        ("Qwen/Qwen3-0.6B", "hf:Qwen/Qwen3-0.6B, or vllm:Qwen/Qwen3-0.6B"),
        ("mock:gld", "'gold'"),
        ("mock:nosy(0.8)", "'noisy'"),
        ("mock:", "Known: gold"),
        ("mock:noisy(0.8", "'noisy'"),
        ("humans", "'human'"),
        ("human:me", "'human'"),
        ("gpt-4", "https://HOST/v1#gpt-4, hf:gpt-4"),
        ("localhost:8000/v1#mine", "http:// or https://"),
        ("", "Known: hf"),
    ],
)
def test_what_is_mistyped_is_put_right(spec, advice):
    """Unknown names come with the closest known one."""
    with pytest.raises(UnknownModel) as caught:
        make_model(spec)
    assert advice in caught.value.next_step


def test_an_unknown_form_comes_with_one_example_of_each():
    """Nobody has to look up the forms."""
    with pytest.raises(UnknownModel) as caught:
        make_model("gpt-9")
    assert all(example in caught.value.expected for example in EXAMPLES.values())


@pytest.mark.parametrize(
    "spec",
    [f"mock:{mock}" for mock in ("noisy(2)", "noisy(-0.1)", "noisy(nan)", "noisy(most)", "noisy", "noisy()")]
    + [f"mock:{mock}" for mock in ("gold(1)", "noop()", "replay", "replay()")],
)
def test_what_mocks_cannot_be_is_refused(spec):
    """An option outside its range, missing, or of a mock that has none."""
    with pytest.raises(BadOption, match="mock:"):
        make_model(spec)


@pytest.mark.parametrize("spec", ["http://localhost:1/v1", "http://localhost:1/v1#"])
def test_an_address_needs_a_model(spec):
    """The error shows what one looks like, and how to find out what is served."""
    with pytest.raises(BadOption, match=r"my-model[\s\S]*curl http://localhost:1/v1/models"):
        make_model(spec)


@pytest.mark.parametrize(
    "spec", ["https:#m", "http:///v1#m", "https://me:sk-secret@host/v1", "http://h/v1?key=sk-secret#m"]
)
def test_a_key_in_an_address_is_refused_and_not_repeated(spec):
    """The SPEC is written down with the run; and what is no address is none."""
    with pytest.raises(BadOption, match="endpoint's address") as caught:
        make_model(spec)
    assert "sk-secret" not in str(caught.value)


def test_an_address_with_a_model_is_an_endpoint():
    """Nothing is asked before it is opened."""
    model = make_model("http://localhost:1/v1#org/name:tag", concurrency=3)
    assert isinstance(model, Endpoint)
    assert (model.base_url, model.model, model.level) == ("http://localhost:1/v1", "org/name:tag", "turn")
    assert make_model("https://localhost:1/v1/#m", tokenizer="bytes").level == "token"


def test_fields_that_only_endpoints_know_are_refused_elsewhere():
    """They would be ignored silently."""
    with pytest.raises(BadOption, match="no further fields"):
        make_model("mock:gold", Decoding(extra={"top_k": 3}))


def test_mocks_count_in_the_tokenizer_that_is_asked_for():
    """The envs' own otherwise."""
    assert make_model("mock:gold").env_options == {}
    assert make_model("mock:noop", tokenizer="bytes").env_options == {"tokenizer": "bytes"}


@pytest.mark.parametrize("spec", ["mock:gold", "python:time:sleep", "human"])
def test_a_model_that_was_never_opened_can_be_closed(spec):
    """A run that turns out to be complete asks nobody."""
    asyncio.run(make_model(spec).close())
