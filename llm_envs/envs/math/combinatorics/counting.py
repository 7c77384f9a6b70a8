"""Counting and probability: committees, urns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb, prod

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import binomial, listed, number, product, ratio, reduced
from llm_envs.envs.math.problem import Problem

__all__ = ["committee", "urn"]

_GROUPS = (
    ("biologists", "chemists", "physicists"),
    ("sopranos", "altos", "tenors"),
    ("cellists", "violinists", "flautists"),
    ("poets", "painters", "sculptors"),
    ("nurses", "surgeons", "pharmacists"),
    ("pilots", "sailors", "drivers"),
    ("bakers", "cooks", "waiters"),
)


def committee(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the ways of choosing people under conditions."""
    draws = uniforms(rng, 8)
    makers = (_from_two, _from_three, _at_least_one, _at_least_two, _not_together, _one_of_each)
    return makers[difficulty](one_of(next(draws), _GROUPS), draws)


def _from_two(names: Sequence[str], draws: Iterator[float]) -> Problem:
    return _from_each(names[:2], draws)


def _from_three(names: Sequence[str], draws: Iterator[float]) -> Problem:
    return _from_each(names, draws)


def _from_each(names: Sequence[str], draws: Iterator[float]) -> Problem:
    sizes = [between(next(draws), 6, 16) for _ in names]
    chosen = [between(next(draws), 2, 4) for _ in names]
    ways = [comb(n, k) for n, k in zip(sizes, chosen, strict=True)]
    answer = prod(ways)
    steps = [f"${binomial(n, k)} = {way}$" for n, k, way in zip(sizes, chosen, ways, strict=True)]
    steps.append(f"${product(ways)} = {answer}$")
    question = (
        f"In how many ways can {_people(chosen, names)} be chosen from {_people(sizes, names)}, "
        "if order does not matter?"
    )
    return Problem(question, str(answer), steps)


def _at_least_one(names: Sequence[str], draws: Iterator[float]) -> Problem:
    return _at_least(1, names, draws)


def _at_least_two(names: Sequence[str], draws: Iterator[float]) -> Problem:
    return _at_least(2, names, draws)


def _at_least(least: int, names: Sequence[str], draws: Iterator[float]) -> Problem:
    first, second = between(next(draws), 5, 30), between(next(draws), 5, 30)
    chosen = between(next(draws), 3, 5)
    everything = comb(first + second, chosen)
    excluded = [comb(first, i) * comb(second, chosen - i) for i in range(least)]
    answer = everything - sum(excluded)
    steps = [f"All committees: ${binomial(first + second, chosen)} = {everything}$."]
    for i, ways in enumerate(excluded):
        told = names[0].removesuffix("s") if i == 1 else names[0]
        steps.append(f"With {i} {told}: ${binomial(first, i)} \\cdot {binomial(second, chosen - i)} = {ways}$.")
    steps.append(f"${' - '.join(map(str, [everything, *excluded]))} = {answer}$")
    question = (
        f"A committee of {chosen} is chosen from {_people((first, second), names)}. "
        f"How many committees have at least {('one', 'two')[least - 1]} of the {names[0]}?"
    )
    return Problem(question, str(answer), steps)


def _not_together(names: Sequence[str], draws: Iterator[float]) -> Problem:
    m, n = between(next(draws), 6, 16), between(next(draws), 6, 16)
    j, k = between(next(draws), 2, 5), between(next(draws), 2, 5)
    everything, together = comb(m, j) * comb(n, k), comb(m - 1, j - 1) * comb(n - 1, k - 1)
    answer = everything - together
    steps = [
        f"Without the condition: ${binomial(m, j)} \\cdot {binomial(n, k)} = {everything}$.",
        f"With both of the two: ${binomial(m - 1, j - 1)} \\cdot {binomial(n - 1, k - 1)} = {together}$.",
        f"${everything} - {together} = {answer}$",
    ]
    question = (
        f"A committee of {_people((j, k), names)} is chosen from {_people((m, n), names)}. One of the {names[0]} and "
        f"one of the {names[1]} refuse to serve together. How many committees are possible?"
    )
    return Problem(question, str(answer), steps)


def _one_of_each(names: Sequence[str], draws: Iterator[float]) -> Problem:
    sizes = [between(next(draws), 4, 15) for _ in names]
    everyone, chosen = sum(sizes), between(next(draws), 4, 6)
    without_one = [comb(everyone - size, chosen) for size in sizes]
    only_one = [comb(size, chosen) for size in sizes]
    everything = comb(everyone, chosen)
    answer = everything - sum(without_one) + sum(only_one)
    steps = [f"All committees: ${binomial(everyone, chosen)} = {everything}$."]
    for name, size, ways in zip(names, sizes, without_one, strict=True):
        steps.append(f"Without {name}: ${binomial(everyone - size, chosen)} = {ways}$.")
    steps.append(f"From one group alone, taken off twice: ${' + '.join(map(str, only_one))} = {sum(only_one)}$.")
    steps.append(f"${everything} - {sum(without_one)} + {sum(only_one)} = {answer}$")
    question = (
        f"A committee of {chosen} is chosen from {_people(sizes, names)}. "
        "How many committees have at least one member from each of the three groups?"
    )
    return Problem(question, str(answer), steps)


def _people(counts: Sequence[int], names: Sequence[str]) -> str:
    return listed([f"{count} {name}" for count, name in zip(counts, names, strict=False)])


def urn(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the probability of what is drawn from an urn without looking."""
    draws = uniforms(rng, 8)
    makers = (_one_ball, _two_of_a_colour, _two_alike, _exactly, _at_least_red, _which_urn)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


def _urn(draws: Iterator[float], low: int, high: int) -> list[int]:
    return [between(next(draws), low, high) for _ in range(3)]


def _contents(balls: Sequence[int]) -> str:
    red, blue, green = balls
    return f"{red} red, {blue} blue and {green} green balls"


def _one_ball(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    balls = _urn(draws, 3, 24)
    colour = between(next(draws), 0, 2)
    count, total = balls[colour], sum(balls)
    answer = Fraction(count, total)
    steps = [f"{count} of the {total} balls are {_COLOURS[colour]}: ${reduced(count, total)}$."]
    question = (
        f"An urn holds {_contents(balls)}. One ball is drawn. What is the probability that it is {_COLOURS[colour]}?"
    )
    return question, answer, steps


def _two_of_a_colour(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    balls = _urn(draws, 3, 20)
    colour = between(next(draws), 0, 2)
    count, total = balls[colour], sum(balls)
    answer = Fraction(count * (count - 1), total * (total - 1))
    steps = [
        f"The first is {_COLOURS[colour]}: ${ratio(count, total)}$.",
        f"Then the second: ${ratio(count - 1, total - 1)}$.",
        f"${ratio(count, total)} \\cdot {ratio(count - 1, total - 1)} = {number(answer)}$",
    ]
    question = (
        f"An urn holds {_contents(balls)}. Two balls are drawn without replacement. "
        f"What is the probability that both are {_COLOURS[colour]}?"
    )
    return question, answer, steps


def _two_alike(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    balls = _urn(draws, 3, 30)
    total = sum(balls)
    ways = [comb(count, 2) for count in balls]
    answer = Fraction(sum(ways), comb(total, 2))
    steps = [
        f"Two {colour}: ${binomial(count, 2)} = {way}$."
        for colour, count, way in zip(_COLOURS, balls, ways, strict=True)
    ]
    steps.append(f"Any two: ${binomial(total, 2)} = {comb(total, 2)}$.")
    steps.append(f"${reduced(sum(ways), comb(total, 2))}$")
    question = (
        f"An urn holds {_contents(balls)}. Two balls are drawn without replacement. "
        "What is the probability that they have the same colour?"
    )
    return question, answer, steps


def _exactly(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    balls = _urn(draws, 3, 24)
    drawn = between(next(draws), 3, 4)
    return _red_balls(balls, drawn, range(2, 3), "exactly two")


def _at_least_red(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    balls = _urn(draws, 4, 24)
    drawn = between(next(draws), 4, 5)
    return _red_balls(balls, drawn, range(2, min(drawn, balls[0]) + 1), "at least two")


def _red_balls(balls: Sequence[int], drawn: int, wanted: range, told: str) -> tuple[str, Fraction, list[str]]:
    red, other = balls[0], balls[1] + balls[2]
    ways = [comb(red, count) * comb(other, drawn - count) for count in wanted]
    everything = comb(red + other, drawn)
    answer = Fraction(sum(ways), everything)
    steps = [
        f"With {count} red: ${binomial(red, count)} \\cdot {binomial(other, drawn - count)} = {way}$."
        for count, way in zip(wanted, ways, strict=True)
    ]
    steps.append(f"All draws: ${binomial(red + other, drawn)} = {everything}$.")
    steps.append(f"${reduced(sum(ways), everything)}$")
    question = (
        f"An urn holds {_contents(balls)}. {('Three', 'Four', 'Five')[drawn - 3]} balls are drawn without replacement. "
        f"What is the probability that {told} of them are red?"
    )
    return question, answer, steps


def _which_urn(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    urns = [(between(next(draws), 2, 9), between(next(draws), 2, 9)) for _ in range(2)]
    sides = between(next(draws), 1, 5)
    chances = [Fraction(sides, 6), Fraction(6 - sides, 6)]
    both_red = [Fraction(comb(red, 2), comb(red + blue, 2)) for red, blue in urns]
    joint = [chance * likelihood for chance, likelihood in zip(chances, both_red, strict=True)]
    answer = joint[0] / sum(joint)
    steps = [
        f"Urn {name} and two red balls: ${number(chance)} \\cdot {number(likelihood)} = {number(both)}$."
        for name, chance, likelihood, both in zip("AB", chances, both_red, joint, strict=True)
    ]
    steps.append(f"Two red balls: ${number(joint[0])} + {number(joint[1])} = {number(sum(joint))}$.")
    steps.append(f"${number(joint[0])} \\div {number(sum(joint))} = {number(answer)}$")
    (red_a, blue_a), (red_b, blue_b) = urns
    question = (
        f"Urn A holds {red_a} red and {blue_a} blue balls, urn B holds {red_b} red and {blue_b} blue balls. A fair die "
        f"is rolled: {_numbers_up_to(sides)} means urn A, anything else urn B. Two balls are drawn from that urn "
        "without replacement, and both are red. What is the probability that they came from urn A?"
    )
    return question, answer, steps


_COLOURS = ("red", "blue", "green")


def _numbers_up_to(sides: int) -> str:
    return "a 1" if sides == 1 else f"at most {sides}"
