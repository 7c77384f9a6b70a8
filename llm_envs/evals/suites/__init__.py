"""Suites: named lists of envs with everything pinned that could change a figure, as TOML files.

suite        what a suite is, and how its file is read
quick        a little of everything, in a minute
reasoning    every maths topic and every puzzle, at every level
"""

from llm_envs.evals.suites.suite import Suite, load_suite, shipped_suites

__all__ = ["Suite", "load_suite", "shipped_suites"]
