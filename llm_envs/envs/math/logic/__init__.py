"""Logic: who lies, who stands where, what follows, how many are left."""

from llm_envs.envs.math.logic import entailment, models, orders, sets, truth_tellers
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("logic", "truth_tellers", "set", truth_tellers.truth_tellers),
    Family("logic", "ordering", "tuple", orders.ordering),
    Family("logic", "entailment", "yes_no", entailment.entailment),
    Family("logic", "overlapping_sets", "integer", sets.overlapping_sets),
    Family("logic", "models", "integer", models.models),
)
