"""`llm/Countdown-v0`: reach a target from given numbers with the four operations, each number exactly once.

What an expression is worth is the `countdown` verifier's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from llm_envs import verifiers
from llm_envs.envs.puzzles.puzzle import Puzzle, drawn_level
from llm_envs.types import Task, Verdict

__all__ = ["Countdown"]


class _Level(NamedTuple):
    """What a task is drawn from.

    Args:
        size: how many numbers.
        highest: of the numbers; the lowest is 2.
        targets: lowest and highest target.
    """

    size: int
    highest: int
    targets: tuple[int, int]


_LEVELS = (
    _Level(4, 12, (10, 100)),
    _Level(4, 20, (10, 200)),
    _Level(4, 50, (100, 999)),
    _Level(5, 50, (100, 999)),
    _Level(6, 50, (100, 999)),
    _Level(6, 100, (1000, 9999)),
)

_HIGHEST_VALUE = 50_000
"""Of what stands on the way; beyond it nobody calculates without paper."""


class _Value(NamedTuple):
    """A number, and how it came to be.

    Args:
        operator: the last operation; empty for a given number.
    """

    number: int
    text: str
    operator: str = ""
    steps: tuple[str, ...] = ()


class Countdown(Puzzle):
    r"""Reach a target number from given numbers with + - * /, each number exactly once.

    ## Description
    A target and four to six numbers, and an expression to be found that uses every number exactly once and equals the
    target. There is a solution with whole positive numbers on the way, by construction; any other is as good. The one
    that was constructed multiplies or divides at least once. The sum and the product of all numbers are never the
    target, nor is one of the numbers.

    ## Action space
    `Discrete(vocab_size)`, one token a step; the whole reply is one turn.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the expression uses exactly the numbers and equals the target, else 0. A `rubric` adds parts, see
    `llm_envs.verifiers.rubric`; partial credit is for expressions of exactly the numbers, 1 less their distance to the
    target as a share of it, and never below 0.

    ## Episode end
    Terminated at the end of the reply (`end_of_turn`). Truncated at `max_new_tokens` or a full context; the reply is
    then judged as it stands.

    ## Arguments
    - `difficulty` 0 to 5, by default drawn for each task. 0: four numbers up to 12, targets up to 100. 1: four up to
      20, targets up to 200. 2, 3 and 4: four, five and six up to 50, targets of three digits. 5: six up to 100, targets
      of four digits.
    - `rubric`: a `verifiers.Rubric`, or its weights by name, such as `{"partial": 0.2}`; none by default.

    ## Verifier
    `llm_envs.verifiers.countdown`: read by a bounded parser, computed exactly; fractions and negative numbers on the
    way are right.

    `task.answer` holds the numbers and the target, `task.metadata` an expression and its steps.

    ## Version history
    - v0: first release.
    """

    def sample(self, rng: np.random.Generator) -> Task:
        """Draw numbers, and combine them at random until they give a target."""
        difficulty = drawn_level(rng, self.difficulty)
        level = _LEVELS[difficulty]
        numbers, found = _drawn(rng, level)
        listed = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
        return Task(
            prompt=(
                f"Write an expression that equals {found.number}, with the numbers {listed}, each exactly once, and "
                f"only + - * / and brackets. {self.rubric.request}"
            ),
            answer={"numbers": numbers, "target": found.number},
            metadata={"difficulty": difficulty, "solution": found.text, "steps": list(found.steps)},
        )

    def judge(self, task: Task, reply: str) -> Verdict:
        """Count the numbers in the expression, and evaluate it."""
        return verifiers.countdown(reply, task.answer)

    def share(self, task: Task, verdict: Verdict) -> float:
        """How close the value of an expression of exactly the numbers comes."""
        value, target = verdict.details["value"], task.answer["target"]
        return 0.0 if value is None else max(0.0, float(1 - abs(value - target) / target))

    def solve(self, task: Task) -> tuple[str, str]:
        """The steps of the construction, and its expression."""
        return "\n".join(task.metadata["steps"]), task.metadata["solution"]


def _drawn(rng: np.random.Generator, level: _Level) -> tuple[list[int], _Value]:
    """Numbers, and what they are combined to; sums and differences alone would be too easy to guess."""
    low, high = level.targets
    while True:
        numbers: list[int] = rng.integers(2, level.highest + 1, level.size).tolist()
        found = _combined(iter(rng.random(3 * level.size).tolist()), numbers)
        number = found.number
        mixed = "*" in found.text or "/" in found.text
        if mixed and low <= number <= high and number not in {*numbers, sum(numbers), prod(numbers)}:
            return numbers, found


def _combined(draws: Iterator[float], numbers: Sequence[int]) -> _Value:
    """The numbers, two at a time, replaced by a sum, difference, product or quotient, until one is left."""
    values = [_Value(number, str(number)) for number in numbers]
    while len(values) > 1:
        one = values.pop(int(next(draws) * len(values)))
        other = values.pop(int(next(draws) * len(values)))
        larger, smaller = (one, other) if one.number >= other.number else (other, one)
        usable = [operator for operator, is_usable in _USABLE.items() if is_usable(larger.number, smaller.number)]
        values.append(_joined(larger, smaller, usable[int(next(draws) * len(usable))]))
    return values[0]


_USABLE: dict[str, Callable[[int, int], bool]] = {
    "+": lambda *_: True,
    "-": lambda a, b: a > b,
    "*": lambda a, b: b > 1 and a * b <= _HIGHEST_VALUE,
    "/": lambda a, b: b > 1 and a % b == 0,
}
"""Whether an operation on a >= b > 0 gives a whole positive number, and is no idle one."""

_RESULT: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b,
}


_BRACKETS = {
    "+": ("", ""),
    "-": ("", "+-"),
    "*": ("+-", "+-"),
    "/": ("+-", "+-*/"),
}
"""The operations that need brackets to the left and to the right of an operation."""


def _joined(a: _Value, b: _Value, operator: str) -> _Value:
    number = _RESULT[operator](a.number, b.number)
    left, right = (
        f"({value.text})" if value.operator and value.operator in bracketed else value.text
        for value, bracketed in zip((a, b), _BRACKETS[operator], strict=True)
    )
    step = f"{a.number} {operator} {b.number} = {number}"
    return _Value(number, f"{left} {operator} {right}", operator, (*a.steps, *b.steps, step))
