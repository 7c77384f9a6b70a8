"""Replays: what was said in one run is said again in another."""

from __future__ import annotations

import asyncio

import pytest
from runs import make_episode, make_plan, make_run

from llm_envs.errors import BadOption, BrokenRun, ModelUnavailable
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import Journal
from llm_envs.evals.models import make_model
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import ROOM

ENVS = (EnvPlan("llm/GuessNumber-v0"), EnvPlan("llm/Arithmetic-v0"))


def played(path, spec, tasks=6, **options):
    """The outcomes of a run, by attempt."""
    plan = Plan(ENVS, spec, tasks, samples=2, **options)
    engine = Engine(RunFolder.create(path, plan), make_model(spec))
    asyncio.run(engine.run())
    return {outcome.attempt: outcome for outcome in RunFolder.open(path).outcomes()}


def test_a_replayed_run_has_the_same_rewards(tmp_path):
    """Replies and rewards of a run of junk come out as they went in."""
    first = played(tmp_path / "first", "mock:random")
    again = played(tmp_path / "again", f"mock:replay({tmp_path / 'first'})")
    third = played(tmp_path / "third", f"mock:replay({tmp_path / 'again'})")
    for attempt, outcome in first.items():
        for other in (again[attempt], third[attempt]):
            assert (outcome.reward, outcome.stop_reason) == (other.reward, other.stop_reason)
            assert [reply.text for reply in outcome.replies] == [reply.text for reply in other.replies]


def test_what_was_not_heard_is_no_reward(tmp_path):
    """Further tasks fail, one by one; the others stand."""
    played(tmp_path / "first", "mock:gold", tasks=3)
    again = played(tmp_path / "again", f"mock:replay({tmp_path / 'first'})", tasks=5)
    missing = [outcome for outcome in again.values() if outcome.attempt.task >= 3]
    assert len(missing) == 8
    assert all(outcome.error == ModelUnavailable.__name__ for outcome in missing)
    assert all(outcome.reward == 1.0 for outcome in again.values() if outcome.attempt.task < 3)


def test_other_tasks_are_refused(tmp_path):
    """Another seed or split would pair replies with tasks that they do not belong to."""
    played(tmp_path / "first", "mock:gold")
    for number, options in enumerate(({"seed": 1}, {"split": "train"})):
        with pytest.raises(BadOption, match="has played other tasks"):
            played(tmp_path / f"again{number}", f"mock:replay({tmp_path / 'first'})", **options)


def test_replies_before_a_restart_are_void(tmp_path):
    """What an abandoned beginning said is not said again."""
    folder = make_run(tmp_path / "run", make_plan(model="mock:gold", envs=("llm/GuessNumber-v0",)), [])
    whose = {"env": "llm/GuessNumber-v0", "task": 0, "sample": 0}
    reply = {"kind": "reply", **whose, "seen": "x"}
    with Journal(folder.journal) as journal:
        journal.write({**reply, "turn": 0, "text": "old 0"})
        journal.write({**reply, "turn": 1, "text": "old 1"})
        journal.write({"kind": "restart", **whose, "turn": 1, "message": ""})
        journal.write({**reply, "turn": 0, "text": "new 0"})
    plan = Plan((EnvPlan("llm/GuessNumber-v0"),), f"mock:replay({folder.path})", 1)
    engine = Engine(RunFolder.create(tmp_path / "again", plan), make_model(plan.model))
    asyncio.run(engine.run())
    replies = [record["text"] for record in Journal(tmp_path / "again" / "journal.log").records() if "text" in record]
    assert replies == ["new 0"]


def test_a_cut_off_reply_is_cut_off_again(tmp_path):
    """How a turn ended belongs to it: the env does not answer the second time either."""
    cut = make_episode(env="llm/GuessNumber-v0", text="3")
    cut.replies[0].finish = "length"
    folder = make_run(tmp_path / "run", make_plan(model="http://x/v1#m", envs=("llm/GuessNumber-v0",)), [cut])
    plan = Plan((EnvPlan("llm/GuessNumber-v0"),), f"mock:replay({folder.path})", 1)
    asyncio.run(Engine(RunFolder.create(tmp_path / "again", plan), make_model(plan.model)).run())
    (outcome,) = RunFolder.open(tmp_path / "again").outcomes()
    assert (outcome.stop_reason, outcome.turns) == ("max_new_tokens", 1)


def test_limits_are_those_that_the_replies_met(tmp_path):
    """As the model had settled them when it was asked: a mock nothing, an endpoint room; tokenizers are not limits."""
    settled = {"kind": "start", "time": 0.0, "level": "token", "env_options": {"tokenizer": "somebody/else", **ROOM}}
    of_mock = make_run(tmp_path / "mock", make_plan(), [{**settled, "env_options": {}}])
    of_endpoint = make_run(tmp_path / "endpoint", make_plan(), [settled, {**settled, "env_options": {}}])
    assert make_model(f"mock:replay({of_mock.path})").env_options == {}
    assert make_model(f"mock:replay({of_endpoint.path})").env_options == ROOM


def test_a_folder_without_a_run_is_named(tmp_path):
    """Before anything is played."""
    with pytest.raises(BrokenRun, match="holds no run"):
        make_model(f"mock:replay({tmp_path})")
