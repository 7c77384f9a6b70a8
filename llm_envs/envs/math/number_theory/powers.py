"""Number theory: powers modulo a number, what they leave, and which bases and exponents lead there."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.number_theory.primes import factorised, factors
from llm_envs.envs.math.problem import Problem

__all__ = ["power_congruence", "remainder"]

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


_SMALL_PRIMES = [p for p in range(41, 98) if all(p % d for d in range(2, 10))]
_MIDDLE_PRIMES = [p for p in range(61, 200) if all(p % d for d in range(2, 15))]
_LARGE_PRIMES = [p for p in range(101, 1000) if all(p % d for d in range(2, 32))]


def power_congruence(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the base or the exponent of a power from what it leaves modulo a number."""
    draws = uniforms(rng, 6)
    makers = (_square_root_by_trial, _logarithm, _root, _square_root, _order, _root_modulo_product)
    return makers[difficulty](draws)


def _square_root_by_trial(draws: Iterator[float]) -> Problem:
    prime = one_of(next(draws), _MIDDLE_PRIMES)
    root, added = between(next(draws), 12, prime // 2), between(next(draws), 2, prime - 1)
    square, value = root * root % prime, (root * root + added) % prime
    tried = [str(square + prime * k) for k in range((root * root - square) // prime + 1)]
    steps = [
        f"$x^2 \\equiv {value} - {added} \\equiv {square}$. Add {prime} until there is a square: {', '.join(tried)}.",
        f"${tried[-1]} = {root}^2$; the other solution is ${prime} - {root} = {prime - root}$.",
    ]
    return _smallest_base(f"x^2 + {added}", value, prime, root, steps)


def _smallest_base(left: str, value: int, modulus: int, root: int, steps: list[str]) -> Problem:
    question = f"Find the smallest positive integer $x$ with ${left} \\equiv {value} \\pmod{{{modulus}}}$."
    return Problem(question, str(root), steps)


def _logarithm(draws: Iterator[float]) -> Problem:
    prime = one_of(next(draws), _SMALL_PRIMES)
    base = one_of(next(draws), [base for base in range(2, prime - 1) if _order_of(base, prime) > prime // 2])
    exponent = between(next(draws), 4, _order_of(base, prime) - 1)
    powers = [pow(base, k, prime) for k in range(1, exponent + 1)]
    steps = [
        f"Multiply by {base} modulo {prime}, from ${base}^1$ on: {', '.join(map(str, powers))}.",
        f"{powers[-1]} is the power with number {exponent}.",
    ]
    question = f"Find the smallest positive integer $n$ with ${base}^n \\equiv {powers[-1]} \\pmod{{{prime}}}$."
    return Problem(question, str(exponent), steps)


def _order_of(base: int, prime: int) -> int:
    """The smallest positive exponent that leads to 1."""
    order = prime - 1
    for factor in factors(order):
        while order % factor == 0 and pow(base, order // factor, prime) == 1:
            order //= factor
    return order


def _root(draws: Iterator[float]) -> Problem:
    prime = one_of(next(draws), _LARGE_PRIMES)
    exponent = one_of(next(draws), [k for k in range(3, 30) if gcd(k, prime - 1) == 1])
    root = between(next(draws), 2, prime - 1)
    value, inverse = pow(root, exponent, prime), pow(exponent, -1, prime - 1)
    steps = [
        f"By Fermat $x^{{{prime - 1}}} \\equiv 1$, so exponents count modulo {prime - 1}.",
        f"${exponent} \\cdot {inverse} \\equiv 1 \\pmod{{{prime - 1}}}$, so $x \\equiv {value}^{{{inverse}}}$.",
        *_squarings(value, inverse, prime),
    ]
    return _smallest_base(f"x^{{{exponent}}}", value, prime, root, steps)


def _square_root(draws: Iterator[float]) -> Problem:
    prime = one_of(next(draws), [p for p in _LARGE_PRIMES if p % 4 == 3])
    root = between(next(draws), 16, prime // 2)
    square, exponent = root * root % prime, (prime + 1) // 4
    found = pow(square, exponent, prime)
    steps = [
        (
            f"${prime} \\equiv 3 \\pmod 4$ is prime, and ${square}$ is a square, so "
            f"${square}^{{{(prime - 1) // 2}}} \\equiv 1$."
        ),
        f"So $x = {square}^{{({prime} + 1) / 4}}$ has the square ${square}^{{{(prime + 1) // 2}}} \\equiv {square}$.",
        *_squarings(square, exponent, prime),
        f"The solutions are {found} and ${prime} - {found} = {prime - found}$, and no others between 0 and {prime}.",
        f"The smaller one is {root}.",
    ]
    return _smallest_base("x^2", square, prime, root, steps)


def _order(draws: Iterator[float]) -> Problem:
    prime, base = one_of(next(draws), _LARGE_PRIMES), between(next(draws), 2, 60)
    exponents = factors(prime - 1)
    steps = [f"The order divides ${prime - 1} = {factorised(exponents)}$. Divide primes out as long as the power is 1:"]
    order = prime - 1
    for factor in exponents:
        while order % factor == 0:
            value = pow(base, order // factor, prime)
            steps.append(f"${base}^{{{order} / {factor}}} = {base}^{{{order // factor}}} \\equiv {value}$")
            if value != 1:
                break
            order //= factor
    steps.append(f"What is left is {order}.")
    question = f"Find the smallest positive integer $n$ with ${base}^n \\equiv 1 \\pmod{{{prime}}}$."
    return Problem(question, str(order), steps)


def _root_modulo_product(draws: Iterator[float]) -> Problem:
    p, q = (_SMALL_PRIMES[place] for place in different(draws, 0, len(_SMALL_PRIMES) - 1, 2))
    modulus, period = p * q, (p - 1) * (q - 1)
    exponent = one_of(next(draws), [k for k in range(3, 60) if gcd(k, period) == 1])
    root = one_of(next(draws), [x for x in range(2, modulus) if x % p and x % q])
    value, inverse = pow(root, exponent, modulus), pow(exponent, -1, period)
    steps = [
        (
            f"${modulus} = {p} \\cdot {q}$ has no divisor in common with {value}, nor with $x$. By Euler "
            f"$x^{{{p - 1} \\cdot {q - 1}}} = x^{{{period}}} \\equiv 1$: exponents count modulo {period}."
        ),
        (
            f"${exponent} \\cdot {inverse} = {exponent * inverse // period} \\cdot {period} + 1$, "
            f"so $x \\equiv {value}^{{{inverse}}}$."
        ),
        *_squarings(value, inverse, modulus),
    ]
    return _smallest_base(f"x^{{{exponent}}}", value, modulus, root, steps)
