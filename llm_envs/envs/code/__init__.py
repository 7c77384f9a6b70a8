"""`llm/Code-v0`: programs to be written. `env` is the env, `templates` the table of what it asks."""

from llm_envs.envs.code.env import Code
from llm_envs.envs.code.problem import Problem, Template
from llm_envs.envs.code.templates import TEMPLATES

__all__ = ["TEMPLATES", "Code", "Problem", "Template"]
