"""Facts about envs with tools: what breaks them is named."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import pytest

import llm_envs
from llm_envs import Task, registry
from llm_envs.chat.calls import Call
from llm_envs.testing import ToolEnvTests, check_facts
from llm_envs.tools import Injected, ToolEnv, tool


@tool
def look(box: Injected[list]) -> str:
    """See what is in the box."""
    return " ".join(box)


@tool(kind="write")
def put(box: Injected[list], thing: str) -> str:
    """Put a thing into the box."""
    box.append(thing)
    return "done"


class Box(ToolEnv):
    """Put the thing that is in the box into it once more, and name it."""

    tools = (look, put)
    max_new_tokens: ClassVar[int] = 256
    max_turns: ClassVar[int] = 6

    def sample(self, rng: np.random.Generator) -> Task:
        """One thing."""
        number, thing = rng.integers(10**6), f"thing-{rng.integers(10**9)}"
        return Task(prompt=f"Look into box {number}, double the thing in it, and name it.", answer=thing)

    def open_world(self, task: Task) -> list[str]:
        """A box with the thing in it."""
        self.box = [task.answer]
        return self.box

    def verify(self, task: Task, reply: str) -> float:
        """The box, and the name."""
        return float(self.box == [task.answer] * 2 and reply == task.answer)

    def demonstrate(self, task: Task) -> list[str]:
        """Look, put, name."""
        write = self.chat.calling.write
        return [write([Call("look", {})]), write([Call("put", {"thing": task.answer})]), task.answer]


class BelievesSpam(Box):
    """The thing is somewhere in the reply."""

    def verify(self, task: Task, reply: str) -> float:
        """A substring will do."""
        return float(task.answer in reply)


class PaysForLooking(Box):
    """Whoever has looked is paid."""

    def verify(self, task: Task, reply: str) -> float:
        """Any call of the right tool will do."""
        return float(any(answer.attempt.name == "look" for answer in self.answers))


class OneBoxForAll(Box):
    """The box of a class, not of an episode."""

    boxes: ClassVar[dict[str, list[str]]] = {}

    def open_world(self, task: Task) -> list[str]:
        """The same box for the same task."""
        self.box = self.boxes.setdefault(task.answer, [task.answer])
        return self.box


@tool
def slam(box: Injected[list]) -> str:
    """Close the box."""
    return box["lid"]


class Crashes(Box):
    """One of its tools has never been tried."""

    tools = (look, put, slam)


class Hasty(Box):
    """Runs tools where it should only judge."""

    def verify(self, task: Task, reply: str) -> float:
        """Whatever was called is run, also where the turn was cut off."""
        if "<tool_call>" in reply:
            self.respond(task, reply + "\n</tool_call>")
        return super().verify(task, reply)


class Unguarded(Box):
    """Its results are encoded with the control strings in them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        encode = self.chat.encode_delta

        def unsafe(messages, new, stop_id, tools=()):
            ids = encode(messages, new, stop_id, tools)
            return ids + [stop_id] * sum("<|im_end|>" in message["content"] for message in new)

        self.session.chat = type("Unsafe", (type(self.chat),), {"encode_delta": staticmethod(unsafe)})()


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(registry, "_ROWS", {**registry._ROWS})


def broken(env_class):
    """The facts that do not hold, and what was seen."""
    registry._ROWS.pop("tooltest/Box-v0", None)
    llm_envs.register("tooltest/Box-v0")(env_class)
    return {finding.fact: finding for finding in check_facts("tooltest/Box-v0") if finding.outcome == "fails"}


def test_all_facts_hold_of_a_sound_env():
    """Those about every env, and those about tools."""
    assert broken(Box) == {}
    assert "spam is not paid" in {finding.fact for finding in check_facts("tooltest/Box-v0")}


@pytest.mark.parametrize(
    ("env_class", "fact", "seen"),
    [
        (BelievesSpam, "spam is not paid", "spam is paid at tooltest/Box-v0/train/0/0"),
        (PaysForLooking, "random calls are hardly ever paid", "in 120 episodes"),
        (OneBoxForAll, "a group of equal seeds is isolated", "row 0 is the oracle, and is not paid"),
        (Crashes, "no tool crashes", "TypeError: list indices must be integers"),
        (Hasty, "a turn that is cut off runs nothing", "look was run all the same"),
        (Unguarded, "control strings in results stay text", "have brought 1 control ids"),
    ],
)
def test_what_is_broken_is_named(env_class, fact, seen):
    """Each fault is found by the fact that is about it, with advice."""
    found = broken(env_class)
    assert seen in found[fact].explanation
    assert found[fact].next_step


def test_a_crash_is_found_at_its_line(caplog):
    """And not logged besides."""
    finding = broken(Crashes)["no tool crashes"]
    assert finding.place.endswith('in slam: return box["lid"]')
    assert any("slam" in line for line in finding.reproduce)
    assert not caplog.text


class OneTool(Box):
    """Its comma was forgotten."""

    tools = look  # type: ignore[assignment]


def test_what_a_constructor_says_is_told_as_it_said_it():
    """Not as Gymnasium words it again."""
    findings = broken(OneTool).values()
    assert {finding.next_step for finding in findings} == {"Write tools = (find_order,), with the comma."}
    assert len({finding.explanation for finding in findings}) == 1


def test_spam_can_be_seen_again():
    """The lines of a finding play the episode that was paid."""
    names: dict[str, Any] = {}
    *lines, last = broken(BelievesSpam)["spam is not paid"].reproduce
    exec("\n".join(lines), names)
    assert eval(last, names)[1] == 1.0


class TestBox(ToolEnvTests):
    """What authors inherit."""

    env_id = "tooltest/Sound-v0"


llm_envs.register("tooltest/Sound-v0")(Box)


def test_envs_without_tools_have_no_such_facts():
    """They are checked as before."""
    assert "spam is not paid" not in {finding.fact for finding in check_facts("llm/Arithmetic-v0")}
    assert gym.spec("tooltest/Sound-v0").id == "tooltest/Sound-v0"
