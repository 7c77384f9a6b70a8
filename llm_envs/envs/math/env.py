"""`llm/Math-v0`: a mixture of procedural mathematics, one question and one exact answer.

The env adds to the families what all of them share: which one is drawn, how the answer is to be given, what the reply
is worth. What a family asks is in the family table and its modules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Unpack

import numpy as np

from llm_envs import verifiers
from llm_envs.env import EnvOptions, SingleTurnEnv
from llm_envs.envs.math.families import mixture
from llm_envs.envs.math.forms import FORMS, Form
from llm_envs.envs.math.problem import LEVELS
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.format import opens_thought, thought_and_box
from llm_envs.verifiers.rubric import Rubric, Sampled

__all__ = ["Math"]


class Math(SingleTurnEnv):
    r"""Mathematics questions made to measure, with exact answers.

    ## Description
    One question from a seeded mixture of procedural families: arithmetic, word problems, algebra, number theory,
    counting and probability, logic, sequences, calculus, linear algebra, geometry. Each has six levels; a level adds
    steps to the solution. Answers are integers, fractions, expressions, sets, tuples, matrices, intervals, exact
    numbers such as $3\sqrt{2} + \pi$, equations or words, and unique by
    construction. No answer is common enough for guessing to pay.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the answer equals the reference, else 0. A `rubric` adds parts for format, partial credit, brevity and overlong
    replies, and parts of your own, see `llm_envs.verifiers.rubric`; every right reply stays worth more than every wrong
    one. Partial credit is the share of a set, tuple or matrix that is right. With an `overlong` weight w the lowest
    reward is -w instead of 0.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5; by default drawn for each task.
    - `topics`: topics or single families to draw from: one name, several, or a mapping of names to weights such as
      `{"geometry": 2, "calculus": 1}`; see `llm_envs.envs.math.families`.
    - `rubric`: a `verifiers.Rubric`, or its weights by name, such as `{"format": 0.1, "partial": 0.2}`; none by
      default. With a weight for `format` the prompt asks for the format as well.

    ## Verifier
    `llm_envs.verifiers.math`: values are compared, not spellings. The question asks for a form (an integer, a fraction,
    interval notation); what is right in value but leaves a calculation or a relation to solve is no answer.

    `task.metadata` holds `topic`, `family`, `kind` (of the answer), `difficulty` and `solution`, worked step by step.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 2048
    difficulties: ClassVar[range | None] = LEVELS

    def __init__(
        self,
        *,
        topics: str | Collection[str] | Mapping[str, float] | None = None,
        rubric: Rubric | Mapping[str, Any] | None = None,
        **options: Unpack[EnvOptions],
    ) -> None:
        self.rubric = Rubric.of(rubric)
        self.reward_range = self.rubric.reward_range
        super().__init__(**options)
        self.families, self._bounds = mixture(topics)
        self._thought_is_open = bool(self.rubric.format) and opens_thought(self.chat)

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw a family and a difficulty, and let the family make a problem."""
        which, level = rng.random(2).tolist()
        family = self.families[bisect_right(self._bounds, which)]
        difficulty = int(level * len(LEVELS)) if self.difficulty is None else self.difficulty
        problem = family.draw(rng, difficulty)
        verifiers.math_reference(problem.answer)  # what it could not read would be no fair task: BadReference, now
        return Task(
            prompt=f"{problem.question} {FORMS[family.kind].request}\n\n{self.rubric.request}",
            answer=problem.answer,
            metadata={
                "topic": family.topic,
                "family": family.name,
                "kind": family.kind,
                "difficulty": difficulty,
                "solution": problem.solution,
            },
        )

    def verify(self, task: Task, reply: str) -> Verdict:
        """Compare the reply's answer with the reference, see whether it has its form, and weigh the extras."""
        form = FORMS[task.metadata["kind"]]
        verdict = _in_form(verifiers.math(reply, task.answer), form)
        if not self.rubric.extras:
            return verdict
        credited = self.rubric.partial and not verdict.correct and form.admits(verdict.details["answer"])
        partial = verifiers.math_partial(reply, task.answer) if credited else 0.0
        sampled = Sampled(self.session.length_of(reply), self.session.turn_limit, self._thought_is_open)
        return self.rubric.weigh(verdict, task, reply, sampled, partial=partial)

    def demonstrate(self, task: Task) -> list[str]:
        """The worked solution, in the form the prompt asks for."""
        solution: str = task.metadata["solution"]
        if not self.rubric.format:
            return [solution]
        steps, _, boxed = solution.rpartition("\n")
        return [thought_and_box(steps, boxed, opened=self._thought_is_open)]


def _in_form(verdict: Verdict, form: Form) -> Verdict:
    """The verdict; or 0 where the answer is right in value alone."""
    answer = verdict.details["answer"]
    if not verdict.correct or form.admits(answer):
        return verdict
    return replace(
        Verdict.of(0.0, f"{answer} is right in value, but not in form. {form.request}"), details=verdict.details
    )
