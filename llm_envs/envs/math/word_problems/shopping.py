"""Shopping: prices and change, discounts, offers, prices by weight, and prices found from sums."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import cases, listed
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES
from llm_envs.envs.math.word_problems.units import money

__all__ = ["shopping"]

_GOODS = (
    ("notebook", 120, 480),
    ("pen", 60, 350),
    ("mug", 290, 890),
    ("poster", 350, 990),
    ("candle", 150, 690),
    ("belt", 790, 1990),
    ("puzzle", 690, 2490),
    ("lantern", 590, 1790),
)
"""With the lowest and the highest price in cents."""

_FOOD = (
    ("cherries", 390, 890),
    ("cheese", 890, 2490),
    ("almonds", 990, 1990),
    ("olives", 690, 1690),
    ("rice", 150, 450),
)
"""With the lowest and the highest price of a kilogram in cents."""

_ASIDES = (
    "The shop is {} minutes from the station.",
    "{} other people are waiting in the queue.",
    "The bus ticket to the shop cost 3.{:02d} euros on another day.",
    "The shop opened {} years ago.",
    "A clock in the shop is {} minutes slow.",
)


def shopping(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find what is paid, what comes back, or what something costs; amounts are in euros, exact to the cent."""
    draws = uniforms(rng, 20)
    makers = (_two_goods, _change, _discount, _offer_and_weight, _list_price, _two_bills)
    question, cents, steps = makers[difficulty](one_of(next(draws), NAMES), draws)
    return Problem(question, money(cents), steps)


def _basket(draws: Iterator[float], count: int) -> list[tuple[int, str, int]]:
    """How many of what, and the price of one in cents."""
    goods = some_of(draws, _GOODS, count)
    return [
        (between(next(draws), 2, 6), name, between(next(draws), low // 5, high // 5) * 5) for name, low, high in goods
    ]


def _bill(basket: list[tuple[int, str, int]]) -> tuple[str, int, list[str]]:
    """The goods with their prices, the sum in cents, and how it is found."""
    told = listed([f"{count} {name}s at {money(price)} euros each" for count, name, price in basket])
    parts = [count * price for count, _, price in basket]
    steps = [
        f"${count} \\cdot {money(price)} = {money(part)}$ euros for the {name}s"
        for (count, name, price), part in zip(basket, parts, strict=True)
    ]
    if len(parts) > 1:
        steps.append(f"${' + '.join(map(money, parts))} = {money(sum(parts))}$ euros altogether")
    return told, sum(parts), steps


def _two_goods(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    told, total, steps = _bill(_basket(draws, 2))
    return f"{buyer} buys {told}. How many euros does {buyer} pay?", total, steps


def _change(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    told, total, steps = _bill(_basket(draws, 3))
    note = next(note for note in (2000, 5000, 10_000, 20_000, 50_000) if note > total)
    steps.append(f"${money(note)} - {money(total)} = {money(note - total)}$ euros come back")
    question = f"{buyer} buys {told}, and pays with a {note // 100} euro note. How many euros does {buyer} get back?"
    return question, note - total, steps


def _discount(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """A percentage off one of the goods, whose price is whole after it."""
    told, total, steps = _bill(_basket(draws, 2))
    percent = one_of(next(draws), (10, 15, 20, 25, 30, 40))
    name, low, high = one_of(next(draws), (("jacket", 59, 149), ("lamp", 29, 99), ("clock", 25, 89), ("bag", 35, 120)))
    price = 100 * between(next(draws), low, high)
    reduced = price * (100 - percent) // 100
    answer = total + reduced
    steps += [
        f"The {name}: ${money(price)} \\cdot \\frac{{{100 - percent}}}{{100}} = {money(reduced)}$ euros",
        f"${money(total)} + {money(reduced)} = {money(answer)}$ euros",
    ]
    question = (
        f"{buyer} buys {told}, and a {name} that is reduced by {percent}% from {money(price)} euros. {_aside(draws)} "
        f"How many euros does {buyer} pay?"
    )
    return question, answer, steps


def _aside(draws: Iterator[float]) -> str:
    return one_of(next(draws), _ASIDES).format(between(next(draws), 5, 60))


def _offer_and_weight(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Three for the price of two, and something sold by weight."""
    [(_, name, price)] = _basket(draws, 1)
    sets, single = between(next(draws), 1, 3), between(next(draws), 1, 2)
    count, paid = 3 * sets + single, 2 * sets + single
    food, low, high = one_of(next(draws), _FOOD)
    kilogram, grams = 20 * between(next(draws), low // 20, high // 20), 50 * between(next(draws), 3, 39)
    weighed = kilogram * grams // 1000
    total = paid * price + weighed
    note = next(note for note in (5000, 10_000, 20_000, 50_000) if note > total)
    steps = [
        (
            f"Of {count} {name}s {sets} {'is' if sets == 1 else 'are'} free: ${paid} \\cdot {money(price)} = "
            f"{money(paid * price)}$ euros."
        ),
        f"The {food}: ${money(kilogram)} \\cdot \\frac{{{grams}}}{{1000}} = {money(weighed)}$ euros.",
        f"${money(paid * price)} + {money(weighed)} = {money(total)}$ euros",
        f"${money(note)} - {money(total)} = {money(note - total)}$ euros come back",
    ]
    question = (
        f"A shop sells {name}s at {money(price)} euros each, three for the price of two, and {food} at "
        f"{money(kilogram)} euros per kilogram. {_aside(draws)} {buyer} buys {count} {name}s and {grams} g of {food}, "
        f"and pays with a {note // 100} euro note. How many euros does {buyer} get back?"
    )
    return question, note - total, steps


def _list_price(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Two reductions, a voucher and postage, undone from the last to the first."""
    name, low, high = one_of(
        next(draws), (("coat", 60, 240), ("tent", 80, 300), ("bicycle", 150, 700), ("desk", 90, 400))
    )
    first, second = (one_of(next(draws), (5, 10, 15, 20, 25, 30, 40)) for _ in range(2))
    price = 400 * between(next(draws), low // 4, high // 4)
    once = price * (100 - first) // 100
    twice = once * (100 - second) // 100
    voucher, postage = 500 * between(next(draws), 1, 5), 5 * between(next(draws), 60, 190)
    paid = twice - voucher + postage
    steps = [
        f"Without postage: ${money(paid)} - {money(postage)} = {money(paid - postage)}$ euros.",
        f"Before the voucher: ${money(paid - postage)} + {money(voucher)} = {money(twice)}$ euros.",
        f"Before the member's reduction: ${money(twice)} \\div \\frac{{{100 - second}}}{{100}} = {money(once)}$ euros.",
        f"Before the sale: ${money(once)} \\div \\frac{{{100 - first}}}{{100}} = {money(price)}$ euros.",
    ]
    question = (
        f"In a sale the price of a {name} is reduced by {first}%. {_aside(draws)} As a member, {buyer} gets {second}% "
        f"off the reduced price; a voucher then takes off {voucher // 100} euros, and postage adds {money(postage)} "
        f"euros. {buyer} pays {money(paid)} euros. How many euros did the {name} cost before the sale?"
    )
    return question, price, steps


def _two_bills(buyer: str, draws: Iterator[float]) -> tuple[str, int, list[str]]:
    """Two equations for two prices, and a third basket at a discount."""
    (name, low, high), (other, least, most) = some_of(draws, _GOODS, 2)
    x, y = 20 * between(next(draws), low // 20, high // 20), 20 * between(next(draws), least // 20, most // 20)
    a, b, c = between(next(draws), 2, 5), between(next(draws), 2, 5), between(next(draws), 2, 6)
    d = one_of(next(draws), [d for d in range(2, 7) if a * d != b * c])
    e, f, percent = between(next(draws), 2, 9), between(next(draws), 2, 9), one_of(next(draws), (5, 10, 15, 20, 25))
    bills = a * x + b * y, c * x + d * y
    whole = e * x + f * y
    answer = whole * (100 - percent) // 100
    factor = a * d - b * c
    sign, times = (1, f"{d} times the first less {b} times the second")
    if factor < 0:
        sign, times = -1, f"{b} times the second less {d} times the first"
    left = sign * (d * bills[0] - b * bills[1])
    system = cases((f"{a}x + {b}y = {money(bills[0])}", f"{c}x + {d}y = {money(bills[1])}"))
    shown = "x" if abs(factor) == 1 else f"{abs(factor)}x"
    steps = [
        f"With $x$ euros for a {name} and $y$ for a {other}: ${system}$.",
        f"{times.capitalize()}: ${shown} = {money(left)}$, so $x = {money(x)}$.",
        f"Then ${b}y = {money(bills[0])} - {money(a * x)} = {money(b * y)}$, so $y = {money(y)}$.",
        f"${e} \\cdot {money(x)} + {f} \\cdot {money(y)} = {money(whole)}$ euros",
        f"${money(whole)} \\cdot \\frac{{{100 - percent}}}{{100}} = {money(answer)}$ euros",
    ]
    question = (
        f"In a shop, {a} {name}s and {b} {other}s cost {money(bills[0])} euros, and {c} {name}s and {d} {other}s cost "
        f"{money(bills[1])} euros. {_aside(draws)} {buyer} buys {e} {name}s and {f} {other}s, and gets {percent}% off. "
        f"How many euros does {buyer} pay?"
    )
    return question, answer, steps
