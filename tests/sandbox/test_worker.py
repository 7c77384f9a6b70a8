"""A box is asked, and answers, or is lost."""

from __future__ import annotations

import json
import os
import sys
import time

import pytest

from llm_envs.errors import SandboxUnavailable
from llm_envs.sandbox.box import BOOT
from llm_envs.sandbox.process import ProcessBox
from llm_envs.sandbox.worker import BoxLost, Worker

COMMAND = [sys.executable, "-I", "-S", "-c", BOOT, "an option"]


@pytest.fixture
def worker(echo):
    """A process that echoes."""
    made = Worker(ProcessBox(COMMAND, {}), echo)
    yield made
    made.end()


def test_an_answer_comes_back(worker):
    """As JSON, as it was written."""
    answer = json.loads(worker.ask({"kind": "a", "x": [1, None]}, 10))
    assert answer["asked"] == {"kind": "a", "x": [1, None]}
    assert answer["options"] == ["an option"]


@pytest.mark.parametrize("text", ["\ud800\udfff", "\0", "é" * 5_000_000, '"\\\r\n\u2028', ""])
def test_any_text_passes(worker, text):
    """Lone surrogates, NUL and ten megabytes, there and back."""
    assert json.loads(worker.ask({"x": text}, 60))["asked"]["x"] == text


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("silent", "in time"), ("die", "hung up: alas"), ("garble", "announced"), ("boast", "announced")],
)
def test_a_box_that_does_not_answer_is_lost(worker, kind, reason):
    """It is silent, dead, or says what is no message."""
    worker.ask({}, 10)
    with pytest.raises(BoxLost, match=reason):
        worker.ask({"kind": kind}, 0.3)


def test_a_box_that_was_killed_is_lost(worker):
    """Whoever did it; and killing it twice is no error."""
    worker.end()
    worker.end()
    with pytest.raises(BoxLost):
        worker.ask({}, 1)


def test_killing_waits_for_the_end(worker):
    """No process is left, not even a dead one."""
    pid = json.loads(worker.ask({}, 10))["pid"]
    worker.end()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_box_that_reads_nothing_is_lost_in_time(worker):
    """More than a pipe holds is not written to who is asleep."""
    worker.ask({}, 10)
    with pytest.raises(BoxLost):
        worker.ask({"kind": "silent"}, 0.1)
    started = time.monotonic()
    with pytest.raises(BoxLost, match="in time"):
        worker.ask({"x": "x" * 1_000_000}, 0.2)
    assert time.monotonic() - started < 30


def test_what_cannot_be_started_says_so():
    """An error for people, with what to do."""
    with pytest.raises(SandboxUnavailable, match="no such program"):
        ProcessBox(["/no such program"], {})
