"""Traces for `verifiers`. That the package reads them was seen with version 0.4.0; here stands what it relied upon."""

from __future__ import annotations

import json

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.evals.export import export


def episodes(run):
    """The exported episodes."""
    return [json.loads(line) for line in export(run, "verifiers").path.read_text(encoding="utf-8").splitlines()]


def test_an_episode_has_a_trace_of_linked_messages(tmp_path):
    """Each message names the one before; what the policy said is marked, and has its call."""
    said = [[{"role": "system", "content": "s"}, {"role": "user", "content": "a"}], [{"role": "tool", "content": "c"}]]
    replies = [make_reply("b", prompt_tokens=2, sampled_tokens=1), make_reply("d", turn=1, finish="length")]
    (found,) = episodes(make_run(tmp_path, make_plan(), [make_episode(said=said, replies=replies)]))
    (trace,) = found["traces"]
    nodes = trace["nodes"]
    assert [node["message"]["role"] for node in nodes] == ["system", "user", "assistant", "tool", "assistant"]
    assert [node.get("parent") for node in nodes] == [None, 0, 1, 2, 3]
    assert [node["sampled"] for node in nodes] == [False, False, True, False, True]
    assert [(call["node"], call["finish_reason"]) for call in trace["calls"]] == [(2, "stop"), (4, "length")]
    assert trace["calls"][0]["usage"] == {"prompt_tokens": 2, "completion_tokens": 1}
    assert nodes[3]["message"]["tool_call_id"] == ""


def test_rewards_are_the_verdicts_parts(tmp_path):
    """Score times weight sums to the reward."""
    parts = {"correct": {"score": 1.0, "weight": 0.9, "kind": "correct"}, "format": {"score": 0.5, "weight": 0.1}}
    verdict = {"reward": 0.95, "status": "ok", "reason": "", "parts": parts, "details": {}}
    (found,) = episodes(make_run(tmp_path, make_plan(), [make_episode(reward=0.95, verdict=verdict, correct=True)]))
    rewards = found["traces"][0]["rewards"].values()
    assert sum(part["score"] * part["weight"] for part in rewards) == pytest.approx(0.95)
    assert found["traces"][0]["metrics"] == {"correct": 1.0}


def test_tokens_come_along_where_they_are_known(tmp_path):
    """Along a trace the ids are the whole context, and the mask says what was sampled."""
    said = [[{"role": "system", "content": "s"}, {"role": "user", "content": "a"}], [{"role": "user", "content": "c"}]]
    replies = [make_reply("b", ids=[3], logprobs=[-1.0]), make_reply("d", turn=1, ids=[5, 6])]
    episode = make_episode(said=said, replies=replies, ids=[[1, 2], [4]])
    nodes = episodes(make_run(tmp_path, make_plan(), [episode]))[0]["traces"][0]["nodes"]
    assert [i for node in nodes for i in node.get("token_ids", [])] == [1, 2, 3, 4, 5, 6]
    assert [m for node in nodes for m in node.get("mask", [])] == [False, False, True, False, True, True]
    assert [node.get("logprobs") for node in nodes if node["sampled"]] == [[-1.0], None]


def test_errors_are_episodes_without_a_trace(tmp_path):
    """They are not ok, and say why; samples of a task are a group."""
    run = make_run(tmp_path, make_plan(samples=2), [make_episode(0, 1), make_error(0, 0, message="gone")])
    good, bad = episodes(run)
    assert (bad["ok"], bad["traces"], bad["errors"]) == (False, [], [{"type": "ModelUnavailable", "message": "gone"}])
    assert good["group"] == bad["group"]
    assert good["id"] != bad["id"]
    assert good["task"]["data"]["prompt"] == [{"role": "user", "content": "Question 0 of llm/Math-v0?"}]
