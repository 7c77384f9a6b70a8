"""Numbers in other bases: from one base to another, sums, products, quotients.

Bases from 2 to 9, so that every digit is a decimal one. In the questions the base is a subscript; the answer is the
digits alone, since a numeral with its base equals the number that the question writes in another.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import product
from llm_envs.envs.math.problem import Problem

__all__ = ["number_base"]


def number_base(rng: np.random.Generator, difficulty: int) -> Problem:
    """Write a number, or the result of a calculation, in another base."""
    draws = uniforms(rng, 8)
    makers = (_from_ten, _between_bases, _sum, _difference_of_product, _three_bases, _missing_factor)
    question, value, base, steps = makers[difficulty](draws)
    question = f"{question} Give the digits alone, without the base."
    return Problem(question, _digits(value, base), [*steps, *_divisions(value, base)])


def _from_ten(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    base = between(next(draws), 2, 9)
    value = between(next(draws), 100, 2500)
    return f"Write the number {value}, given in base ten, in base {base}.", value, base, []


def _between_bases(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    first, second = _two_bases(draws)
    value = between(next(draws), 100, 3000)
    steps = [_read(value, first)]
    return f"Write ${_written(value, first)}$ in base {second}.", value, second, steps


def _sum(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    base = between(next(draws), 2, 9)
    values = [between(next(draws), base**2, base**2 * 12) for _ in range(3)]
    text = " + ".join(_written(value, base) for value in values)
    steps = [*(_read(value, base) for value in values), f"${' + '.join(map(str, values))} = {sum(values)}$"]
    return f"Calculate ${text}$. Give the result in base {base}.", sum(values), base, steps


def _difference_of_product(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    base = between(next(draws), 3, 9)
    a, b = between(next(draws), base**2, base**3 - 1), between(next(draws), base, base**2 - 1)
    c = between(next(draws), base, a * b // 2)
    value = a * b - c
    text = f"{_written(a, base)} \\cdot {_written(b, base)} - {_written(c, base)}"
    steps = [*(_read(number, base) for number in (a, b, c)), f"${a} \\cdot {b} - {c} = {value}$"]
    return f"Calculate ${text}$. Give the result in base {base}.", value, base, steps


def _three_bases(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    first, second = _two_bases(draws)
    third = one_of(next(draws), [base for base in range(2, 10) if base not in (first, second)])
    a, b, c = between(next(draws), 20, 200), between(next(draws), 11, 60), between(next(draws), 50, 900)
    value = a * b + c
    text = f"{_written(a, first)} \\cdot {_written(b, second)} + {_written(c, first)}"
    steps = [_read(a, first), _read(b, second), _read(c, first), f"${a} \\cdot {b} + {c} = {value}$"]
    return f"Calculate ${text}$. Give the result in base {third}.", value, third, steps


def _missing_factor(draws: Iterator[float]) -> tuple[str, int, int, list[str]]:
    first, second = _two_bases(draws)
    third = one_of(next(draws), [base for base in range(2, 10) if base not in (first, second)])
    a, answer, b = between(next(draws), 12, 90), between(next(draws), 30, 400), between(next(draws), 20, 600)
    right = a * answer + b
    text = f"{_written(a, first)} \\cdot n + {_written(b, second)} = {_written(right, first)}"
    steps = [
        _read(a, first),
        _read(b, second),
        _read(right, first),
        f"${a}n = {right} - {b} = {right - b}$, so $n = {answer}$.",
    ]
    return f"For which number $n$ is ${text}$? Give $n$ in base {third}.", answer, third, steps


def _two_bases(draws: Iterator[float]) -> tuple[int, int]:
    first = between(next(draws), 2, 9)
    return first, one_of(next(draws), [base for base in range(2, 10) if base != first])


def _digits(value: int, base: int) -> str:
    digits = ""
    while value:
        value, digit = divmod(value, base)
        digits = f"{digit}{digits}"
    return digits


def _written(value: int, base: int) -> str:
    return f"{_digits(value, base)}_{{{base}}}"


def _read(value: int, base: int) -> str:
    """In base ten, digit by digit."""
    digits = _digits(value, base)
    terms = " + ".join(product([int(digit), base ** (len(digits) - 1 - i)]) for i, digit in enumerate(digits))
    return f"${_written(value, base)} = {terms} = {value}$"


def _divisions(value: int, base: int) -> Iterator[str]:
    """Divide by the base again and again: the remainders are the digits, the last one first."""
    told = []
    rest = value
    while rest:
        quotient, digit = divmod(rest, base)
        told.append(f"{rest} = {quotient} \\cdot {base} + {digit}")
        rest = quotient
    yield f"Divide by {base} again and again: ${', '.join(told)}$."
    yield f"The remainders from the last to the first: ${_written(value, base)}$."
