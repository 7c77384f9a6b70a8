"""Number theory: equations whose solutions are integers."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import combination, product
from llm_envs.envs.math.number_theory.primes import divisor_sum, divisors_added, factorised, factors
from llm_envs.envs.math.problem import Problem

__all__ = ["diophantine"]

_GOODS = (
    ("apples", "melons"),
    ("pencils", "notebooks"),
    ("postcards", "stamps"),
    ("buns", "pies"),
    ("nails", "hinges"),
    ("candles", "lamps"),
    ("roses", "tulips"),
    ("cups", "plates"),
)


def diophantine(rng: np.random.Generator, difficulty: int) -> Problem:
    """Solve an equation in integers, or count its solutions."""
    draws = uniforms(rng, 8)
    makers = (_purchase, _smallest, _pairs, _out_of_reach, _triples, _factored)
    return makers[difficulty](draws)


def _coprime(draws: Iterator[float], low: int, high: int) -> tuple[int, int]:
    """Two numbers in this range that have no common divisor, the smaller one first."""
    first = between(next(draws), low, high)
    second = one_of(next(draws), [n for n in range(low, high + 1) if gcd(n, first) == 1])
    return min(first, second), max(first, second)


def _purchase(draws: Iterator[float]) -> Problem:
    a, b = _coprime(draws, 15, 69)
    x, y = between(next(draws), 2, b), between(next(draws), 2, a)
    total = a * x + b * y
    first, second = one_of(next(draws), _GOODS)
    inverse = pow(a, -1, b)
    steps = [
        f"${combination([(a, 'x'), (b, 'y')])} = {total}$ for $x$ {first} and $y$ {second}.",
        (
            f"Modulo {b}: ${a}x \\equiv {total % b}$. As ${a} \\cdot {inverse} \\equiv 1$, "
            f"$x \\equiv {inverse} \\cdot {total % b} \\equiv {x % b}$."
        ),
        f"$x = {x}$ gives $y = ({total} - {a * x}) / {b} = {y}$.",
        f"The next solutions have {b} {first} more and {a} {second} fewer, or the other way round: none would be left.",
    ]
    question = (
        f"Some {first} at {a} coins each and some {second} at {b} coins each cost {total} coins together. "
        f"There is at least one of each. How many {first} are there?"
    )
    return Problem(question, str(x), steps)


def _smallest(draws: Iterator[float]) -> Problem:
    a, b = _coprime(draws, 60, 299)
    c = between(next(draws), 2, a - 1)
    inverse = pow(a, -1, b)
    x = inverse * c % b
    y = (a * x - c) // b
    steps = [
        *_euclid_backwards(a, b, inverse),
        f"$x \\equiv {inverse} \\cdot {c} \\equiv {x} \\pmod{{{b}}}$, and $y = ({a * x} - {c}) / {b} = {y}$.",
    ]
    question = (
        f"Find the smallest positive integer $x$ for which ${a}x - {b}y = {c}$ "
        "has a solution in positive integers $x$ and $y$."
    )
    return Problem(question, str(x), steps)


def _euclid_backwards(a: int, b: int, inverse: int) -> Iterator[str]:
    """Euclid's algorithm on b and a, each remainder as a multiple of a modulo b, down to 1."""
    before, now = (b, 0), (a, 1)
    while now[0] > 1:
        quotient = before[0] // now[0]
        left = f"{before[0]} = {quotient} \\cdot {now[0]}"
        before, now = now, (before[0] - quotient * now[0], before[1] - quotient * now[1])
        yield f"${left} + {now[0]}$, so ${now[0]} \\equiv {now[1]} \\cdot {a} \\pmod{{{b}}}$."
    yield f"So ${a} \\cdot {inverse} \\equiv 1 \\pmod{{{b}}}$" + (
        f", as ${now[1]} \\equiv {inverse}$." if now[1] < 0 else "."
    )


def _pairs(draws: Iterator[float]) -> Problem:
    a, b = _coprime(draws, 3, 19)
    total = between(next(draws), 20 * a * b, 80 * a * b)
    first = pow(a, -1, b) * total % b or b
    most = (total - b) // a
    count = (most - first) // b + 1
    common = between(next(draws), 2, 9)
    steps = [
        f"Divided by {common}: ${combination([(a, 'x'), (b, 'y')])} = {total}$.",
        f"Modulo {b}: ${a}x \\equiv {total % b}$, so $x \\equiv {first % b}$: the first is $x = {first}$.",
        f"$y \\ge 1$ means ${a}x \\le {total - b}$, so $x \\le {most}$.",
        (
            f"$x = {first}, {first + b}, {first + 2 * b}, \\dots$ up to {most}: "
            f"$\\lfloor ({most} - {first}) / {b} \\rfloor + 1 = {count}$ solutions, each with one $y$."
        ),
    ]
    question = (
        "How many pairs $(x, y)$ of positive integers satisfy "
        f"${combination([(a * common, 'x'), (b * common, 'y')])} = {total * common}$?"
    )
    return Problem(question, str(count), steps)


def _out_of_reach(draws: Iterator[float]) -> Problem:
    a, b = _coprime(draws, 7, 120)
    steps = [
        (
            f"Sort the amounts by their remainder modulo {a}. As {a} and {b} have no common divisor, "
            f"$0, {b}, 2 \\cdot {b}, \\dots, {a - 1} \\cdot {b}$ have all remainders; "
            "each is the smallest amount with its remainder that can be made."
        )
    ]
    if next(draws) < 0.5:
        answer = a * b - a - b
        steps.append(f"The last remainder to be reached is that of ${a - 1} \\cdot {b} = {(a - 1) * b}$.")
        steps.append(f"The largest amount missing is {a} less: ${(a - 1) * b} - {a} = {answer}$.")
        asked = "What is the largest amount that cannot be made?"
    else:
        answer, rests = (a - 1) * (b - 1) // 2, a * (a - 1) // 2
        steps.append(
            f"Below ${b}j$, $\\lfloor {b}j / {a} \\rfloor$ amounts with its remainder are missing. For "
            f"$j = 1, \\dots, {a - 1}$ the remainders are $1, \\dots, {a - 1}$ in some order, with the sum {rests}."
        )
        steps.append(f"$({b} \\cdot {rests} - {rests}) / {a} = {answer}$")
        asked = "How many positive amounts cannot be made?"
    question = f"Amounts are paid with coins of {a} and coins of {b} units only, and no change is given. {asked}"
    return Problem(question, str(answer), steps)


def _triples(draws: Iterator[float]) -> Problem:
    a, b = _coprime(draws, 2, 9)
    c = between(next(draws), 13, 29)
    total = between(next(draws), 7 * c, 11 * c)
    rows = [_values_of_y(a, b, total - c * z) for z in range(total // c + 1)]
    counts = [len(row) for row in rows]
    steps = [
        f"$z = {z}$: ${combination([(a, 'x'), (b, 'y')])} = {total - c * z}$, {_told(row)}."
        for z, row in enumerate(rows)
    ]
    steps.append(f"${' + '.join(map(str, counts))} = {sum(counts)}$")
    left = combination([(a, "x"), (b, "y"), (c, "z")])
    question = f"How many triples $(x, y, z)$ of non-negative integers satisfy ${left} = {total}$?"
    return Problem(question, str(sum(counts)), steps)


def _values_of_y(a: int, b: int, total: int) -> range:
    """All y for which ax + by = total has a solution in non-negative integers."""
    first = pow(b, -1, a) * total % a
    return range(first, total // b + 1, a)


def _told(values: range) -> str:
    if len(values) < 4:
        return f"$y = {', '.join(map(str, values))}$" if values else "no solution"
    return f"$y = {values[0]}, {values[1]}, \\dots, {values[-1]}$: {len(values)} solutions"


def _factored(draws: Iterator[float]) -> Problem:
    """`(x - a)(y - b) = n` with n > ab, which leaves no room for two negative factors."""
    a, b = between(next(draws), 2, 12), between(next(draws), 2, 12)
    n = between(next(draws), 10, 40) * between(next(draws), 15, 60)
    found = factors(n)
    count = prod(exponent + 1 for exponent in found.values())
    answer = a * count + divisor_sum(found)
    steps = [
        f"Add ${a} \\cdot {b}$ on both sides: $(x - {a})(y - {b}) = {n - a * b} + {a * b} = {n}$.",
        f"Negative factors would be larger than $-{a}$ and $-{b}$, with a product below {a * b}: both are positive.",
        (
            f"So $x - {a}$ is any positive divisor of ${n} = {factorised(found)}$: "
            f"${product(exponent + 1 for exponent in found.values())} = {count}$ values."
        ),
        divisors_added(found),
        f"Sum of all $x$: ${count} \\cdot {a} + {divisor_sum(found)} = {answer}$.",
    ]
    right = combination([(b, "x"), (a, "y"), (n - a * b, "")])
    question = f"Find the sum of $x$ over all pairs $(x, y)$ of positive integers with $xy = {right}$."
    return Problem(question, str(answer), steps)
