"""What came of an env's attempts, as columns of numbers: a figure needs no more, and no episode has to be kept.

A row is a task, a column of it a sample; an attempt has its place whenever it comes, so that nothing worked out from
here depends on the order in which episodes ended. Sixty bytes an attempt, and eight for each part of a verdict.

What it deliberately does not do: it keeps no text besides the names of kinds and what errors said, and works out no
figures (`summary`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from llm_envs.errors import BrokenRun
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.stats.intervals import UNIT, Floats, Range
from llm_envs.evals.stats.samples import NO_ANSWER

__all__ = ["Columns", "Kinds", "PartColumn", "code_of"]

_MOST_KINDS = 200
"""Words that take more values than this do not tell kinds of task apart, but tasks."""


class Kinds:
    """One word for each attempt, out of few.

    Args:
        most: different words, above which the column is given up.
    """

    def __init__(self, tasks: int, samples: int, most: int = _MOST_KINDS) -> None:
        self._codes_T_K = np.full((tasks, samples), -1, np.int16)
        self._known: dict[str, int] = {}
        self._most = most

    def set(self, task: int, sample: int, word: str) -> None:
        """The word of an attempt."""
        if len(self._known) <= self._most:
            self._codes_T_K[task, sample] = self._known.setdefault(word, len(self._known))

    @property
    def tells(self) -> bool:
        """There are words, and few enough to tell kinds apart."""
        return 0 < len(self._known) <= self._most

    def masks(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Each word in the order of the alphabet, with where it stands, shape (T, K)."""
        for word in sorted(self._known):
            yield word, self._codes_T_K == self._known[word]


class PartColumn:
    """The scores of one part of the verdicts."""

    def __init__(self, tasks: int, samples: int) -> None:
        self.scores_T_K: Floats = np.full((tasks, samples), np.nan)
        self.kinds: set[str] = set()
        self.weights: Range = (math.inf, -math.inf)


class Columns:
    """The attempts of one env.

    Attributes:
        rewards_T_K: nan where there is none.
        errors_T_K: True where infrastructure is why.
        correct_T_K: the verdict's word; False where there is no reward.
        answers_T_K: a code of the answer that was taken from the reply, or `NO_ANSWER`.
        surety_T_K: the mean log-probability of what was sampled; nan where it is not known.
        tasks_T: a code of each task's id; `NO_ANSWER` where nothing was scored. A small data set repeats its tasks.
        messages: what the errors said, by attempt.
        reward_range: what verdicts of these parts could give at least and at most; [0, 1] where that is one number.
    """

    def __init__(self, label: str, tasks: int, samples: int) -> None:
        self.label = label
        shape = self._shape = tasks, samples
        self.rewards_T_K: Floats = np.full(shape, np.nan)
        self.errors_T_K = np.zeros(shape, np.bool_)
        self.correct_T_K = np.zeros(shape, np.bool_)
        self.answers_T_K = np.full(shape, NO_ANSWER, np.int64)
        self.surety_T_K: Floats = np.full(shape, np.nan)
        self.tasks_T = np.full(tasks, NO_ANSWER, np.int64)
        self.messages: dict[tuple[int, int], str] = {}
        self.difficulty = Kinds(*shape)
        self.stop_reason = Kinds(*shape)
        self.fault = Kinds(*shape)
        self.error = Kinds(*shape)
        self.tags: dict[str, Kinds] = {}
        self.parts: dict[str, PartColumn] = {}
        self._range: Range = (math.inf, -math.inf)

    @property
    def reward_range(self) -> Range:
        """See above."""
        return self._range if self._range[0] < self._range[1] else UNIT

    @property
    def judges_correctness(self) -> bool:
        """Some part of the verdicts says whether an episode is right."""
        return any("correct" in part.kinds for part in self.parts.values())

    def add(self, outcome: Episode | ErrorRecord) -> None:
        """Take note of an outcome; an attempt that has a reward keeps it, whatever comes after.

        Raises:
            BrokenRun: the plan has no such attempt.
        """
        task, sample = place = outcome.task, outcome.sample
        if not (0 <= task < self._shape[0] and 0 <= sample < self._shape[1]):
            raise BrokenRun(
                "the journal tells of an episode that the run's plan does not have",
                expected=f"tasks below {self._shape[0]}, samples below {self._shape[1]}",
                received=f"task {task}, sample {sample} of {self.label}",
                next_step="Restore run.json from a copy: it belongs to another run.",
            )
        if not math.isnan(self.rewards_T_K[place]):
            return
        self.errors_T_K[place] = isinstance(outcome, ErrorRecord)
        if isinstance(outcome, ErrorRecord):
            self.error.set(*place, f"{outcome.phase}: {outcome.error}")
            self.messages[place] = outcome.message
        else:
            self.messages.pop(place, None)
            self._add_episode(place, outcome)

    def _add_episode(self, place: tuple[int, int], episode: Episode) -> None:
        self.rewards_T_K[place] = episode.reward
        self.correct_T_K[place] = episode.correct
        self.stop_reason.set(*place, episode.stop_reason)
        if episode.fault:
            self.fault.set(*place, episode.fault)
        if episode.difficulty is not None:
            self.difficulty.set(*place, str(episode.difficulty))
        for name, value in episode.tags.items():
            if name not in self.tags:
                self.tags[name] = Kinds(*self._shape)
            self.tags[name].set(*place, value)
        answer = episode.verdict.get("details", {}).get("answer")
        self.answers_T_K[place] = code_of(answer) if answer else NO_ANSWER
        self.surety_T_K[place] = _surety(episode)
        self.tasks_T[place[0]] = code_of(episode.task_id)
        self._add_parts(place, episode)

    def _add_parts(self, place: tuple[int, int], episode: Episode) -> None:
        weights = []
        for name, part in episode.verdict.get("parts", {}).items():
            if name not in self.parts:
                self.parts[name] = PartColumn(*self._shape)
            column = self.parts[name]
            column.scores_T_K[place] = part["score"]
            column.kinds.add(part["kind"])
            column.weights = (min(column.weights[0], part["weight"]), max(column.weights[1], part["weight"]))
            weights.append(part["weight"])
        worst, best = math.fsum(w for w in weights if w < 0), math.fsum(w for w in weights if w > 0)
        low, high = self._range
        self._range = (min(low, worst, episode.reward), max(high, best, episode.reward))


def code_of(text: str) -> int:
    """A number that equal texts share, and others do not; at least 0."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little") >> 1


def _surety(episode: Episode) -> float:
    logprobs = [p for reply in episode.replies for p in reply.logprobs or ()]
    return math.fsum(logprobs) / len(logprobs) if logprobs and all(map(math.isfinite, logprobs)) else math.nan
