"""The summary: every figure by hand, and the same whatever the order."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.errors import BrokenRun
from llm_envs.evals.stats.intervals import wilson
from llm_envs.evals.summary import summarise, summarise_outcomes, write_summary


def only_env(plan, outcomes):
    """The figures of a run of one env."""
    return summarise_outcomes(plan, outcomes).envs[0]


def verdict(reward, answer="", **scores):
    """A verdict of parts that weigh the same."""
    parts = {name: {"score": score, "weight": 0.5, "kind": name} for name, score in scores.items()}
    return {"reward": reward, "status": "ok", "reason": "", "parts": parts, "details": {"answer": answer}}


def test_breakdowns():
    """Difficulty, tags, stop reasons: the mean of each kind with an interval of its own."""
    outcomes = [
        make_episode(
            task,
            reward=float(task < 3),
            difficulty=(10 if task % 2 else 2),
            tags={"topic": "algebra" if task < 2 else "geometry"},
            stop_reason="end_of_turn" if task else "max_turns",
        )
        for task in range(4)
    ]
    env = only_env(make_plan(), outcomes)
    assert {level: i.mean for level, i in env.difficulty.items()} == {"2": 1.0, "10": 0.5}
    assert list(env.difficulty) == ["2", "10"]
    assert {topic: (i.mean, i.n) for topic, i in env.tags["topic"].items()} == {"algebra": (1, 2), "geometry": (0.5, 2)}
    assert (env.difficulty["10"].low, env.difficulty["10"].high) == pytest.approx(wilson(0.5, 2))
    assert {reason: i.n for reason, i in env.stop_reasons.items()} == {"end_of_turn": 3, "max_turns": 1}


def test_parts():
    """The mean score of each part; correctness is a figure of its own."""
    outcomes = [
        make_episode(0, reward=1.0, correct=True, verdict=verdict(1.0, correct=1.0, format=1.0)),
        make_episode(1, reward=0.5, correct=False, verdict=verdict(0.5, correct=0.0, format=1.0)),
    ]
    env = only_env(make_plan(), outcomes)
    assert {name: (part.score.mean, part.weight, part.kind) for name, part in env.parts.items()} == {
        "correct": (0.5, 0.5, "correct"),
        "format": (1.0, 0.5, "format"),
    }
    assert env.correct.mean == 0.5
    assert env.headline.reward.mean == 0.75


def test_faults_are_scored_and_errors_are_not():
    """What the model did wrong counts in the mean; what infrastructure did is counted beside it."""
    outcomes = [
        make_episode(0, reward=0.0, replies=[make_reply("...", finish="length")]),
        make_episode(1, reward=0.0, replies=[make_reply(" ")]),
        make_error(2, phase="verifier", error="WorkerLost"),
        make_error(3),
        make_episode(3),
    ]
    env = only_env(make_plan(), outcomes)
    assert env.faults == {"cut off": 1, "empty": 1}
    assert env.errors == {"verifier: WorkerLost": 1}
    assert env.headline.reward.mean == pytest.approx(1 / 3)


def test_several_samples():
    """pass@k, pass^k, maj@k and the choice by log-probability, for k = 1, 2 and 3; by hand."""
    answers = [("7", 1.0, -1.0), ("8", 0.0, -2.0), ("7", 1.0, -3.0)]
    outcomes = [
        make_episode(
            0, sample, reward, verdict=verdict(reward, answer, correct=reward), replies=[make_reply(logprobs=[logprob])]
        )
        for sample, (answer, reward, logprob) in enumerate(answers)
    ]
    at_k = only_env(make_plan(1, 3), outcomes).at_k
    means = {name: [round(i.mean, 4) for i in by_k.values()] for name, by_k in at_k.items()}
    assert list(at_k["pass@k"]) == [1, 2, 3]
    assert means == {
        "pass@k": [0.6667, 1, 1],
        "pass^k": [0.6667, 0.3333, 0],
        "maj@k": [0.6667, 0.6667, 1],
        "surest@k": [0.6667, 0.6667, 1],
    }


def test_partial_rewards_have_a_best_of_k():
    """Where rewards are not 0 or 1, the best of k is more than pass@k tells; without answers, nobody votes."""
    outcomes = [make_episode(0, sample, reward) for sample, reward in enumerate([0.5, 0.25])]
    at_k = only_env(make_plan(1, 2), outcomes).at_k
    assert at_k["best@k"][2].mean == 0.5
    assert at_k.keys() == {"pass@k", "pass^k", "best@k"}


def test_one_sample_has_no_k():
    """There is nothing to choose among."""
    assert only_env(make_plan(), [make_episode()]).at_k == {}


@st.composite
def runs(draw):
    """Outcomes of two envs, errors before what overcame them, in two orders."""
    plan = make_plan(3, 2, ("a", "b"))
    attempts, seed = list(plan.attempts()), draw(st.integers(0, 1_000))
    told = {}
    for place, attempt in enumerate(attempts):
        fate = draw(st.sampled_from(["scored", "error", "overcome", "missing"]))
        reward = draw(st.sampled_from([0.0, 0.1, 0.7, 1.0]))
        episode = make_episode(
            attempt.task,
            attempt.sample,
            reward,
            attempt.env,
            difficulty=place % 3,
            tags={"topic": "xyz"[place % 3]},
            verdict=verdict(reward, str(reward), correct=reward),
            at_s=float(place),
        )
        error = make_error(attempt.task, attempt.sample, attempt.env)
        told[attempt] = {"scored": [episode], "error": [error], "overcome": [error, episode], "missing": []}[fate]
    return plan, [told[a] for a in attempts], [told[a] for a in random.Random(seed).sample(attempts, len(attempts))]


@given(runs())
def test_the_order_does_not_matter(run):
    """Whatever order the attempts come in, summary.json is the same byte for byte."""
    plan, in_order, shuffled = run
    first, second = (summarise_outcomes(plan, chain(*order)) for order in (in_order, shuffled))
    assert first.to_json() == second.to_json()


def test_there_is_no_clock_in_it():
    """Seconds differ from run to run; the summary does not."""
    slow = make_episode(env_s=9.0, verifier_s=9.0, at_s=9.0, replies=[make_reply(took_s=9.0, queued_s=9.0, tries=9)])
    quick = make_episode(replies=[make_reply(took_s=0.1)])
    first, second = (summarise_outcomes(make_plan(), [episode]) for episode in (slow, quick))
    assert first.to_json() == second.to_json()
    assert first.timing.wall_s == 9


def test_the_file(tmp_path):
    """summary.json holds the figures, the line to quote and the plan."""
    folder = make_run(tmp_path / "run", make_plan(), [make_error(0), make_episode(0), make_episode(1, reward=0.0)])
    summary = write_summary(folder)
    plain = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert plain == json.loads(summary.to_json())
    assert plain["headline"].startswith("mean 0.500 [0.095, 0.905] 95% CI (Wilson), 2 scored of 4 planned")
    assert plain["plan"]["model"] == "mock:gold"
    assert plain["envs"][0]["parts"]["correct"]["score"]["n"] == 2


def test_an_env_that_the_plan_does_not_have(tmp_path):
    """The journal of another run is found out."""
    folder = make_run(tmp_path / "run", make_plan(), [make_episode(env="llm/Sudoku-v0")])
    with pytest.raises(BrokenRun, match="llm/Sudoku-v0"):
        summarise(folder)


def test_memory_grows_by_bytes_an_episode():
    """Twenty thousand episodes need less than 12 MiB besides themselves: a hundred thousand, less than 60 MiB."""
    plan = make_plan(5_000, 4)
    outcomes = (
        make_episode(a.task, a.sample, float(a.task % 3 > 0), text="x" * 500, tags={"topic": "ab"[a.task % 2]})
        for a in plan.attempts()
    )
    gc.collect()
    tracemalloc.start()
    try:
        summary = summarise_outcomes(plan, outcomes)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert summary.headline.scored == 20_000
    assert peak < 12 * 2**20
