"""Pairs of a right and a wrong reply, as TRL's DPOTrainer takes them: `{"prompt", "chosen", "rejected"}` a line.

Both replies of a pair answer the same: two samples of one task whose conversations are equal up to their last reply. Of
one-turn episodes that is every right and every wrong sample. Multi-turn episodes that parted earlier are left out,
because DPOTrainer counts everything after the prompt as the policy's, and what the env said in between is not.

Each episode stands in one pair at most. The journal is read twice: first to choose, then to write.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from llm_envs.evals.export.choice import Choice
from llm_envs.evals.export.output import json_line
from llm_envs.evals.export.samples import Place, chat, drawn, unfit
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.storage import whole_file

__all__ = ["write"]

_Key = tuple[Place, str]


@dataclass(slots=True)
class _Group:
    """Samples that answer the same, by number."""

    right: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.right) + len(self.wrong)


class _Pair(NamedTuple):
    """Two samples of one task."""

    place: Place
    right: int
    wrong: int


def write(run: Reading, out: Path, choice: Choice, left_out: Counter[str]) -> int:
    """Write the file; how many pairs are in it."""
    groups = _groups(run, left_out)
    pairs = list(_pairs(groups, choice))
    _count_single(groups, pairs, left_out)
    choice.require_rows(len(pairs), "dpo", left_out)
    with whole_file(out, "--out") as file:
        for row in _rows(run, pairs):
            file.write(json_line(row))
    return len(pairs)


def _groups(run: Reading, left_out: Counter[str]) -> dict[_Key, _Group]:
    groups: dict[_Key, _Group] = {}
    for outcome in run.outcomes("choosing"):
        if unfit(outcome, left_out) or isinstance(outcome, ErrorRecord):
            continue
        group = groups.setdefault((Place.of(outcome), _history(outcome)), _Group())
        (group.right if outcome.correct else group.wrong).append(outcome.sample)
    return groups


def _history(episode: Episode) -> str:
    """What stands for everything before the last reply."""
    return hashlib.sha256(json.dumps(episode.messages()[:-1]).encode()).hexdigest()[:16]


def _pairs(groups: dict[_Key, _Group], choice: Choice) -> Iterator[_Pair]:
    paired: set[Place] = set()
    for (place, history), group in sorted(groups.items(), key=lambda item: item[0]):
        right = drawn(group.right, choice.seed, *place, history, "right")
        wrong = drawn(group.wrong, choice.seed, *place, history, "wrong")
        for pair in zip(right, wrong, strict=False):
            if choice.per_task == "one" and place in paired:
                break
            paired.add(place)
            yield _Pair(place, *pair)


def _count_single(groups: dict[_Key, _Group], pairs: list[_Pair], left_out: Counter[str]) -> None:
    """Count those that are in no pair."""
    right = {place for (place, _), group in groups.items() if group.right}
    wrong = {place for (place, _), group in groups.items() if group.wrong}
    both = right & wrong
    fit = sum(group.size for group in groups.values())
    parted = sum(g.size for (place, _), g in groups.items() if place in both and not (g.right and g.wrong))
    left_out["parted from the others before the last reply"] += parted
    left_out["in no pair"] += fit - parted - 2 * len(pairs)


def _rows(run: Reading, pairs: list[_Pair]) -> Iterator[dict[str, Any]]:
    """The pairs, each as soon as both of its episodes have been read."""
    pair_of = {(pair.place, sample): pair for pair in pairs for sample in (pair.right, pair.wrong)}
    waiting: dict[_Pair, Episode] = {}
    for episode in run.episodes("writing"):
        pair = pair_of.get((Place.of(episode), episode.sample))
        if pair is None:
            continue
        if pair not in waiting:
            waiting[pair] = episode
            continue
        both = {found.sample: chat(found.messages()) for found in (waiting.pop(pair), episode)}
        yield {
            "prompt": both[pair.right][:-1],
            "chosen": both[pair.right][-1:],
            "rejected": both[pair.wrong][-1:],
        }
