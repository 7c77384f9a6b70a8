"""Arithmetic: expressions, percentages."""

from llm_envs.envs.math.arithmetic import expressions
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("arithmetic", "integer_expression", "integer", expressions.integer_expression),
    Family("arithmetic", "fraction_expression", "fraction", expressions.fraction_expression),
    Family("arithmetic", "percentage", "integer", expressions.percentage),
)
