"""Number theory: primes, remainders, congruences, equations in integers, digits."""

from llm_envs.envs.math.number_theory import digits, diophantine, division, floors, powers, primes, valuations
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("number_theory", "divisibility", "integer", division.divisibility),
    Family("number_theory", "remainder", "integer", powers.remainder),
    Family("number_theory", "congruence", "integer", division.congruence),
    Family("number_theory", "prime_factors", "integer", primes.prime_factors),
    Family("number_theory", "factorial_divisors", "integer", valuations.factorial_divisors),
    Family("number_theory", "diophantine", "integer", diophantine.diophantine),
    Family("number_theory", "power_congruence", "integer", powers.power_congruence),
    Family("number_theory", "digits", "integer", digits.digits),
    Family("number_theory", "floor_sum", "integer", floors.floor_sum),
)
