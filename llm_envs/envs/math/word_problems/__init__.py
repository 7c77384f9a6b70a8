"""Word problems: stories with units and with numbers that do not matter."""

from llm_envs.envs.math.problem import Family
from llm_envs.envs.math.word_problems import stories

__all__ = ["FAMILIES"]

FAMILIES = (Family("word_problems", "story", "integer", stories.story),)
