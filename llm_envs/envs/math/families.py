"""The family table: every procedural family of `llm/Math-v0`, topic by topic. A topic is a package; its rows are there.

The order of rows is part of the env's version: a mixture draws rows by their place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import accumulate
from typing import NamedTuple

from llm_envs.envs.math import (
    algebra,
    arithmetic,
    calculus,
    combinatorics,
    geometry,
    linear_algebra,
    logic,
    number_theory,
    sequences,
    word_problems,
)
from llm_envs.envs.math.problem import Family
from llm_envs.tasks import weights_of

__all__ = ["FAMILIES", "Mixture", "mixture"]

FAMILIES: tuple[Family, ...] = (
    *arithmetic.FAMILIES,
    *algebra.FAMILIES,
    *number_theory.FAMILIES,
    *combinatorics.FAMILIES,
    *calculus.FAMILIES,
    *sequences.FAMILIES,
    *logic.FAMILIES,
    *linear_algebra.FAMILIES,
    *word_problems.FAMILIES,
    *geometry.FAMILIES,
)

Topics = str | Collection[str] | Mapping[str, float] | None


class Mixture(NamedTuple):
    """Families to draw from, and the upper ends of their shares of [0, 1): `bounds[i - 1] <= share < bounds[i]`."""

    families: tuple[Family, ...]
    bounds: tuple[float, ...]


def mixture(topics: Topics) -> Mixture:
    """The families of these topics, or of these names, in the table's order; all of them for None.

    Every family has the same share, unless `topics` maps names to weights: a topic's weight is then shared evenly by
    its families, and a family that is named as well as its topic has both.

    Raises:
        BadOption: a topic that no row has, a weight that is none, or nothing to draw from.
    """
    words = {family.topic: None for family in FAMILIES} | {family.name: None for family in FAMILIES}
    every = [*dict.fromkeys(family.topic for family in FAMILIES)]
    weights = weights_of(every if topics is None else topics, words, "topic")
    even = not isinstance(topics, Mapping)
    shares = [_share(family, weights, even=even) for family in FAMILIES]
    total = sum(shares)
    chosen = [(family, share / total) for family, share in zip(FAMILIES, shares, strict=True) if share]
    bounds = [*accumulate(share for _, share in chosen)]
    return Mixture(tuple(family for family, _ in chosen), (*bounds[:-1], 1.0))


def _share(family: Family, weights: Mapping[str, float], *, even: bool) -> float:
    if even:
        return float(family.topic in weights or family.name in weights)
    siblings = sum(other.topic == family.topic for other in FAMILIES)
    return weights.get(family.topic, 0.0) / siblings + weights.get(family.name, 0.0)
