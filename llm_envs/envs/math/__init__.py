"""`llm/Math-v0`: procedural mathematics. `env` is the env, `families` the table of what it asks."""

from llm_envs.envs.math.env import Math
from llm_envs.envs.math.families import FAMILIES
from llm_envs.envs.math.problem import Family, Problem

__all__ = ["FAMILIES", "Family", "Math", "Problem"]
