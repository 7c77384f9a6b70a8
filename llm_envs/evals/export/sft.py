"""Conversations that earned enough, as TRL's SFTTrainer takes them: a line `{"messages": [...]}` each.

Multi-turn episodes are kept whole. SFTTrainer learns every message unless told `assistant_only_loss=True`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from llm_envs.evals.export.choice import Choice
from llm_envs.evals.export.output import json_line
from llm_envs.evals.export.samples import Place, chat, drawn, unfit
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.storage import whole_file

__all__ = ["write"]

_SLACK = 1e-9
"""Weights such as 0.9 + 0.1 do not sum to 1 exactly."""


def write(run: Reading, out: Path, choice: Choice, left_out: Counter[str]) -> int:
    """Write the file; how many conversations are in it."""
    taken = _one_of_each_task(run, choice) if choice.per_task == "one" else None
    rows = 0
    with whole_file(out, "--out") as file:
        for outcome in run.outcomes("writing"):
            episode = _fit(outcome, choice, left_out)
            if episode is None:
                continue
            if taken is not None and taken[Place.of(episode)] != episode.sample:
                left_out["not the one of its task"] += 1
                continue
            file.write(json_line({"messages": chat(episode.messages())}))
            rows += 1
        choice.require_rows(rows, "sft", left_out)
    return rows


def _fit(outcome: Episode | ErrorRecord, choice: Choice, left_out: Counter[str]) -> Episode | None:
    if unfit(outcome, left_out) or isinstance(outcome, ErrorRecord):
        return None
    if outcome.reward < choice.min_reward - _SLACK:
        left_out[f"reward below {choice.min_reward:g}"] += 1
        return None
    return outcome


def _one_of_each_task(run: Reading, choice: Choice) -> dict[Place, int]:
    """Which sample to take of each task."""
    samples: dict[Place, list[int]] = {}
    for outcome in run.outcomes("choosing"):
        episode = _fit(outcome, choice, Counter())
        if episode is not None:
            samples.setdefault(Place.of(episode), []).append(episode.sample)
    return {place: drawn(found, choice.seed, *place)[0] for place, found in samples.items()}
