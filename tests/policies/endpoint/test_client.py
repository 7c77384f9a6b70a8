"""What is asked is answered, whatever goes wrong in between, and what is not an answer is never taken for one."""

from __future__ import annotations

import pytest
from asking import ask, queries

from llm_envs.testing import FakeServer
from llm_envs.testing.fake_server import FAULTS


def said(asked):
    """The truth: what every question must be answered with."""
    return f"The answer to {asked} is {len(asked)}."


def answer(asked):
    """The same, for the server."""
    return said(asked.text)


def truth(asked):
    """What each of the queries must be answered with."""
    return [said(query.messages[-1]["content"]) for query in asked]


def test_a_question_is_answered():
    """With how much it took."""
    with FakeServer(answer) as server:
        (completion,) = ask(server, *queries(1))
    assert completion.text == truth(queries(1))[0]
    assert (completion.finish, completion.tries) == ("stop", 1)
    assert completion.took_s > 0
    assert completion.prompt_tokens
    assert completion.sampled_tokens == len(completion.text.encode()) + 1


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"hang"}))
def test_a_fault_changes_no_answer(fault):
    """Half of all requests meet it, with default settings; every answer is the truth."""
    asked = queries(24)
    with FakeServer(answer, faults={fault: 0.5}, retry_after_s=0.01, drip_s=0.05) as server:
        completions = ask(server, *asked)
    assert [completion.text for completion in completions] == truth(asked)
    assert server.counts[fault] > 5
    assert sum(completion.tries for completion in completions) == len(server.asked)
