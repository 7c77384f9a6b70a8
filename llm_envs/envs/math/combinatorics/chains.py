"""Probability: Markov chains, matches and walks that end."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import combination, number, reduced
from llm_envs.envs.math.problem import Problem

__all__ = ["markov_chain"]


class _Scene(NamedTuple):
    """A thing with two states that may change from day to day."""

    thing: str
    states: tuple[str, str]
    day: str


_SCENES = (
    _Scene("the sky", ("clear", "cloudy"), "day"),
    _Scene("the market", ("calm", "busy"), "day"),
    _Scene("the volcano", ("quiet", "active"), "month"),
    _Scene("the server", ("idle", "loaded"), "minute"),
    _Scene("the bridge", ("open", "closed"), "hour"),
    _Scene("the river", ("low", "high"), "week"),
)


def markov_chain(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a probability after some steps of chance, in the long run, or at the end."""
    draws = uniforms(rng, 20)
    makers = (_in_two_days, _in_three_days, _in_the_long_run, _first_to_win, _ahead, _rooms)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


_Parts: TypeAlias = tuple[str, Fraction, list[str]]


def _in_two_days(draws: Iterator[float]) -> _Parts:
    return _after_days(2, draws)


def _in_three_days(draws: Iterator[float]) -> _Parts:
    return _after_days(3, draws)


def _changes(scene: _Scene, leave: int, back: int) -> str:
    """The probabilities of change, in words."""
    first, second = scene.states
    return (
        f"If {scene.thing} is {first} one {scene.day}, it is {second} the next with probability {leave}%. If "
        "it is "
        f"{second}, it is {first} the next with probability {back}%."
    )


def _after_days(days: int, draws: Iterator[float]) -> _Parts:
    scene = one_of(next(draws), _SCENES)
    leave, back = (2 * place for place in different(draws, 1, 49, 2))
    out, home = Fraction(leave, 100), Fraction(back, 100)
    first, second = scene.states
    chance = Fraction(1)
    steps = [f"Let $p_n$ be the probability that it is {first} after $n$ {scene.day}s, $p_0 = 1$."]
    for day in range(1, days + 1):
        before, chance = chance, chance * (1 - out) + (1 - chance) * home
        product = f"{number(before)} \\cdot {number(1 - out)} + {number(1 - before)} \\cdot {number(home)}"
        steps.append(f"$p_{day} = {product} = {number(chance)}$")
    steps.append(f"It is {second} with probability $1 - {number(chance)} = {number(1 - chance)}$.")
    question = (
        f"{_changes(scene, leave, back)} Now it is {first}. What is the probability that it is {second} "
        f"{('two', 'three')[days - 2]} {scene.day}s from now?"
    )
    return question, 1 - chance, steps


def _in_the_long_run(draws: Iterator[float]) -> _Parts:
    scene = one_of(next(draws), _SCENES)
    leave, back = different(draws, 2, 98, 2)
    first, second = scene.states
    answer = Fraction(back, leave + back)
    steps = [
        f"In the long run it is {first} with a probability $p$ that does not change any more.",
        (
            f"It becomes {second} as often as it becomes {first}: ${number(Fraction(leave, 100))}p = "
            f"{number(Fraction(back, 100))}(1 - p)$."
        ),
        f"${leave}p = {back} - {back}p$, so ${leave + back}p = {back}$.",
        f"$p = {reduced(back, leave + back)}$",
    ]
    question = f"{_changes(scene, leave, back)} In the long run, on what fraction of all {scene.day}s is it {first}?"
    return question, answer, steps


_PLAYERS = (("Ann", "Ben"), ("Mia", "Leo"), ("Eva", "Tom"), ("Zoe", "Max"), ("Ida", "Jon"))


def _rounds(draws: Iterator[float]) -> tuple[str, str, Fraction, str]:
    """Two players, the first one's chance in a round that is no draw, and the rules in words."""
    one, other = one_of(next(draws), _PLAYERS)
    wins, losses = different(draws, 5, 49, 2)
    chance = Fraction(wins, wins + losses)
    rules = (
        f"{one} and {other} play a game of many rounds. In each round, independently of the others, {one} wins with "
        f"probability {wins}%, {other} wins with probability {losses}%, and else it is a draw."
    )
    return one, other, chance, rules


def _no_draws(one: str, chance: Fraction) -> str:
    return f"Draws change nothing. A round that is no draw is won by {one} with probability $p = {number(chance)}$."


def _first_to_win(draws: Iterator[float]) -> _Parts:
    one, _, p, rules = _rounds(draws)
    goal = between(next(draws), 2, 3)
    terms = [comb(goal - 1 + lost, lost) * p**goal * (1 - p) ** lost for lost in range(goal)]
    answer = sum(terms, Fraction(0))
    steps = [
        _no_draws(one, p),
        (
            f"{one} wins the last round. Before, she has lost $j$ of ${goal - 1} + j$ rounds, "
            f"in $\\binom{{{goal - 1} + j}}{{j}}$ possible orders."
        ),
    ]
    for lost, term in enumerate(terms):
        ways = comb(goal - 1 + lost, lost)
        told = "".join(
            [f"{ways} \\cdot " * (ways > 1), f"p^{goal}", "(1 - p)" * (lost == 1), f"(1 - p)^{lost}" * (lost > 1)]
        )
        steps.append(f"$j = {lost}$: ${told} = {number(term)}$")
    steps.append(f"The sum is ${number(answer)}$.")
    question = (
        f"{rules} Whoever is the first to have won {('two', 'three')[goal - 2]} rounds wins the game. What is the "
        f"probability that {one} wins it?"
    )
    return question, answer, steps


def _ahead(draws: Iterator[float]) -> _Parts:
    one, other, p, rules = _rounds(draws)
    lead = between(next(draws), 2, 3)
    start = between(next(draws), 1 - lead, lead - 1)
    end, ratio = 2 * lead, (1 - p) / p
    powers = [ratio**j for j in range(end)]
    whole, reached = sum(powers, Fraction(0)), sum(powers[: start + lead], Fraction(0))
    answer = reached / whole
    steps = [
        _no_draws(one, p),
        (
            f"Let $P_j$ be her chance when she is $j - {lead}$ rounds ahead: $P_0 = 0$, $P_{end} = 1$, $P_j = "
            f"pP_{{j+1}} + "
            f"(1 - p)P_{{j-1}}$."
        ),
        (
            f"So the differences $P_{{j+1}} - P_j$ form a geometric sequence with ratio $r = (1 - p) / p = "
            f"{number(ratio)}$."
        ),
        f"All of them: $1 + r + \\dots + r^{end - 1} = {number(whole)}$.",
        f"The first {start + lead}: ${number(reached)}$.",
        f"$P_{start + lead} = {number(reached)} \\div {number(whole)} = {number(answer)}$",
    ]
    now = "So far both have won equally many." if start == 0 else f"So far {_more(one, other, start)}."
    question = (
        f"{rules} Whoever is the first to have won {('two', 'three')[lead - 2]} rounds more than the other wins "
        "the game. "
        f"{now} What is the probability that {one} wins it?"
    )
    return question, answer, steps


def _more(one: str, other: str, start: int) -> str:
    ahead, behind = (one, other) if start > 0 else (other, one)
    return f"{ahead} has won {('one round', 'two rounds')[abs(start) - 1]} more than {behind}"


def _rooms(draws: Iterator[float]) -> _Parts:
    shares = [_tenths(draws) for _ in range(3)]
    animal = one_of(next(draws), ("mouse", "cat", "beetle", "robot", "ghost"))
    told = " ".join(
        f"From room {room} it goes to the garden with probability {share[0]}0%, to the cellar with {share[1]}0%, "
        "to room "
        f"{first} with {share[2]}0% and to room {second} with {share[3]}0%."
        for room, share, (first, second) in zip((1, 2, 3), shares, ((2, 3), (1, 3), (1, 2)), strict=True)
    )
    question = (
        f"A {animal} walks through a house at random. {told} In the garden and in the cellar it stays. It starts "
        "in room "
        "1. What is the probability that it ends in the garden?"
    )
    answer, steps = _eliminated([[Fraction(share, 10) for share in room] for room in shares])
    return question, answer, steps


def _eliminated(rooms: list[list[Fraction]]) -> tuple[Fraction, list[str]]:
    """Three equations, one unknown after the other put in: the first unknown."""
    (p_0, _, p_y, p_z), (q_0, _, q_x, q_z), (r_0, _, r_x, r_y) = rooms
    scale = 1 - q_z * r_y
    y_x, y_0 = (q_x + q_z * r_x) / scale, (q_0 + q_z * r_0) / scale
    z_x, z_0 = r_x + r_y * y_x, r_0 + r_y * y_0
    x_x, x_0 = p_y * y_x + p_z * z_x, p_0 + p_y * y_0 + p_z * z_0
    answer = x_0 / (1 - x_x)
    return answer, [
        "Let $x$, $y$, $z$ be the probabilities of ending in the garden from room 1, 2 and 3.",
        f"$x = {combination([(p_y, 'y'), (p_z, 'z'), (p_0, '')])}$",
        f"$y = {combination([(q_x, 'x'), (q_z, 'z'), (q_0, '')])}$",
        f"$z = {combination([(r_x, 'x'), (r_y, 'y'), (r_0, '')])}$",
        f"The third put into the second: $y = {combination([(y_x, 'x'), (y_0, '')])}$.",
        f"This put into the third: $z = {combination([(z_x, 'x'), (z_0, '')])}$.",
        f"Both put into the first: $x = {combination([(x_x, 'x'), (x_0, '')])}$, so $x = {number(answer)}$.",
    ]


def _tenths(draws: Iterator[float]) -> list[int]:
    """Four positive integers with the sum 10."""
    cuts = [0, *sorted(different(draws, 1, 9, 3)), 10]
    return [end - begin for begin, end in pairwise(cuts)]
