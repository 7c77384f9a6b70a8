"""Combinatorics: like things for different receivers, by stars and bars."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import added, binomial
from llm_envs.envs.math.problem import Problem

__all__ = ["stars_and_bars"]


class _Scene(NamedTuple):
    """What is given away, and to whom."""

    things: str
    receivers: str
    one: str


_SCENES = (
    _Scene("sweets", "children", "child"),
    _Scene("coins", "pirates", "pirate"),
    _Scene("balls", "numbered boxes", "box"),
    _Scene("roses", "guests", "guest"),
    _Scene("tickets", "classes", "class"),
    _Scene("carrots", "rabbits", "rabbit"),
    _Scene("stamps", "collectors", "collector"),
    _Scene("tokens", "players", "player"),
)


def stars_and_bars(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the ways to give like things away, with bounds on what each receiver gets."""
    draws = uniforms(rng, 8)
    scene = one_of(next(draws), _SCENES)
    makers = (_free, _from_below, _with_spare, _one_bound, _two_bounds, _all_bounded)
    things, receivers, condition, answer, steps = makers[difficulty](scene, draws)
    question = (
        f"In how many ways can {things} identical {scene.things} be given to {receivers} different {scene.receivers}"
        f"{condition}"
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[int, int, str, int, list[str]]
"""How many things, for how many receivers; the condition; the answer; the steps."""


def _ways(things: int, receivers: int) -> int:
    return comb(things + receivers - 1, receivers - 1) if things >= 0 else 0


def _told(things: int, receivers: int) -> str:
    return f"{binomial(things + receivers - 1, receivers - 1)} = {_ways(things, receivers)}"


def _free(scene: _Scene, draws: Iterator[float]) -> _Parts:
    things, receivers = between(next(draws), 8, 250), between(next(draws), 3, 5)
    steps = [
        (
            f"Put the {scene.things} in a row, and {receivers - 1} bars between the shares: any {receivers - 1} of the "
            f"{things + receivers - 1} places can be bars."
        ),
        f"${_told(things, receivers)}$",
    ]
    return things, receivers, f"? A {scene.one} may get none.", _ways(things, receivers), steps


def _from_below(scene: _Scene, draws: Iterator[float]) -> _Parts:
    least, receivers = between(next(draws), 1, 6), between(next(draws), 4, 7)
    things = receivers * least + between(next(draws), 4, 60)
    rest = things - receivers * least
    steps = [
        f"Give {least} to each first: ${things} - {receivers} \\cdot {least} = {rest}$ are left.",
        f"Share them freely, by {receivers - 1} bars among {rest + receivers - 1} places: ${_told(rest, receivers)}$.",
    ]
    return things, receivers, f", if each {scene.one} gets at least {least}?", _ways(rest, receivers), steps


def _with_spare(scene: _Scene, draws: Iterator[float]) -> _Parts:
    least, receivers = between(next(draws), 1, 6), between(next(draws), 4, 7)
    things = receivers * least + between(next(draws), 4, 60)
    rest = things - receivers * least
    steps = [
        f"Give {least} to each first: ${things} - {receivers} \\cdot {least} = {rest}$ are left.",
        f"What is not given goes to one more receiver, who may get none: {receivers + 1} receivers.",
        f"They share freely, by {receivers} bars among {rest + receivers} places: ${_told(rest, receivers + 1)}$.",
    ]
    condition = f", if each {scene.one} gets at least {least}, and some {scene.things} may be left over?"
    return things, receivers, condition, _ways(rest, receivers + 1), steps


def _one_bound(scene: _Scene, draws: Iterator[float]) -> _Parts:
    things, receivers = between(next(draws), 15, 60), between(next(draws), 4, 6)
    most = between(next(draws), 3, things // 2)
    everything, over = _ways(things, receivers), _ways(things - most - 1, receivers)
    steps = [
        f"Without the bound: ${_told(things, receivers)}$.",
        (
            f"Too many for the first: give it {most + 1}, and share the other {things - most - 1} freely: "
            f"${_told(things - most - 1, receivers)}$."
        ),
        f"${everything} - {over} = {everything - over}$",
    ]
    condition = f", if the first {scene.one} gets at most {most}? A {scene.one} may get none."
    return things, receivers, condition, everything - over, steps


def _two_bounds(scene: _Scene, draws: Iterator[float]) -> _Parts:
    things, receivers = between(next(draws), 20, 50), between(next(draws), 4, 6)
    first, second = between(next(draws), 3, things // 2 - 2), between(next(draws), 3, things // 2 - 2)
    everything = _ways(things, receivers)
    over = [_ways(things - most - 1, receivers) for most in (first, second)]
    both = _ways(things - first - second - 2, receivers)
    answer = everything - sum(over) + both
    steps = [
        f"Without the bounds: ${_told(things, receivers)}$.",
        (
            f"Too many for the first: give it {first + 1}, and share {things - first - 1}: "
            f"${_told(things - first - 1, receivers)}$."
        ),
        f"Too many for the second: ${_told(things - second - 1, receivers)}$.",
        f"Too many for both: ${_told(things - first - second - 2, receivers)}$.",
        f"${everything} - {over[0]} - {over[1]} + {both} = {answer}$",
    ]
    condition = (
        f", if the first {scene.one} gets at most {first} and the second {scene.one} at most {second}? "
        f"A {scene.one} may get none."
    )
    return things, receivers, condition, answer, steps


def _all_bounded(scene: _Scene, draws: Iterator[float]) -> _Parts:
    receivers, most = between(next(draws), 4, 7), between(next(draws), 4, 20)
    things = between(next(draws), 2 * most + 2, receivers * most - 3)
    terms, steps = (
        [],
        [f"For $j$ who get more than {most}: choose them, give {most + 1} to each, share the rest freely."],
    )
    for over in range(things // (most + 1) + 1):
        rest = things - over * (most + 1)
        ways = comb(receivers, over) * _ways(rest, receivers)
        told = f"{binomial(receivers, over)} \\cdot {binomial(rest + receivers - 1, receivers - 1)}"
        steps.append(f"$j = {over}$: ${told} = {comb(receivers, over)} \\cdot {_ways(rest, receivers)} = {ways}$")
        terms.append(ways * (-1) ** over)
    steps.append(f"By inclusion and exclusion: ${added(map(str, terms))} = {sum(terms)}$.")
    condition = f", if each {scene.one} gets at most {most}? A {scene.one} may get none."
    return things, receivers, condition, sum(terms), steps
