r"""The answers of `llm/Math-v0` are right: problems are solved again, from their text alone and by other means."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from solvers.reading import agree

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
