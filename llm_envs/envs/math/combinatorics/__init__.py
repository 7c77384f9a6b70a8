"""Combinatorics and probability."""

from llm_envs.envs.math.combinatorics import (
    arrangements,
    chains,
    colourings,
    conditional,
    counting,
    dice,
    distributions,
    expectations,
    extremes,
    paths,
)
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("combinatorics", "committee", "integer", counting.committee),
    Family("combinatorics", "urn", "fraction", counting.urn),
    Family("combinatorics", "lattice_paths", "integer", paths.lattice_paths),
    Family("combinatorics", "stars_and_bars", "integer", distributions.stars_and_bars),
    Family("combinatorics", "bayes", "fraction", conditional.bayes),
    Family("combinatorics", "dice", "fraction", dice.dice),
    Family("combinatorics", "expected_value", "fraction", expectations.expected_value),
    Family("combinatorics", "arrangements", "integer", arrangements.arrangements),
    Family("combinatorics", "markov_chain", "fraction", chains.markov_chain),
    Family("combinatorics", "colourings", "integer", colourings.colourings),
    Family("combinatorics", "pigeonhole", "integer", extremes.pigeonhole),
)
