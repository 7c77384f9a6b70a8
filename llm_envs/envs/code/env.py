"""`llm/Code-v0`: a program or a function to be written, judged by hidden tests in a sandbox.

The env draws a template, has it make a problem, and asks for it; what a program is worth is the `code` verifier's
business, and where it runs the sandbox's.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import ClassVar, Unpack

import numpy as np

from llm_envs import verifiers
from llm_envs.env import EnvOptions, SingleTurnEnv
from llm_envs.envs.code.cases import drawn_cases
from llm_envs.envs.code.exercise import Exercise
from llm_envs.envs.code.problem import LEVELS, Template
from llm_envs.envs.code.templates import chosen
from llm_envs.sandbox import shared
from llm_envs.sandbox.selection import check_backend
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.code.verify import check_partial

__all__ = ["Code"]

_FENCES = ("```", "~~~")


class Code(SingleTurnEnv):
    """Write a Python program that hidden tests cannot fault.

    ## Description
    One problem from a seeded mixture of templates: strings, arrays, dynamic programming, graphs, simulation, geometry,
    parsing, data structures. A template draws the rules, not only the input: thresholds, orders, ties, alphabets, what
    is asked for. Half of the problems ask for a program that reads standard input, the others for a function. Two
    examples are shown; 8 to 20 other tests are hidden, chosen so that known wrong programs fail at least one of them.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the program in the reply passes every hidden test, else 0. With `partial`, the share of tests passed has that
    weight. A reply without a fenced block is 0, and opens no sandbox.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5: more rules, larger inputs, and from 3 on tests that only a fast program passes in time; by
      default drawn for each task.
    - `templates`: topics or single templates to draw from, one name or several; all by default.
    - `backend`: of the sandbox, see `llm_envs.sandbox`; "auto" by default.
    - `partial`: weight of the share of tests passed, in [0, 0.5); 0 by default.

    ## Verifier
    `llm_envs.verifiers.code`: outputs are compared outside of the sandbox, number by number and word by word; values
    of functions by type and value. A program that takes more than two seconds of CPU time for a test has failed it.

    `task.metadata` holds `topic`, `template`, `mode` ("stdin" or "function"), `difficulty` and `solution`, a program
    that is right.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 8192
    context_length: ClassVar[int] = 32768
    difficulties: ClassVar[range | None] = LEVELS
    resources: ClassVar[tuple[str, ...]] = ("sandbox",)

    def __init__(
        self,
        *,
        templates: str | Collection[str] | None = None,
        backend: str = "auto",
        partial: float = 0.0,
        **options: Unpack[EnvOptions],
    ) -> None:
        super().__init__(**options)
        self.templates = chosen(templates)
        check_backend(backend)
        self.backend = backend
        check_partial(partial)
        self.partial = float(partial)

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw a template, a problem and its tests; again in the rare case that these vary too little."""
        level = int(rng.integers(len(LEVELS))) if self.difficulty is None else self.difficulty
        template = self.templates[int(rng.integers(len(self.templates)))]
        exercise: Exercise | None = None
        while exercise is None:
            exercise = _drawn(template, random.Random(int(rng.integers(2**62))), level)  # noqa: S311 (not for cryptography)
        return Task(
            prompt=exercise.statement,
            answer=exercise.reference,
            metadata={
                "topic": template.topic,
                "template": template.name,
                "mode": exercise.mode,
                "difficulty": level,
                "solution": exercise.program(exercise.problem.gold),
            },
        )

    def verify(self, task: Task, reply: str) -> Verdict:
        """Run the program, if there is one, on the hidden tests."""
        if not any(fence in reply for fence in _FENCES):
            return Verdict.of(0.0, "the reply holds no fenced block")
        return verifiers.code(reply, task.answer, sandbox=shared(self.backend), partial=self.partial)

    def demonstrate(self, task: Task) -> list[str]:
        """The reference."""
        return [f"```python\n{task.metadata['solution']}```"]


def _drawn(template: Template, rng: random.Random, level: int) -> Exercise | None:
    problem = template.draw(rng, level)
    cases = drawn_cases(problem, rng, level)
    return cases and Exercise.drawn(problem, cases, rng)
