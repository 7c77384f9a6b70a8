"""What every test runs under: reproducible property tests, and no network."""

from __future__ import annotations

import os
import signal
from functools import cache

import hypothesis
import pytest
from network import cut_off

from llm_envs.errors import SandboxUnavailable
from llm_envs.registry import rows
from llm_envs.sandbox import shared

signal.signal(signal.SIGINT, signal.default_int_handler)
"""Where tests run in a shell's background, SIGINT is ignored, and so it would be in every program that they start."""

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _network_off(monkeypatch):
    """No test reaches for another machine."""
    cut_off(monkeypatch)


@pytest.fixture(autouse=True)
def _sandbox_there(request):
    """What runs programs is left out, loudly, where there is no sandbox; unless one was promised."""
    needed = request.node.get_closest_marker("sandbox") or any(map(_has_sandbox, _env_named(request.node)))
    if needed and os.environ.get("LLM_ENVS_DOCKER") != "required" and (reason := _no_sandbox()):
        pytest.skip(f"NOT TESTED, {reason}")


def _env_named(test):
    """What may be the id of an env: in the test's name, or in the row of a table that it replays."""
    given = test.callspec.params.values() if hasattr(test, "callspec") else ()
    return [test.name, *(row.get("env", "") for row in given if isinstance(row, dict))]


@cache
def _has_sandbox(name):
    """Whether it names an env that runs programs."""
    return "llm/" in name and any("sandbox" in row.load().resources for row in rows() if row.id in name)


@cache
def _no_sandbox():
    """Why there is none; "" where there is one."""
    try:
        shared().backend  # noqa: B018 (it looks for one)
    except SandboxUnavailable as error:
        return error.message
    return ""
