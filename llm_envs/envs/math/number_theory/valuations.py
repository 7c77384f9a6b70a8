"""Number theory: how often a number divides factorials and their products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.number_theory.primes import factorised, factors
from llm_envs.envs.math.problem import Problem

__all__ = ["factorial_divisors"]

_PRIMES = (2, 3, 5, 7, 11, 13)
_SQUAREFREE = (6, 10, 14, 15, 21, 22, 26, 30, 33, 35, 39, 42, 55, 65, 70, 77)
_WITH_POWERS = (12, 18, 20, 24, 28, 36, 40, 45, 48, 50, 54, 56, 63, 72, 75, 80, 90, 98, 99, 108)
_ZEROS = {6: "base six", 10: "base ten", 12: "base twelve", 20: "base twenty"}


def factorial_divisors(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the highest power of a number that divides a factorial, a quotient or a product of them."""
    draws = uniforms(rng, 3)
    makers = (_of_prime, _of_squarefree, _of_any, _in_quotient, _smallest, _in_product)
    return makers[difficulty](draws)


def _exponent(prime: int, n: int) -> int:
    """The exponent of the prime in n!, by Legendre."""
    total = 0
    while n:
        n //= prime
        total += n
    return total


def _legendre(prime: int, n: int) -> str:
    powers = [prime]
    while powers[-1] * prime <= n:
        powers.append(powers[-1] * prime)
    counts = " + ".join(str(n // power) for power in powers)
    told = " + ".join(f"\\lfloor {n} / {power} \\rfloor" for power in powers)
    total = f" = {_exponent(prime, n)}" if len(powers) > 1 else ""
    return f"Exponent of {prime} in ${n}!$: ${told} = {counts}{total}$."


def _asked(divisor: int, whole: str) -> str:
    if divisor in _ZEROS:
        return f"With how many zeros does ${whole}$ end, when it is written in {_ZEROS[divisor]}?"
    return f"What is the largest integer $k$ such that ${divisor}^k$ divides ${whole}$?"


def _opening(divisor: int) -> str:
    """What is looked for."""
    zeros = f"Each factor {divisor} makes a zero, and " if divisor in _ZEROS else ""
    return f"{zeros}${divisor} = {factorised(factors(divisor))}$."


def _of_prime(draws: Iterator[float]) -> Problem:
    prime, n = one_of(next(draws), _PRIMES), between(next(draws), 30, 999)
    steps = [f"Every multiple of {prime} counts once, every multiple of ${prime}^2$ once more, and so on."]
    steps.append(_legendre(prime, n))
    return Problem(_asked(prime, f"{n}!"), str(_exponent(prime, n)), steps)


def _of_squarefree(draws: Iterator[float]) -> Problem:
    return _of_composite(one_of(next(draws), _SQUAREFREE), between(next(draws), 60, 1999))


def _of_any(draws: Iterator[float]) -> Problem:
    return _of_composite(one_of(next(draws), _WITH_POWERS), between(next(draws), 60, 1999))


def _of_composite(divisor: int, n: int) -> Problem:
    found = {prime: _exponent(prime, n) for prime in factors(divisor)}
    steps = [_opening(divisor), *(_legendre(prime, n) for prime in found)]
    steps += _often(divisor, found)
    return Problem(_asked(divisor, f"{n}!"), str(_times(divisor, found)), steps)


def _times(divisor: int, found: dict[int, int]) -> int:
    """How often the divisor goes into a number whose primes have these exponents."""
    return min(found[prime] // exponent for prime, exponent in factors(divisor).items())


def _often(divisor: int, found: dict[int, int]) -> Iterator[str]:
    for prime, exponent in factors(divisor).items():
        if exponent > 1:
            whole = found[prime] // exponent
            yield f"${prime}^{exponent}$ divides it $\\lfloor {found[prime]} / {exponent} \\rfloor = {whole}$ times."
    limits = ", ".join(str(found[prime] // exponent) for prime, exponent in factors(divisor).items())
    yield f"The smallest of {limits} is {_times(divisor, found)}."


def _in_quotient(draws: Iterator[float]) -> Problem:
    divisor, top = one_of(next(draws), _WITH_POWERS), between(next(draws), 200, 1999)
    bottom = between(next(draws), top // 8, top // 2)
    found = {prime: _exponent(prime, top) - _exponent(prime, bottom) for prime in factors(divisor)}
    steps = [_opening(divisor), f"The product is ${top}! / {bottom}!$."]
    for prime, exponent in found.items():
        steps += [_legendre(prime, top), _legendre(prime, bottom)]
        steps.append(f"In the quotient: ${_exponent(prime, top)} - {_exponent(prime, bottom)} = {exponent}$.")
    steps += _often(divisor, found)
    whole = f"{bottom + 1} \\cdot {bottom + 2} \\cdot {bottom + 3} \\cdots {top}"
    return Problem(_asked(divisor, whole), str(_times(divisor, found)), steps)


def _smallest(draws: Iterator[float]) -> Problem:
    prime, least = one_of(next(draws), _PRIMES), between(next(draws), 60, 1400)
    n = prime
    while _exponent(prime, n) < least:
        n += prime
    bound = (
        f"n / {prime - 1}$, so $n > {prime - 1} \\cdot {least} = {least * (prime - 1)}"
        if prime > 2
        else f"n$, so $n > {least}"
    )
    steps = [
        f"The exponent of {prime} in $n!$ is below $n / {prime} + n / {prime**2} + \\dots = {bound}$.",
        f"It grows at multiples of {prime} only. Try those:",
        f"{_legendre(prime, n - prime)} Too small.",
        f"{_legendre(prime, n)} Enough.",
    ]
    question = f"What is the smallest positive integer $n$ such that $n!$ is divisible by ${prime}^{{{least}}}$?"
    return Problem(question, str(n), steps)


def _in_product(draws: Iterator[float]) -> Problem:
    divisor, n = one_of(next(draws), _WITH_POWERS), between(next(draws), 60, 900)
    found: dict[int, int] = {}
    steps = [
        _opening(divisor),
        (
            "The exponent of a prime is the sum over its powers $q$ of "
            f"$\\lfloor 1 / q \\rfloor + \\lfloor 2 / q \\rfloor + \\dots + \\lfloor {n} / q \\rfloor$."
        ),
        (
            "Each value $1, \\dots, m - 1$ is there $q$ times, the last value "
            f"$m = \\lfloor {n} / q \\rfloor$ is there ${n} - mq + 1$ times."
        ),
    ]
    for prime in factors(divisor):
        parts = [*_parts(prime, n)]
        found[prime] = sum(part for _, part in parts)
        steps += [step for step, _ in parts]
        steps.append(f"Exponent of {prime}: {found[prime]}.")
    steps += _often(divisor, found)
    return Problem(_asked(divisor, f"1! \\cdot 2! \\cdot 3! \\cdots {n}!"), str(_times(divisor, found)), steps)


def _parts(prime: int, n: int) -> Iterator[tuple[str, int]]:
    """For each power of the prime: the sum of how many multiples it has up to 1, 2, ..., n."""
    power = prime
    while power <= n:
        last, between_last = n // power, n // power * (n // power - 1) // 2
        often = n - last * power + 1
        part = power * between_last + last * often
        yield f"$q = {power}$: ${power} \\cdot {between_last} + {last} \\cdot {often} = {part}$", part
        power *= prime
