"""What the mean would be if the episodes that infrastructure took had gone as badly, or as well, as can be.

Errors are no evidence, and leaving them out is right only where they strike at random. These bounds need no such
hope: Manski (1989), J. Hum. Resour. 24:343.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from llm_envs.evals.stats.intervals import UNIT, Floats, Range, task_means

__all__ = ["error_bounds"]


def error_bounds(rewards_T_K: Floats, errors_T_K: NDArray[np.bool_], reward_range: Range = UNIT) -> Range | None:
    """Lowest and highest mean over tasks, errors counted as the ends of the range; None where nothing was played.

    Args:
        rewards_T_K: nan where there is none.
        errors_T_K: True where infrastructure is why.
    """
    low_T, high_T = (task_means(np.where(errors_T_K, end, rewards_T_K))[0] for end in reward_range)
    return (float(low_T.mean()), float(high_T.mean())) if len(low_T) else None
