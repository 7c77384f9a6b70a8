"""Calculus of one variable."""

from llm_envs.envs.math.calculus import analysis
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("calculus", "derivative", "expression", analysis.derivative),
    Family("calculus", "integral", "fraction", analysis.integral),
)
