"""Logic: does a conclusion follow from premises?

Everything is about lamps that are on or off, and premises are clauses: at least one of their literals is true. Where
the conclusion follows, a chain of implications leads there, or two of them. Where it does not, one premise of such an
argument has been turned round, so that both look the same from afar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.logic.worlds import every_world, worlds_where
from llm_envs.envs.math.problem import Problem

__all__ = ["entailment"]

_COLOURS = ("red", "blue", "green", "white", "yellow", "orange", "purple", "pink")
_FORMS = ("if", "only if", "or", "not both")


class _Literal(NamedTuple):
    """A lamp is on, or it is off."""

    lamp: str
    on: bool

    def __str__(self) -> str:
        return f"the {self.lamp} lamp is {'on' if self.on else 'off'}"

    def __invert__(self) -> _Literal:
        return _Literal(self.lamp, not self.on)


_Clause: TypeAlias = tuple[_Literal, ...]
"""Literals, at least one of which is true."""


class _Level(NamedTuple):
    """What an argument is made of.

    Args:
        links: how many implications lead to the conclusion, on each way.
        ways: 2 where a premise says that one of two things is so, and each of them leads to the conclusion.
        given: whether the start is a premise; else the conclusion is an implication.
        distractors: how many premises play no part.
        forms: how premises are worded.
    """

    links: int
    ways: int
    given: bool
    distractors: int
    forms: tuple[str, ...] = _FORMS


_LEVELS = (
    _Level(links=2, ways=1, given=True, distractors=0, forms=("if",)),
    _Level(links=3, ways=1, given=True, distractors=0, forms=("if", "only if")),
    _Level(links=3, ways=1, given=True, distractors=1),
    _Level(links=4, ways=1, given=False, distractors=1),
    _Level(links=2, ways=2, given=True, distractors=1),
    _Level(links=2, ways=2, given=False, distractors=2),
)


class _Argument(NamedTuple):
    """Premises, and what is concluded from them.

    Args:
        premises: in the order of the argument.
        start: what an implication as conclusion begins with; None where the conclusion is a literal.
        ways: the literals that are found one after another; a case each, if there are two.
        end: the conclusion, or what the implication ends with.
    """

    premises: list[_Clause]
    start: _Literal | None
    ways: list[list[_Literal]]
    end: _Literal


def entailment(rng: np.random.Generator, difficulty: int) -> Problem:
    """Say whether a conclusion follows from premises about lamps."""
    level = _LEVELS[difficulty]
    follows = bool(rng.random() < 0.5)
    while True:
        draws = uniforms(rng, 80)
        argument = _argument(draws, level)
        premises = [*argument.premises]
        if not follows:
            place = between(next(draws), 0, len(premises) - 1)
            premises[place] = _turned(draws, premises[place])
        premises += [_distractor(draws, argument) for _ in range(level.distractors)]
        lamps = [colour for colour in _COLOURS if any(colour == x.lamp for clause in premises for x in clause)]
        possible = _possible([*premises, *([(argument.start,)] if argument.start else [])], lamps)
        refuting = possible & ~_where(argument.end, lamps)
        if possible and bool(refuting) != follows:
            break
    shown = some_of(draws, premises, len(premises))
    told = " ".join(f"({i}) {_worded(draws, clause, level.forms)}" for i, clause in enumerate(shown, 1))
    question = f"On a panel there are {len(lamps)} lamps: {listed(lamps)}. It is known: {told} {_asked(argument)}"
    if follows:
        return Problem(question, "yes", [*_derived(argument, shown)])
    return Problem(question, "no", [*_refuted(argument, shown, lamps, refuting)])


def _argument(draws: Iterator[float], level: _Level) -> _Argument:
    """An argument that holds."""
    count = level.ways * level.links + (1 if level.ways == 1 else 2 - level.given)
    literals = [_Literal(lamp, next(draws) < 0.5) for lamp in some_of(draws, _COLOURS, count)]
    end = literals.pop()
    start = None if level.given else literals[0] if level.ways == 1 else literals.pop()
    ways = [[*literals[way :: level.ways], end] for way in range(level.ways)]
    firsts = tuple(way[0] for way in ways)
    opening: list[_Clause] = [firsts] if level.given else [(~start, *firsts)] if start and level.ways == 2 else []
    return _Argument([*opening, *((~p, q) for way in ways for p, q in pairwise(way))], start, ways, end)


def _turned(draws: Iterator[float], clause: _Clause) -> _Clause:
    """The clause with one or more of its literals negated."""
    which = between(next(draws), 1, 2 ** len(clause) - 1)
    return tuple(~literal if which >> i & 1 else literal for i, literal in enumerate(clause))


def _distractor(draws: Iterator[float], argument: _Argument) -> _Clause:
    """A premise about two lamps of which the argument speaks not at all, or not in this way."""
    lamps = {literal.lamp for way in argument.ways for literal in way}
    one, other = one_of(next(draws), sorted(lamps)), one_of(next(draws), sorted({*_COLOURS} - lamps))
    return _Literal(one, next(draws) < 0.5), _Literal(other, next(draws) < 0.5)


def _where(literal: _Literal, lamps: Sequence[str]) -> int:
    """The worlds where a literal is true."""
    on = worlds_where(len(lamps))[lamps.index(literal.lamp)]
    return on if literal.on else every_world(len(lamps)) ^ on


def _possible(clauses: Sequence[_Clause], lamps: Sequence[str]) -> int:
    """The worlds where all clauses are true."""
    worlds = every_world(len(lamps))
    for clause in clauses:
        some = 0
        for literal in clause:
            some |= _where(literal, lamps)
        worlds &= some
    return worlds


def _worded(draws: Iterator[float], clause: _Clause, forms: Sequence[str]) -> str:
    """A clause as a sentence."""
    if len(clause) == 1:
        return _sentence(str(clause[0]))
    if len(clause) == 3:
        condition, first, second = clause
        return _sentence(f"if {~condition}, then {first} or {second}, or both")
    first, second = clause if next(draws) < 0.5 else clause[::-1]
    texts = {
        "if": f"if {~first}, then {second}",
        "only if": f"{~first} only if {second}",
        "or": f"{first} or {second}, or both",
        "not both": f"it is not the case that {~first} and {~second}",
    }
    return _sentence(texts[one_of(next(draws), forms)])


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _asked(argument: _Argument) -> str:
    condition = f"if {argument.start}, then " if argument.start else ""
    return f"Does it follow that {condition}{argument.end}?"


def _derived(argument: _Argument, shown: Sequence[_Clause]) -> Iterator[str]:
    """The argument, each step with its premise."""
    number = {clause: i for i, clause in enumerate(shown, 1)}
    if argument.start:
        yield f"Suppose that {argument.start}."
    opening = argument.premises[0]
    firsts = " or ".join(str(way[0]) for way in argument.ways)
    if not argument.start or len(argument.ways) == 2:
        yield f"By ({number[opening]}), {firsts}."
    for way in argument.ways:
        if len(argument.ways) == 2:
            yield f"Suppose first that {way[0]}." if way is argument.ways[0] else f"Now suppose that {way[0]}."
        for p, q in pairwise(way):
            yield f"As {p}, by ({number[~p, q]}) {q}."
    yield f"So {argument.end}{' in both cases' if len(argument.ways) == 2 else ''}: it follows."


def _refuted(argument: _Argument, shown: Sequence[_Clause], lamps: Sequence[str], refuting: int) -> Iterator[str]:
    """A world where the premises are true, and the conclusion is not."""
    world = (refuting & -refuting).bit_length() - 1
    state = [_Literal(lamp, bool(world >> i & 1)) for i, lamp in enumerate(lamps)]
    yield f"Say {listed([str(literal) for literal in state])}."
    for i, clause in enumerate(shown, 1):
        yield f"({i}) is true, as {next(literal for literal in clause if literal in state)}."
    yield f"But {f'{argument.start}, and ' if argument.start else ''}{~argument.end}: it does not follow."
