"""Number theory: prime factorisations, and what is counted or added up with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, some_of, uniforms
from llm_envs.envs.math.latex import product
from llm_envs.envs.math.problem import Problem

__all__ = ["divisor_sum", "divisors_added", "factorised", "factors", "prime_factors"]


def factors(n: int) -> dict[int, int]:
    """The primes of n with their exponents, by trial division."""
    found: dict[int, int] = {}
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            n //= divisor
        divisor += 1
    return found | {n: 1} if n > 1 else found


def factorised(exponents: Mapping[int, int]) -> str:
    """A product of prime powers: `2^3 \\cdot 7`."""
    return r" \cdot ".join(
        f"{prime}^{{{exponent}}}" if exponent > 9 else f"{prime}^{exponent}" if exponent > 1 else str(prime)
        for prime, exponent in exponents.items()
    )


def divisor_sum(exponents: Mapping[int, int]) -> int:
    """The sum of all divisors."""
    return prod((prime ** (exponent + 1) - 1) // (prime - 1) for prime, exponent in exponents.items())


def divisors_added(exponents: Mapping[int, int]) -> str:
    """How the divisors' sum is found."""
    rows = [[prime**power for power in range(exponent + 1)] for prime, exponent in exponents.items()]
    sums = r" \cdot ".join(f"({' + '.join(map(str, row))})" for row in rows)
    values = f" = {product(sum(row) for row in rows)}" if len(rows) > 1 else ""
    return f"Sum of the divisors: ${sums}{values} = {divisor_sum(exponents)}$."


_SMALL = (2, 3, 5, 7)
_PRIMES = [p for p in range(11, 500) if all(p % d for d in range(2, 23) if d < p)]
_SMOOTH = [n for n in range(12, 1500) if max(factors(n)) <= max(_SMALL)]
"""Numbers without larger primes than 7: they come apart by hand."""


def prime_factors(rng: np.random.Generator, difficulty: int) -> Problem:
    """Take a number apart into primes, and count or add up its divisors, or what has none in common with it."""
    draws = uniforms(rng, 12)
    makers = (_largest, _sum_of_divisors, _totient, _sum_of_multiples, _sum_of_coprime, _with_bounds)
    return makers[difficulty](draws)


def _apart(n: int) -> Iterator[str]:
    """Take n apart, prime by prime."""
    exponents = factors(n)
    left = n
    for prime, exponent in list(exponents.items())[:-1]:
        power = factorised({prime: exponent})
        yield f"${left} = {power} \\cdot {left // prime**exponent}$"
        left //= prime**exponent
    if len(exponents) > 1 and exponents[max(exponents)] == 1:
        yield f"{left} is prime, so ${n} = {factorised(exponents)}$."
    else:
        yield f"So ${n} = {factorised(exponents)}$."


def _largest(draws: Iterator[float]) -> Problem:
    largest = one_of(next(draws), _PRIMES)
    n = one_of(next(draws), _SMOOTH) * largest
    return Problem(f"What is the largest prime factor of {n}?", str(largest), [*_apart(n)])


def _sum_of_divisors(draws: Iterator[float]) -> Problem:
    n = one_of(next(draws), _SMOOTH[:70]) * one_of(next(draws), _PRIMES)
    question = f"Find the sum of all positive divisors of {n}, including 1 and {n}."
    return Problem(question, str(divisor_sum(factors(n))), [*_apart(n), divisors_added(factors(n))])


def _totient(draws: Iterator[float]) -> Problem:
    n, steps, answer = _coprime(draws)
    question = f"How many of the integers from 1 to {n} have no common divisor with {n} other than 1?"
    return Problem(question, str(answer), steps)


def _sum_of_coprime(draws: Iterator[float]) -> Problem:
    n, steps, count = _coprime(draws)
    steps += [
        f"If $k$ is one of these {count} integers, so is ${n} - k$: they form pairs with sum {n}.",
        f"${count} / 2 \\cdot {n} = {count // 2 * n}$",
    ]
    question = f"Find the sum of those integers from 1 to {n} that have no common divisor with {n} other than 1."
    return Problem(question, str(count // 2 * n), steps)


def _coprime(draws: Iterator[float]) -> tuple[int, list[str], int]:
    """A number with primes above 7, and how many integers up to it have no divisor in common with it."""
    n = one_of(next(draws), _SMOOTH[:40]) * one_of(next(draws), _PRIMES[:13]) * one_of(next(draws), _PRIMES[13:26])
    reached, steps, these = n, [*_apart(n)], f"the integers from 1 to {n}"
    for prime in factors(n):
        before, reached = reached, reached // prime * (prime - 1)
        share = f"${before} \\cdot {prime - 1} / {prime} = {reached}$"
        steps.append(f"Of {these}, {prime - 1} in {prime} are no multiples of {prime}: {share}.")
        these = "these"
    return n, steps, reached


def _sum_of_multiples(draws: Iterator[float]) -> Problem:
    divisor = one_of(next(draws), (6, 10, 12, 14, 15, 18, 20, 21, 28, 35))
    rest = one_of(next(draws), _SMOOTH[:50]) * one_of(next(draws), _PRIMES[:30])
    n, whole = divisor * rest, divisor_sum(factors(rest))
    steps = [
        f"These divisors are {divisor} times the divisors of ${n} / {divisor} = {rest}$.",
        *_apart(rest),
        divisors_added(factors(rest)),
        f"${divisor} \\cdot {whole} = {divisor * whole}$",
    ]
    question = f"Find the sum of those positive divisors of {n} that are multiples of {divisor}."
    return Problem(question, str(divisor * whole), steps)


def _with_bounds(draws: Iterator[float]) -> Problem:
    """Each prime's exponents keep between two bounds, and reach both."""
    primes = sorted(some_of(draws, (2, 3, 5, 7, 11, 13, 17), 4))
    low = {prime: between(next(draws), 0, 2) for prime in primes}
    spans = dict(zip(primes, different(draws, 1, 12, 4), strict=True))
    high = {prime: low[prime] + spans[prime] for prime in primes}
    ways = [6 * span for span in spans.values()]
    steps = [
        (
            "For each prime, the three exponents lie between two bounds, and take both. Of all choices, take off those "
            "that miss the lower bound and those that miss the upper one, and add those that miss both:"
        )
    ]
    for prime, span in spans.items():
        bounds = f"Of {prime}, from {low[prime]} to {high[prime]}: "
        steps.append(bounds + f"${span + 1}^3 - 2 \\cdot {span}^3 + {span - 1}^3 = {6 * span}$.")
    steps.append(f"The primes are independent: ${product(ways)} = {prod(ways)}$.")
    common = factorised({prime: exponent for prime, exponent in low.items() if exponent}) or "1"
    question = (
        "How many ordered triples $(a, b, c)$ of positive integers have the greatest common divisor "
        f"${common}$ and the least common multiple ${factorised(high)}$?"
    )
    return Problem(question, str(prod(ways)), steps)
