"""Work: how long people and machines need together, with breaks, leaks, and crews that change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed, number, ratio
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES, opened

__all__ = ["work_rate"]


class _Trade(NamedTuple):
    """Who works, what has to be done, and what else may be said."""

    workers: Sequence[str]
    jobs: Sequence[str]
    asides: Sequence[str]


_TRADES = (
    _Trade(
        NAMES,
        ("paint the fence", "weed the garden", "sort the archive", "tile the kitchen"),
        ("The weather has been fine for {} days.", "The house is {} years old.", "There are {} biscuits on the table."),
    ),
    _Trade(
        ("the old pump", "the new pump", "the solar pump", "the small pump"),
        ("fill the pool", "fill the tank", "flood the dock"),
        ("The caretaker has {} keys.", "There are {} ducks nearby.", "The pipes are {} cm wide."),
    ),
    _Trade(
        ("the black printer", "the grey printer", "the white printer", "the blue printer"),
        ("print the catalogue", "print the programmes", "print the ballots"),
        ("The office has {} desks.", "The paper weighs {} kg.", "The window is {} dm wide."),
    ),
    _Trade(
        ("the red harvester", "the green harvester", "the yellow harvester", "the blue harvester"),
        ("harvest the field", "harvest the estate"),
        ("The field is {} km from the village.", "There are {} trees along the road.", "The farm has {} cows."),
    ),
)


def work_rate(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find how long a job takes, or one of those who share it."""
    draws = uniforms(rng, 16)
    makers = (_two_together, _three_together, _joined_later, _with_drain, _in_pairs, _crew)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


_HOURS = (18, 20, 21, 24, 28, 30, 32, 35)
"""With many common divisors, and none twice another: of three pairs with such times, each member works."""


def _two_together(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    return _together(draws, 2, range(3, 41))


def _three_together(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    return _together(draws, 3, _HOURS)


def _together(draws: Iterator[float], count: int, choices: Sequence[int]) -> tuple[str, Fraction, list[str]]:
    trade = one_of(next(draws), _TRADES)
    workers, job = some_of(draws, trade.workers, count), one_of(next(draws), trade.jobs)
    hours = [one_of(next(draws), choices) for _ in workers]
    rate = sum((Fraction(1, time) for time in hours), Fraction(0))
    told = [f"{worker} needs {time} hours" for worker, time in zip(workers, hours, strict=True)]
    steps = [
        f"In one hour they do ${' + '.join(ratio(1, time) for time in hours)} = {number(rate)}$ of the job.",
        f"So they need $1 \\div {number(rate)} = {number(1 / rate)}$ hours.",
    ]
    question = f"To {job} alone, {listed(told)}. How many hours do they need to {job} together?"
    return question, 1 / rate, steps


def _joined_later(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    trade = one_of(next(draws), _TRADES)
    (first, second), job = some_of(draws, trade.workers, 2), one_of(next(draws), trade.jobs)
    hours = between(next(draws), 4, 15), between(next(draws), 4, 15)
    minutes = 5 * between(next(draws), 6, 44)
    done = Fraction(minutes, 60 * hours[0])
    rate = Fraction(1, hours[0]) + Fraction(1, hours[1])
    more = (1 - done) / rate
    answer = 60 * more
    steps = [
        (
            f"{opened(first)} alone does $\\frac{{{minutes}}}{{60}} \\cdot \\frac{{1}}{{{hours[0]}}} = {number(done)}$ "
            "of the job."
        ),
        f"$1 - {number(done)} = {number(1 - done)}$ is left.",
        f"Together they do $\\frac{{1}}{{{hours[0]}}} + \\frac{{1}}{{{hours[1]}}} = {number(rate)}$ in one hour.",
        f"${number(1 - done)} \\div {number(rate)} = {number(more)}$ hours, that is ${number(answer)}$ minutes.",
    ]
    question = (
        f"To {job} alone, {first} needs {hours[0]} hours and {second} needs {hours[1]} hours. {_aside(trade, draws)} "
        f"{opened(first)} begins alone; after {minutes} minutes {second} joins in. How many minutes after that is the "
        "job done?"
    )
    return question, answer, steps


def _aside(trade: _Trade, draws: Iterator[float]) -> str:
    return one_of(next(draws), trade.asides).format(between(next(draws), 5, 60))


def _with_drain(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """Two pumps and a drain that is slower than the first pump; the tank is partly full."""
    trade = _TRADES[1]
    first, second = some_of(draws, trade.workers, 2)
    vessel = one_of(next(draws), ("pool", "tank", "dock"))
    hours = between(next(draws), 3, 9), between(next(draws), 3, 12)
    drain = between(next(draws), hours[0] + 1, 20)
    part = one_of(next(draws), [Fraction(top, bottom) for bottom in (3, 4, 5, 6) for top in (1, 2) if 2 * top < bottom])
    rate = Fraction(1, hours[0]) + Fraction(1, hours[1]) - Fraction(1, drain)
    time = (1 - part) / rate
    answer = 60 * time
    steps = [
        (
            f"In one hour $\\frac{{1}}{{{hours[0]}}} + \\frac{{1}}{{{hours[1]}}} - \\frac{{1}}{{{drain}}} = "
            f"{number(rate)}$ of the {vessel} is filled."
        ),
        f"$1 - {number(part)} = {number(1 - part)}$ of it is empty.",
        f"${number(1 - part)} \\div {number(rate)} = {number(time)}$ hours",
        f"$60 \\cdot {number(time)} = {number(answer)}$ minutes",
    ]
    question = (
        f"{opened(first)} alone fills an empty {vessel} in {hours[0]} hours, and {second} alone in {hours[1]} hours. "
        f"The drain empties a full one in {drain} hours. {_aside(trade, draws)} The {vessel} is ${number(part)}$ full, "
        "both pumps are running, and the drain is open. After how many minutes is it full?"
    )
    return question, answer, steps


def _in_pairs(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    trade = one_of(next(draws), _TRADES)
    (a, b, c), job = some_of(draws, trade.workers, 3), one_of(next(draws), trade.jobs)
    p, q, r = (one_of(next(draws), _HOURS) for _ in range(3))
    rate = (Fraction(1, p) + Fraction(1, r) - Fraction(1, q)) / 2
    answer = 1 / rate
    steps = [
        (
            "Each pair's rate is the sum of two rates, so the first and the third pair less the second do twice what "
            f"{a} does."
        ),
        f"$\\frac{{1}}{{{p}}} + \\frac{{1}}{{{r}}} - \\frac{{1}}{{{q}}} = {number(2 * rate)}$ of the job in one hour.",
        f"So {a} does ${number(rate)}$ of it in one hour.",
        f"$1 \\div {number(rate)} = {number(answer)}$ hours",
    ]
    question = (
        f"To {job}, {a} and {b} together need {p} hours, {b} and {c} together need {q} hours, and {a} and {c} together "
        f"need {r} hours. {_aside(trade, draws)} How many hours does {a} need alone?"
    )
    return question, answer, steps


_CREWS = (
    ("gardeners", "plant a park"),
    ("builders", "pave a square"),
    ("pickers", "empty an orchard"),
    ("translators", "translate an archive"),
)


def _crew(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """A crew that changes after some days, and works other hours from then on."""
    crew, job = one_of(next(draws), _CREWS)
    count, hours, days = between(next(draws), 6, 20), between(next(draws), 6, 9), between(next(draws), 8, 24)
    first, change = between(next(draws), 2, days // 2), between(next(draws), 2, 5)
    leaves = next(draws) < 0.5
    left = count - change if leaves else count + change
    other = one_of(next(draws), [each for each in range(5, 11) if each != hours])
    whole, done = count * hours * days, count * hours * first
    more = Fraction(whole - done, left * other)
    answer = first + more
    steps = [
        "All work equally fast, so the job may be counted in hours of one person's work.",
        f"The whole job takes ${count} \\cdot {hours} \\cdot {days} = {whole}$ of them.",
        (
            f"In the first {first} days ${count} \\cdot {hours} \\cdot {first} = {done}$ of them are done; "
            f"${whole - done}$ are left."
        ),
        (
            f"From then on ${left} \\cdot {other} = {left * other}$ are done a day: "
            f"${ratio(whole - done, left * other)} = {number(more)}$ days."
        ),
        f"With the days before: ${first} + {number(more)} = {number(answer)}$ days.",
    ]
    changed = f"{change} of the {crew} leave" if leaves else f"{change} more {crew} join them"
    question = (
        f"Working {hours} hours a day, {count} {crew} need {days} days to {job}. They begin like this, but after "
        f"{first} days {changed}, and all who are there work {other} hours a day from then on. All work equally fast. "
        "How many days does the job take from beginning to end?"
    )
    return question, answer, steps
