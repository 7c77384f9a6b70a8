"""Travel: stages, meeting, overtaking, and speeds found from meetings."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, number, ratio
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.units import duration

__all__ = ["travel"]


def travel(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a distance, a time or a speed from the others."""
    draws = uniforms(rng, 16)
    makers = (_stages, _average, _meeting, _overtaking, _delayed, _two_speeds)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


_VEHICLES = (("coach", 50, 100), ("train", 70, 160), ("van", 40, 90), ("motorcycle", 50, 110), ("lorry", 40, 80))
"""With the slowest and the fastest speed in km/h."""

_ASIDES = (
    "It is {} degrees in the shade.",
    "There have been {} mm of rain in the night.",
    "A litre of fuel costs {} coins.",
    "There are {} days left until the holidays.",
    "A kiosk on the way sells {} kinds of tea.",
)

_TOWNS = (
    ("Ashford", "Belmont"),
    ("Carlow", "Derby"),
    ("Elgin", "Frome"),
    ("Goole", "Hexham"),
    ("Ilford", "Jarrow"),
    ("Kendal", "Luton"),
)


def _aside(draws: Iterator[float]) -> str:
    return one_of(next(draws), _ASIDES).format(between(next(draws), 5, 40))


def _stages(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """Two stages with whole hours."""
    name, slow, fast = one_of(next(draws), _VEHICLES)
    stages = [(between(next(draws), slow, fast), between(next(draws), 2, 6)) for _ in range(2)]
    parts = [speed * hours for speed, hours in stages]
    (v, t), (w, s) = stages
    steps = [f"${speed} \\cdot {hours} = {part}$ km" for (speed, hours), part in zip(stages, parts, strict=True)]
    steps.append(f"${parts[0]} + {parts[1]} = {sum(parts)}$ km")
    question = (
        f"A {name} travels at {v} km/h for {t} hours, and then at {w} km/h for {s} hours. How many kilometres does it "
        "travel?"
    )
    return question, Fraction(sum(parts)), steps


def _average(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """The average over two stages, for which the distance and the speed, or the time, is told."""
    name, slow, fast = one_of(next(draws), _VEHICLES)
    first, speed = between(next(draws), 3, 20) * 10, 10 * between(next(draws), slow // 10, fast // 10)
    second, minutes = between(next(draws), 3, 20) * 10, between(next(draws), 9, 40) * 5
    hours = Fraction(first, speed), Fraction(minutes, 60)
    answer = Fraction(first + second) / sum(hours)
    steps = [
        f"The first stage takes ${ratio(first, speed)} = {number(hours[0])}$ hours.",
        f"The second takes ${ratio(minutes, 60)} = {number(hours[1])}$ hours.",
        f"Together: {first + second} km in ${number(hours[0])} + {number(hours[1])} = {number(sum(hours))}$ hours.",
        f"${first + second} \\div {number(Fraction(sum(hours)))} = {number(answer)}$ km/h",
    ]
    question = (
        f"A {name} travels {first} km at {speed} km/h, and then {second} km in {duration(minutes)}. What is its "
        "average speed over the whole way, in km/h?"
    )
    return question, answer, steps


def _two_vehicles(draws: Iterator[float]) -> tuple[tuple[str, int], tuple[str, int]]:
    """Two kinds with their speeds in km/h: the first in tens, the second in fives and not the same."""
    first = int(next(draws) * len(_VEHICLES))
    second = (first + between(next(draws), 1, len(_VEHICLES) - 1)) % len(_VEHICLES)
    (name, low, high), (other, least, most) = _VEHICLES[first], _VEHICLES[second]
    speed, other_speed = (
        10 * between(next(draws), low // 10, high // 10),
        5 * between(next(draws), least // 5, most // 5),
    )
    return (name, speed), (other, other_speed + 5 * (other_speed == speed))


def _meeting(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    (name, v), (other, w) = _two_vehicles(draws)
    here, there = one_of(next(draws), _TOWNS)
    distance = between(next(draws), 60, 500)
    answer = Fraction(60 * distance, v + w)
    steps = [
        f"They come nearer to each other by ${v} + {w} = {v + w}$ km an hour.",
        f"They meet after $\\frac{{{distance}}}{{{v + w}}}$ hours.",
        f"$60 \\cdot \\frac{{{distance}}}{{{v + w}}} = {number(answer)}$ minutes",
    ]
    question = (
        f"{here} and {there} are {distance} km apart. At the same time, a {name} leaves {here} for {there} at {v} "
        f"km/h, and a {other} leaves {there} for {here} on the same route at {w} km/h. {_aside(draws)} After how many "
        "minutes do they meet?"
    )
    return question, answer, steps


def _overtaking(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    (name, v), (other, w) = sorted(_two_vehicles(draws), key=lambda vehicle: vehicle[1])
    town, _ = one_of(next(draws), _TOWNS)
    minutes = 6 * between(next(draws), 2, 15)
    lead = Fraction(v * minutes, 60)
    hours = lead / (w - v)
    asks_distance = next(draws) < 0.5
    answer = w * hours if asks_distance else 60 * hours
    steps = [
        f"In {minutes} minutes the {name} travels ${v} \\cdot \\frac{{{minutes}}}{{60}} = {number(lead)}$ km.",
        f"The {other} gains ${w} - {v} = {w - v}$ km an hour.",
        f"It needs ${number(lead)} \\div {w - v} = {number(hours)}$ hours.",
        f"${w} \\cdot {number(hours)} = {number(answer)}$ km"
        if asks_distance
        else f"$60 \\cdot {number(hours)} = {number(answer)}$ minutes",
    ]
    asked = (
        f"How many kilometres from {town} does the {other} catch up with the {name}?"
        if asks_distance
        else f"How many minutes after its own departure does the {other} catch up with the {name}?"
    )
    question = (
        f"A {name} leaves {town} at {v} km/h. {_aside(draws)} After {duration(minutes)}, a {other} leaves {town} on "
        f"the same route in the same direction, at {w} km/h. {asked}"
    )
    return question, answer, steps


def _delayed(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """One leaves later; asked is where they meet, or how far a bird flies to and fro until then."""
    (name, v), (other, w) = _two_vehicles(draws)
    here, there = one_of(next(draws), _TOWNS)
    minutes, bird = 6 * between(next(draws), 2, 9), 4 * between(next(draws), 5, 15)
    lead = Fraction(v * minutes, 60)
    distance = int(lead) + between(next(draws), 60, 400)
    hours = (distance - lead) / (v + w)
    asks_bird = next(draws) < 0.5
    steps = [
        f"In {minutes} minutes the {name} travels ${v} \\cdot \\frac{{{minutes}}}{{60}} = {number(lead)}$ km.",
        f"Then ${distance} - {bracketed(lead)} = {number(distance - lead)}$ km are left between the two.",
        f"They meet ${number(distance - lead)} \\div ({v} + {w}) = {number(hours)}$ hours later.",
    ]
    if asks_bird:
        answer = bird * hours
        steps.append(f"The bird flies for this time: ${bird} \\cdot {number(hours)} = {number(answer)}$ km.")
        asked = (
            f"From that moment until they meet, a bird flies to and fro between them at {bird} km/h. How many "
            "kilometres does it fly?"
        )
    else:
        answer = lead + v * hours
        steps.append(f"From {here}: ${number(lead)} + {v} \\cdot {number(hours)} = {number(answer)}$ km.")
        asked = f"How many kilometres from {here} do they meet?"
    question = (
        f"{here} and {there} are {distance} km apart. A {name} leaves {here} for {there} at {v} km/h. {_aside(draws)} "
        f"After {duration(minutes)}, a {other} leaves {there} for {here} on the same route at {w} km/h. {asked}"
    )
    return question, answer, steps


def _two_speeds(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """From the time of meeting head-on, the slower speed; from that, the time of overtaking."""
    is_race = next(draws) < 0.5
    slow, fast, seconds = _speeds(draws, is_race=is_race)
    length = (slow + fast) * seconds * 5 // 18
    answer = Fraction((slow + fast) * seconds, fast - slow)
    question, steps = (_race if is_race else _trains)(length, fast, seconds, draws)
    together, gained = Fraction(length, seconds), Fraction(5 * (fast - slow), 18)
    steps += [
        (
            f"Head-on they need {seconds} seconds for {length} m: ${ratio(length, seconds)} = {number(together)}$ "
            "metres a second together."
        ),
        f"A metre a second is 3.6 km/h, so this is ${number(together)} \\cdot 3.6 = {slow + fast}$ km/h.",
        f"The slower one: ${slow + fast} - {fast} = {slow}$ km/h.",
        (
            f"In the same direction the faster one gains ${fast} - {slow} = {fast - slow}$ km/h, that is "
            f"${number(gained)}$ metres a second."
        ),
        f"${length} \\div {number(gained)} = {number(answer)}$ seconds",
    ]
    return question, answer, steps


def _speeds(draws: Iterator[float], *, is_race: bool) -> tuple[int, int, int]:
    """Two speeds in km/h and a time in seconds in which both together go a whole number of metres."""
    slowest, fastest = (4, 6) if is_race else (9, 26)
    sixes, odd = between(next(draws), slowest, fastest), between(next(draws), 0, 5)
    slow = 6 * sixes - odd
    fast = 6 * (sixes + between(next(draws), 1, 3 if is_race else 9)) + odd
    return slow, fast, 3 * (between(next(draws), 7, 24) if is_race else between(next(draws), 2, 6))


def _race(length: int, fast: int, seconds: int, draws: Iterator[float]) -> tuple[str, list[str]]:
    question = (
        f"Two cyclists ride at constant speeds on a circular track {length} m long, the faster one at {fast} km/h. "
        f"{_aside(draws)} When they ride in opposite directions, they meet every {seconds} seconds. They start "
        "together in the same direction. After how many seconds does the faster one first lap the other?"
    )
    return question, []


def _trains(length: int, fast: int, seconds: int, draws: Iterator[float]) -> tuple[str, list[str]]:
    aside = _aside(draws)
    first = between(next(draws), length // 3, length * 2 // 3)
    question = (
        f"Two trains, {first} m and {length - first} m long, run on parallel tracks at constant speeds, the faster one "
        f"at {fast} km/h. {aside} In opposite directions they take {seconds} seconds to pass each other completely. "
        "How many seconds does the faster one take to overtake the other completely, in the same direction?"
    )
    return question, [f"To pass each other completely, the two go ${first} + {length - first} = {length}$ m."]
