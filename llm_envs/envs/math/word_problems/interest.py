"""Interest: simple and compound, savings plans, loans, and what there was at first.

The sums are drawn so that every balance is exact to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import lcm

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import decimal
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES
from llm_envs.envs.math.word_problems.units import money

__all__ = ["interest"]


def interest(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a balance in euros; at the last level, the one at the beginning."""
    draws = uniforms(rng, 12)
    makers = (_simple, _months, _compound, _savings, _loan, _backwards)
    question, cents, steps = makers[difficulty](one_of(next(draws), NAMES), draws)
    return Problem(question, money(cents), steps)


Asked = tuple[str, int, list[str]]

_RATES = (4, 5, 8, 10)
"""In percent; each multiplies by a fraction with a denominator of at most 25."""

_ASIDES = (
    "The bank is {} years old.",
    "The bank is {} minutes away.",
    "{} other people opened an account on that day.",
    "The account's number ends in {}.",
)


def _aside(draws: Iterator[float]) -> str:
    return one_of(next(draws), _ASIDES).format(between(next(draws), 11, 60))


def _growth(rate: int) -> Fraction:
    """By what a year multiplies."""
    return Fraction(100 + rate, 100)


def _sum(draws: Iterator[float], unit: int, low: int, high: int) -> int:
    """Cents between about `low` and `high` euros: a multiple of `unit` cents, and of whole euros."""
    step = lcm(unit, 100)
    return step * between(next(draws), -(-100 * low // step), 100 * high // step)


def _simple(name: str, draws: Iterator[float]) -> Asked:
    principal = 2000 * between(next(draws), 10, 400)
    rate, years = Fraction(between(next(draws), 3, 12), 2), between(next(draws), 2, 8)
    yearly = int(principal * rate / 100)
    steps = [
        f"A year's interest: ${money(principal)} \\cdot \\frac{{{decimal(rate)}}}{{100}} = {money(yearly)}$ euros.",
        f"${years} \\cdot {money(yearly)} = {money(years * yearly)}$ euros",
    ]
    question = (
        f"{name} lends {money(principal)} euros at simple interest of {decimal(rate)}% a year. How many euros of "
        f"interest is that in {years} years?"
    )
    return question, years * yearly, steps


def _months(name: str, draws: Iterator[float]) -> Asked:
    principal = 24_000 * between(next(draws), 2, 60)
    rate, months = Fraction(between(next(draws), 3, 16), 2), between(next(draws), 3, 21)
    yearly = int(principal * rate / 100)
    gained = yearly * months // 12
    answer = principal + gained
    steps = [
        f"A year's interest: ${money(principal)} \\cdot \\frac{{{decimal(rate)}}}{{100}} = {money(yearly)}$ euros.",
        f"For {months} months: ${money(yearly)} \\cdot \\frac{{{months}}}{{12}} = {money(gained)}$ euros.",
        f"${money(principal)} + {money(gained)} = {money(answer)}$ euros",
    ]
    question = (
        f"{name} borrows {money(principal)} euros for {months} months at simple interest of {decimal(rate)}% a year. "
        "How many euros are to be paid back in all, at the end?"
    )
    return question, answer, steps


def _grown(balance: int, rate: int, year: int, steps: list[str]) -> int:
    """The balance after a year; the step is noted."""
    after = int(balance * _growth(rate))
    steps.append(f"Year {year}: ${money(balance)} \\cdot {decimal(_growth(rate))} = {money(after)}$ euros.")
    return after


def _compound(name: str, draws: Iterator[float]) -> Asked:
    """Two years at one rate, a third one at another."""
    first, second = some_of(draws, _RATES, 2)
    unit = _growth(first).denominator ** 2 * _growth(second).denominator
    principal = _sum(draws, unit, 200, 5000)
    steps: list[str] = []
    balance = _grown(principal, first, 1, steps)
    balance = _grown(balance, first, 2, steps)
    balance = _grown(balance, second, 3, steps)
    question = (
        f"{name} puts {money(principal)} euros into an account. {_aside(draws)} For two years the account earns "
        f"{first}% a year, and for a third year {second}%; the interest is added to the balance at the end of each "
        "year. How many euros are in the account after the three years?"
    )
    return question, balance, steps


def _savings(name: str, draws: Iterator[float]) -> Asked:
    """The same deposit at the beginning of each of three years, on top of what is there."""
    rate = one_of(next(draws), _RATES)
    unit = _growth(rate).denominator ** 3
    start, deposit = _sum(draws, unit, 300, 4000), _sum(draws, unit, 160, 2000)
    steps: list[str] = []
    balance = start
    for year in range(1, 4):
        steps.append(f"Deposit: ${money(balance)} + {money(deposit)} = {money(balance + deposit)}$ euros.")
        balance = _grown(balance + deposit, rate, year, steps)
    question = (
        f"There are {money(start)} euros in the account of {name}. At the beginning of each of the next three years, "
        f"{name} adds {money(deposit)} euros. {_aside(draws)} At the end of each year, {rate}% of the balance is added "
        "as interest. How many euros are in the account at the end of the third year?"
    )
    return question, balance, steps


def _loan(name: str, draws: Iterator[float]) -> Asked:
    """Interest on what is owed, then a repayment; the third one is larger."""
    rate = one_of(next(draws), _RATES)
    unit = _growth(rate).denominator ** 3
    loan = _sum(draws, unit, 3000, 9000)
    payments = [_sum(draws, unit, 320, 900)] * 2
    payments.append(payments[0] + 10_000 * between(next(draws), 1, 9))
    steps: list[str] = []
    debt = loan
    for year, payment in enumerate(payments, 1):
        grown = _grown(debt, rate, year, steps)
        debt = grown - payment
        steps.append(f"Repayment: ${money(grown)} - {money(payment)} = {money(debt)}$ euros.")
    question = (
        f"{name} takes out a loan of {money(loan)} euros. {_aside(draws)} At the end of each year, {rate}% of what is "
        f"owed is added as interest, and then {name} repays some: {money(payments[0])} euros in each of the first two "
        f"years and {money(payments[2])} euros in the third. How many euros are owed after the third repayment?"
    )
    return question, debt, steps


def _backwards(name: str, draws: Iterator[float]) -> Asked:
    """Three years at three rates, with a withdrawal and a deposit between them."""
    rates = some_of(draws, _RATES, 3)
    a, b, c = (_growth(rate).denominator for rate in rates)
    start = _sum(draws, a * b * c, 1000, 6000)
    out, into = _sum(draws, b * c, 100, 700), _sum(draws, c, 100, 900)
    first = int(start * _growth(rates[0]))
    second = int((first - out) * _growth(rates[1]))
    last = int((second + into) * _growth(rates[2]))
    steps = [
        (
            f"Before the third year's interest: ${money(last)} \\div {decimal(_growth(rates[2]))} = "
            f"{money(second + into)}$ euros."
        ),
        f"Before the deposit: ${money(second + into)} - {money(into)} = {money(second)}$ euros.",
        (
            f"Before the second year's interest: ${money(second)} \\div {decimal(_growth(rates[1]))} = "
            f"{money(first - out)}$ euros."
        ),
        f"Before the withdrawal: ${money(first - out)} + {money(out)} = {money(first)}$ euros.",
        (
            f"Before the first year's interest: ${money(first)} \\div {decimal(_growth(rates[0]))} = {money(start)}$ "
            "euros."
        ),
    ]
    question = (
        f"{name} opens an account with a single payment. The interest, {rates[0]}% of the balance in the first year, "
        f"{rates[1]}% in the second and {rates[2]}% in the third, is added at the end of each year. After the first "
        f"year's interest {name} withdraws {money(out)} euros, and after the second year's {name} deposits "
        f"{money(into)} euros. {_aside(draws)} After the third year's interest there are {money(last)} euros in the "
        "account. How many euros was the first payment?"
    )
    return question, start, steps
