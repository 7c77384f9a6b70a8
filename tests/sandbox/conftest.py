"""What tests of sandboxes share: an engine, and boxes in which something simpler than the real thing runs."""

from __future__ import annotations

import os

import pytest

from llm_envs.errors import MissingExtra, SandboxUnavailable
from llm_envs.sandbox.box import sources
from llm_envs.sandbox.sandbox import Sandbox

ECHO = """
import os, sys, time
from llm_envs.sandbox.box import frames

def main(options):
    while (asked := frames.receive(0)) is not None:
        kind = asked.get("kind")
        if kind == "silent":
            time.sleep(600)
        if kind == "die":
            os.write(2, b"alas")
            os._exit(3)
        if kind == "garble":
            os.write(1, b"no message at all")
        if kind == "boast":
            os.write(1, (1 << 31).to_bytes(4, "big"))
        frames.send(1, {"asked": asked, "options": options, "uid": os.getuid(), "pid": os.getpid()})
"""
"""A box that says what it was asked, or does what no box ought to."""


@pytest.fixture
def echo():
    """The sources of a box that echoes."""
    return {**sources(), "llm_envs.sandbox.box.zygote": ECHO}


@pytest.fixture(scope="session")
def engine():
    """A client of the Docker engine; where there is none, a reason to skip, unless one was promised."""
    from llm_envs.sandbox.docker.engine import connect

    try:
        client = connect()
    except (MissingExtra, SandboxUnavailable) as error:
        if os.environ.get("LLM_ENVS_DOCKER") == "required":
            raise
        pytest.skip(f"NOT TESTED, no Docker engine: {error.message}")
    yield client
    client.close()


@pytest.fixture
def dockers(engine):
    """Makes sandboxes in containers, and closes them."""
    made = []

    def make(**options):
        made.append(Sandbox("docker", **options))
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.close()


@pytest.fixture
def unsafe(recwarn):
    """A sandbox that is none, for programs of these tests that harm nobody."""
    with Sandbox("unsafe", slots=2) as sandbox:
        yield sandbox
