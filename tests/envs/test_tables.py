"""Replays `envs/*/episodes.jsonl`: every episode written down there happens again, to the letter."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path

import gymnasium as gym
import pytest

from llm_envs.registry import rows as registered

TABLES = Path(__file__).parents[2] / "envs"
KINDS = {"gold", "noop", "garbage", "attack"}
ENDLESS = 1000
"""No table has an episode of so many turns."""


def read(path):
    """The rows of one table, with the line each stands in."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{**json.loads(line), "line": f"{path.parent.name}:{number}"} for number, line in enumerate(lines, 1)]


ROWS = [row for path in sorted(TABLES.glob("*/episodes.jsonl")) for row in read(path)]
EPISODES = [row for row in ROWS if row["kind"] != "stream"]
STREAMS = [row for row in ROWS if row["kind"] == "stream"]
OURS = [row for row in registered() if row.id.startswith("llm/")]


def opened(row, index):
    """The env of a row, at one of its tasks."""
    env = gym.make(row["env"], action="turn", **row.get("options", {}))
    reset = {"index": index} | ({"difficulty": row["difficulty"]} if "difficulty" in row else {})
    env.reset(seed=row["seed"], options=reset)
    return env


def replies(row, task, env):
    """What the row's policy says, turn by turn, and then its last words over and over."""
    if row.get("policy") == "gold":
        return list(env.unwrapped.demonstrate(task))
    return [""] if row.get("policy") == "noop" else row["replies"]


def play(row):
    """The trajectory of an episode, and the rewards of its steps."""
    env = opened(row, row["index"])
    said = replies(row, env.unwrapped.task, env)
    rewards = []
    for turn in range(ENDLESS):
        _, reward, terminated, truncated, _ = env.step(said[min(turn, len(said) - 1)])
        rewards.append(reward)
        if terminated or truncated:
            break
    assert len(rewards) >= len(said), f"only {len(rewards)} of {len(said)} replies were used"
    return env.unwrapped.trajectory(), rewards


def digest(row):
    """What a stream row pins: prompts and answers, one JSON line a task."""
    env = opened(row, 0).unwrapped
    sha256 = hashlib.sha256()
    for index in range(row["count"]):
        env.reset(seed=row["seed"], options={"index": index})
        pair = [env.task.messages[-1]["content"], env.task.answer]
        sha256.update(json.dumps(pair, ensure_ascii=False).encode() + b"\n")
    return sha256.hexdigest()


@pytest.mark.parametrize("row", EPISODES, ids=lambda row: row["line"])
def test_episode(row):
    """An episode gives the reward its row promises, and nothing before its end."""
    trajectory, rewards = play(row)
    assert rewards[-1] == pytest.approx(row["reward"], abs=1e-9), f"{row['why']}: {trajectory.verdict}"
    assert not any(rewards[:-1])
    assert trajectory.stop_reason == row["stop_reason"]


@pytest.mark.parametrize("row", [row for row in EPISODES if "says" in row], ids=lambda row: row["line"])
def test_env_speaks_as_before(row):
    """What the env says, prompt and all, is what it said when the row was written."""
    trajectory, _ = play(row)
    assert [m["content"] for m in trajectory.messages if m["role"] != "assistant"] == row["says"]
    assert trajectory.task.answer == row["answer"]


@pytest.mark.parametrize("row", STREAMS, ids=lambda row: row["line"])
def test_stream_is_as_before(row):
    """A long run of tasks is bit for bit what it was when the row was written."""
    assert digest(row) == row["sha256"]


@pytest.mark.parametrize("row", EPISODES[:: max(1, len(EPISODES) // 16)], ids=lambda row: row["line"])
def test_replay_is_exact(row):
    """Playing an episode twice gives the same tokens and the same verdict."""
    (one, _), (other, _) = play(row), play(row)
    assert one.ids.tolist() == other.ids.tolist()
    assert one.mask.tolist() == other.mask.tolist()
    assert one.verdict == other.verdict


@pytest.mark.parametrize("env_row", OURS, ids=lambda env_row: env_row.id)
def test_every_env_has_a_table(env_row):
    """Each id has rows of every kind in the folder of its module, one of them pinning prompt and answer."""
    folder = TABLES / env_row.load().__module__.split(".")[2]
    mine = [row for row in read(folder / "episodes.jsonl") if row["env"] == env_row.id]
    assert {row["kind"] for row in mine} >= KINDS
    assert any("says" in row and "answer" in row for row in mine)


def test_rows_are_well_formed():
    """No row lacks a field, has one that the README does not know, or says the same as another."""
    required = {"env", "kind", "seed", "index", "reward", "stop_reason", "why", "line"}
    for row in EPISODES:
        assert required <= row.keys() <= required | {"difficulty", "options", "policy", "replies", "says", "answer"}
        assert ("policy" in row) != ("replies" in row), row["line"]
        assert row["kind"] in KINDS, row["line"]
    same = defaultdict(list)
    for row in ROWS:
        same[json.dumps({k: v for k, v in row.items() if k not in {"line", "why"}}, sort_keys=True)].append(row["line"])
    assert not [lines for lines in same.values() if len(lines) > 1]


def test_nothing_but_gold_is_paid_in_full():
    """In every table idle and garbage episodes get nothing, and no attack gets what gold gets."""
    paid = Counter((row["kind"], row["reward"] > 0) for row in EPISODES)
    assert paid["noop", True] == paid["garbage", True] == 0
    assert max(row["reward"] for row in EPISODES if row["kind"] == "attack") < 1
    assert min(row["reward"] for row in EPISODES if row["kind"] == "gold") > 0.5
