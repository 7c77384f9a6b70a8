"""Algebra: equations, systems, polynomials, inequalities, square roots, complex numbers, functions."""

from llm_envs.envs.math.algebra import (
    absolute_values,
    complex_numbers,
    equations,
    exponentials,
    functions,
    polynomials,
    roots,
    surds,
    symmetric,
)
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("algebra", "linear_equation", "fraction", equations.linear_equation),
    Family("algebra", "linear_system", "tuple", equations.linear_system),
    Family("algebra", "coefficient", "integer", polynomials.coefficient),
    Family("algebra", "polynomial_search", "expression", polynomials.polynomial_search),
    Family("algebra", "quadratic_equation", "set", roots.quadratic_equation),
    Family("algebra", "inequality", "interval", roots.inequality),
    Family("algebra", "absolute_value_equation", "set", absolute_values.absolute_value_equation),
    Family("algebra", "exponential_equation", "fraction", exponentials.exponential_equation),
    Family("algebra", "surd", "integer", surds.surd),
    Family("algebra", "complex_number", "integer", complex_numbers.complex_number),
    Family("algebra", "root_expression", "fraction", symmetric.root_expression),
    Family("algebra", "function_value", "fraction", functions.function_value),
)
