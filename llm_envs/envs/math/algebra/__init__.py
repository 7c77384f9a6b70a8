"""Algebra: equations, systems, polynomials, inequalities."""

from llm_envs.envs.math.algebra import equations, polynomials, roots
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("algebra", "linear_equation", "fraction", equations.linear_equation),
    Family("algebra", "linear_system", "tuple", equations.linear_system),
    Family("algebra", "coefficient", "integer", polynomials.coefficient),
    Family("algebra", "polynomial_search", "expression", polynomials.polynomial_search),
    Family("algebra", "quadratic_equation", "set", roots.quadratic_equation),
    Family("algebra", "inequality", "interval", roots.inequality),
)
