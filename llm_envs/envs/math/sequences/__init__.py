"""Sequences and series."""

from llm_envs.envs.math.problem import Family
from llm_envs.envs.math.sequences import terms

__all__ = ["FAMILIES"]

FAMILIES = (Family("sequences", "sequence", "integer", terms.sequence),)
