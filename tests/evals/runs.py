"""Run folders made up for tests of what is worked out from them: nobody plays, the journal and the records are real."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import Journal
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.evals.records import Episode, ErrorRecord, Reply

ENV = "llm/Math-v0"


def make_plan(tasks=4, samples=1, envs=(ENV,), model="mock:gold", **more) -> Plan:
    """A plan of one env or several."""
    return Plan(tuple(EnvPlan(env) for env in envs), model, tasks, samples, **more)


def make_reply(text="\\boxed{7}", turn=0, **more) -> Reply:
    """One turn that was ended properly."""
    return Reply(**{"turn": turn, "seen": f"seen{turn}", "text": text, "took_s": 0.5, **more})


def make_episode(task=0, sample=0, reward=1.0, env=ENV, text="\\boxed{7}", **more) -> Episode:
    """A finished episode; one reply of `text` and a verdict of one part unless `more` says otherwise."""
    part = {"score": reward, "weight": 1.0, "kind": "correct"}
    return Episode(
        **{
            "env": env,
            "task": task,
            "sample": sample,
            "task_id": f"{env}/test/0/{task}",
            "said": [[{"role": "user", "content": f"Question {task} of {env}?"}]],
            "reward": reward,
            "verdict": {"reward": reward, "status": "ok", "reason": "", "parts": {"correct": part}, "details": {}},
            "correct": reward >= 1,
            "stop_reason": "end_of_turn",
            "truncated": False,
            "turns": 1,
            "replies": [make_reply(text, seen=f"{env}/{task}")],
            **more,
        }
    )


def make_error(task=0, sample=0, env=ENV, *, phase="model", error="ModelUnavailable", message="gone") -> ErrorRecord:
    """An attempt that infrastructure ended."""
    return ErrorRecord(env, task, sample, phase, error, message)


def make_run(path: Path, plan: Plan, outcomes: Iterable[Episode | ErrorRecord | dict[str, Any]]) -> RunFolder:
    """A run folder of `plan` in which these outcomes, and other records given as dicts, came one after another."""
    folder = RunFolder.create(path, plan)
    with Journal(folder.journal) as journal:
        for outcome in outcomes:
            for record in records_of(outcome):
                journal.write(record)
    return folder


def records_of(outcome: Episode | ErrorRecord | dict[str, Any]) -> list[dict[str, Any]]:
    """What a journal holds of one outcome: its replies, then how it ended."""
    if isinstance(outcome, dict):
        return [outcome]
    if isinstance(outcome, ErrorRecord):
        return [{"kind": "error", **dataclasses.asdict(outcome)}]
    plain = dataclasses.asdict(outcome)
    replies = plain.pop("replies")
    whose = {"env": outcome.env, "task": outcome.task, "sample": outcome.sample}
    return [{"kind": "reply", **whose, **reply} for reply in replies] + [{"kind": "episode", **plain}]
