"""The replies of an earlier run, once more: for a verifier that has changed since, or an env with other options.

Each reply is found by attempt and turn, whatever the env says this time. What the earlier run never heard stays
unanswered. Replies are read from the journal when they are asked for; only their places are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm_envs.errors import BadOption, ModelUnavailable
from llm_envs.evals.folder import RunFolder, reply_of
from llm_envs.evals.journal import locate_records, read_records, record_at
from llm_envs.evals.records import attempt_of
from llm_envs.policies.model import ROOM, Attempt, Completion, Query

__all__ = ["Replay"]


class Replay:
    """Says what was said in a run.

    Args:
        path: the run's folder.

    Raises:
        BrokenRun: there is no run in it, or none of an evaluation.
    """

    def __init__(self, path: Path) -> None:
        self._folder = RunFolder.open(path)
        self._plan = self._folder.plan
        self._places: dict[tuple[Attempt, int], int] | None = None

    @property
    def env_options(self) -> Mapping[str, Any]:
        """The limits that the replies met."""
        starts = (record for record in read_records(self._folder.journal) if record["kind"] == "start")
        met = next(starts, {}).get("env_options", {})
        return {name: met[name] for name in ROOM if name in met}

    def __call__(self, query: Query) -> Completion:
        """The reply that this turn of this attempt had.

        Raises:
            BadOption: this run plays other tasks than that one.
            ModelUnavailable: there is none.
        """
        self._require_same_tasks(query)
        if self._places is None:
            self._places = _places(self._folder.journal)
        place = self._places.get((query.attempt, query.turn))
        if place is None:
            env, task, sample = query.attempt
            raise ModelUnavailable(
                f"{self._folder.path} holds no reply to turn {query.turn} of {env} {task}.{sample}",
                expected="an attempt and a turn of that run",
                next_step="Ask for no more tasks and samples than it has; an env that answers otherwise asks for more.",
            )
        reply = reply_of(record_at(self._folder.journal, place))
        return Completion(
            text=reply.text,
            ids=reply.ids,
            logprobs=reply.logprobs,
            finish=reply.finish,
            prompt_tokens=reply.prompt_tokens,
            sampled_tokens=reply.sampled_tokens,
        )

    def _require_same_tasks(self, query: Query) -> None:
        here, there = (query.seed, query.env.split), (self._plan.seed, self._plan.split)
        if here != there:
            raise BadOption(
                f"the run in {self._folder.path} has played other tasks",
                expected="seed {}, split {!r}, as there".format(*there),
                received="seed {}, split {!r}".format(*here),
                next_step="Pass --seed {} --split {}.".format(*there),
            )


def _places(journal: Path) -> dict[tuple[Attempt, int], int]:
    """Where the replies are that count: the last ones to each turn, without those that a restart has made void."""
    places: dict[tuple[Attempt, int], int] = {}
    turns: dict[Attempt, int] = {}
    for place, record in locate_records(journal):
        if record["kind"] == "reply":
            attempt, turn = attempt_of(record), record["turn"]
            places[attempt, turn] = place
            turns[attempt] = turn
        elif record["kind"] == "restart":
            attempt = attempt_of(record)
            for turn in range(turns.pop(attempt, -1) + 1):
                places.pop((attempt, turn), None)
    return places
