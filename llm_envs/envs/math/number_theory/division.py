"""Number theory: divisors and multiples, linear congruences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd, lcm, prod

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, cases, combination, listed, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["congruence", "divisibility"]


def divisibility(rng: np.random.Generator, difficulty: int) -> Problem:
    """Greatest common divisors, least common multiples, and counting with them."""
    draws = uniforms(rng, 4)
    makers = (_gcd_of_two, _lcm_of_two, _gcd_of_three, _lcm_of_three, _multiples_of_two, _multiples_of_three)
    return makers[difficulty](draws)


def _gcd_of_two(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 99)
    first, second = different(draws, 2, 20, 2)
    return _gcd([common * first, common * second])


def _gcd_of_three(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 5, 99)
    return _gcd([common * factor for factor in different(draws, 12, 60, 3)])


def _gcd(values: Sequence[int]) -> Problem:
    answer, *others = values
    steps: list[str] = []
    for other in others:
        steps += _euclid(max(answer, other), min(answer, other))
        answer = gcd(answer, other)
    return Problem(f"Find the greatest common divisor of {listed(values)}.", str(answer), steps)


def _lcm_of_two(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 20)
    return _lcm([common * factor for factor in different(draws, 4, 40, 2)])


def _lcm_of_three(draws: Iterator[float]) -> Problem:
    common = between(next(draws), 2, 9)
    return _lcm([common * factor for factor in different(draws, 4, 25, 3)])


def _lcm(values: Sequence[int]) -> Problem:
    answer, *others = values
    steps: list[str] = []
    for other in others:
        steps += _euclid(max(answer, other), min(answer, other))
        product = f"{answer} \\cdot {other} / {gcd(answer, other)}"
        answer = lcm(answer, other)
        steps.append(f"So the least common multiple is ${product} = {answer}$.")
    return Problem(f"Find the least common multiple of {listed(values)}.", str(answer), steps)


def _multiples_of_two(draws: Iterator[float]) -> Problem:
    limit = between(next(draws), 500, 5000)
    first, second = different(draws, 4, 30, 2)
    both = lcm(first, second)
    counts = [limit // divisor for divisor in (first, second, both)]
    steps = [
        f"${limit} / {divisor}$ rounds down to {count}."
        for divisor, count in zip((first, second, both), counts, strict=True)
    ]
    answer = counts[0] + counts[1] - counts[2]
    steps.append(f"Multiples of both, of {both}, count once: ${counts[0]} + {counts[1]} - {counts[2]} = {answer}$.")
    return Problem(f"How many integers from 1 to {limit} are divisible by {first} or by {second}?", str(answer), steps)


def _multiples_of_three(draws: Iterator[float]) -> Problem:
    limit = between(next(draws), 1000, 9000)
    a, b, c = values = different(draws, 4, 24, 3)
    singles = [limit // divisor for divisor in values]
    pairs = [lcm(a, b), lcm(a, c), lcm(b, c)]
    doubles = [limit // divisor for divisor in pairs]
    all_three = lcm(*values)
    triple = limit // all_three
    answer = limit - sum(singles) + sum(doubles) - triple
    steps = [
        f"Multiples of one of them: ${_sum(singles)} = {sum(singles)}$.",
        f"Multiples of two, of {numbers(pairs)}: ${_sum(doubles)} = {sum(doubles)}$.",
        f"Multiples of all three, of {all_three}: ${triple}$.",
        f"The rest: ${limit} - {sum(singles)} + {sum(doubles)} - {triple} = {answer}$.",
    ]
    question = f"How many integers from 1 to {limit} are divisible by none of {listed(values)}?"
    return Problem(question, str(answer), steps)


def _euclid(larger: int, smaller: int) -> Iterator[str]:
    while smaller:
        quotient, rest = divmod(larger, smaller)
        yield f"${larger} = {quotient} \\cdot {smaller} + {rest}$"
        larger, smaller = smaller, rest


def _sum(values: Sequence[int]) -> str:
    return " + ".join(map(str, values))


_COPRIME_MODULI = (7, 8, 9, 11, 13, 17, 19, 23, 25, 29, 31, 37)
"""No two have a common divisor."""

_CONGRUENCES = ((1, False), (1, True), (2, False), (3, False), (2, True), (3, True))
"""By difficulty: how many congruences, and whether each has yet to be solved for x."""


def congruence(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the smallest solution of linear congruences."""
    count, with_shifts = _CONGRUENCES[difficulty]
    draws = uniforms(rng, 3 * count + 1)
    if count == 1:
        moduli = [between(next(draws), 40, 199)]
    else:
        moduli = [_COPRIME_MODULI[i] for i in different(draws, 0, len(_COPRIME_MODULI) - 1, count)]
    solution = int(prod(moduli) * next(draws))
    steps, texts = [], []
    for modulus in moduli:
        slope = one_of(next(draws), [a for a in range(2, modulus) if gcd(a, modulus) == 1])
        slope = slope if with_shifts or count == 1 else 1
        shift = between(next(draws), 1, 60) if with_shifts else 0
        right = (slope * solution + shift) % modulus
        texts.append(f"{polynomial([slope, shift])} \\equiv {right} \\pmod{{{modulus}}}")
        if slope > 1:
            steps.append(_solved(slope, shift, right, modulus))
    steps += _combined(moduli, solution)
    system = texts[0] if count == 1 else cases(texts)
    return Problem(f"Find the smallest non-negative integer $x$ with ${system}$.", str(solution), steps)


def _solved(slope: int, shift: int, right: int, modulus: int) -> str:
    inverse = pow(slope, -1, modulus)
    return (
        f"${slope} \\cdot {inverse} \\equiv 1$, so $x \\equiv {inverse} \\cdot {bracketed(right - shift)} "
        f"\\equiv {inverse * (right - shift) % modulus} \\pmod{{{modulus}}}$."
    )


def _combined(moduli: Sequence[int], solution: int) -> Iterator[str]:
    """Join the congruences one by one."""
    reached = moduli[0]
    for modulus in moduli[1:]:
        start, reached = solution % reached, reached * modulus
        rest = solution % modulus
        yield (
            f"Of ${combination([(reached // modulus, 'k'), (start, '')])}$, "
            f"$k = {(solution % reached) // (reached // modulus)}$ "
            f"is the first that leaves {rest} modulo {modulus}: $x \\equiv {solution % reached} \\pmod{{{reached}}}$."
        )
