"""Word problems: stories with units, and with numbers that do not matter."""

from llm_envs.envs.math.problem import Family
from llm_envs.envs.math.word_problems import (
    ages,
    interest,
    mixtures,
    production,
    proportions,
    schedules,
    shopping,
    stories,
    travel,
    work,
)

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("word_problems", "story", "integer", stories.story),
    Family("word_problems", "production", "integer", production.production),
    Family("word_problems", "travel", "fraction", travel.travel),
    Family("word_problems", "work_rate", "fraction", work.work_rate),
    Family("word_problems", "mixture", "fraction", mixtures.mixture),
    Family("word_problems", "shopping", "decimal", shopping.shopping),
    Family("word_problems", "proportion", "fraction", proportions.proportion),
    Family("word_problems", "interest", "decimal", interest.interest),
    Family("word_problems", "ages", "integer", ages.ages),
    Family("word_problems", "schedule", "tuple", schedules.schedule),
)
