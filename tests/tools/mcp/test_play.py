"""An env as an MCP server, played by the official client."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path

import mcp
import pytest

import llm_envs
from llm_envs.errors import BadOption
from llm_envs.registry import row, rows
from llm_envs.tools import ToolEnv, tool
from llm_envs.tools.mcp.play import Play


def served(*arguments):
    """How a client starts the command."""
    words = ["-m", "llm_envs", "serve-mcp", *map(str, arguments)]
    return mcp.StdioServerParameters(
        command=sys.executable, args=words, env={"PYTHONPATH": str(Path(llm_envs.__file__).parents[1])}
    )


def play(env_id, *arguments, calls):
    """What a client of that command is told: tools, and an answer and whether it is an error for each call."""

    async def session():
        async with mcp.Client(served(env_id, *arguments)) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            answers = []
            for name, given in calls:
                result = await client.call_tool(name, given)
                answers.append((result.content[0].text, result.is_error))
            return names, answers

    return asyncio.run(session())


def oracle(env_id, seed, index=0, **options):
    """The calls of the env's own oracle, and its answer."""
    with closing(row(env_id).make(**options)) as env:
        env.reset(seed=seed, options={"index": index})
        prompt = env.task.messages[-1]["content"]
        readings = [env.chat.calling.read(reply) for reply in env.demonstrate(env.task)]
    calls = [(attempt.name, dict(attempt.arguments)) for reading in readings for attempt in reading.attempts]
    return prompt, calls, readings[-1].text


def test_a_client_plays_an_episode_to_its_verdict():
    """The oracle's calls, one by one, by the official client: it is paid in full, and the next task follows."""
    prompt, calls, answer = oracle("llm/Calc-v0", seed=3, difficulty=2)
    script = [
        ("new_episode", {}),
        *calls,
        ("say", {"text": answer}),
        ("say", {"text": answer}),
        ("new_episode", {}),
    ]
    names, answers = play("llm/Calc-v0", "--seed", 3, "--difficulty", 2, calls=script)
    assert names[-2:] == ["new_episode", "say"]
    assert {name for name, _ in calls} <= set(names)
    assert answers[0] == (f"{prompt}\n\nTools of this task: get, calc.", False)
    assert not any(is_error for _, is_error in answers[: len(calls) + 2])
    verdict, _, told = answers[-3][0].partition("\n")
    assert (verdict, json.loads(told)["reward"]) == ("The episode is over.", 1.0)
    assert answers[-2] == ("No episode is open: call new_episode.", True)
    assert answers[-1][0] != answers[0][0]


def test_a_client_ends_an_episode_by_a_tool_of_the_env():
    """As the shop's `submit` and `refuse` do."""
    _, calls, _ = oracle("llm/Shop-v0", seed=0, difficulty=0)
    names, answers = play("llm/Shop-v0", "--difficulty", 0, calls=[("new_episode", {}), *calls])
    assert {"submit", "refuse", "say"} <= set(names)
    assert '"reward": 1.0' in answers[-1][0]


@pytest.mark.parametrize(
    "env_id", [one.id for one in rows() if {"tools", "mcp"} & {*one.extras} and one.id.startswith("llm/")]
)
def test_every_env_with_tools_can_be_served(env_id):
    """None has a tool called as one of the server's own."""
    with closing(row(env_id).make()) as env:
        Play(env)


def test_mistakes_are_answered_and_the_episode_goes_on():
    """Unknown tools, wrong arguments, no episode."""
    calls = [
        ("get", {"cell": "x"}),
        ("new_episode", {"seed": 1, "index": 4}),
        ("new_episode", {"sed": 1}),
        ("say", {}),
        ("get", {"cell": 7}),
        ("got", {}),
        ("say", {"text": "no idea"}),
    ]
    _, answers = play("llm/Calc-v0", calls=calls)
    assert [is_error for _, is_error in answers] == [True, False, True, True, True, True, False]
    assert [
        next(word for word in ("No episode", "E_ARGS", "E_UNKNOWN_TOOL") if word in answers[number][0])
        for number in (0, 2, 3, 4, 5)
    ] == ["No episode", "E_ARGS", "E_ARGS", "E_ARGS", "E_UNKNOWN_TOOL"]
    assert '"reward": 0.0' in answers[-1][0]


def test_an_env_without_tools_is_played_by_talking():
    """What is said is answered, until it is the last word; a tool that is none costs no turn."""
    with closing(row("llm/GuessNumber-v0").make()) as env:
        game = Play(env, seed=2)
        assert game.answer("new_episode", {})[0]
        assert game.answer("guess", {"number": 3})[1] is True
        assert len(env.session.messages) == 1
        *others, last = env.demonstrate(env.task)
        for reply in others:
            told, is_error = game.answer("say", {"text": reply})
            assert "The episode is over" not in told
            assert not is_error
        told, _ = game.answer("say", {"text": last})
        assert '"reward": 1.0' in told


def test_a_seed_may_be_gone_back_to():
    """The same task, by the same numbers."""
    with closing(row("llm/Calc-v0").make()) as env:
        game = Play(env)
        first = game.answer("new_episode", {"seed": 5})
        assert game.answer("new_episode", {}) != first
        assert game.answer("new_episode", {"seed": 5, "index": 0}) == first


@tool
def say(form: str) -> str:
    """Hand in a form."""
    return form


@llm_envs.register("test/Office-v0")
class Office(ToolEnv):
    """Hand in a form."""

    tools = (say,)

    def sample(self, rng):
        """The one task there is."""
        return llm_envs.Task(prompt="Hand it in.")

    def verify(self, task, reply):
        """Always right."""
        return 1.0


def test_a_tool_called_as_one_of_ours_is_refused():
    """When the server starts."""
    with pytest.raises(BadOption, match="has a tool called 'say'"):
        Play(Office())


def test_a_task_tells_which_of_its_tools_are_others_than_those_listed():
    """A mixture lists the tools of all its members; two of them may have one name."""
    with closing(row("llm/Tools-v0").make(families=["files", "mail"])) as env:
        played, told = Play(env), {}
        while len(told) < 2:
            text, _ = played.answer("new_episode", {})
            told[env.task.metadata["family"]] = text.split("Tools of this task: ")[1]
    listed = [family for family, text in told.items() if "In this task" not in text]
    (other,) = set(told) - set(listed)
    assert len(listed) == 1
    described = [json.loads(line.partition(": ")[2]) for line in told[other].splitlines()[2::2]]
    assert {schema["name"] for schema in described} == {"move", "delete"}
