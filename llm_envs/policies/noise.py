"""Counter-based noise: a pure function of where a token stands, with no state to save or to restore.

A run that is resumed, or whose rows are drawn in another order or in other batches, draws the same noise.
It is no cryptography, and no source of task randomness: see `llm_envs.tasks`.

Source: the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), applied once per counter; BLAKE2b for keys.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["key", "uniform"]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_BITS = 52
"""One fewer than a float64 holds: the largest noise times any sum, rounded, stays below that sum."""


def uniform(seed: int, step: int, rows_B: ArrayLike, positions_B: ArrayLike) -> NDArray[np.float64]:
    """One number in [0, 1) for each row and position, shape (B,)."""
    with np.errstate(over="ignore"):
        state_B = _mix(_mix(_mix(np.zeros(1, np.uint64), seed), step), rows_B)
        bits_B = _mix(state_B, positions_B)
    return (bits_B >> np.uint64(64 - _BITS)).astype(np.float64) * 2.0**-_BITS


def key(*names: str | int) -> int:
    """A counter in [0, 2**63) that stands for these names, and by all odds for no others."""
    digest = hashlib.blake2b(json.dumps(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _mix(state: NDArray[np.uint64], counter: ArrayLike) -> NDArray[np.uint64]:
    z = (state ^ np.asarray(counter).astype(np.uint64)) + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))
