"""Number theory: divisors, remainders, congruences."""

from llm_envs.envs.math.number_theory import division
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("number_theory", "divisibility", "integer", division.divisibility),
    Family("number_theory", "remainder", "integer", division.remainder),
    Family("number_theory", "congruence", "integer", division.congruence),
)
