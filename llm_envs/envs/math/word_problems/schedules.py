"""Schedules: times of day, durations, timetables, and clocks that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, lcm

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed, ratio
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES
from llm_envs.envs.math.word_problems.units import clock, counted, duration

__all__ = ["schedule"]

_DAY = 24 * 60


def schedule(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a time of day, as (hours, minutes)."""
    draws = uniforms(rng, 16)
    makers = (_end, _start, _waiting, _across_zones, _together_again, _wrong_clocks)
    question, minutes, steps = makers[difficulty](draws)
    hour, minute = divmod(minutes % _DAY, 60)
    asked = "Give the time on the 24-hour clock as (hours, minutes); 7:05 in the evening is $(19, 5)$."
    return Problem(f"{question} {asked}", f"({hour}, {minute})", steps)


_EVENTS = ("A concert", "A film", "A match", "A rehearsal", "A lecture", "A play")


def _later(start: int, minutes: int) -> str:
    """A step: some minutes after a time of day."""
    end = start + minutes
    over = ", on the next day" if end // _DAY > start // _DAY else ""
    return f"{clock(start)} and {duration(minutes)} is {clock(end)}{over}."


def _earlier(end: int, minutes: int) -> str:
    """A step: some minutes before a time of day; both on one day."""
    return f"{duration(minutes).capitalize()} before {clock(end)} it is {clock(end - minutes)}."


def _end(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    event, start = one_of(next(draws), _EVENTS), between(next(draws), 7 * 60, 21 * 60)
    first, pause, second = between(next(draws), 35, 95), between(next(draws), 10, 35), between(next(draws), 35, 95)
    steps = [
        _later(start, first),
        _later(start + first, pause),
        _later(start + first + pause, second),
    ]
    question = (
        f"{event} begins at {clock(start)}. The first half takes {duration(first)}; after a break of {duration(pause)} "
        f"follows the second half, of {duration(second)}. When does it end?"
    )
    return question, start + first + pause + second, steps


def _start(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Several things to do in a row before a time of day."""
    name, *tasks = one_of(next(draws), NAMES), *some_of(draws, _TASKS, 3)
    minutes = [between(next(draws), 12, 110) for _ in tasks]
    end = between(next(draws), 11 * 60, 23 * 60)
    steps, time = [], end
    for size in reversed(minutes):
        steps.append(_earlier(time, size))
        time -= size
    told = listed([f"{duration(size)} to {task}" for task, size in zip(tasks, minutes, strict=True)])
    question = (
        f"{name} needs {told}, one after the other. All is to be finished at {clock(end)}. When must {name} begin at "
        "the latest?"
    )
    return question, time, steps


_TASKS = ("cook", "clean the kitchen", "write a letter", "pack", "mend a bicycle", "water the garden", "bake a cake")


def _waiting(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """A walk, a bus that comes every so often, a ride, a walk."""
    name, leaves = one_of(next(draws), NAMES), between(next(draws), 8 * 60, 20 * 60)
    walk, ride, last = between(next(draws), 6, 28), between(next(draws), 15, 75), between(next(draws), 3, 20)
    first, every = between(next(draws), 5 * 60, 6 * 60 + 59), between(next(draws), 9, 48)
    there = leaves + walk
    count = -(-(there - first) // every)
    departure = first + count * every
    steps = [
        _later(leaves, walk),
        (
            f"From {clock(first)} to {clock(there)} there are {there - first} minutes; ${there - first} \\div {every}$ "
            f"is {'' if (there - first) % every == 0 else 'rounded up to '}{count}."
        ),
        (
            f"${count} \\cdot {every} = {count * every}$ minutes after {clock(first)}, at {clock(departure)}, a bus "
            "leaves."
        ),
        _later(departure, ride),
        _later(departure + ride, last),
    ]
    question = (
        f"A bus leaves the square every {every} minutes, the first one at {clock(first)}. {_aside(draws)} {name} sets "
        f"out at {clock(leaves)}, walks to the square in {counted(walk, 'minute')}, takes the next bus, rides for "
        f"{duration(ride)} and walks for another {counted(last, 'minute')}. (A bus that leaves just then is caught.) "
        f"When does {name} arrive?"
    )
    return question, departure + ride + last, steps


_ASIDES = (
    "A ticket costs {} coins.",
    "There are {} posters on the wall.",
    "The inspector has worked there for {} years.",
    "It is day {} of the summer.",
)


def _aside(draws: Iterator[float]) -> str:
    return one_of(next(draws), _ASIDES).format(between(next(draws), 4, 40))


_CITIES = ("Amberport", "Berylton", "Coral Bay", "Dunhaven", "Eastmark", "Fairholm", "Glasswater", "Highmoor")
"""They are on no map, so that their clocks may differ as they like."""


def _across_zones(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """A flight to where clocks show another time, and a taxi, whose time is told by distance and speed."""
    here, there = some_of(draws, _CITIES, 2)
    leaves, flight = between(next(draws), 6 * 60, 23 * 60 + 50), between(next(draws), 200, 840)
    zone = 30 * between(next(draws), 2, 20)
    ahead = next(draws) < 0.5
    wait, ride = between(next(draws), 20, 75), between(next(draws), 3, 14)
    speed = 12 * between(next(draws), 3, 6)
    distance = speed * 5 * ride // 60
    landing = leaves + flight
    local = landing + (zone if ahead else -zone)
    steps = [
        f"By the clocks of {here} the plane lands at {clock(landing)}.",
        f"In {there} it is {clock(local)} then, {duration(zone)} {'later' if ahead else 'earlier'} by the clock.",
        f"The taxi takes $60 \\cdot {ratio(distance, speed)} = {5 * ride}$ minutes.",
        f"{clock(local)} and {wait} + {5 * ride} minutes is {clock(local + wait + 5 * ride)}.",
    ]
    question = (
        f"A plane leaves {here} at {clock(leaves)} local time and flies to {there} in {duration(flight)}. "
        f"{_aside(draws)} Clocks in {there} are {duration(zone)} {'ahead of' if ahead else 'behind'} those in {here}. "
        f"{counted(wait, 'minute').capitalize()} after the landing, a taxi leaves for the hotel, which is {distance} "
        f"km away, at {speed} km/h. When does it arrive there, by the clocks of {there}?"
    )
    return question, local + wait + 5 * ride, steps


def _together_again(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Two lines that begin at different times: when they next leave in the same minute."""
    every, other = _PERIODS[int(next(draws) * len(_PERIODS))]
    meeting = between(next(draws), 13 * 60, 23 * 60)
    cycle = lcm(every, other)
    starts = [_first(meeting, period, between(next(draws), 300, 420)) for period in (every, other)]
    after = meeting - between(next(draws), cycle // 3, cycle - 1)
    departures = list(range(starts[1] + other * ((after - starts[1]) // other + 1), meeting + 1, other))
    tried = ", ".join(f"{(time - starts[0]) % every}" for time in departures)
    steps = [
        f"Line A leaves when the minutes since {clock(starts[0])} are divisible by {every}.",
        f"After {clock(after)}, line B leaves at {', '.join(map(clock, departures))}.",
        f"Minutes since {clock(starts[0])}, on division by {every}, leave the remainders {tried}.",
        (
            f"Remainder 0 means that line A leaves too: at {clock(meeting)}, ${meeting - starts[0]} = "
            f"{(meeting - starts[0]) // every} \\cdot {every}$ minutes after {clock(starts[0])}."
        ),
    ]
    question = (
        f"Trams of line A leave the depot every {every} minutes, the first one at {clock(starts[0])}; trams of line B "
        f"leave it every {other} minutes, the first one at {clock(starts[1])}. {_aside(draws)} When, for the first "
        f"time after {clock(after)}, do trams of both lines leave in the same minute?"
    )
    return question, meeting, steps


_PERIODS = [
    (a, b) for a in range(7, 31) for b in range(12, 46) if a < b and 60 < lcm(a, b) <= 360 and lcm(a, b) // b > 2
]
"""Pairs of intervals in minutes whose common multiple is at most six hours, and takes some looking for."""


def _first(meeting: int, period: int, earliest: int) -> int:
    """The first departure from `earliest` on, in a row that has one at `meeting`."""
    return earliest + (meeting - earliest) % period


def _wrong_clocks(draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """One clock gains and the other loses; from what the one shows to what the other does."""
    gain, loss = one_of(next(draws), (1, 2, 3, 4, 5, 6, 10, 12)), one_of(next(draws), (1, 2, 3, 4, 5, 6, 10, 12))
    unit = lcm(60 // gcd(60, gain), 60 // gcd(60, loss))
    start = between(next(draws), 0, _DAY - 1)
    real = unit * between(next(draws), -(-180 // unit), 1380 // unit)
    fast, slow = real * (60 + gain) // 60, real * (60 - loss) // 60
    from_fast = next(draws) < 0.5
    shown, asked = (fast, slow) if from_fast else (slow, fast)
    rates = (60 + gain, 60 - loss) if from_fast else (60 - loss, 60 + gain)
    first, second = ("hall", "kitchen") if from_fast else ("kitchen", "hall")
    steps = [
        (
            f"The {first} clock shows {rates[0]} minutes for 60 true ones. It has moved on by {duration(shown)}, "
            f"{shown} minutes."
        ),
        f"In truth ${shown} \\cdot \\frac{{60}}{{{rates[0]}}} = {real}$ minutes have passed.",
        (
            f"The {second} clock has moved on by ${real} \\cdot \\frac{{{rates[1]}}}{{60}} = {asked}$ minutes, that is "
            f"{duration(asked)}."
        ),
        f"{clock(start)} and {duration(asked)} is {clock(start + asked)}.",
    ]
    question = (
        f"The hall clock gains {counted(gain, 'minute')} in every hour of true time, and the kitchen clock loses "
        f"{counted(loss, 'minute')} in every hour. Both are set to {clock(start)} at the same moment. {_house(draws)} "
        f"What does the {second} clock show when the {first} clock has moved on by {duration(shown)}?"
    )
    return question, start + asked, steps


def _house(draws: Iterator[float]) -> str:
    told = ("The house has {} stairs.", "The hall is {} square metres large.", "The clocks cost {} coins.")
    return one_of(next(draws), told).format(between(next(draws), 7, 60))
