"""`llm/Arithmetic-v0`: sums, differences and products of small integers, for models that start from nothing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llm_envs.env import SingleTurnEnv
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.integer import integer

__all__ = ["Arithmetic"]

_FAMILIES: tuple[tuple[tuple[str, int, int], ...], ...] = (
    (("+", 1, 1),),
    (("+", 2, 2),),
    (("+", 2, 2), ("-", 2, 2)),
    (("+", 3, 3), ("-", 3, 3)),
    (("+", 4, 4), ("-", 4, 4), ("*", 2, 1)),
    (("+", 6, 6), ("-", 6, 6), ("*", 3, 1), ("*", 2, 2)),
)
"""By difficulty: operator, and the digits that each operand has at most."""


class Arithmetic(SingleTurnEnv):
    """Compute with two small integers.

    ## Description
    The prompt is an expression such as `37+58=?`, short because small models pay for every byte. The reply may work
    towards the result; its last number counts. Tasks are few, so each belongs to one split for good: what `test` asks
    was never seen in `train`.

    The oracle writes the digits from the units up, as one adds by hand, and then the number: `59>95`. A model without
    scratch space must carry before it has added, which a small one learns very slowly.

    ## Action space
    `Discrete(vocab_size)`, one token a step.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the last number of the reply is the result, else 0.

    ## Episode end
    Terminated after the reply; truncated when it exceeds `max_new_tokens`, and then still judged.

    ## Arguments
    `difficulty`: 0 adds single digits; 1 adds two-digit numbers; 2 subtracts, too; 3 has three digits; 4 has four, and
    products with one digit; 5 has six, and products of two-digit numbers. By default it is drawn.

    ## Verifier
    `llm_envs.verifiers.integer`.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 32
    context_length: ClassVar[int] = 128
    difficulties: ClassVar[range | None] = range(len(_FAMILIES))
    disjoint_splits: ClassVar[bool] = True

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw an operator and two operands; a difference is never negative."""
        difficulty = int(rng.integers(len(_FAMILIES))) if self.difficulty is None else self.difficulty
        operator, *digits = _FAMILIES[difficulty][rng.integers(len(_FAMILIES[difficulty]))]
        a, b = (int(rng.integers(10**n)) for n in digits)
        if operator == "-":
            a, b = max(a, b), min(a, b)
        return Task(
            prompt=f"{a}{operator}{b}=?",
            answer={"+": a + b, "-": a - b, "*": a * b}[operator],
            metadata={"difficulty": difficulty, "operator": operator},
        )

    def verify(self, task: Task, reply: str) -> Verdict:
        """Compare the last number of the reply with the result."""
        return integer(reply, task.answer)

    def demonstrate(self, task: Task) -> list[str]:
        """The digits from the units up, then the number."""
        return [f"{str(task.answer)[::-1]}>{task.answer}"]
