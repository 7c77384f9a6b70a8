r"""The answers of `llm/Math-v0` are right: problems are solved again, from their text alone and by other means.

So are the steps of worked solutions, as far as they calculate with numbers.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from solvers.reading import agree
from solvers.working import holds, untrue

from llm_envs.envs.math import FAMILIES
from llm_envs.envs.math.problem import LEVELS

PROBLEMS = 12
"""Of each family and level; enough to meet every branch of a family."""

TOPICS = {family.topic for family in FAMILIES}
SOLVERS = {
    name: solve
    for topic in sorted(TOPICS)
    for name, solve in importlib.import_module(f"solvers.{topic}").SOLVERS.items()
}


@pytest.mark.parametrize("difficulty", LEVELS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_answers_are_right(family, difficulty):
    """Whoever solves a problem from its text finds the reference answer."""
    for seed in range(PROBLEMS):
        problem = family.draw(np.random.default_rng([seed, difficulty]), difficulty)
        solved = SOLVERS[family.name](problem.question)
        assert agree(family.kind, problem.answer, solved), (problem.question, problem.answer, solved)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_steps_are_true(family):
    """What a worked solution calculates with numbers alone is right."""
    for difficulty in LEVELS:
        for seed in range(PROBLEMS):
            problem = family.draw(np.random.default_rng([seed, difficulty]), difficulty)
            assert not [wrong for step in problem.steps for wrong in untrue(step)], problem


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (r"\binom{5}{2} \cdot 3 = 10 \cdot 3 = 30", True),
        (r"\binom{5}{2} \cdot 3 = 10 \cdot 3 = 31", False),
        (r"\frac{3}{6} + 0.25 = \frac{3}{4}", True),
        (r"\frac{3}{6} + 0.25 = \frac{2}{3}", False),
        (r"2^3 \cdot \lfloor 7 / 2 \rfloor = 24", True),
        (r"5! / 2! = 61", False),
        (r"7^{2} \equiv 10 \pmod{13}", True),
        (r"7^{2} \equiv 11 \pmod{13}", False),
        (r"x = 3 + 4 = 8", False),
        (r"x = 3y + 4", True),
        (r"2(3 + 4) = 14", True),
        (r"-(3 - 5)^2 = 4", False),
    ],
)
def test_what_a_step_calculates_is_read(text, right):
    """A wrong calculation is told from a right one, and from one with unknowns."""
    assert holds(text) is right
