"""Sequences and series."""

from llm_envs.envs.math.problem import Family
from llm_envs.envs.math.sequences import recurrences, series, sums, terms

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("sequences", "sequence", "integer", terms.sequence),
    Family("sequences", "series", "fraction", series.series),
    Family("sequences", "closed_sum", "expression", sums.closed_sum),
    Family("sequences", "recurrence", "expression", recurrences.recurrence),
)
