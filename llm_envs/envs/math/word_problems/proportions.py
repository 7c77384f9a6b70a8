"""Proportions: recipes, chains of units, maps, and amounts that depend on several others."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import decimal, number
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES

__all__ = ["proportion"]


def proportion(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the fourth number of a proportion, or of a chain of them."""
    draws = uniforms(rng, 16)
    makers = (_recipe, _scaled_recipe, _trip, _map, _two_factors, _four_factors)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


Asked = tuple[str, Fraction, list[str]]

_DISHES = (
    ("soup", ("lentils", "carrots", "potatoes")),
    ("bread", ("flour", "bran", "seeds")),
    ("jam", ("plums", "cherries", "sugar")),
    ("salad", ("beans", "tomatoes", "rice")),
    ("pie", ("apples", "flour", "butter")),
)


def _recipe(draws: Iterator[float]) -> Asked:
    dish, ingredients = one_of(next(draws), _DISHES)
    name, ingredient = one_of(next(draws), NAMES), one_of(next(draws), ingredients)
    people, grams = between(next(draws), 3, 12), 10 * between(next(draws), 12, 120)
    guests = one_of(next(draws), [count for count in range(5, 41) if count != people])
    answer = Fraction(grams * guests, people)
    each = Fraction(grams, people)
    steps = [
        f"For one person: ${grams} \\div {people} = {number(each)}$ g.",
        f"For {guests}: ${guests} \\cdot {number(each)} = {number(answer)}$ g.",
    ]
    question = (
        f"A recipe of {dish} for {people} people needs {grams} g of {ingredient}. {name} cooks for {guests} people. "
        f"How many grams of {ingredient} does {name} need?"
    )
    return question, answer, steps


def _scaled_recipe(draws: Iterator[float]) -> Asked:
    """What there is of one ingredient, in kilograms, decides how much of another is needed, in grams."""
    dish, ingredients = one_of(next(draws), _DISHES)
    name, (first, second) = one_of(next(draws), NAMES), some_of(draws, ingredients, 2)
    people, a, b = between(next(draws), 3, 12), 50 * between(next(draws), 3, 18), 10 * between(next(draws), 12, 90)
    grams = 50 * between(next(draws), 21, 90)
    kilograms = Fraction(grams, 1000)
    answer = Fraction(grams * b, a)
    steps = [
        f"{decimal(kilograms)} kg are {grams} g.",
        f"This is ${grams} \\div {a} = {number(Fraction(grams, a))}$ times what the recipe says.",
        f"{second.capitalize()}: ${number(Fraction(grams, a))} \\cdot {b} = {number(answer)}$ g.",
    ]
    question = (
        f"A recipe of {dish} for {people} people needs {a} g of {first} and {b} g of {second}. {name} has "
        f"{decimal(kilograms)} kg of {first} and wants to use all of it. How many grams of {second} does {name} need?"
    )
    return question, answer, steps


def _trip(draws: Iterator[float]) -> Asked:
    """Miles to kilometres to litres to coins."""
    name, miles = one_of(next(draws), NAMES), 5 * between(next(draws), 12, 120)
    litres, price = Fraction(between(next(draws), 9, 19), 2), between(next(draws), 12, 29)
    passengers, seats = between(next(draws), 2, 4), between(next(draws), 5, 7)
    kilometres = miles * Fraction(8, 5)
    fuel = kilometres * litres / 100
    cost = fuel * price
    answer = cost / passengers
    steps = [
        f"${miles} \\cdot 1.6 = {number(kilometres)}$ km",
        f"$\\frac{{{number(kilometres)}}}{{100}} \\cdot {decimal(litres)} = {number(fuel)}$ litres",
        f"${number(fuel)} \\cdot {price} = {number(cost)}$ coins",
        f"${number(cost)} \\div {passengers} = {number(answer)}$ coins each",
    ]
    question = (
        f"{name}'s car has {seats} seats and needs {decimal(litres)} litres of fuel for 100 km. A litre costs {price} "
        f"coins. {passengers} people, {name} among them, share the cost of the fuel for a trip of {miles} miles "
        "equally. A mile is taken as 1.6 km. How many coins does each of them pay?"
    )
    return question, answer, steps


def _map(draws: Iterator[float]) -> Asked:
    """Centimetres on a map to a walk in minutes, with a rest."""
    name, scale = one_of(next(draws), NAMES), one_of(next(draws), (20_000, 25_000, 30_000, 40_000, 50_000, 75_000))
    tenths, speed = between(next(draws), 45, 290), Fraction(between(next(draws), 7, 12), 2)
    rest, height = between(next(draws), 10, 50), between(next(draws), 120, 890)
    length = Fraction(tenths, 10)
    kilometres = length * scale / 100_000
    walked = kilometres / speed * 60
    answer = walked + rest
    steps = [
        f"${decimal(length)} \\cdot {scale} = {number(length * scale)}$ cm, that is ${number(kilometres)}$ km.",
        f"At {decimal(speed)} km/h: $60 \\cdot {number(kilometres)} \\div {number(speed)} = {number(walked)}$ minutes.",
        f"With the rest: ${number(walked)} + {rest} = {number(answer)}$ minutes.",
    ]
    question = (
        f"On a map with the scale 1 : {scale} a path is {decimal(length)} cm long. It leads to a hut at a height of "
        f"{height} m. {name} walks it at {decimal(speed)} km/h and rests for {rest} minutes on the way. How many "
        f"minutes does {name} need from one end to the other?"
    )
    return question, answer, steps


_MAKERS = (
    ("hens", "lay", "eggs", "days"),
    ("weavers", "weave", "baskets", "hours"),
    ("machines", "cut", "keys", "minutes"),
    ("bakers", "shape", "rolls", "minutes"),
    ("presses", "print", "posters", "hours"),
)


def _two_factors(draws: Iterator[float]) -> Asked:
    """Direct in the things, inverse in the makers: how long others need for another number of things."""
    makers, make, things, times = one_of(next(draws), _MAKERS)
    count, made, time = between(next(draws), 3, 20), 12 * between(next(draws), 2, 16), between(next(draws), 4, 30)
    others = one_of(next(draws), [each for each in range(3, 25) if each != count])
    wanted, worth = 6 * between(next(draws), 8, 70), between(next(draws), 2, 30)
    each_makes = Fraction(made, count * time)
    answer = wanted / (others * each_makes)
    unit = times.removesuffix("s")
    steps = [
        (
            f"One of the {makers} makes ${made} \\div ({count} \\cdot {time}) = {number(each_makes)}$ of the {things} "
            f"in one {unit}."
        ),
        f"The {others} make ${others} \\cdot {number(each_makes)} = {number(others * each_makes)}$ in one {unit}.",
        f"${wanted} \\div {number(others * each_makes)} = {number(answer)}$ {times}",
    ]
    question = (
        f"{count} {makers} {make} {made} {things} in {time} {times}. One of the {things} is worth {worth} coins. How "
        f"many {times} do {others} {makers} need to {make} {wanted} {things}, at the same rate?"
    )
    return question, answer, steps


class _Trench(NamedTuple):
    """Length in metres; width and depth in decimetres."""

    length: int
    width: int
    depth: int

    @property
    def volume(self) -> Fraction:
        """In cubic metres."""
        return Fraction(self.length * self.width * self.depth, 100)

    @property
    def product(self) -> str:
        """The volume, as it is worked out."""
        return f"{self.length} \\cdot {_tenths(self.width)} \\cdot {_tenths(self.depth)} = {number(self.volume)}"

    @classmethod
    def drawn(cls, draws: Iterator[float]) -> _Trench:
        return cls(5 * between(next(draws), 8, 40), between(next(draws), 8, 20), between(next(draws), 6, 20))


def _four_factors(draws: Iterator[float]) -> Asked:
    """Trenches: days from diggers, hours a day, three lengths, and how much harder the ground is."""
    diggers, hours, days = between(next(draws), 4, 15), between(next(draws), 6, 10), between(next(draws), 3, 12)
    others = one_of(next(draws), [each for each in range(3, 19) if each != diggers])
    other_hours, percent = between(next(draws), 5, 10), one_of(next(draws), (10, 20, 25, 40, 50))
    first, second = _Trench.drawn(draws), _Trench.drawn(draws)
    rate = first.volume / (diggers * hours * days)
    slower = rate * Fraction(100, 100 + percent)
    daily = others * other_hours * slower
    answer = second.volume / daily
    steps = [
        f"The first trench: ${first.product}$ cubic metres; the second: ${second.product}$.",
        (
            f"In an hour one person digs ${number(first.volume)} \\div ({diggers} \\cdot {hours} \\cdot {days}) = "
            f"{number(rate)}$ cubic metres."
        ),
        (
            f"In the hard ground it takes $\\frac{{{100 + percent}}}{{100}}$ of the time: ${number(rate)} \\div "
            f"\\frac{{{100 + percent}}}{{100}} = {number(slower)}$ cubic metres an hour."
        ),
        (
            f"In a day {others} people dig ${others} \\cdot {other_hours} \\cdot {number(slower)} = {number(daily)}$ "
            "cubic metres."
        ),
        f"${number(second.volume)} \\div {number(daily)} = {number(answer)}$ days",
    ]
    question = (
        f"{diggers} people, working {hours} hours a day, dig a trench {first.length} m long, {_tenths(first.width)} m "
        f"wide and {10 * first.depth} cm deep in {days} days. How many days do {others} people need, working "
        f"{other_hours} hours a day, for a trench {second.length} m long, {10 * second.width} cm wide and "
        f"{_tenths(second.depth)} m deep, in ground where the same volume takes one person {percent}% longer? "
        "All work equally fast."
    )
    return question, answer, steps


def _tenths(decimetres: int) -> str:
    return decimal(Fraction(decimetres, 10))
