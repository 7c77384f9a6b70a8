"""`llm/Countdown-v0`: every target can be reached, and neither a fixed expression nor a random one reaches many."""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from math import prod
from statistics import mean

import gymnasium as gym
import pytest
from solvers import countdown as oracle

from llm_envs import verifiers

SIZES = (4, 4, 4, 5, 6, 6)
HIGHEST = (12, 20, 50, 50, 50, 100)
TARGETS = ((10, 100), (10, 200), (100, 999), (100, 999), (100, 999), (1000, 9999))
by_level = pytest.mark.parametrize("difficulty", range(6))


def tasks(difficulty, count, **options):
    """The first tasks at a level."""
    env = gym.make("llm/Countdown-v0", difficulty=difficulty, **options).unwrapped
    for index in range(count):
        env.reset(seed=8, options={"index": index})
        yield env.task


def exactly(expression):
    """The value of an expression by Python's own rules, in fractions, and the numbers in it."""
    numbers = sorted(map(int, re.findall(r"\d+", expression)))
    return eval(re.sub(r"(\d+)", r"Fraction(\1)", expression), {"Fraction": Fraction}), numbers


@by_level
def test_solutions_are_right(difficulty):
    """Python gives the solution's value as the target, and it uses each number once."""
    for task in tasks(difficulty, 200):
        assert exactly(task.metadata["solution"]) == (task.answer["target"], sorted(task.answer["numbers"]))


@by_level
def test_brackets_are_needed(difficulty):
    """No pair of brackets in a solution can be left out."""
    for task in tasks(difficulty, 50):
        solution = task.metadata["solution"]
        for opened in (i for i, sign in enumerate(solution) if sign == "("):
            closed = next(
                j
                for j in range(opened, len(solution))
                if solution.count("(", opened, j + 1) == solution.count(")", opened, j + 1)
            )
            bare = solution[:opened] + solution[opened + 1 : closed] + solution[closed + 1 :]
            assert _tree(bare) != _tree(solution)


def _tree(expression):
    """How Python reads an expression."""
    return ast.dump(ast.parse(expression))


@by_level
def test_steps_are_right(difficulty):
    """Each step is a true equation of whole positive numbers, and the last one gives the target."""
    for task in tasks(difficulty, 50):
        steps = task.metadata["steps"]
        assert len(steps) == SIZES[difficulty] - 1
        for step in steps:
            left, _, right = step.partition(" = ")
            assert exactly(left)[0] == int(right) > 0
        assert steps[-1].endswith(f" = {task.answer['target']}")


@by_level
def test_levels_are_as_the_card_says(difficulty):
    """How many numbers, how large they are, and what the targets are."""
    low, high = TARGETS[difficulty]
    for task in tasks(difficulty, 100):
        numbers, target = task.answer["numbers"], task.answer["target"]
        assert len(numbers) == SIZES[difficulty]
        assert 2 <= min(numbers) <= max(numbers) <= HIGHEST[difficulty]
        assert low <= target <= high
        assert target not in {*numbers, sum(numbers), prod(numbers)}
        assert re.search(r"[*/]", task.metadata["solution"])
        assert all(str(number) in task.prompt for number in (*numbers, target))


def test_levels_take_more_work():
    """The share of all combinations that reach the target falls from each level to the next."""
    shares = []
    for difficulty in range(4):
        hits = [
            mean(value == task.answer["target"] for value in oracle.values(task.answer["numbers"]))
            for task in tasks(difficulty, 24 if difficulty < 3 else 1)
        ]
        assert min(hits) > 0
        shares.append(mean(hits))
    assert shares == sorted(shares, reverse=True)
    assert shares[0] < 0.02


@pytest.mark.parametrize("difficulty", [0, 1, 2])
def test_no_fixed_expression_reaches_many(difficulty):
    """The expression, of the numbers as the prompt has them, that is best on some tasks fails on 19 of 20 others."""
    codes = [compile(template, "", "eval") for template in oracle.templates()]
    drawn = list(tasks(difficulty, 500))
    hits = [sum(_reaches(code, task) for task in drawn[:60]) for code in codes]
    best = codes[hits.index(max(hits))]
    assert sum(_reaches(best, task) for task in drawn[60:]) < 0.05 * len(drawn[60:])


def _reaches(code, task):
    """Whether an expression of a, b, c and d gives the target."""
    try:
        value = eval(code, {}, dict(zip("abcd", task.answer["numbers"], strict=True)))
    except ZeroDivisionError:
        return False
    return abs(value - task.answer["target"]) < 1e-9


@by_level
def test_partial_credit_is_closeness(difficulty):
    """Expressions of exactly the numbers are paid by their distance, and others not at all."""
    env = gym.make("llm/Countdown-v0", difficulty=difficulty, rubric={"partial": 0.4}).unwrapped
    for index in range(20):
        env.reset(seed=8, options={"index": index})
        numbers, target = env.task.answer["numbers"], env.task.answer["target"]
        total = " + ".join(map(str, numbers))
        expected = 0.4 * max(0.0, 1 - abs(sum(numbers) - target) / target)
        assert env.verify(env.task, total).reward == pytest.approx(expected)
        for reply in (str(target), f"{total} + 1", " + ".join(map(str, numbers[1:])), f"{total} = {target}", "", "?"):
            assert env.verify(env.task, reply).reward == 0.0


def test_any_solution_counts():
    """What the construction did not think of is as good: here, with a fraction and a negative number on the way."""
    reference = {"numbers": [8, 3, 8, 3], "target": 24}
    assert verifiers.countdown("8/(3-8/3)", reference).reward == 1.0
    assert verifiers.countdown("(3-8/3)/(1-8)*8", {"numbers": [3, 8, 3, 1, 8, 8], "target": 1}).reward == 0.0
