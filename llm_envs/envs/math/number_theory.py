"""Number theory: divisors and multiples, remainders of powers, linear congruences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd, lcm

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import combination, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["congruences", "divisors", "remainders"]


def divisors(rng: np.random.Generator, difficulty: int) -> Problem:
    """Greatest common divisors, least common multiples, and counting with them."""
    draws = uniforms(rng, 4)
    makers = (_gcd_of_two, _lcm_of_two, _gcd_of_three, _lcm_of_three, _multiples_of_two, _multiples_of_three)
    return makers[difficulty](draws)


def _gcd_of_two(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 60)
    first, second = _different(draws, 2, 15, 2)
    return _gcd([common * first, common * second])


def _gcd_of_three(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 5, 99)
    return _gcd([common * factor for factor in _different(draws, 12, 60, 3)])


def _gcd(values: Sequence[int]) -> Problem:
    answer, *others = values
    steps = []
    for other in others:
        steps += _euclid(max(answer, other), min(answer, other))
        answer = gcd(answer, other)
    return Problem(f"Find the greatest common divisor of {_listed(values)}.", str(answer), steps)


def _lcm_of_two(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 12)
    return _lcm([common * factor for factor in _different(draws, 4, 25, 2)])


def _lcm_of_three(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 9)
    return _lcm([common * factor for factor in _different(draws, 4, 25, 3)])


def _lcm(values: Sequence[int]) -> Problem:
    answer, *others = values
    steps = []
    for other in others:
        steps += _euclid(max(answer, other), min(answer, other))
        product = f"{answer} \\cdot {other} / {gcd(answer, other)}"
        answer = lcm(answer, other)
        steps.append(f"So the least common multiple is ${product} = {answer}$.")
    return Problem(f"Find the least common multiple of {_listed(values)}.", str(answer), steps)


def _multiples_of_two(draws: Iterator[float]) -> Problem:
    limit = between(next(draws), 500, 5000)
    first, second = _different(draws, 4, 30, 2)
    both = lcm(first, second)
    counts = [limit // divisor for divisor in (first, second, both)]
    steps = [
        f"${limit} / {divisor}$ rounds down to {count}."
        for divisor, count in zip((first, second, both), counts, strict=True)
    ]
    answer = counts[0] + counts[1] - counts[2]
    steps.append(f"Multiples of both, of {both}, were counted twice: ${counts[0]} + {counts[1]} - {counts[2]} = {answer}$.")
    return Problem(f"How many integers from 1 to {limit} are divisible by {first} or by {second}?", str(answer), steps)


def _multiples_of_three(draws: Iterator[float]) -> Problem:
    limit = between(next(draws), 1000, 9000)
    a, b, c = values = _different(draws, 4, 24, 3)
    singles = [limit // divisor for divisor in values]
    pairs = [lcm(a, b), lcm(a, c), lcm(b, c)]
    doubles = [limit // divisor for divisor in pairs]
    all_three = lcm(*values)
    triple = limit // all_three
    answer = limit - sum(singles) + sum(doubles) - triple
    steps = [
        f"Divisible by one of them: ${_sum(singles)} = {sum(singles)}$.",
        f"Divisible by two, by {numbers(pairs)}: ${_sum(doubles)} = {sum(doubles)}$.",
        f"Divisible by all three, by {all_three}: ${triple}$.",
        f"None: ${limit} - {sum(singles)} + {sum(doubles)} - {triple} = {answer}$.",
    ]
    question = f"How many integers from 1 to {limit} are divisible by none of {_listed(values)}?"
    return Problem(question, str(answer), steps)


def _different(draws: Iterator[float], low: int, high: int, count: int) -> list[int]:
    """Different integers in [low, high]."""
    values: list[int] = []
    for _ in range(count):
        value = between(next(draws), low, high - len(values))
        for taken in sorted(values):
            value += value >= taken
        values.append(value)
    return values


def _euclid(larger: int, smaller: int) -> Iterator[str]:
    while smaller:
        quotient, rest = divmod(larger, smaller)
        yield f"${larger} = {quotient} \\cdot {smaller} + {rest}$"
        larger, smaller = smaller, rest


def _listed(values: Sequence[int]) -> str:
    return f"{', '.join(map(str, values[:-1]))} and {values[-1]}"


def _sum(values: Sequence[int]) -> str:
    return " + ".join(map(str, values))


def remainders(rng: np.random.Generator, difficulty: int) -> Problem:
    """The remainder of a product or power."""
    draws = uniforms(rng, 6)
    makers = (_of_product, _of_small_power, _of_power, _of_power_sum, _of_power_product, _of_tower)
    return makers[difficulty](draws)


_PRIMES = (37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)


def _of_product(draws: Iterator[float]) -> Problem:
    modulus = between(next(draws), 31, 99)
    a, b, c = (between(next(draws), 11, 99) for _ in range(3))
    value = a * b + c
    steps = [f"${a} \\cdot {b} + {c} = {value} = {value // modulus} \\cdot {modulus} + {value % modulus}$"]
    return _remainder(f"{a} \\cdot {b} + {c}", modulus, value % modulus, steps)


def _of_small_power(draws: Iterator[float]) -> Problem:
    modulus, base, exponent = _power(draws, 3, 7)
    steps = list(_squarings(base, exponent, modulus))
    return _remainder(f"{base}^{{{exponent}}}", modulus, pow(base, exponent, modulus), steps)


def _of_power(draws: Iterator[float]) -> Problem:
    modulus, base, exponent = _power(draws, 16, 63)
    steps = list(_squarings(base, exponent, modulus))
    return _remainder(f"{base}^{{{exponent}}}", modulus, pow(base, exponent, modulus), steps)
