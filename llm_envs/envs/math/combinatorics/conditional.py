"""Probability: what is likely once something else is known, by the formula of Bayes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import decimal, listed, number, reduced
from llm_envs.envs.math.problem import Problem

__all__ = ["bayes"]


class _Scene(NamedTuple):
    """What there is, what it lies in, where that comes from, and what can be seen of it."""

    one: str
    lot: str
    source: str
    seen: str


_SCENES = (
    _Scene("a lamp", "a crate", "machine", "faulty"),
    _Scene("an apple", "a basket", "orchard", "spotted"),
    _Scene("a message", "a folder", "server", "encrypted"),
    _Scene("a seed", "a packet", "supplier", "sterile"),
    _Scene("a coin", "a chest", "mint", "forged"),
    _Scene("a letter", "a bag", "post office", "damaged"),
)


class _Source(NamedTuple):
    """One source of things: its name, its share of them, and how many of its things show the sign; both in percent."""

    name: str
    share: int
    rate: int


def bayes(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a probability, given what has been seen."""
    draws = uniforms(rng, 12)
    makers = (_counted, _in_all, _of_two, _of_three, _seen_twice, _next_one)
    question, answer, steps = makers[difficulty](one_of(next(draws), _SCENES), draws)
    return Problem(question, number(answer), steps)


_Parts: TypeAlias = tuple[str, Fraction, list[str]]


def _things(scene: _Scene) -> str:
    return f"{scene.one.split(maxsplit=1)[1]}s"


def _percent(value: int) -> str:
    return decimal(Fraction(value, 100))


def _sources(scene: _Scene, count: int, draws: Iterator[float]) -> list[_Source]:
    """Sources with shares that are multiples of 5%, and different rates."""
    cuts = [0, *sorted(different(draws, 1, 19, count - 1)), 20]
    rates = different(draws, 2, 40, count)
    return [
        _Source(f"{scene.source} {letter}", 5 * (end - begin), rate)
        for letter, begin, end, rate in zip("ABC", cuts, cuts[1:], rates, strict=False)
    ]


def _told(scene: _Scene, sources: Sequence[_Source]) -> str:
    shares = listed([f"{source.share}% are from {source.name}" for source in sources])
    rates = listed([f"{source.rate}% for {source.name}" for source in sources])
    return f"Of some {_things(scene)}, {shares}; the probability that {scene.one} is {scene.seen} is {rates}."


def _joint(scene: _Scene, source: _Source, seen: int) -> tuple[Fraction, str]:
    """The probability that a lot is from this source and that so many things are seen, and how it is found."""
    value = Fraction(source.share * source.rate**seen, 100 ** (seen + 1))
    product = " \\cdot ".join([_percent(source.share)] + [_percent(source.rate)] * seen)
    many = ("", scene.seen, f"both {scene.seen}", f"all three {scene.seen}")[seen]
    return value, f"From {source.name} and {many}: ${product} = {decimal(value)}$."


def _counted(scene: _Scene, draws: Iterator[float]) -> _Parts:
    sizes = [between(next(draws), 40, 150) for _ in "AB"]
    seen = [between(next(draws), 3, 30) for _ in "AB"]
    answer = Fraction(seen[0], sum(seen))
    steps = [
        f"Together ${seen[0]} + {seen[1]} = {sum(seen)}$ are {scene.seen}, and one of these was picked.",
        f"{seen[0]} of them are from {scene.source} A: ${reduced(seen[0], sum(seen))}$.",
    ]
    question = (
        f"Of {sizes[0]} {_things(scene)} from {scene.source} A, {seen[0]} are {scene.seen}; of {sizes[1]} "
        f"{_things(scene)} from {scene.source} B, {seen[1]} are {scene.seen}. One of all these is picked at random: "
        f"it is {scene.seen}. What is the probability that it is from {scene.source} A?"
    )
    return question, answer, steps


def _in_all(scene: _Scene, draws: Iterator[float]) -> _Parts:
    sources = _sources(scene, 2, draws)
    parts = [_joint(scene, source, 1) for source in sources]
    answer = sum((value for value, _ in parts), Fraction(0))
    steps = [step for _, step in parts]
    steps.append(f"${' + '.join(decimal(value) for value, _ in parts)} = {decimal(answer)} = {number(answer)}$")
    question = f"{_told(scene, sources)} What is the probability that {scene.one} picked at random is {scene.seen}?"
    return question, answer, steps


def _posterior(parts: Sequence[tuple[Fraction, str]]) -> tuple[Fraction, list[str]]:
    """How much of the whole probability the first part is."""
    whole = sum(value for value, _ in parts)
    steps = [step for _, step in parts]
    steps.append(f"Together: ${' + '.join(decimal(value) for value, _ in parts)} = {decimal(whole)}$.")
    answer = parts[0][0] / whole
    return answer, [*steps, f"${decimal(parts[0][0])} / {decimal(whole)} = {number(answer)}$"]


def _of_two(scene: _Scene, draws: Iterator[float]) -> _Parts:
    return _source_of_one(scene, _sources(scene, 2, draws))


def _of_three(scene: _Scene, draws: Iterator[float]) -> _Parts:
    return _source_of_one(scene, _sources(scene, 3, draws))


def _source_of_one(scene: _Scene, sources: Sequence[_Source]) -> _Parts:
    answer, steps = _posterior([_joint(scene, source, 1) for source in sources])
    thing = scene.one.split(maxsplit=1)[1]
    question = (
        f"{_told(scene, sources)} One {thing} is picked at random, and it is {scene.seen}. "
        f"What is the probability that it is from {sources[0].name}?"
    )
    return question, answer, steps


def _lot(scene: _Scene, sources: Sequence[_Source]) -> str:
    rates = listed([f"{source.rate}% if they are from {source.name}" for source in sources])
    return (
        f"All {_things(scene)} in {scene.lot} are from {sources[0].name} (probability {sources[0].share}%) or all from "
        f"{sources[1].name} (probability {sources[1].share}%). Each of them, independently of the others, is "
        f"{scene.seen} with probability {rates}. Two of them are examined, and both are {scene.seen}."
    )


def _seen_twice(scene: _Scene, draws: Iterator[float]) -> _Parts:
    sources = _sources(scene, 2, draws)
    answer, steps = _posterior([_joint(scene, source, 2) for source in sources])
    return f"{_lot(scene, sources)} What is the probability that they are from {sources[0].name}?", answer, steps


def _next_one(scene: _Scene, draws: Iterator[float]) -> _Parts:
    sources = _sources(scene, 2, draws)
    twice, thrice = ([_joint(scene, source, seen) for source in sources] for seen in (2, 3))
    before, after = (sum((value for value, _ in parts), Fraction(0)) for parts in (twice, thrice))
    steps = [step for _, step in twice]
    steps.append(f"Two are {scene.seen}: ${' + '.join(decimal(value) for value, _ in twice)} = {decimal(before)}$.")
    steps += [step for _, step in thrice]
    steps.append(f"Three are: ${' + '.join(decimal(value) for value, _ in thrice)} = {decimal(after)}$.")
    steps.append(f"${decimal(after)} / {decimal(before)} = {number(after / before)}$")
    question = f"{_lot(scene, sources)} What is the probability that a third one is {scene.seen} as well?"
    return question, after / before, steps
