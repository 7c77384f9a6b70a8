"""One value for each episode, by column: small enough for a browser to hold 100,000 of them and look through all.

Words are numbered, numbers rounded, and a column of one value is told once.
"""

from __future__ import annotations

import math
from array import array
from typing import Any

from llm_envs.evals.records import Episode

__all__ = ["Columns"]

_DIGITS = {
    "task": 0,
    "sample": 0,
    "reward": 6,
    "correct": 0,
    "difficulty": 0,
    "turns": 0,
    "tokens": 0,
    "took": 5,
    "step": 0,
}
"""Decimals that are told of each column of numbers."""
_PART_DIGITS = 6


class Numbers:
    """A column of numbers; nan where there is none."""

    def __init__(self, digits: int) -> None:
        self._values = array("d")
        self._digits = digits

    def add(self, value: float | None) -> None:
        """One more row."""
        self._values.append(math.nan if value is None else value)

    def pad(self, rows: int) -> None:
        """As many rows as there are elsewhere."""
        self._values.extend([math.nan] * (rows - len(self._values)))

    def plain(self, after: int) -> Any:
        """The rows from `after` on as a list, or the one value they all have."""
        values = [_plain(value, self._digits) for value in self._values[after:]]
        return values[0] if len(set(values)) == 1 else values


class Words:
    """A column of words; -1 stands for none."""

    def __init__(self) -> None:
        self._codes = array("i")
        self._names: dict[str, int] = {}

    def add(self, name: str | None) -> None:
        """One more row."""
        self._codes.append(-1 if name is None else self._names.setdefault(name, len(self._names)))

    def pad(self, rows: int) -> None:
        """As many rows as there are elsewhere."""
        self._codes.extend([-1] * (rows - len(self._codes)))

    def plain(self, after: int) -> dict[str, Any]:
        """All words, and the numbers of those in the rows from `after` on."""
        codes = self._codes[after:].tolist()
        return {"names": list(self._names), "codes": codes[0] if len(set(codes)) == 1 else codes}


class Columns:
    """What can be sorted and filtered by, of each episode in the order they came."""

    def __init__(self) -> None:
        self.rows = 0
        self._numbers = {name: Numbers(digits) for name, digits in _DIGITS.items()}
        self._words = {name: Words() for name in ("env", "stop", "fault")}
        self._tags: dict[str, Words] = {}
        self._parts: dict[str, Numbers] = {}

    def add(self, episode: Episode) -> None:
        """One more row."""
        for name, value in _numbers_of(episode).items():
            self._numbers[name].add(value)
        for word, text in (("env", episode.env), ("stop", episode.stop_reason), ("fault", episode.fault)):
            self._words[word].add(text)
        for tag, kind in episode.tags.items():
            self._of_tag(tag).add(str(kind))
        for part, content in episode.verdict.get("parts", {}).items():
            self._of_part(part).add(content["score"])
        self.rows += 1
        for words in self._tags.values():
            words.pad(self.rows)
        for numbers in self._parts.values():
            numbers.pad(self.rows)

    def plain(self, after: int = 0) -> dict[str, Any]:
        """Everything from row `after` on, JSON-serialisable."""
        return {
            "after": after,
            "rows": self.rows,
            "numbers": {name: column.plain(after) for name, column in self._numbers.items()},
            "words": {name: column.plain(after) for name, column in self._words.items()},
            "tags": {name: column.plain(after) for name, column in self._tags.items()},
            "parts": {name: column.plain(after) for name, column in self._parts.items()},
        }

    def _of_tag(self, name: str) -> Words:
        if name not in self._tags:
            self._tags[name] = Words()
            self._tags[name].pad(self.rows)
        return self._tags[name]

    def _of_part(self, name: str) -> Numbers:
        if name not in self._parts:
            self._parts[name] = Numbers(_PART_DIGITS)
            self._parts[name].pad(self.rows)
        return self._parts[name]


def _numbers_of(episode: Episode) -> dict[str, float | None]:
    return {
        "task": episode.task,
        "sample": episode.sample,
        "reward": episode.reward,
        "correct": float(episode.correct),
        "difficulty": episode.difficulty,
        "turns": episode.turns,
        "tokens": _sampled_tokens(episode),
        "took": _took_s(episode),
        "step": episode.step,
    }


def _took_s(episode: Episode) -> float | None:
    """None where nothing was clocked, as in training."""
    return episode.env_s + episode.verifier_s + math.fsum(reply.took_s for reply in episode.replies) or None


def _sampled_tokens(episode: Episode) -> int | None:
    """Tokens that the policy has sampled; None where that is not known of every reply."""
    counts = [len(reply.ids) if reply.ids is not None else reply.sampled_tokens for reply in episode.replies]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _plain(value: float, digits: int) -> float | int | None:
    if not math.isfinite(value):
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded.is_integer() else rounded
