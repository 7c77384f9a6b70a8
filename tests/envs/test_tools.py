"""What all families of worlds hold: the conformance kit, and levels."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import ClassVar

import gymnasium as gym
import pytest
from small_templates import CHATML, CHATML_CONTROLS
from templates import tokenizer_with

from llm_envs.testing import ToolEnvTests

IDS = (
    "llm/Bank-v0",
    "llm/Calc-v0",
    "llm/Calendar-v0",
    "llm/Files-v0",
    "llm/Injection-v0",
    "llm/Mail-v0",
    "llm/Shop-v0",
)


class TestBank(ToolEnvTests):
    env_id = "llm/Bank-v0"


class TestBankTalk(ToolEnvTests):
    env_id = "llm/Bank-v0"
    options: ClassVar = {"user": "agenda"}


class TestCalc(ToolEnvTests):
    env_id = "llm/Calc-v0"


class TestCalendar(ToolEnvTests):
    env_id = "llm/Calendar-v0"


class TestCalendarTalk(ToolEnvTests):
    env_id = "llm/Calendar-v0"
    options: ClassVar = {"user": "agenda"}


class TestFiles(ToolEnvTests):
    env_id = "llm/Files-v0"


class TestFilesTalk(ToolEnvTests):
    env_id = "llm/Files-v0"
    options: ClassVar = {"user": "agenda"}


class TestInjection(ToolEnvTests):
    env_id = "llm/Injection-v0"


class TestMail(ToolEnvTests):
    env_id = "llm/Mail-v0"


class TestMailTalk(ToolEnvTests):
    env_id = "llm/Mail-v0"
    options: ClassVar = {"user": "agenda"}


class TestShop(ToolEnvTests):
    env_id = "llm/Shop-v0"


class TestShopTalk(ToolEnvTests):
    env_id = "llm/Shop-v0"
    options: ClassVar = {"user": "agenda"}


@pytest.mark.parametrize(
    ("env_id", "options"), [*((env_id, {}) for env_id in (*IDS, "llm/Search-v0")), ("llm/Shop-v0", {"user": "agenda"})]
)
def test_oracles_end_the_reasoning_that_a_template_has_opened(env_id, options):
    """What they say would else be a thought, and no answer."""
    template = CHATML.replace("assistant\\n'", "assistant\\n<think>\\n'")
    env = gym.make(env_id, tokenizer=tokenizer_with(template, CHATML_CONTROLS), action="turn", **options)
    inner = env.unwrapped
    assert inner.chat.calling.opened
    for difficulty in range(6):
        env.reset(seed=1, options={"difficulty": difficulty})
        for turn in inner.demonstrate(inner.task):
            _, reward, over, _, _ = env.step(turn)
        assert (reward, over) == (1.0, True), difficulty


@pytest.mark.parametrize("difficulty", [2, 3, 4, 5])
@pytest.mark.parametrize("env_id", ["llm/Bank-v0", "llm/Files-v0", "llm/Shop-v0"])
def test_refusing_by_the_words_of_a_request_is_mostly_wrong(env_id, difficulty):
    """What is forbidden is also asked where it is not: whoever would refuse has to look first."""
    env = gym.make(env_id).unwrapped
    env.reset(seed=0)
    refusals = defaultdict(Counter)
    for index in range(200):
        env.reset(options={"index": index, "difficulty": difficulty})
        opening = " ".join(env.task.messages[-1]["content"].split()[:3])
        refusals[opening][env.task.metadata["goal"].refusal] += 1
    best = sum(max(number for rule, number in [*counts.items(), ("R", 0)] if rule) for counts in refusals.values())
    assert best <= 0.25 * 200


@pytest.mark.parametrize("env_id", IDS)
def test_every_level_is_drawn_and_kept(env_id):
    """Without a difficulty the levels come at random; a set one holds."""
    env = gym.make(env_id).unwrapped
    env.reset(seed=0)
    drawn = []
    for _ in range(60):
        env.reset()
        drawn.append(env.task.metadata["difficulty"])
    assert set(drawn) == set(range(6))
    env.reset(options={"difficulty": 4})
    assert env.task.metadata["difficulty"] == 4
