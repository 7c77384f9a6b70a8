"""Calculus of one variable, and of two where a least value is asked for."""

from llm_envs.envs.math.calculus import (
    derivatives,
    exact_integrals,
    expansions,
    extrema,
    initial_values,
    integrals,
    limits,
    revolutions,
    tangents,
)
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("calculus", "derivative", "expression", derivatives.derivative),
    Family("calculus", "integral", "fraction", integrals.integral),
    Family("calculus", "limit", "fraction", limits.limit),
    Family("calculus", "tangent_line", "equation", tangents.tangent_line),
    Family("calculus", "extremum", "fraction", extrema.extremum),
    Family("calculus", "initial_value", "expression", initial_values.initial_value),
    Family("calculus", "revolution", "exact", revolutions.revolution),
    Family("calculus", "series_coefficient", "fraction", expansions.series_coefficient),
    Family("calculus", "exact_integral", "exact", exact_integrals.exact_integral),
)
