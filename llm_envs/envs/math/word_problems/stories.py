"""Stories of several steps: who has how many, what happens then, and one question.

A story grows like a graph: each amount is told by way of amounts before it. Where the first one is left out, all are
amounts in one unknown, and a total gives it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.amounts import Amount
from llm_envs.envs.math.word_problems.happenings import EVENTS, Happening, comparison, happening
from llm_envs.envs.math.word_problems.people import opened
from llm_envs.envs.math.word_problems.settings import SETTINGS

__all__ = ["story"]

_SHAPES = ((2, 0, False), (3, 0, False), (3, 1, False), (3, 1, False), (4, 2, True), (4, 2, True))
"""By difficulty: how many there are to have something, how many asides, and whether the first amount is left out."""

_SHUFFLED_FROM = 3
"""From this level on, what is known at first comes in any order."""


def story(rng: np.random.Generator, difficulty: int) -> Problem:
    """Follow amounts through comparisons and events; from level 4 on, back from a total."""
    draws = uniforms(rng, 80)
    holders, asides, is_hidden = _SHAPES[difficulty]
    scene = _Scene(draws, holders, is_hidden=is_hidden)
    ends = (_altogether, _altogether, _after_one, _after_two, _from_total, _from_later_total)
    question, answer = ends[difficulty](scene)
    if difficulty >= _SHUFFLED_FROM:
        scene.facts = some_of(draws, scene.facts, len(scene.facts))
    text = [*scene.text(asides), question]
    return Problem(" ".join(map(opened, text)), str(answer), [opened(step) for step in scene.steps])


class _Scene:
    """What has been told so far, and what follows from it."""

    def __init__(self, draws: Iterator[float], count: int, *, is_hidden: bool) -> None:
        setting = one_of(next(draws), SETTINGS)
        self.draws, self.asides = draws, setting.asides
        self.things, self.holders = one_of(next(draws), setting.things), some_of(draws, setting.holders, count)
        first, size = self.holders[0], between(next(draws), 12, 90)
        self.amounts = {first: Amount.hidden(size) if is_hidden else Amount.known(size)}
        self.facts = [] if is_hidden else [f"{first} has {size} {self.things}."]
        self.events: list[str] = []
        self.kinds, self.changed = some_of(draws, EVENTS, 2), list[str]()
        self.steps = [f"Let $u$ be the number of {self.things} that {first} has at first."] if is_hidden else []
        for holder in self.holders[1:]:
            self._take(comparison(holder, self.amounts, self.things, draws), self.facts)
        self.start = dict(self.amounts)

    def happen(self) -> None:
        """Let something happen, of another kind each time."""
        event = happening(self.kinds.pop(), self.amounts, self.things, self.draws)
        self._take(event, self.events)
        self.changed += event.amounts

    def _take(self, told: Happening, sentences: list[str]) -> None:
        sentences.append(told.sentence)
        self.amounts |= told.amounts
        self.steps += told.workings

    def solve(self) -> int:
        """Find u from the total, which is told elsewhere; gives the total."""
        total = Amount.known(0)
        for amount in self.amounts.values():
            total = total.plus(amount)
        unknown = self.start[self.holders[0]].value
        self.steps.append(f"Altogether: ${total.text} = {total.value}$, so $u = {unknown}$.")
        return total.value

    def text(self, asides: int) -> list[str]:
        """All sentences, and among them some that do not matter."""
        sentences = [*self.facts, *self.events]
        for holder in some_of(self.draws, self.holders, asides):
            aside = one_of(next(self.draws), self.asides).format(holder, between(next(self.draws), 8, 60))
            sentences.insert(between(next(self.draws), 1, len(self.facts)), aside)
        return sentences


def _altogether(scene: _Scene) -> tuple[str, int]:
    values = [amount.value for amount in scene.amounts.values()]
    scene.steps.append(f"${' + '.join(map(str, values))} = {sum(values)}$")
    return f"How many {scene.things} do {listed(scene.holders)} have altogether?", sum(values)


def _after_one(scene: _Scene) -> tuple[str, int]:
    scene.happen()
    return _compared(scene)


def _compared(scene: _Scene) -> tuple[str, int]:
    """The difference of two, one of whom an event has changed; their sum where there is none."""
    first = one_of(next(scene.draws), scene.changed)
    other = one_of(next(scene.draws), [holder for holder in scene.holders if holder != first])
    less, more = sorted((first, other), key=lambda holder: scene.amounts[holder].value)
    small, large = scene.amounts[less].value, scene.amounts[more].value
    if small == large:
        scene.steps.append(f"${small} + {large} = {small + large}$")
        return f"How many {scene.things} do {less} and {more} have together now?", small + large
    scene.steps.append(f"${large} - {small} = {large - small}$")
    return f"How many more {scene.things} does {more} have than {less} now?", large - small


def _after_two(scene: _Scene) -> tuple[str, int]:
    scene.happen()
    scene.happen()
    return one_of(next(scene.draws), (_sold, _packed))(scene)


def _sold(scene: _Scene) -> tuple[str, int]:
    holder, price = one_of(next(scene.draws), scene.changed), between(next(scene.draws), 2, 9)
    value = scene.amounts[holder].value
    scene.steps.append(f"${value} \\cdot {price} = {value * price}$")
    question = f"In the end all of {holder}'s {scene.things} are sold for {price} coins each. How many coins is that?"
    return question, value * price


def _packed(scene: _Scene) -> tuple[str, int]:
    values, size = [amount.value for amount in scene.amounts.values()], between(next(scene.draws), 4, 12)
    total, boxes = sum(values), ceil(sum(values) / size)
    full, rest = divmod(total, size)
    scene.steps.append(f"${' + '.join(map(str, values))} = {total}$")
    scene.steps.append(f"${total} = {full} \\cdot {size} + {rest}$, so {boxes} boxes are needed.")
    question = (
        f"In the end {listed(scene.holders)} pack all their {scene.things} into boxes that hold {size} each. What is "
        "the smallest number of boxes that they need?"
    )
    return question, boxes


def _from_total(scene: _Scene) -> tuple[str, int]:
    total = scene.solve()
    scene.facts.append(f"Altogether, {listed(scene.holders)} have {total} {scene.things}.")
    values = {holder: amount.value for holder, amount in scene.amounts.items()}
    scene.steps.append(f"So {listed([f'{holder} has {value}' for holder, value in values.items()])}.")
    scene.amounts = {holder: Amount.known(value) for holder, value in values.items()}
    scene.happen()
    holder = one_of(next(scene.draws), scene.changed)
    return f"How many {scene.things} does {holder} have now?", scene.amounts[holder].value


def _from_later_total(scene: _Scene) -> tuple[str, int]:
    scene.happen()
    scene.happen()
    scene.events.append(f"Now {listed(scene.holders)} have {scene.solve()} {scene.things} altogether.")
    holder = one_of(next(scene.draws), scene.holders[1:])
    amount = scene.start[holder]
    scene.steps.append(f"At first, {holder} had ${amount.text} = {amount.value}$.")
    return f"How many {scene.things} did {holder} have at first?", amount.value
