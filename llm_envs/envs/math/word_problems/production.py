"""Production: what a workshop makes, what of it can be sold, what it costs, and what is left.

Each level adds links to one chain of quantities; the last level goes back from the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import product, ratio
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.units import counted

__all__ = ["production"]


class _Workshop(NamedTuple):
    """Who makes what, in batches of which kind, from what, and packs it into what."""

    name: str
    makes: str
    batch: str
    piece: str
    flaw: str
    pack: str
    material: str
    worker: str


_WORKSHOPS = (
    _Workshop("bakery", "bakes", "trays", "roll", "burnt", "bag", "flour", "bakers"),
    _Workshop("candle workshop", "pours", "moulds", "candle", "cracked", "box", "wax", "moulders"),
    _Workshop("pottery", "fires", "racks", "mug", "chipped", "crate", "clay", "potters"),
    _Workshop("soap works", "presses", "frames", "bar", "broken", "parcel", "oil", "pressers"),
    _Workshop("sweet factory", "pours", "sheets", "toffee", "misshapen", "tin", "sugar", "confectioners"),
)

_ASIDES = (
    "The oldest machine there is {} years old.",
    "The next village is {} minutes away.",
    "{} visitors came to see the place last year.",
    "The place has a yard of {} square metres.",
)

_BATCHES = (12, 15, 16, 18, 20, 24, 25, 30, 36, 40)
_FLAWED = (5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30)
_GRAMS = (20, 25, 40, 50, 60, 75, 80, 120, 125, 150, 200, 250)


class _Day(NamedTuple):
    """What happens in a day, in pieces, hours and coins."""

    shop: _Workshop
    batches: int
    size: int
    hours: int
    flawed: int
    pack: int
    grams: int
    cost: int
    workers: int
    wage: int
    margin: int

    @property
    def made(self) -> int:
        return self.batches * self.size * self.hours

    @property
    def good(self) -> int:
        return self.made - self.made // self.flawed

    @property
    def packs(self) -> int:
        return self.good // self.pack

    @property
    def material(self) -> int:
        return self.made * self.grams * self.cost // 1000

    @property
    def wages(self) -> int:
        return self.workers * self.hours * self.wage

    @property
    def price(self) -> int:
        """Of a pack; more than its share of the costs."""
        return (self.material + self.wages) // self.packs + self.margin

    @property
    def profit(self) -> int:
        return self.packs * self.price - self.material - self.wages


def production(rng: np.random.Generator, difficulty: int) -> Problem:
    """Follow what is made to packs, revenue and profit; at the last level, back to what must be sold."""
    draws = uniforms(rng, 24)
    day = _drawn(draws)
    makers = (_pieces, _packs, _revenue, _profit, _weekly_profit, _least_sales)
    facts, question, answer, steps = makers[difficulty](day, draws)
    if difficulty > 1:
        aside = one_of(next(draws), _ASIDES).format(between(next(draws), 8, 60))
        facts.insert(between(next(draws), 3, len(facts)), aside)
    return Problem(" ".join([*facts, question]), str(answer), steps)


def _drawn(draws: Iterator[float]) -> _Day:
    """A day whose numbers are all whole."""
    shop = one_of(next(draws), _WORKSHOPS)
    batches, size, hours = between(next(draws), 3, 9), one_of(next(draws), _BATCHES), between(next(draws), 4, 10)
    made = batches * size * hours
    flawed = one_of(next(draws), [count for count in _FLAWED if made % count == 0])
    good = made - made // flawed
    pack = one_of(next(draws), [count for count in range(3, 13) if good % count == 0])
    pairs = [(grams, cost) for grams in _GRAMS for cost in range(2, 9) if made * grams * cost % 1000 == 0]
    grams, cost = one_of(next(draws), pairs)
    workers, wage, margin = between(next(draws), 2, 4), between(next(draws), 9, 16), between(next(draws), 1, 6)
    return _Day(shop, batches, size, hours, flawed, pack, grams, cost, workers, wage, margin)


Asked = tuple[list[str], str, int, list[str]]


def _pieces(day: _Day, draws: Iterator[float]) -> Asked:
    days = between(next(draws), 2, 12)
    fact, steps = _made(day)
    steps.append(f"In {days} days: ${product([day.made, days])} = {day.made * days}$ {day.shop.piece}s.")
    return [fact], f"How many {day.shop.piece}s does it make in {days} days?", day.made * days, steps


def _made(day: _Day) -> tuple[str, list[str]]:
    """What is told of the pieces of a day, and how many they are."""
    shop, hourly = day.shop, day.batches * day.size
    fact = f"A {shop.name} {shop.makes} {day.batches} {shop.batch} of {day.size} {shop.piece}s an hour"
    steps = [
        f"In an hour: ${product([day.batches, day.size])} = {hourly}$ {shop.piece}s.",
        f"In a day: ${product([hourly, day.hours])} = {day.made}$ {shop.piece}s.",
    ]
    return f"{fact}, {day.hours} hours a day.", steps


def _packs(day: _Day, _draws: Iterator[float]) -> Asked:
    made, steps = _made(day)
    shop = day.shop
    facts = [
        made,
        f"One {shop.piece} in {day.flawed} is {shop.flaw} and cannot be sold.",
        f"The others are packed into {_plural(shop.pack)} of {day.pack}.",
    ]
    steps += [
        (
            f"Of these, ${day.made} \\div {day.flawed} = {day.made // day.flawed}$ are {shop.flaw}; ${day.made} - "
            f"{day.made // day.flawed} = {day.good}$ are left."
        ),
        f"${day.good} \\div {day.pack} = {day.packs}$ {_plural(shop.pack)}",
    ]
    return facts, f"How many {_plural(shop.pack)} does it fill in a day?", day.packs, steps


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"


def _revenue(day: _Day, draws: Iterator[float]) -> Asked:
    facts, _, _, steps = _packs(day, draws)
    facts.append(f"A {day.shop.pack} sells for {day.price} coins.")
    revenue = day.packs * day.price
    steps.append(f"${product([day.packs, day.price])} = {revenue}$ coins")
    return facts, f"How many coins does the {day.shop.name} take in a day if all is sold?", revenue, steps


def _profit(day: _Day, draws: Iterator[float]) -> Asked:
    facts, _, revenue, steps = _revenue(day, draws)
    more, cost_steps = _costs(day)
    facts += more
    steps += cost_steps
    steps.append(f"${revenue} - {day.material} - {day.wages} = {day.profit}$ coins")
    told = "There are no other costs, and all is sold."
    return [*_mixed(facts, draws), told], "How many coins of profit are left from a day?", day.profit, steps


def _costs(day: _Day) -> tuple[list[str], list[str]]:
    """What is told of material and wages, and how much they come to."""
    shop, grams = day.shop, day.made * day.grams
    facts = [
        (
            f"Each {shop.piece}, whether sold or not, takes {day.grams} g of {shop.material}, which costs {day.cost} "
            "coins a kilogram."
        ),
        f"{day.workers} {shop.worker} work all {day.hours} hours and get {day.wage} coins an hour each.",
    ]
    steps = [
        (
            f"{shop.material.capitalize()}: ${product([day.made, day.grams])} = {grams}$ g, that is "
            f"${ratio(grams, 1000)}$ kg, costs ${ratio(grams, 1000)} \\cdot {day.cost} = {day.material}$ coins."
        ),
        f"Wages: ${product([day.workers, day.hours, day.wage])} = {day.wages}$ coins.",
    ]
    return facts, steps


def _mixed(facts: list[str], draws: Iterator[float]) -> list[str]:
    """The first three sentences belong together; the others come in any order."""
    return [*facts[:3], *some_of(draws, facts[3:], len(facts) - 3)]


def _weekly_profit(day: _Day, draws: Iterator[float]) -> Asked:
    facts, _, _, steps = _profit(day, draws)
    days = between(next(draws), 4, 7)
    facts.insert(3, f"The {day.shop.name} produces on {days} days a week.")
    rent = _rent(day, days, draws)
    facts.insert(between(next(draws), 3, len(facts) - 1), f"The rent is {counted(rent, 'coin')} a week.")
    answer = days * day.profit - rent
    steps += [
        f"In a week: ${product([days, day.profit])} = {days * day.profit}$ coins.",
        f"Less the rent: ${days * day.profit} - {rent} = {answer}$ coins.",
    ]
    return facts, "How many coins of profit are left from a week?", answer, steps


def _rent(day: _Day, days: int, draws: Iterator[float]) -> int:
    """Of a week; at most half of what is left else."""
    return between(next(draws), 1, days * day.profit // 2)


def _least_sales(day: _Day, draws: Iterator[float]) -> Asked:
    """The packs that must be sold in a week for a given profit; what is not sold costs the same."""
    facts, _, _, steps = _packs(day, draws)
    more, cost_steps = _costs(day)
    days = between(next(draws), 4, 7)
    rent = _rent(day, days, draws)
    costs, full = days * (day.material + day.wages) + rent, days * day.packs * day.price
    target = between(next(draws), 1, full - costs)
    answer = ceil((target + costs) / day.price)
    packs = _plural(day.shop.pack)
    facts += [
        f"A {day.shop.pack} sells for {day.price} coins.",
        *more,
        f"The {day.shop.name} produces on {days} days a week.",
        f"The rent is {counted(rent, 'coin')} a week.",
    ]
    whole, rest = divmod(target + costs, day.price)
    steps += [
        *cost_steps,
        f"A week's costs: ${days} \\cdot ({day.material} + {day.wages}) + {rent} = {costs}$ coins.",
        f"It must take ${costs} + {target} = {costs + target}$ coins.",
        f"${costs + target} = {whole} \\cdot {day.price} + {rest}$, so {answer} {packs} are needed.",
    ]
    told = "There are no other costs."
    question = (
        f"What is the smallest number of {packs} that must be sold in a week for a profit of at least "
        f"{counted(target, 'coin')}?"
    )
    return [*_mixed(facts, draws), told], question, answer, steps
