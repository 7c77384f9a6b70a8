"""`llm/MathData-v0`: the questions of a data set, judged by the maths verifier."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Unpack

import numpy as np

from llm_envs import verifiers
from llm_envs.env import EnvOptions, SingleTurnEnv
from llm_envs.envs.math_data.dataset import load, locate, longest
from llm_envs.envs.math_data.layouts import Columns, Problem
from llm_envs.envs.math_data.order import position
from llm_envs.errors import ContextTooSmall
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.format import opens_thought, thought_and_box
from llm_envs.verifiers.rubric import Rubric, Sampled

__all__ = ["MathData"]


class MathData(SingleTurnEnv):
    r"""Mathematics questions of a data set: GSM8K, MATH, AIME, AMC, or a file of yours.

    ## Description
    One question of a file (JSONL, JSON, CSV, parquet) or of a data set on the Hugging Face Hub. Without a path: thirty
    word problems that come with this package. Rows without an answer that the verifier can read are left out, with a
    warning that names them; so nothing is ever scored that could not be right.

    A seed orders the questions: its first n indices, for n questions, meet every one once, the next n again in another
    order. n seeds in a row, at index 0, meet every one once too.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the answer equals the reference, else 0. A `rubric` adds parts for format, partial credit, brevity and overlong
    replies, and parts of your own, see `llm_envs.verifiers.rubric`.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `path`: of a file; or a name on the Hub, such as `openai/gsm8k`; or `sample/gsm8k` (the default, `sample` for
      short), `sample/math`, `sample/aime`, `sample/amc`.
    - `name`, `revision`: of a data set on the Hub.
    - `layout`: `gsm8k`, `math`, `aime` or `amc`, see `llm_envs.envs.math_data.layouts`; recognised where left out.
    - `question`, `answer`, `solution`: names of columns, where they are not the layout's own.
    - `split`: the Hub's split of that name, or the rows with that name in the column `split`. Where there is neither, a
      hash of the question deals a tenth of all rows to `test`, a tenth to `validation` and the rest to `train`.
    - `whole`: take every row, whatever its split.
    - `rubric`: a `verifiers.Rubric`, or its weights by name; none by default.

    ## Verifier
    `llm_envs.verifiers.math`: values are compared, not spellings.

    `task.metadata` holds `source` (file or Hub name), `place` (line, item or row), `solution` where the data set has
    one, and its `level`, `subject` or `type`.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 2048
    context_length: ClassVar[int] = 8192

    def __init__(
        self,
        *,
        path: str | os.PathLike[str] = "sample",
        name: str | None = None,
        revision: str | None = None,
        layout: str | None = None,
        question: str | None = None,
        answer: str | None = None,
        solution: str | None = None,
        whole: bool = False,
        rubric: Rubric | Mapping[str, Any] | None = None,
        **options: Unpack[EnvOptions],
    ) -> None:
        self.rubric = Rubric.of(rubric)
        self.reward_range = self.rubric.reward_range
        super().__init__(**options)
        self._thought_is_open = bool(self.rubric.format) and opens_thought(self.chat)
        source = locate(path, name, revision, layout, Columns(question, answer, solution))
        wanted = None if whole else self.split
        self.problems = load(source, wanted)
        self.source = source.path if source.stamp is None else Path(source.path).name
        self._require_room(longest(source, wanted))

    def sample(self, rng: np.random.Generator) -> Task:
        """The problem whose turn it is; the seed has shuffled them, so nothing is left to draw from `rng`."""
        at = position(self.env_id, self.split, len(self.problems), self.np_random_seed, self.index)
        return self._task(self.problems[at])

    def verify(self, task: Task, reply: str) -> Verdict:
        """Compare the reply's answer with the reference, and weigh the extras."""
        verdict = verifiers.math(reply, task.answer)
        if not self.rubric.extras:
            return verdict
        credited = self.rubric.partial and not verdict.correct
        partial = verifiers.math_partial(reply, task.answer) if credited else 0.0
        sampled = Sampled(self.session.length_of(reply), self.session.turn_limit, self._thought_is_open)
        return self.rubric.weigh(verdict, task, reply, sampled, partial=partial)

    def demonstrate(self, task: Task) -> list[str]:
        """The data set's solution, where it has one that fits into a turn, and the boxed answer, as the prompt asks."""
        solution = self._worked(task.metadata.get("solution", ""), task)
        if "solution" in task.metadata and len(self.chat.encode_reply(solution)) <= self.limits.max_new_tokens:
            return [solution]
        return [self._worked(f"The answer is {task.answer}.", task)]

    def _worked(self, steps: str, task: Task) -> str:
        boxed = f"\\boxed{{{task.answer}}}"
        if self.rubric.format:
            return thought_and_box(steps, boxed, opened=self._thought_is_open)
        return f"{steps}\n{boxed}"

    def _task(self, problem: Problem) -> Task:
        solution = {"solution": problem.solution} if problem.solution else {}
        return Task(
            prompt=f"{problem.question}\n\n{self.rubric.request}",
            answer=problem.answer,
            id=f"{self.env_id}/{self.split}/{self.source}/{problem.place.replace(' ', '-')}",
            metadata={"source": self.source, "place": problem.place, **solution, **problem.notes},
        )

    def _require_room(self, problem: Problem) -> None:
        """Raise ContextTooSmall now, not in the middle of training, where the longest question leaves no room."""
        needed = len(self.chat.encode_prompt(self._task(problem).messages))
        if needed < self.limits.context_length:
            return
        raise ContextTooSmall(
            f"the question at {problem.place} of {self.source} leaves no room for a reply",
            expected=f"context_length above its {needed:,} tokens",
            received=f"context_length={self.limits.context_length}",
            next_step=f"Pass context_length={needed + self.limits.max_new_tokens} or more.",
        )
