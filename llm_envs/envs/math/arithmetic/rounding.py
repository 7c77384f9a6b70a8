"""Rounding: to places and digits, estimates, and what a rounded number leaves open.

No question turns on a tie, or says how ties are rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import decimal
from llm_envs.envs.math.problem import Problem

__all__ = ["rounding"]

_HALF = Fraction(1, 2)


def rounding(rng: np.random.Generator, difficulty: int) -> Problem:
    """Round, estimate, and find bounds of what has been rounded."""
    draws = uniforms(rng, 8)
    makers = (_to_place, _to_digits, _estimate, _largest_multiple, _least_area, _two_quotients)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, str(answer), steps)


_PLACES = {10: "ten", 100: "hundred", 1000: "thousand", 10_000: "ten thousand"}


def _to_place(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    place = one_of(next(draws), tuple(_PLACES))
    value = _no_tie(between(next(draws), 10 * place, 999 * place), place)
    return f"Round {value:,} to the nearest {_PLACES[place]}.", *_rounded(value, place)


def _to_digits(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Half of the numbers have nines where it matters, so that rounding up carries."""
    digits, more = between(next(draws), 2, 4), between(next(draws), 2, 4)
    place = 10**more
    leading = between(next(draws), 10 ** (digits - 1), 10**digits - 1)
    rest = between(next(draws), 1, place - 1)
    if next(draws) < 0.5:
        leading -= leading % 10 - 9
        rest = place - 1 - rest // 3
    value = _no_tie(leading * place + rest, place)
    answer, steps = _rounded(value, place)
    told = ("two", "three", "four")[digits - 2]
    steps.insert(0, f"With {told} significant digits, a number of this size is a multiple of {place:,}.")
    return f"Round {value:,} to {told} significant digits.", answer, steps


def _no_tie(value: int, place: int) -> int:
    """A number that is not halfway between multiples of `place`."""
    return value + (2 * value % (2 * place) == place)


def _rounded(value: int, place: int) -> tuple[int, list[str]]:
    below = value // place * place
    answer = below if 2 * (value - below) < place else below + place
    steps = [
        f"The multiples of {place:,} next to {value:,} are {below:,} and {below + place:,}.",
        f"Halfway is {below + place // 2:,}, and {value:,} is {'below' if answer == below else 'above'} it.",
    ]
    return answer, steps


_COUNTED = (
    "A hall has {0:,} rows with {1:,} seats each. Estimate the number of seats",
    "A warehouse holds {0:,} boxes with {1:,} screws each. Estimate the number of screws",
    "A machine makes {1:,} caps an hour and runs for {0:,} hours. Estimate the number of caps",
    "A library has {0:,} shelves with {1:,} pages each. Estimate the number of pages",
    "A stadium sold {1:,} tickets for each of {0:,} matches. Estimate the number of tickets",
)


def _estimate(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    story, digits = one_of(next(draws), _COUNTED), between(next(draws), 1, 2)
    places = 10 ** (3 - digits), 10 ** (4 - digits)
    values = _no_tie(between(next(draws), 121, 989), places[0]), _no_tie(between(next(draws), 1021, 9889), places[1])
    rounded = [_rounded(value, place)[0] for value, place in zip(values, places, strict=True)]
    steps = [f"{value:,} rounds to {result:,}." for value, result in zip(values, rounded, strict=True)]
    answer = rounded[0] * rounded[1]
    steps.append(f"${rounded[0]} \\cdot {rounded[1]} = {answer}$")
    told_digits = ("one significant digit", "two significant digits")[digits - 1]
    return f"{story.format(*values)}: round both numbers to {told_digits} and multiply.", answer, steps


def _largest_multiple(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    place, divisor = one_of(next(draws), (100, 1000)), between(next(draws), 6, 47)
    rounded = place * between(next(draws), 11, 199)
    low, high = rounded - place // 2 + 1, rounded + place // 2 - 1
    largest = next(draws) < 0.5
    answer = high // divisor * divisor if largest else -(-low // divisor) * divisor
    end, bound = ("largest", high) if largest else ("smallest", low)
    others = f"any other multiple of {place:,}"
    steps = [
        f"To be nearer to {rounded:,} than to {others}, it must be from {low:,} to {high:,}.",
        f"${bound} = {bound // divisor} \\cdot {divisor} + {bound % divisor}$",
        f"So the {end} multiple of {divisor} there is ${answer // divisor} \\cdot {divisor} = {answer}$.",
    ]
    question = f"What is the {end} multiple of {divisor} that is nearer to {rounded:,} than to {others}?"
    return question, answer, steps


def _least_area(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """A rectangle with a rectangular piece cut out; every length may be off by half a centimetre."""
    length, width = between(next(draws), 40, 99), between(next(draws), 25, 60)
    inner = between(next(draws), 8, 24), between(next(draws), 8, 20)
    least = next(draws) < 0.5
    sign = -5 if least else 5
    outside = 10 * length + sign, 10 * width + sign
    inside = 10 * inner[0] - sign, 10 * inner[1] - sign
    areas = outside[0] * outside[1], inside[0] * inside[1]
    answer = areas[0] - areas[1]
    end, other = ("least", "greatest") if least else ("greatest", "least")
    steps = [
        (
            f"The area that is left is {end} when the plate is {'smallest' if least else 'largest'} and the hole "
            f"{'largest' if least else 'smallest'}."
        ),
        f"{end.capitalize()} area of the plate, in mm²: ${outside[0]} \\cdot {outside[1]} = {areas[0]}$.",
        f"{other.capitalize()} area of the hole, in mm²: ${inside[0]} \\cdot {inside[1]} = {areas[1]}$.",
        f"${areas[0]} - {areas[1]} = {answer}$",
    ]
    question = (
        f"A rectangular metal plate is {length} cm long and {width} cm wide. A rectangular hole in it is {inner[0]} cm "
        f"long and {inner[1]} cm wide. Each of the four lengths may be off by up to 5 mm either way. What is the {end} "
        "possible area of the metal, in square millimetres?"
    )
    return question, answer, steps


def _two_quotients(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """How many n have both quotients round to given integers; halves are kept out by odd divisors.

    The larger divisor's range begins or ends inside the smaller one's, so that neither divisor is the answer.
    """
    p = 2 * between(next(draws), 60, 300) + 1
    q = p + 2 * between(next(draws), 1, 150)
    second = between(next(draws), 5, 40)
    border = q * (second + _HALF)
    first = floor(border / p + _HALF)
    second += border - _HALF < _range(p, first)[0] or next(draws) < 0.5
    ranges = _range(p, first), _range(q, second)
    low, high = max(start for start, _ in ranges), min(end for _, end in ranges)
    answer = high - low + 1
    steps = [*_range_found(p, first), *_range_found(q, second)]
    steps.append(f"Both hold for $n$ from {low} to {high}: ${high} - {low} + 1 = {answer}$.")
    question = (
        f"For how many integers $n$ does $\\frac{{n}}{{{p}}}$, rounded to the nearest integer, give {first}, and "
        f"$\\frac{{n}}{{{q}}}$, rounded to the nearest integer, give {second}?"
    )
    return question, answer, steps


def _range(divisor: int, target: int) -> tuple[int, int]:
    """The first and the last n for which n / divisor rounds to the target."""
    return ceil(divisor * (target - _HALF)), floor(divisor * (target + _HALF))


def _range_found(divisor: int, target: int) -> Iterator[str]:
    start, end = _range(divisor, target)
    yield (
        f"$\\frac{{n}}{{{divisor}}}$ rounds to {target} when "
        f"${target} - \\frac{{1}}{{2}} < \\frac{{n}}{{{divisor}}} < {target} + \\frac{{1}}{{2}}$."
    )
    yield (
        f"Times {divisor}: ${decimal(divisor * (target - _HALF))} < n < {decimal(divisor * (target + _HALF))}$, "
        f"so $n$ is from {start} to {end}."
    )
