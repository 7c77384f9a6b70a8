"""Combinatorics and probability."""

from llm_envs.envs.math.combinatorics import counting
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("combinatorics", "committee", "integer", counting.committee),
    Family("combinatorics", "urn", "fraction", counting.urn),
)
