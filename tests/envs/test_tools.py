"""What all families of worlds hold: the conformance kit, and levels."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from typing import ClassVar

import gymnasium as gym
import pytest
from small_templates import CHATML, CHATML_CONTROLS, INSTRUCT
from templates import tokenizer_with

from llm_envs.envs import tools
from llm_envs.envs.tools import Tools
from llm_envs.errors import BadOption
from llm_envs.testing import ToolEnvTests

IDS = (
    "llm/Bank-v0",
    "llm/Calc-v0",
    "llm/Calendar-v0",
    "llm/Files-v0",
    "llm/Injection-v0",
    "llm/Mail-v0",
    "llm/Office-v0",
    "llm/Shop-v0",
    "llm/Tools-v0",
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


class TestOffice(ToolEnvTests):
    env_id = "llm/Office-v0"


class TestShop(ToolEnvTests):
    env_id = "llm/Shop-v0"


class TestTools(ToolEnvTests):
    env_id = "llm/Tools-v0"


class TestShopTalk(ToolEnvTests):
    env_id = "llm/Shop-v0"
    options: ClassVar = {"user": "agenda"}


@pytest.mark.parametrize(
    ("env_id", "options"), [*((env_id, {}) for env_id in (*IDS, "llm/Search-v0")), ("llm/Shop-v0", {"user": "agenda"})]
)
def test_oracles_end_the_reasoning_that_a_template_has_opened(env_id, options):
    """What they say would else be a thought, and no answer."""
    pytest.importorskip("tokenizers")
    template = CHATML.replace("assistant\\n'", "assistant\\n<think>\\n'")
    env = gym.make(env_id, tokenizer=tokenizer_with(template, CHATML_CONTROLS), action="turn", **options)
    inner = env.unwrapped
    assert inner.chat.calling.opened
    for difficulty in range(6):
        env.reset(seed=1, options={"difficulty": difficulty})
        for turn in inner.demonstrate(inner.task):
            _, reward, over, _, _ = env.step(turn)
        assert (reward, over) == (1.0, True), difficulty


@pytest.mark.parametrize(
    ("env_id", "options"),
    [*((env_id, {}) for env_id in IDS if env_id != "llm/Calc-v0"), ("llm/Shop-v0", {"user": "agenda"})],
)
def test_rules_are_told_where_a_template_has_no_system_messages(env_id, options):
    """Above the request, in the one message that there is; the oracle is paid."""
    pytest.importorskip("tokenizers")
    tokenizer = tokenizer_with(INSTRUCT, ["[INST]", "[/INST]"], "</s>")
    env = gym.make(env_id, tokenizer=tokenizer, action="turn", context_length=100_000, max_new_tokens=8_192, **options)
    inner = env.unwrapped
    env.reset(seed=1, options={"difficulty": 2})
    assert [message["role"] for message in inner.task.messages] == ["user"]
    assert "\nR1. " in inner.task.messages[0]["content"]
    for turn in inner.demonstrate(inner.task):
        _, reward, over, _, _ = env.step(turn)
    assert (reward, over) == (1.0, True)


@pytest.mark.parametrize("difficulty", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("env_id", "most"),
    [
        ("llm/Bank-v0", 0.25),
        ("llm/Calendar-v0", 0.12),
        ("llm/Files-v0", 0.25),
        ("llm/Mail-v0", 0.12),
        ("llm/Shop-v0", 0.25),
    ],
)
def test_refusing_by_the_words_of_a_request_is_mostly_wrong(env_id, most, difficulty):
    """What is forbidden is also asked where it is not: whoever would refuse has to look first."""
    env = gym.make(env_id).unwrapped
    env.reset(seed=0)
    refusals = defaultdict(Counter)
    for index in range(200):
        env.reset(options={"index": index, "difficulty": difficulty})
        opening = " ".join(env.task.messages[-1]["content"].split()[:3])
        refusals[opening][env.task.metadata["goal"].refusal] += 1
    best = sum(max(number for rule, number in [*counts.items(), ("R", 0)] if rule) for counts in refusals.values())
    assert best <= most * 200


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


def test_a_mixture_draws_what_it_is_told_to():
    """The families that are named, by their weights; each offers its own tools."""
    env = gym.make("llm/Tools-v0", families={"calc": 3, "shop": 1}).unwrapped
    drawn = []
    for index in range(200):
        env.reset(seed=0, options={"index": index})
        drawn.append(env.task.metadata["family"])
        assert {tool["function"]["name"] for tool in env.task.tools} <= set(env.toolset)
    assert 120 <= drawn.count("calc") <= 180
    assert set(drawn) == {"calc", "shop"}
    env = gym.make("llm/Tools-v0", families="shop", difficulty=5).unwrapped
    env.reset(seed=0)
    assert (env.task.metadata["family"], env.task.metadata["difficulty"]) == ("shop", 5)


def test_a_mixture_draws_all_families_evenly():
    """By default, and a mixture within it like any other."""
    env = gym.make("llm/Tools-v0").unwrapped
    drawn = Counter()
    for index in range(350):
        env.reset(seed=0, options={"index": index})
        drawn[env.task.metadata["family"]] += 1
        assert ("pair" in env.task.metadata) == (env.task.metadata["family"] == "office")
    assert set(drawn) == set(Tools.members)
    assert min(drawn.values()) > 25


@pytest.mark.parametrize(
    ("families", "words"), [("shopp", "Did you mean 'shop'"), ({"shop": 0}, "no family"), ([], "no family")]
)
def test_a_mixture_of_nothing_is_refused(families, words):
    """With the names that there are."""
    with pytest.raises(BadOption, match=words):
        gym.make("llm/Tools-v0", families=families)


def test_a_family_that_is_made_is_imported_alone():
    """A mixture imports those that it draws from."""
    code = (
        "import sys, gymnasium, llm_envs;"
        "gymnasium.make('llm/Tools-v0', families=['calc', 'shop']);"
        "print(*(name for name in sys.modules if name.startswith('llm_envs.envs.tools.')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {name.split(".")[3] for name in run.stdout.split()}
    assert {"calc", "shop"} <= imported
    assert not imported & {"bank", "calendar", "files", "mail", "office"}


def test_the_package_has_no_family_that_nobody_wrote():
    """A name that is none is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="Shopp"):
        _ = tools.Shopp
