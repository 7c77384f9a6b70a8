"""Logic: in how many ways variables can be true or false so that all conditions hold.

Conditions link variables in a row, a tree or a ring, so that the ways can be counted variable by variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, uniforms
from llm_envs.envs.math.problem import Problem

__all__ = ["models"]


class _Condition(NamedTuple):
    """A condition on some variables, in LaTeX, and the values of these variables, in order, for which it holds."""

    variables: tuple[int, ...]
    text: str
    allowed: frozenset[tuple[bool, ...]]


def models(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the assignments that satisfy a formula."""
    while True:
        draws = uniforms(rng, 80)
        makers = (_row, _mixed_row, _tree, _ring, _two_rings, _triples)
        conditions, answer, steps = makers[difficulty](draws)
        if answer:
            break
    count = 1 + max(max(condition.variables) for condition in conditions)
    formula = " \\land ".join(f"({condition.text})" for condition in conditions)
    question = (
        f"Each of the variables $x_1, \\dots, {_name(count - 1)}$ is true or false. In how many of the {2**count} "
        "cases is "
        f"${formula}$ true?"
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[list[_Condition], int, list[str]]


def _name(variable: int, *, negated: bool = False) -> str:
    text = f"x_{variable + 1}" if variable < 9 else f"x_{{{variable + 1}}}"
    return f"\\lnot {text}" if negated else text


def _clause(draws: Iterator[float], *variables: int) -> _Condition:
    """At least one literal is true; in some of the cases of two, written as an implication."""
    signs = [next(draws) < 0.5 for _ in variables]
    allowed = frozenset(set(product((True, False), repeat=len(signs))) - {tuple(not sign for sign in signs)})
    literals = [_name(variable, negated=not sign) for variable, sign in zip(variables, signs, strict=True)]
    if len(variables) == 2 and next(draws) < 0.4:
        return _Condition(variables, f"{_name(variables[0], negated=signs[0])} \\to {literals[1]}", allowed)
    return _Condition(variables, " \\lor ".join(literals), allowed)


def _equivalence(draws: Iterator[float], first: int, second: int) -> _Condition:
    """Both have the same value, or both have different ones."""
    same = next(draws) < 0.5
    allowed = frozenset((value, value == same) for value in (True, False))
    return _Condition((first, second), f"{_name(first)} \\leftrightarrow {_name(second, negated=not same)}", allowed)


_Ways: TypeAlias = dict[bool, int]
"""How many cases there are with a variable true, and with it false."""


def _passed(ways: _Ways, condition: _Condition) -> tuple[_Ways, str]:
    """The ways with the condition's second variable, from those with its first one; and how they are added up."""
    added = {now: [ways[before] for before in (True, False) if (before, now) in condition.allowed] for now in ways}
    told = f"${_name(condition.variables[1])}$: true ${_sum(added[True])}$, false ${_sum(added[False])}$."
    return {now: sum(terms) for now, terms in added.items()}, told


def _sum(terms: Sequence[int]) -> str:
    told = " + ".join(map(str, terms))
    return f"{told} = {sum(terms)}" if len(terms) > 1 else told or "0"


def _along(ways: _Ways, conditions: Sequence[_Condition]) -> tuple[_Ways, list[str]]:
    """Go from variable to variable."""
    steps = []
    for condition in conditions:
        ways, told = _passed(ways, condition)
        steps.append(told)
    return ways, steps


_INTRODUCTION = "Add one variable after the other, and count the cases that fit so far, by the value of the last one."


def _counted_row(conditions: list[_Condition]) -> _Parts:
    ways, steps = _along({True: 1, False: 1}, conditions)
    total = sum(ways.values())
    steps = [_INTRODUCTION, "$x_1$: true 1, false 1.", *steps, f"${ways[True]} + {ways[False]} = {total}$"]
    return conditions, total, steps


def _row(draws: Iterator[float]) -> _Parts:
    count = between(next(draws), 7, 13)
    return _counted_row([_clause(draws, i, i + 1) for i in range(count - 1)])


def _mixed_row(draws: Iterator[float]) -> _Parts:
    count = between(next(draws), 9, 13)
    special = between(next(draws), 1, count - 2)
    makers = [_equivalence if i == special else _clause for i in range(count - 1)]
    return _counted_row([maker(draws, i, i + 1) for i, maker in enumerate(makers)])


def _passed_back(ways: _Ways, condition: _Condition) -> tuple[_Ways, str]:
    """The ways that hang on the condition's first variable, from those that hang on its second one."""
    added = {now: [ways[after] for after in (True, False) if (now, after) in condition.allowed] for now in ways}
    told = f"if true ${_sum(added[True])}$, if false ${_sum(added[False])}$"
    return {now: sum(terms) for now, terms in added.items()}, told


def _tree(draws: Iterator[float]) -> _Parts:
    """From the leaves to the root: what hangs on a variable is counted for each of its values."""
    count = between(next(draws), 8, 10)
    parents = [between(next(draws), max(0, i - 3), i - 1) for i in range(1, count)]
    conditions = [_clause(draws, parent, i) for i, parent in enumerate(parents, 1)]
    below = [{True: 1, False: 1} for _ in range(count)]
    steps = [
        "From the last variable to the first, count how many ways hang on the variable before, for each of its values."
    ]
    for condition in reversed(conditions):
        parent, child = condition.variables
        found, told = _passed_back(below[child], condition)
        below[parent] = {value: below[parent][value] * ways for value, ways in found.items()}
        so_far = f"{below[parent][True]} and {below[parent][False]}"
        steps.append(f"${_name(child)}$ on ${_name(parent)}$: {told}; so far {so_far}.")
    total = sum(below[0].values())
    steps.append(f"${below[0][True]} + {below[0][False]} = {total}$")
    return conditions, total, steps


def _ring_of(draws: Iterator[float], variables: Sequence[int]) -> list[_Condition]:
    """Conditions from each variable to the next one, and from the last one to the first."""
    pairs = zip(variables, [*variables[1:], variables[0]], strict=True)
    return [_clause(draws, *pair) for pair in pairs]


def _around(conditions: Sequence[_Condition], first: bool) -> tuple[int, str]:
    """The ways around a ring whose first variable has this value."""
    *row, last = conditions
    ways, steps = _along({first: 1, not first: 0}, row)
    closing = [ways[value] for value in (True, False) if (value, first) in last.allowed]
    return sum(closing), " ".join(steps) + f" Back to $x_1$: {sum(closing)}."


def _ring(draws: Iterator[float]) -> _Parts:
    conditions = _ring_of(draws, range(between(next(draws), 9, 13)))
    (true, told), (false, told_false) = _around(conditions, True), _around(conditions, False)
    steps = [
        _INTRODUCTION,
        f"With $x_1$ true: {told}",
        f"With $x_1$ false: {told_false}",
        f"${true} + {false} = {true + false}$",
    ]
    return conditions, true + false, steps


def _two_rings(draws: Iterator[float]) -> _Parts:
    one, other = between(next(draws), 5, 7), between(next(draws), 5, 7)
    rings = [_ring_of(draws, range(one)), _ring_of(draws, [0, *range(one, one + other - 1)])]
    steps, parts = [f"Two rings have $x_1$ in common. {_INTRODUCTION}"], []
    for value, word in ((True, "true"), (False, "false")):
        found = [_around(ring, value) for ring in rings]
        steps += [f"With $x_1$ {word}: {told}" for _, told in found]
        parts.append(found[0][0] * found[1][0])
        steps.append(f"${found[0][0]} \\cdot {found[1][0]} = {parts[-1]}$")
    steps.append(f"${parts[0]} + {parts[1]} = {sum(parts)}$")
    return [condition for ring in rings for condition in ring], sum(parts), steps


def _triples(draws: Iterator[float]) -> _Parts:
    """Conditions on three neighbours: count by the values of the last two."""
    count = between(next(draws), 11, 13)
    conditions = [_clause(draws, i, i + 1, i + 2) for i in range(count - 2)]
    pairs = [(b, c) for b in (True, False) for c in (True, False)]
    ways = dict.fromkeys(pairs, 1)
    steps = [
        (
            "Add one variable after the other, and count the cases that fit so far by the values of the last two, in "
            "the order "
            "true-true, true-false, false-true, false-false."
        ),
        "$x_1$, $x_2$: 1, 1, 1, 1.",
    ]
    for condition in conditions:
        added = {(b, c): [ways[a, b] for a in (True, False) if (a, b, c) in condition.allowed] for b, c in pairs}
        ways = {pair: sum(terms) for pair, terms in added.items()}
        _, before, last = condition.variables
        steps.append(f"${_name(before)}$, ${_name(last)}$: {', '.join(f'${_sum(added[pair])}$' for pair in pairs)}.")
    total = sum(ways.values())
    steps.append(f"${' + '.join(str(ways[pair]) for pair in pairs)} = {total}$")
    return conditions, total, steps
