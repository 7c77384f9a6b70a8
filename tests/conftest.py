"""What every test runs under: reproducible property tests, and no network."""

from __future__ import annotations

import os
import signal

import hypothesis
import pytest
from network import cut_off

signal.signal(signal.SIGINT, signal.default_int_handler)
"""Where tests run in a shell's background, SIGINT is ignored, and so it would be in every program that they start."""

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _network_off(monkeypatch):
    """No test reaches for another machine."""
    cut_off(monkeypatch)
