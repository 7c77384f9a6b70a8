"""Mocks: gold is worth everything, nothing and junk next to nothing, noise what was asked for."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

import llm_envs
from llm_envs import SingleTurnEnv, Task
from llm_envs.errors import BadOption, ModelUnavailable
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.models.mocks import junk, says_gold
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Attempt, Query
from llm_envs.registry import row

ENVS = ("llm/Arithmetic-v0", "llm/GuessNumber-v0", "llm/Maze-v0", "llm/Math-v0")


@llm_envs.register("test/NobodyKnows-v0")
class NoOracle(SingleTurnEnv):
    """Nobody knows."""

    def sample(self, rng):
        """One question."""
        return Task(prompt="?", answer=0)

    def verify(self, task, reply):
        """Never."""
        return 0.0


def played(path, spec, envs=ENVS, *, tasks=4, samples=2, seed=0):
    """The outcomes of a run, by attempt."""
    plan = Plan(tuple(EnvPlan(env) for env in envs), spec, tasks, samples, seed)
    asyncio.run(Engine(RunFolder.create(path, plan), make_model(spec)).run())
    return {outcome.attempt: outcome for outcome in RunFolder.open(path).outcomes()}


def query(env_id="llm/Arithmetic-v0", task=0, sample=0, turn=0, seed=0):
    """A question on a fresh episode."""
    env = row(env_id).make(split="test")
    env.reset(seed=seed, options={"index": task})
    return Query(env, Attempt(env_id, task, sample), turn, seed)


def test_gold_solves_everything(tmp_path):
    """One turn or many: the reward is 1."""
    found = played(tmp_path / "run", "mock:gold")
    assert {outcome.reward for outcome in found.values()} == {1.0}


def test_noop_says_nothing_and_earns_nothing(tmp_path):
    """Every reply is empty, every reward 0."""
    found = played(tmp_path / "run", "mock:noop")
    assert {outcome.reward for outcome in found.values()} == {0.0}
    assert {reply.text for outcome in found.values() for reply in outcome.replies} == {""}


def test_noisy_is_right_where_it_was_known_to_be(tmp_path):
    """The hash of seed and attempt tells each reward beforehand, and the share is about what was asked for."""
    found = played(tmp_path / "run", "mock:noisy(0.8)", ENVS[:2], tasks=60, samples=2, seed=5)
    truth = {attempt: float(says_gold(attempt, 5, 0.8)) for attempt in found}
    assert {attempt: outcome.reward for attempt, outcome in found.items()} == truth
    assert 0.7 < sum(truth.values()) / len(truth) < 0.9


def test_noisy_reaches_both_ends():
    """Probability 0 is never right, 1 always."""
    attempts = [Attempt("e", task, 0) for task in range(200)]
    assert not any(says_gold(attempt, 0, 0.0) for attempt in attempts)
    assert all(says_gold(attempt, 0, 1.0) for attempt in attempts)


def test_another_seed_errs_elsewhere():
    """Which episodes are right depends on the seed, on the env, on the task and on the sample."""
    attempts = [Attempt(env, task, sample) for env in "ab" for task in range(20) for sample in range(4)]
    right = {seed: [says_gold(attempt, seed, 0.5) for attempt in attempts] for seed in (0, 1)}
    assert right[0] != right[1]
    assert right[0][:80] != right[0][80:]
    assert len({tuple(right[0][i : i + 4]) for i in range(0, 160, 4)}) > 8


def test_random_is_varied_and_the_same_again(tmp_path):
    """Replies differ by attempt and turn, not by run."""
    first, again = (played(tmp_path / name, "mock:random", samples=8) for name in ("a", "b"))
    texts = {attempt: [reply.text for reply in outcome.replies] for attempt, outcome in first.items()}
    assert texts == {attempt: [reply.text for reply in outcome.replies] for attempt, outcome in again.items()}
    assert len({tuple(text) for text in texts.values()}) > 0.9 * len(texts)
    assert {outcome.reward for outcome in first.values()} >= {0.0}


def test_random_hits_small_answers_now_and_then():
    """Numbers and words of the question come up, so that envs that are won by guessing show it."""
    said = Counter(junk(query(sample=sample)) for sample in range(600))
    assert any(text.isdigit() for text in said)
    assert any("\\boxed{" in text for text in said)
    assert any("=?" in text for text in said)


def test_random_takes_any_question():
    """One without words is answered, too."""
    question = query()
    question.env.session._messages[-1]["content"] = "  "
    assert all(isinstance(junk(question._replace(turn=turn)), str) for turn in range(50))


def test_gold_without_an_oracle_stops_the_run():
    """The error says what to write."""
    model = make_model("mock:gold")
    with pytest.raises(BadOption, match="has no oracle"):
        asyncio.run(model.reply(query("test/NobodyKnows-v0")))


def test_an_oracle_with_too_few_turns_is_no_reward():
    """An episode that goes on after the demonstration has failed for reasons of the env's."""
    model = make_model("mock:gold")
    with pytest.raises(ModelUnavailable, match="llm-envs check llm/Arithmetic-v0"):
        asyncio.run(model.reply(query(turn=1)))


def test_gold_looks_at_the_task_at_hand():
    """An env that is used again is demonstrated again."""
    model, question = make_model("mock:gold"), query()
    texts = []
    for index in (0, 1, 0):
        question.env.reset(seed=0, options={"index": index})
        texts.append(asyncio.run(model.reply(question)).text)
    assert texts[0] == texts[2] != texts[1]


def test_junk_calls_tools_where_there_are_some():
    """Of the tools that the task offers, with words of the question; the draw is the attempt's own."""
    calls = []
    for sample in range(30):
        asked = query("llm/Calc-v0", sample=sample)
        calls += asked.env.chat.calling.read(junk(asked)).attempts
        assert junk(asked) == junk(asked)
    offered = {tool["function"]["name"] for tool in asked.env.task.tools}
    words = asked.messages[-1]["content"]
    assert {attempt.status for attempt in calls} == {"ok"}
    assert {attempt.name for attempt in calls} == offered
    assert all(str(value) in f"0 {words}" for attempt in calls for value in attempt.arguments.values())
