"""Arithmetic: expressions, fractions of fractions, percentages, rounding, other bases."""

from llm_envs.envs.math.arithmetic import bases, expressions, nested_fractions, rounding
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("arithmetic", "integer_expression", "integer", expressions.integer_expression),
    Family("arithmetic", "fraction_expression", "fraction", expressions.fraction_expression),
    Family("arithmetic", "nested_fraction", "fraction", nested_fractions.nested_fraction),
    Family("arithmetic", "decimal_expression", "decimal", expressions.decimal_expression),
    Family("arithmetic", "percentage", "integer", expressions.percentage),
    Family("arithmetic", "rounding", "integer", rounding.rounding),
    Family("arithmetic", "number_base", "integer", bases.number_base),
)
