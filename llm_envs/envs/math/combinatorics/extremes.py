"""Combinatorics: how many are enough, by the pigeonhole principle, and how many can be free of conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.problem import Problem

__all__ = ["pigeonhole"]

_COLOURS = ("red", "blue", "green", "white", "black", "yellow", "grey")
_THINGS = ("socks", "gloves", "marbles", "pencils", "ribbons", "beads")


def pigeonhole(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find how many must be taken to be sure of something, or can be taken without it."""
    draws = uniforms(rng, 16)
    makers = (_alike, _one_of_two_colours, _with_sum, _without_difference, _without_multiple_of_sum, _without_ratio)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[str, int, list[str]]


def _drawer(draws: Iterator[float], colours: int) -> tuple[str, dict[str, int], str]:
    """Things of some colours in a drawer, and that in words."""
    things = one_of(next(draws), _THINGS)
    counts = {colour: between(next(draws), 8, 60) for colour in some_of(draws, _COLOURS, colours)}
    told = listed([f"{count} {colour}" for colour, count in counts.items()])
    return things, counts, f"A drawer holds {told} {things}. They are taken out in the dark, one after another."


def _alike(draws: Iterator[float]) -> _Parts:
    things, counts, told = _drawer(draws, between(next(draws), 3, 4))
    wanted = between(next(draws), 5, max(counts.values()) - 1)
    most = [min(count, wanted - 1) for count in counts.values()]
    steps = [
        f"The worst case: at most {wanted - 1} of each colour, as far as there are so many, but no {wanted} of one.",
        f"That is ${' + '.join(map(str, most))} = {sum(most)}$ {things}. One more makes {wanted} of one colour.",
    ]
    question = f"{told} How many must be taken to be sure of {wanted} {things} of the same colour?"
    return question, sum(most) + 1, steps


def _one_of_two_colours(draws: Iterator[float]) -> _Parts:
    """Be sure of some of one colour, and of some of another one."""
    things, counts, told = _drawer(draws, 4)
    (first, many), (second, few), *_ = counts.items()
    total = sum(counts.values())
    one, two = between(next(draws), 2, many - 1), between(next(draws), 2, few - 1)
    worst = [total - many + one - 1, total - few + two - 1]
    steps = [
        f"There are {total} {things}.",
        (
            f"Without {one} {first} ones: all others and {one - 1} {first} ones, "
            f"${total} - {many} + {one - 1} = {worst[0]}$."
        ),
        f"Without {two} {second} ones: ${total} - {few} + {two - 1} = {worst[1]}$.",
        f"The larger of these can still fail: ${max(worst)} + 1 = {max(worst) + 1}$ are enough.",
    ]
    question = f"{told} How many must be taken to be sure of {one} {first} and {two} {second} {things} among them?"
    return question, max(worst) + 1, steps


def _with_sum(draws: Iterator[float]) -> _Parts:
    low = between(next(draws), 1, 40)
    high = low + between(next(draws), 20, 120)
    total = between(next(draws), 2 * low + 7, 2 * high - 7)
    first, last = max(low, total - high), (total - 1) // 2
    pairs, size = last - first + 1, high - low + 1
    alone = size - 2 * pairs
    steps = [
        f"The pairs with sum {total}: from ${first} + {total - first}$ to ${last} + {total - last}$, {pairs} of them.",
        f"The other ${size} - 2 \\cdot {pairs} = {alone}$ integers are in no such pair.",
        f"One can choose all of those and one of each pair: ${alone} + {pairs} = {alone + pairs}$.",
        f"With {alone + pairs + 1}, two come from one pair.",
    ]
    question = (
        f"What is the smallest $m$ such that among any $m$ different integers from {low} to {high} there are two "
        "different "
        f"ones with the sum {total}?"
    )
    return question, alone + pairs + 1, steps


def _without_difference(draws: Iterator[float]) -> _Parts:
    gap, size = between(next(draws), 3, 40), between(next(draws), 60, 500)
    blocks, rest = divmod(size, 2 * gap)
    answer = blocks * gap + min(rest, gap)
    steps = [
        (
            f"Sort the integers by their remainder modulo {gap}: in each of the {gap} chains neighbours differ by "
            f"{gap}, and no two "
            "neighbours may be chosen. Of a chain of $l$ integers at most $\\lceil l / 2 \\rceil$ can be chosen, by "
            "taking every "
            "second one."
        ),
        f"Each block of {2 * gap} integers has 2 of each chain: {gap} can be chosen, its first {gap}.",
        f"${size} = {blocks} \\cdot {2 * gap} + {rest}$; of the last {rest}, {min(rest, gap)} can be chosen.",
        f"${blocks} \\cdot {gap} + {min(rest, gap)} = {answer}$",
    ]
    question = (
        f"How many integers from 1 to {size} can be chosen at most, if no two of them may differ by exactly {gap}?"
    )
    return question, answer, steps


def _without_multiple_of_sum(draws: Iterator[float]) -> _Parts:
    modulus, size = between(next(draws), 5, 16), between(next(draws), 60, 900)
    counts = [size // modulus + (1 <= rest <= size % modulus) for rest in range(modulus)]
    steps = [
        f"Sort the integers by their remainder modulo {modulus}. Of those divisible by {modulus}, one can be chosen."
    ]
    chosen = [1]
    for rest in range(1, (modulus + 1) // 2):
        other = modulus - rest
        chosen.append(max(counts[rest], counts[other]))
        steps.append(
            f"Remainders {rest} and {other} exclude each other: {counts[rest]} and {counts[other]} integers, choose "
            f"{chosen[-1]}."
        )
    if modulus % 2 == 0:
        chosen.append(1)
        steps.append(f"Of those with remainder {modulus // 2}, one can be chosen.")
    steps.append(f"${' + '.join(map(str, chosen))} = {sum(chosen)}$")
    question = (
        f"How many integers from 1 to {size} can be chosen at most, if no two of those chosen may have a sum that is "
        f"divisible by {modulus}?"
    )
    return question, sum(chosen), steps


def _without_ratio(draws: Iterator[float]) -> _Parts:
    ratio, size = between(next(draws), 2, 7), between(next(draws), 100, 1999)
    powers = [1]
    while powers[-1] * ratio <= size:
        powers.append(powers[-1] * ratio)
    counts = [size // power for power in powers]
    answer = sum((-1) ** i * count for i, count in enumerate(counts))
    signed = "".join([str(counts[0]), *(f" {'-+'[i % 2]} {count}" for i, count in enumerate(counts[1:]))])
    steps = [
        (
            f"The integers form chains $a, {ratio}a, {ratio}^2 a, \\dots$ with $a$ not divisible by {ratio}, and no "
            "two neighbours "
            "may be chosen. Taking the first, the third, and so on, of each chain is best."
        ),
        (
            f"These are the integers that {ratio} divides an even number of times: count those that it divides at "
            "least 0 times, "
            "take off those it divides at least once, add those it divides at least twice, and so on."
        ),
        *(f"${size} / {power}$ rounds down to {count}." for power, count in zip(powers[1:], counts[1:], strict=True)),
        f"${signed} = {answer}$",
    ]
    question = (
        f"How many integers from 1 to {size} can be chosen at most, if none of them may be {ratio} times another?"
    )
    return question, answer, steps
