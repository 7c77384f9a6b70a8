"""A log for Inspect. That inspect_ai reads it was seen with version 0.3.285; here stands what it relied upon."""

from __future__ import annotations

import json
import re

from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.evals.export import export


def log(run):
    """The exported log."""
    return json.loads(export(run, "inspect").path.read_text(encoding="utf-8"))


def test_the_head_stands_before_the_samples(tmp_path):
    """Inspect reads heads of large logs without their samples, in this order."""
    run = make_run(tmp_path, make_plan(tasks=1), [{"kind": "start", "time": 1.75e9}, make_episode(at_s=60.0)])
    found = log(run)
    assert list(found) == ["version", "status", "eval", "plan", "results", "stats", "samples"]
    assert (found["version"], found["status"]) == (2, "success")
    assert found["stats"]["started_at"] == "2025-06-15T15:06:40+00:00"
    assert found["stats"]["completed_at"] == "2025-06-15T15:07:40+00:00"


def test_figures_are_means_over_everything_and_of_each_env(tmp_path):
    """The reward and whether it was correct are two scores; errors are unscored."""
    a, b = "llm/Math-v0", "llm/Zebra-v0"
    outcomes = [make_episode(0, 0, 1.0, a), make_episode(0, 0, 0.5, b), make_episode(1, 0, 0.0, b), make_error(1, 0, a)]
    found = log(make_run(tmp_path, make_plan(tasks=2, envs=(a, b)), outcomes))["results"]
    reward, correct = found["scores"]
    assert (found["total_samples"], found["completed_samples"]) == (4, 3)
    assert (reward["scored_samples"], reward["unscored_samples"]) == (3, 1)
    assert {name: metric["value"] for name, metric in reward["metrics"].items()} == {"mean": 0.5, a: 1.0, b: 0.25}
    assert correct["metrics"]["mean"]["value"] == 1 / 3


def test_samples_of_a_task_are_epochs(tmp_path):
    """An id for each task, an epoch for each sample; an error has no score."""
    run = make_run(tmp_path, make_plan(samples=2), [make_episode(1, 0), make_episode(1, 1), make_error(0, 0)])
    assert [(s["id"], s["epoch"], "scores" in s) for s in log(run)["samples"]] == [
        ("llm/Math-v0/1", 1, True),
        ("llm/Math-v0/1", 2, True),
        ("llm/Math-v0/0", 1, False),
    ]


def test_a_sample_has_its_conversation_score_and_tokens(tmp_path):
    """Messages, the last reply with why it ended, the reward with the reason, and usage."""
    reply = make_reply("six", finish="length", prompt_tokens=4, sampled_tokens=2)
    verdict = {"reward": 0.0, "status": "ok", "reason": "six is not 7", "parts": {}, "details": {}}
    (sample,) = log(make_run(tmp_path, make_plan(), [make_episode(reward=0.0, replies=[reply], verdict=verdict)]))[
        "samples"
    ]
    assert [message["role"] for message in sample["messages"]] == ["user", "assistant"]
    assert sample["output"]["choices"][0]["stop_reason"] == "max_tokens"
    assert sample["output"]["usage"] == {"input_tokens": 4, "output_tokens": 2, "total_tokens": 6}
    assert sample["scores"]["reward"]["value"] == 0.0
    assert sample["scores"]["reward"]["explanation"] == "six is not 7"
    assert sample["scores"]["correct"]["value"] == "I"


def test_an_unfinished_run_is_no_success(tmp_path):
    """Attempts that nobody has made yet leave the log `cancelled`."""
    assert log(make_run(tmp_path, make_plan(tasks=2), [make_episode(0)]))["status"] == "cancelled"


def test_the_file_is_named_as_inspect_names_logs(tmp_path):
    """Its viewer lists nothing else: time, task, id."""
    run = make_run(tmp_path, make_plan(), [{"kind": "start", "time": 1.75e9}, make_episode()])
    assert re.fullmatch(r"2025-06-15T15-06-40_llm-Math-v0_[0-9a-f]{22}\.json", export(run, "inspect").path.name)
