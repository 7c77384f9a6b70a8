"""`llm/MCP-v0`: tasks of a file, solved with anybody's server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import llm_envs
from llm_envs.chat.calls import Call
from llm_envs.errors import BadDataset, BadOption, ToolServerLost, UnknownDataset
from llm_envs.testing import EnvTests
from llm_envs.types import Verdict

MINE = (sys.executable, str(Path(__file__).parents[1] / "tools" / "mcp" / "server_of_mine.py"))
MUSEUM = (sys.executable, "-S", str(Path(llm_envs.__file__).parent / "envs" / "mcp" / "museum.py"))
CLOCK = (sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC")


class TestMCP(EnvTests):
    env_id = "llm/MCP-v0"


def written(tmp_path, *rows):
    """A file of these tasks."""
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def made(server, path, **options):
    """The env, at its first task."""
    env = gym.make("llm/MCP-v0", server=server, tasks=path, action="turn", **options).unwrapped
    env.reset(seed=0)
    return env


def calls(env, name, **arguments):
    """A turn with that call."""
    return env.step(env.chat.calling.write([Call(name, arguments)]))


def test_a_server_written_by_others_drives_an_episode(tmp_path):
    """`mcp-server-time`, from PyPI, by name and of its own process: its answer leads to the reward."""
    prompt = "It is 12:00 in Asia/Kolkata. What time is it in Asia/Tokyo? End with a line: Answer: HH:MM"
    env = made(CLOCK, written(tmp_path, {"prompt": prompt, "answer": "15:30"}))
    try:
        assert {"get_current_time", "convert_time"} == set(env.toolset)
        assert "convert_time" in env.chat.decode(env.context())
        calls(env, "convert_time", source_timezone="Asia/Kolkata", time="noon", target_timezone="Asia/Tokyo")
        assert (env.answers[-1].code, "Invalid time format" in env.answers[-1].content) == ("E_TOOL_CRASH", True)
        calls(env, "convert_time", source_timezone="Asia/Kolkata", time="12:00", target_timezone="Asia/Tokyo")
        told = json.loads(env.answers[-1].content)
        time = told["target"]["datetime"][11:16]
        assert env.step(f"Answer: {time}")[1:4] == (1.0, True, False)
        env.reset(seed=1)
        assert env.step("Answer: 12:00")[1:4] == (0.0, True, False)
    finally:
        env.close()


def test_a_server_that_dies_ends_the_episode_without_a_verdict(tmp_path):
    """And the next reset starts another."""
    env = made(MINE, written(tmp_path, {"prompt": "Add 2 and 3.", "answer": 5}))
    try:
        _, reward, terminated, truncated, info = calls(env, "fail", how="die")
        assert (reward, terminated, truncated, info["stop_reason"]) == (0.0, False, True, "infrastructure")
        assert "out of paper" not in "".join(message["content"] for message in env.session.messages)
        env.reset()
        calls(env, "add", a=2, b=3)
        assert env.step("Answer: 5")[1] == 1.0
    finally:
        env.close()


def test_what_a_server_says_makes_no_control_ids(tmp_path):
    """It is a stranger's text, whatever it looks like."""
    env = made(MINE, written(tmp_path, {"prompt": "Look.", "answer": "x"}))
    try:
        before = len(env.context())
        calls(env, "show")
        said = env.context()[before:]
        stops = [number for number in said.tolist() if number in env.chat.stop_ids]
        assert "<|im_end|>" in env.session.messages[-1]["content"]
        assert len(stops) == 2, "the end of the policy's turn and the end of the server's"
    finally:
        env.close()


def test_servers_of_a_batch_do_not_meet(tmp_path):
    """Each row has a session, and a memory, of its own."""
    path = written(tmp_path, {"prompt": "Take a note.", "answer": "x"})
    envs = gym.make_vec("llm/MCP-v0", num_envs=2, server=MINE, tasks=path, action="turn")
    try:
        envs.reset(seed=[0, 0])
        write = envs.envs[0].chat.calling.write
        envs.step([write([Call("take_note_v2", {"words": words})]) for words in ("one", "two")])
        assert [row.answers[0].content for row in envs.envs] == ["one", "two"]
    finally:
        envs.close()


def test_answers_are_judged_by_the_verifier_that_is_named(tmp_path):
    """Names in any of their spellings, values of mathematics, or a function's own judgement."""
    path = written(tmp_path, {"prompt": "Say it.", "answer": ["0.5", "half"]})
    with gym.make("llm/MCP-v0", server=MUSEUM, tasks=path, action="turn") as env:
        env.reset(seed=0)
        assert env.step("Answer: Half.")[1] == 1.0
    path = written(tmp_path, {"prompt": "Say it.", "answer": 0.5})
    with gym.make("llm/MCP-v0", server=MUSEUM, tasks=path, action="turn", verifier="math") as env:
        env.reset(seed=0)
        assert env.step("\\boxed{1/2}")[1] == 1.0
    with gym.make("llm/MCP-v0", server=MUSEUM, tasks=path, action="turn", verifier=lambda *_: Verdict.of(0.25)) as env:
        env.reset(seed=0)
        assert env.step("whatever")[1] == 0.25


ROW = {"prompt": "Say it.", "answer": "x"}


@pytest.mark.parametrize(
    ("rows", "options", "error", "words"),
    [
        ([{"answer": "x"}], {}, BadDataset, "line 1 is no task"),
        ([ROW, {"prompt": " ", "answer": "x"}], {}, BadDataset, "line 2 is no task"),
        ([{"prompt": "a", "answer": []}], {}, BadDataset, "line 1 has an answer that cannot be judged"),
        ([{"prompt": "a", "answer": "?("}], {"verifier": "math"}, BadDataset, "an answer that cannot be judged"),
        ([{**ROW, "calls": ["add"]}], {}, BadDataset, "line 1 has calls that are none"),
        ([{**ROW, "split": "test"}], {}, BadDataset, "has no task of split 'train'"),
        ([ROW], {"verifier": "mth"}, BadOption, "Did you mean 'math'"),
        ([ROW], {"server": None}, BadOption, "a server needs tasks"),
        ([ROW], {"server": "no-such-program"}, ToolServerLost, "there is no program"),
        ([ROW], {"timeout_s": 0}, BadOption, "a call has no time"),
        ([ROW], {"tasks": "nowhere.jsonl"}, UnknownDataset, "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_played_is_refused_when_the_env_is_made(tmp_path, rows, options, error, words):
    """By the line, with what is wrong."""
    with pytest.raises(error, match=words.replace("(", r"\(")):
        gym.make("llm/MCP-v0", **{"server": MUSEUM, "tasks": written(tmp_path, *rows), **options})
