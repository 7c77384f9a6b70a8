"""`llm/Math-v0`: a mixture of procedural mathematics, one question and one exact answer.

The env adds to the families what all of them share: which one is drawn, how the answer is to be given, what the reply
is worth. What a family asks is in the family table and its modules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import ClassVar, Unpack

import numpy as np

from llm_envs import verifiers
from llm_envs.chat.tokenizer import ChatTokenizer
from llm_envs.env import EnvOptions, SingleTurnEnv
from llm_envs.envs.math.families import mixture
from llm_envs.envs.math.forms import FORMS, Form
from llm_envs.envs.math.problem import LEVELS
from llm_envs.errors import BadOption
from llm_envs.types import Task, Verdict

__all__ = ["Math"]

_BOXED = "Put the final answer in \\boxed{}."
_THINK_THEN_BOXED = (
    "Reason between <think> and </think> first, then put the final answer in \\boxed{}, once, after </think>."
)

_FORMAT_LIMIT = 0.5
"""From here on a well-formed wrong answer would be worth as much as a right one."""


class Math(SingleTurnEnv):
    r"""Mathematics questions made to measure, with exact answers.

    ## Description
    One question from a seeded mixture of procedural families: arithmetic, equations, polynomials, number theory,
    counting and probability, calculus, sequences. Each has six levels; a level adds steps to the solution. Answers are
    integers, fractions, expressions, sets, tuples or intervals, and unique by construction. No answer is common enough
    for guessing to pay.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the answer equals the reference, else 0. With `format_weight` w the parts are `correct` (weight 1 - w) and
    `format` (weight w): `<think>...</think>` exactly once, and exactly one `\boxed{}`, after it; a `<think>` that the
    chat template writes counts as the reply's. w stays below one half, so that a correct reply is always worth more
    than a well-formed wrong one.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5; by default drawn for each task.
    - `topics`: topics or single families to draw from: one name, several, or a mapping of names to weights such as
      `{"geometry": 2, "calculus": 1}`; see `llm_envs.envs.math.families`.
    - `format_weight` in [0, 0.5), 0 by default. Above 0 the prompt asks for the format as well.

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
        format_weight: float = 0.0,
        **options: Unpack[EnvOptions],
    ) -> None:
        super().__init__(**options)
        self.families, self._bounds = mixture(topics)
        self.format_weight = _checked_weight(format_weight)
        self._instruction = _THINK_THEN_BOXED if self.format_weight else _BOXED
        self._thought_is_open = bool(self.format_weight) and _opens_thought(self.chat)

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw a family and a difficulty, and let the family make a problem."""
        which, level = rng.random(2).tolist()
        family = self.families[bisect_right(self._bounds, which)]
        difficulty = int(level * len(LEVELS)) if self.difficulty is None else self.difficulty
        problem = family.draw(rng, difficulty)
        return Task(
            prompt=f"{problem.question} {FORMS[family.kind].request}\n\n{self._instruction}",
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
        """Compare the reply's answer with the reference, and see whether both have the form that was asked for."""
        verdict = _in_form(verifiers.math(reply, task.answer), FORMS[task.metadata["kind"]])
        if not self.format_weight:
            return verdict
        correct = [replace(part, weight=1.0 - self.format_weight) for part in verdict.parts]
        form = verifiers.think_and_box(reply, weight=self.format_weight, opened=self._thought_is_open)
        return replace(verdict, parts=(*correct, form))

    def demonstrate(self, task: Task) -> list[str]:
        """The worked solution, in the form the prompt asks for."""
        solution: str = task.metadata["solution"]
        if not self.format_weight:
            return [solution]
        steps, _, boxed = solution.rpartition("\n")
        return [f"{'' if self._thought_is_open else '<think>'}\n{steps}\n</think>\n{boxed}"]


def _in_form(verdict: Verdict, form: Form) -> Verdict:
    """The verdict; or 0 where the answer is right in value alone."""
    answer = verdict.details["answer"]
    if not verdict.correct or form.admits(answer):
        return verdict
    return replace(
        Verdict.of(0.0, f"{answer} is right in value, but not in form. {form.request}"), details=verdict.details
    )


def _opens_thought(chat: ChatTokenizer) -> bool:
    """Whether the chat template itself writes the `<think>` that a reply would begin with."""
    return chat.decode(chat.encode_prompt([{"role": "user", "content": "?"}])).rstrip().endswith("<think>")


def _checked_weight(weight: float) -> float:
    if isinstance(weight, (int, float)) and 0 <= weight < _FORMAT_LIMIT:
        return float(weight)
    raise BadOption("format_weight is out of range", expected="a number in [0, 0.5)", received=weight)
