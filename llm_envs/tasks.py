"""Which task an env draws: a pure function of (env id, split, seed, index), the same in every process.

Splits and seeds are kept apart by hashing, not by offsets: seeds 42 and 43 share no more tasks than chance would
have it. Where a family has few tasks, chance is not rare enough, and `bucket` deals every task to one split for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from math import isfinite
from typing import Any, Literal, get_args

import numpy as np

from llm_envs.errors import BadOption, did_you_mean
from llm_envs.types import Task

__all__ = ["SPLITS", "Split", "bucket", "task_generator", "weights_of"]

Split = Literal["train", "validation", "test"]
SPLITS: tuple[str, ...] = get_args(Split)

_TENTH_OF_SPLIT = ("test", "validation", *["train"] * 8)
"""One tenth of all tasks is held out for testing, one for validation."""


def task_generator(env_id: str, split: str, seed: int, index: int) -> np.random.Generator:
    """The generator from which task `index` is drawn; 128 bits of SHA-256 keep any two apart."""
    digest = hashlib.sha256(f"{env_id}\0{split}\0{seed}\0{index}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))


def bucket(task: Task) -> str:
    """The one split to which a task with this opening belongs, whatever seed it came from."""
    opening = "\0".join(message["content"] for message in task.messages)
    return _TENTH_OF_SPLIT[hashlib.sha256(opening.encode("utf-8", "replace")).digest()[0] % len(_TENTH_OF_SPLIT)]


def weights_of(chosen: Any, known: Collection[str], what: str) -> dict[str, float]:
    """How often each of the chosen names is to be drawn, as a user says it: one name, several, or names with weights.

    Args:
        what: they are names of: `topic`.

    Raises:
        BadOption: a name that is not known, a weight that is none, or nothing to draw from.
    """
    names = (chosen,) if isinstance(chosen, str) else chosen if isinstance(chosen, Collection) else ()
    weights = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(names, 1.0)
    for name, weight in weights.items():
        if name not in known:
            raise BadOption(f"unknown {what}", received=name, next_step=did_you_mean(str(name), known))
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not isfinite(weight) or weight < 0:
            raise BadOption(f"{what} {name!r} has no weight", expected="a finite number >= 0", received=repr(weight))
    if not any(weights.values()):
        raise BadOption(
            f"no {what} to draw tasks from",
            expected="one or more names, a mapping of names to weights, or None for all of them",
            received=chosen,
        )
    return weights
