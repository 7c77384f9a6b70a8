"""Which episodes are fit to train on, and which of those are taken.

A reply that was cut off or withheld is no whole reply: a trainer would put an end after it that nobody sampled. What is
taken of several is drawn by a seed and by the episodes' places in the run, so that it does not depend on the order in
which they happened to finish.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from llm_envs.evals.records import Episode, ErrorRecord

__all__ = ["Place", "chat", "drawn", "unfit"]

_KEPT = ("role", "content", "name", "tool_calls", "tool_call_id")
_UNFIT = frozenset({"cut off", "withheld"})


class Place(NamedTuple):
    """Which task an episode is of; in training a task may come back at another step."""

    env: str
    task: int
    step: int = -1

    @classmethod
    def of(cls, episode: Episode) -> Place:
        """Where `episode` stands."""
        return cls(episode.env, episode.task, -1 if episode.step is None else episode.step)


def unfit(outcome: Episode | ErrorRecord, left_out: Counter[str]) -> bool:
    """Whether nothing can be learnt from it; the reason is counted."""
    reason = "ended by infrastructure" if isinstance(outcome, ErrorRecord) else outcome.fault
    if isinstance(outcome, ErrorRecord) or reason in _UNFIT:
        left_out[reason] += 1
        return True
    return False


def chat(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Messages with nothing but what chat templates take."""
    return [{name: message[name] for name in _KEPT if name in message} for message in messages]


def drawn(candidates: Iterable[int], seed: int, *key: Any) -> list[int]:
    """The candidates in an order that seed and key alone decide."""
    return sorted(candidates, key=lambda number: hashlib.sha256(json.dumps([seed, *key, number]).encode()).digest())
