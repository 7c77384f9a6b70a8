"""What a family makes: one Problem, with its answer and how it is found.

A family is a pure function `(rng, difficulty) -> Problem`. It draws from `rng` alone, gives the same problem for the
same generator state in every process, and has one answer by construction: it chooses the answer first, or computes it
exactly with integers and `fractions`. It does not check its own work; the tests do, with SymPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.forms import AnswerKind

__all__ = ["LEVELS", "Family", "Problem"]

LEVELS = range(6)
"""Difficulties: each adds steps to the solution, not only digits to the numbers."""


class Problem(NamedTuple):
    r"""One question.

    Args:
        question: words and LaTeX; in which form to answer is said by its kind, see `forms`.
        answer: the reference, LaTeX as it stands inside `\boxed{}`.
        steps: how it is found, one line a step, without the boxed answer.
    """

    question: str
    answer: str
    steps: list[str]

    @property
    def solution(self) -> str:
        """The worked solution; its last line is the boxed answer."""
        return "\n".join([*self.steps, f"\\boxed{{{self.answer}}}"])


Draw: TypeAlias = Callable[[np.random.Generator, int], Problem]


class Family(NamedTuple):
    """One row of the family table."""

    topic: str
    name: str
    kind: AnswerKind
    draw: Draw
