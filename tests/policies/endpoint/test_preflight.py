"""What is wrong from the start is told at the start, with what to do."""

from __future__ import annotations

import asyncio
import socket
import sys

import pytest
from asking import ask, opened, queries

from llm_envs.errors import BadOption, EndpointRefused, LLMEnvsError, MissingExtra, Outage, UnknownModel
from llm_envs.policies.endpoint import Endpoint
from llm_envs.policies.model import Decoding
from llm_envs.testing import FakeServer


def opening(server, **options):
    """What opening the endpoint raises."""

    async def play():
        async with opened(server, **options):
            pass

    with pytest.raises(LLMEnvsError) as caught:
        asyncio.run(play())
    return caught.value


def free_port():
    """Where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_nobody_there_is_told():
    """With what the machine said."""
    server = FakeServer(port=free_port())
    error = opening(server)
    assert isinstance(error, Outage)
    assert "Connect call failed" in error.received
    assert "Start the server" in error.next_step


@pytest.mark.parametrize("key", [None, "sk-wrong"])
def test_a_wrong_key_is_told(key, monkeypatch):
    """By the name of the variable to set."""
    monkeypatch.delenv("LLM_ENVS_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    if key:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with FakeServer(key="sk-right") as server:
        error = opening(server)
    assert isinstance(error, EndpointRefused)
    assert "OPENAI_API_KEY" in error.next_step
    assert "Incorrect API key" in error.received


def test_an_unknown_model_is_told():
    """With the one that was probably meant."""
    with FakeServer(models=("qwen3-8b", "llama")) as server:
        error = opening(server, model="qwen-8b")
    assert isinstance(error, UnknownModel)
    assert "Did you mean 'qwen3-8b'" in error.next_step


@pytest.mark.parametrize("model", ["llama3", "llama3:latest", "llama3:8b"])
def test_a_models_tag_may_be_left_out(model):
    """Ollama lists `llama3:latest` and takes `llama3`."""
    with FakeServer(models=("llama3:latest", "llama3", "llama3:8b")) as server:
        (completion,) = ask(server, *queries(1), model=model)
    assert completion.text


def test_endpoints_need_not_list_their_models(monkeypatch):
    """The first question tells."""
    with FakeServer() as server:
        monkeypatch.setattr(server, "_page", lambda request, path: server_trouble())
        (completion,) = ask(server, *queries(1))
    assert completion.text


def server_trouble():
    """What a path that is not there says."""
    from llm_envs.testing.fake_server.speech import trouble

    return trouble(404, "Not here.")


@pytest.mark.parametrize(("path", "hint"), [("", "/v1"), ("/v2", "/v1")])
def test_an_address_that_ends_wrong_is_told(path, hint):
    """There is no list of models, and no chat either."""
    with FakeServer() as server:

        async def play():
            endpoint = Endpoint(server.base_url.removesuffix("/v1") + path, "fake")
            await endpoint.open()
            try:
                await endpoint.reply(queries(1)[0])
            finally:
                await endpoint.close()

        with pytest.raises(EndpointRefused, match="404") as caught:
            asyncio.run(play())
    assert hint in caught.value.next_step


def test_a_missing_package_is_told(monkeypatch):
    """By the extra that brings it, before anything is asked."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[eval\]"):
        Endpoint("http://127.0.0.1:1/v1", "m")


@pytest.mark.parametrize("name", ["model", "messages", "stream", "n", "max_tokens"])
def test_extra_fields_cannot_change_what_is_asked(name):
    """Those have a place of their own."""
    with pytest.raises(BadOption, match=name):
        Endpoint("http://127.0.0.1:1/v1", "m", decoding=Decoding(extra={name: 1}))


def test_a_question_before_open_is_a_mistake():
    """And says so."""
    endpoint = Endpoint("http://127.0.0.1:1/v1", "m")
    with pytest.raises(RuntimeError, match="open"):
        asyncio.run(endpoint.reply(queries(1)[0]))
