"""Episodes in which a policy calls tools, token by token."""

from __future__ import annotations

import threading
from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest

import llm_envs
from llm_envs.chat.calls import Call
from llm_envs.errors import BadTool, InfrastructureError
from llm_envs.tools import Injected, ToolEnv, tool
from llm_envs.types import Task


@tool(kind="write")
def put(box: Injected[list], number: int) -> dict:
    """Put a number into the box.

    Args:
        number: any.
    """
    box.append(number)
    return {"in the box": len(box)}


@llm_envs.register("test/Box-v0")
class Box(ToolEnv):
    """Put two numbers into a box, then say done."""

    tools = (put,)
    max_calls: ClassVar[int] = 3
    max_turns: ClassVar[int] = 4
    max_new_tokens: ClassVar[int] = 512
    context_length: ClassVar[int] = 8192

    def sample(self, rng: np.random.Generator) -> Task:
        """Two numbers."""
        numbers = rng.integers(0, 100, 2).tolist()
        return Task(prompt=f"Put {numbers[0]} and {numbers[1]} into the box.", answer=numbers)

    def open_world(self, task: Task) -> list[int]:
        """An empty box."""
        self.box: list[int] = []
        return self.box

    def verify(self, task: Task, reply: str) -> float:
        """What is in the box."""
        return float(self.box == task.answer)


def opened(**options):
    """The env at its first task."""
    env = gym.make("test/Box-v0", action="turn", **options)
    env.reset(seed=3)
    return env, env.unwrapped


def puts(inner, *numbers):
    """The calls, as the tokenizer's model would write them."""
    return inner.chat.calling.write([Call("put", {"number": number}) for number in numbers])


def test_calls_are_run_and_answered_in_the_role_tool():
    """One after the other or side by side; a turn without calls ends the episode."""
    env, inner = opened()
    first, second = inner.task.answer
    assert env.step(puts(inner, first))[1:4] == (0.0, False, False)
    assert inner.session.messages[-1] == {
        "role": "tool",
        "content": '{"in the box": 1}',
        "name": "put",
        "tool_call_id": "call00000",
    }
    assert env.step(puts(inner, second))[1:4] == (0.0, False, False)
    assert env.step("Done.")[1:4] == (1.0, True, False)
    env, inner = opened()
    env.step(puts(inner, *inner.task.answer))
    assert [message["tool_call_id"] for message in inner.session.messages[-2:]] == ["call00000", "call00001"]
    assert env.step("Done.")[1] == 1.0


def test_the_prompt_shows_what_can_be_called():
    """Without the box, which the env fills in."""
    _, inner = opened()
    prompt = inner.chat.decode(inner.context())
    assert "put(number: integer) Put a number into the box.\n  number: any." in prompt
    assert "box:" not in prompt


def test_each_episode_has_a_box_of_its_own():
    """Eight rows of one task, written to in turn."""
    envs = gym.make_vec("test/Box-v0", num_envs=8, action="turn")
    envs.reset(seed=[3] * 8)
    rows = envs.envs
    envs.step([puts(rows[0], number) for number in range(8)])
    assert [row.box for row in rows] == [[number] for number in range(8)]


def test_a_turn_that_is_cut_off_runs_nothing():
    """Whatever it holds."""
    _, inner = opened(max_new_tokens=100)
    ids = inner.chat.encode_reply(puts(inner, 1) + " " * 100)[:100]
    turn = inner.push(ids)
    assert (turn.truncated, inner.box, inner.answers) == (True, [], [])


def test_calls_inside_reasoning_are_not_run():
    """They are thoughts; the text behind them is the last word."""
    env, inner = opened()
    assert env.step(f"<think>{puts(inner, 1)}</think>Done.")[2] is True
    assert inner.box == []


def test_calls_beyond_the_budget_are_not_run():
    """They are answered, and the episode goes on."""
    env, inner = opened()
    env.step(puts(inner, 1, 2, 3, 4))
    assert inner.box == [1, 2, 3]
    assert [answer.code for answer in inner.answers] == [None, None, None, "E_BUDGET"]


@pytest.mark.parametrize("reply", ["<tool_call>{", "<tool_call>[]</tool_call>", '<tool_call>{"name": "put"}'])
def test_a_broken_call_is_answered(reply):
    """With what is wrong; the episode goes on."""
    env, inner = opened()
    assert env.step(reply)[2:4] == (False, False)
    assert inner.answers[0].code == "E_PARSE"
    assert '"E_PARSE"' in inner.session.messages[-1]["content"]


@tool
def read(page: str) -> str:
    """Read a page."""
    if page == "outage":
        raise InfrastructureError("the library has burnt down")
    if page == "hang":
        STUCK.acquire()
    while page == "loop":
        page = page.strip()
    return page + "\ud800\x00\x1b[2J" + "</tool_response>"


STUCK = threading.Lock()


@llm_envs.register("test/Library-v0")
class Library(ToolEnv):
    """Read one page."""

    tools = (read,)
    call_timeout_s: ClassVar[float | None] = 0.2
    context_length: ClassVar[int] = 8192

    def sample(self, rng: np.random.Generator) -> Task:
        """The one task there is."""
        return Task(prompt="Read page one.")

    def verify(self, task: Task, reply: str) -> float:
        """Right when something was read."""
        return float(any(answer.code is None for answer in self.answers))


def reading(page):
    """The env after a call, and what the step has given."""
    env = gym.make("test/Library-v0", action="turn")
    env.reset(seed=0)
    inner = env.unwrapped
    return inner, env.step(inner.chat.calling.write([Call("read", {"page": page})]))


@pytest.mark.parametrize("page", ["outage", "hang"])
def test_an_outage_and_a_hang_end_the_episode_without_a_verdict(page):
    """They are nobody's fault, and stay out of the loss."""
    with STUCK:
        inner, (_, reward, terminated, truncated, info) = reading(page)
    assert (reward, terminated, truncated, info["stop_reason"]) == (0.0, False, True, "infrastructure")
    assert not inner.trajectory().trainable


def test_a_slow_tool_does_not_end_the_episode():
    """The policy is told, and may go on."""
    inner, (_, _, terminated, truncated, _) = reading("loop")
    assert (terminated, truncated, inner.answers[0].code) == (False, False, "E_TIMEOUT")


def test_what_no_tokenizer_takes_never_reaches_one():
    """Half a character is replaced, control characters are ids like others."""
    inner, (_, _, terminated, truncated, _) = reading("one")
    assert (terminated, truncated) == (False, False)
    assert inner.session.messages[-1]["content"] == "one?\x00\x1b[2J</tool_response>"


def test_a_context_that_nobody_gives_is_missed_at_once():
    """Before a policy calls the tool in vain."""

    class Forgetful(Library):
        tools = (put,)

    with pytest.raises(BadTool, match="asks for a context, and Forgetful has none"):
        Forgetful()


def test_the_name_of_a_tool_that_is_none_is_not_repeated():
    """A template prints names as they are."""
    env, inner = opened()
    env.step('<tool_call>{"name": "<|im_end|>", "arguments": {}}</tool_call>')
    assert inner.session.messages[-1]["name"] == "unknown"
