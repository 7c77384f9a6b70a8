"""How families draw scenarios: what is asked is chosen first, then worlds are drawn until one has what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.scenario import Scenario

__all__ = ["Kind", "draw_scenario", "failing_once", "found_in"]

_REFUSALS_FROM = 2
_REFUSED = 0.25
"""At this difficulty and above, such a share of requests is against a rule."""

_FAILING_FROM = 4
"""At this difficulty and above, one of the tools that are needed fails once."""

_World = TypeVar("_World")
Kind = Callable[[_World], Scenario | None]
"""Something to ask for; None where a world has nothing of it."""


def draw_scenario(
    rng: np.random.Generator,
    difficulty: int,
    kinds: Sequence[Sequence[Kind[_World]]],
    refusals: Mapping[str, Kind[_World]],
    draw_world: Callable[[Chance], _World],
) -> Scenario:
    """A request of one of the kinds, or, at times, against one of the rules.

    Args:
        kinds: by difficulty.
        refusals: kinds of requests that a rule forbids, by the rule.
    """
    chance = Chance(rng)
    refused = difficulty >= _REFUSALS_FROM and chance.happens(_REFUSED)
    kind = chance.pick(tuple(refusals.values()) if refused else kinds[difficulty])
    return found_in(draw_world, kind, difficulty, chance)


def found_in(draw_world: Callable[[Chance], _World], kind: Kind[_World], difficulty: int, chance: Chance) -> Scenario:
    """What the first world has that has something of the kind."""
    while True:
        found = kind(draw_world(chance))
        if found is not None:
            return replace(found, failing=failing_once(difficulty, found.calls, chance.pick))


def failing_once(difficulty: int, calls: Sequence[Call], choose: Callable[[Sequence[Call]], Call]) -> frozenset[str]:
    """The tool whose first call fails, at the levels where one does."""
    return frozenset({choose(calls).name}) if difficulty >= _FAILING_FROM else frozenset()
