"""Number theory: divisors and multiples, remainders of powers, linear congruences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd, lcm, prod

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, cases, combination, listed, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["congruence", "divisibility", "remainder"]


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


_PRIMES = (37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)


def remainder(rng: np.random.Generator, difficulty: int) -> Problem:
    """Divide a product, a power or a tower of powers with remainder."""
    draws = uniforms(rng, 6)
    makers = (_of_product, _of_power, _of_power, _of_power, _of_power_product, _of_tower)
    text, modulus, answer, steps = makers[difficulty](draws, difficulty)
    return Problem(f"What is the remainder of ${text}$ on division by {modulus}?", str(answer), steps)


def _of_product(draws: Iterator[float], _difficulty: int) -> tuple[str, int, int, list[str]]:
    modulus, *factors = (between(next(draws), low, 99) for low in (31, 11, 11, 11))
    a, b, c = factors
    quotient, answer = divmod(a * b + c, modulus)
    steps = [f"${a} \\cdot {b} + {c} = {a * b + c} = {quotient} \\cdot {modulus} + {answer}$"]
    return f"{a} \\cdot {b} + {c}", modulus, answer, steps


def _of_power(draws: Iterator[float], difficulty: int) -> tuple[str, int, int, list[str]]:
    modulus, base, added = between(next(draws), 31, 99), between(next(draws), 2, 29), between(next(draws), 11, 99)
    exponent = between(next(draws), *((0, 0), (4, 9), (20, 60), (150, 900))[difficulty])
    value = pow(base, exponent, modulus)
    answer = (value + added) % modulus
    steps = [*_squarings(base, exponent, modulus), f"${value} + {added} \\equiv {answer} \\pmod{{{modulus}}}$"]
    return f"{base}^{{{exponent}}} + {added}", modulus, answer, steps


def _of_power_product(draws: Iterator[float], _difficulty: int) -> tuple[str, int, int, list[str]]:
    modulus = between(next(draws), 31, 99)
    (a, b), (m, n) = different(draws, 2, 29, 2), different(draws, 20, 200, 2)
    c = between(next(draws), 11, 99)
    first, second = pow(a, m, modulus), pow(b, n, modulus)
    answer = (first * second + c) % modulus
    steps = [*_squarings(a, m, modulus), *_squarings(b, n, modulus)]
    steps.append(f"${first} \\cdot {second} + {c} \\equiv {answer} \\pmod{{{modulus}}}$")
    return f"{a}^{{{m}}} \\cdot {b}^{{{n}}} + {c}", modulus, answer, steps


def _of_tower(draws: Iterator[float], _difficulty: int) -> tuple[str, int, int, list[str]]:
    prime, base, added = one_of(next(draws), _PRIMES), between(next(draws), 2, 29), between(next(draws), 11, 99)
    lower, upper = between(next(draws), 2, 19), between(next(draws), 20, 200)
    exponent = pow(lower, upper, prime - 1)
    value = pow(base, exponent, prime)
    answer = (value + added) % prime
    steps = [
        f"{prime} is prime, so ${base}^{{{prime - 1}}} \\equiv 1$: the exponent counts modulo {prime - 1}.",
        *_squarings(lower, upper, prime - 1),
        *_squarings(base, exponent, prime),
        f"${value} + {added} \\equiv {answer} \\pmod{{{prime}}}$",
    ]
    return f"{base}^{{{lower}^{{{upper}}}}} + {added}", prime, answer, steps


def _squarings(base: int, exponent: int, modulus: int) -> Iterator[str]:
    """Square, and multiply where the exponent's next binary digit is 1."""
    if exponent < 2:
        yield f"${base}^{{{exponent}}} \\equiv {base**exponent % modulus} \\pmod{{{modulus}}}$"
    for shift in range(exponent.bit_length() - 2, -1, -1):
        reached = exponent >> shift
        half, value = pow(base, reached // 2, modulus), pow(base, reached, modulus)
        factor = f" \\cdot {base}" if reached % 2 else ""
        yield f"${base}^{{{reached}}} \\equiv {half}^2{factor} \\equiv {value} \\pmod{{{modulus}}}$"


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
