"""Tools that do not come back."""

from __future__ import annotations

import contextlib
import contextvars
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from llm_envs.chat.calls import CallAttempt
from llm_envs.errors import BadTool, ToolHung
from llm_envs.tools import Toolset, tool
from llm_envs.tools.deadline import DeadlineExceeded, within

LONG_S = 60.0
"""No test takes as long."""


def loop_for_ever():
    """Steps of Python, without end; it takes no exception for its own."""
    while True:
        with contextlib.suppress(Exception):
            sum(range(100))


def tool_threads():
    """Threads that tools run in."""
    return {thread for thread in threading.enumerate() if thread.name == "llm-envs-tool"}


def test_results_and_exceptions_come_through():
    """As if there were no deadline; threads are used again."""
    assert within(LONG_S, lambda: 7, "t") == 7
    threads = tool_threads()
    with pytest.raises(ZeroDivisionError):
        within(LONG_S, lambda: 1 // 0, "t")
    with pytest.raises(SystemExit):
        within(LONG_S, lambda: exit(3), "t")  # noqa: PLR1722 (a tool may)
    assert tool_threads() == threads


def test_a_loop_is_ended():
    """And its thread with it."""
    before = tool_threads()
    with pytest.raises(DeadlineExceeded, match=r"t took longer than 0.05 s"):
        within(0.05, loop_for_ever, "t")
    assert tool_threads() <= before


def test_what_was_opened_is_closed_when_a_call_is_ended():
    """Blocks are left as by any exception."""
    left = []

    def work():
        try:
            loop_for_ever()
        finally:
            left.append(1)

    with pytest.raises(DeadlineExceeded):
        within(0.05, work, "t")
    assert left == [1]


def test_what_cannot_be_ended_is_left_behind():
    """A call that stands still in C: an infrastructure error, and the caller goes on."""
    gate = threading.Lock()
    gate.acquire()
    try:
        with pytest.raises(ToolHung, match=r"the tool t has hung for 0.05 s, and could not be ended"):
            within(0.05, gate.acquire, "t")
    finally:
        gate.release()
    assert within(LONG_S, lambda: 8, "t") == 8


def test_a_call_sees_its_callers_context():
    """Variables of a context are where they were."""
    name = contextvars.ContextVar("name")
    name.set("here")
    assert within(LONG_S, name.get, "t") == "here"


def test_many_callers_do_not_meet():
    """Each gets its own result, whoever's thread did it."""
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda n: within(LONG_S, lambda: n * 2, "t"), range(500))) == [n * 2 for n in range(500)]


def test_a_forked_process_has_threads_of_its_own():
    """Those of its parent are not there."""
    within(LONG_S, lambda: 0, "t")
    child = os.fork()
    if child == 0:
        os._exit(within(LONG_S, lambda: 5, "t"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5


def spin(times: int) -> str:
    """Turn round and round."""
    if times > 9:
        loop_for_ever()
    return "done"


def test_a_policy_hears_of_a_tool_that_took_too_long():
    """By the time that the tool declares, or else its env; the next call is served."""
    for tools in (Toolset([tool(timeout_s=0.05)(spin)], LONG_S), Toolset([spin], 0.05)):
        answer = tools.answer(CallAttempt("ok", 0, 1, "spin", {"times": 10}))
        assert (answer.code, answer.kind) == ("E_TIMEOUT", "read")
        assert "spin took longer than 0.05 s" in answer.content
        assert tools.answer(CallAttempt("ok", 0, 1, "spin", {"times": 1})).content == "done"


def test_a_tools_own_timeout_error_is_a_crash():
    """It is not ours."""

    @tool(timeout_s=LONG_S)
    def fetch() -> str:
        """Fetch it."""
        raise TimeoutError("secret host")

    answer = Toolset([fetch]).answer(CallAttempt("ok", 0, 1, "fetch"))
    assert answer.code == "E_TOOL_CRASH"
    assert "secret" not in answer.content


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan")])
def test_a_tool_without_time_is_refused(timeout_s):
    """At once."""
    with pytest.raises(BadTool, match="has no time"):
        tool(timeout_s=timeout_s)(spin)
