"""One pool of connections; proxies as the environment has them, but not for this machine."""

from __future__ import annotations

import asyncio

import pytest
from asking import ask, queries

from llm_envs.access import Key
from llm_envs.policies.endpoint.answers import NoAnswer
from llm_envs.policies.endpoint.connection import Connection, _proxy
from llm_envs.testing import FakeServer


@pytest.fixture
def proxy(monkeypatch):
    """A proxy where nobody listens."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:10")


@pytest.mark.usefixtures("proxy")
def test_proxies_are_for_other_machines(monkeypatch):
    """By the scheme of the address, as curl has it."""
    assert _proxy("http://models.example/v1") == "http://127.0.0.1:9"
    assert _proxy("https://models.example/v1") == "http://127.0.0.1:10"
    assert [_proxy(f"http://{here}:8000/v1") for here in ("localhost", "127.0.0.1", "[::1]")] == [None] * 3
    monkeypatch.setenv("no_proxy", "models.example")
    assert _proxy("http://models.example/v1") is None


@pytest.mark.usefixtures("proxy")
def test_an_endpoint_on_this_machine_is_asked_directly():
    """Whatever the environment says."""
    with FakeServer(lambda _: "here") as server:
        assert ask(server, *queries(1))[0].text == "here"


def test_connections_are_used_again():
    """A question on an idle connection opens no other one."""
    with FakeServer(lambda _: "here") as server:
        ask(server, *queries(10), concurrency=1)
    assert server.counts["connections"] == 1


def test_a_connection_that_the_server_closed_is_no_answer_and_costs_none():
    """The question is asked again on another one."""
    with FakeServer(lambda _: "here", faults={"reset": 0.5}) as server:
        assert {completion.text for completion in ask(server, *queries(10), concurrency=1)} == {"here"}


def test_a_server_that_does_not_speak_http_is_no_answer():
    """It is not one of ours to read."""

    async def play():
        listener = await asyncio.start_server(greet, "127.0.0.1", 0)
        address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
        connection = Connection(address, Key({}), 1)
        try:
            await connection.ask("/models")
        finally:
            await connection.close()
            listener.close()

    async def greet(reader, writer):
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    with pytest.raises(NoAnswer):
        asyncio.run(play())
