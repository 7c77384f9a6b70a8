"""Which of n problems a seed meets at an index: no problem twice before every one was met once, in two ways at a time.

- A pass: n indices of one seed, from a multiple of n on, meet every problem once; the next pass has another order.
- A sweep: n seeds in a row, at one index, meet every problem once. Trainers that take a new seed for each group, and
  evaluations over seeds 0 to n - 1, go through the whole data set as well.

Both hold because the table of seeds by indices is a Latin square: a shuffled one, so that neither rows nor columns
show what their neighbours have.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from llm_envs.tasks import task_generator

__all__ = ["position"]

_CACHED = 64
"""Permutations kept: of a few data sets, and a few passes over each."""


def position(env_id: str, split: str, count: int, seed: int, index: int) -> int:
    """The place in [0, count) of the problem that index `index` of seed `seed` meets."""
    turn, step = divmod(index, count)
    shift = _permutation(env_id, split, count, turn + 1)[step]
    return int(_permutation(env_id, split, count, 0)[(seed + int(shift)) % count])


@functools.lru_cache(maxsize=_CACHED)
def _permutation(env_id: str, split: str, count: int, which: int) -> NDArray[np.int64]:
    return task_generator(env_id, split, count, which).permutation(count)
