"""Which task an env draws: a pure function of (env id, split, seed, index), the same in every process.

Splits and seeds are kept apart by hashing, not by offsets: seeds 42 and 43 share no more tasks than chance would
have it. Where a family has few tasks, chance is not rare enough, and `bucket` deals every task to one split for good.
"""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

import numpy as np

from llm_envs.types import Task

__all__ = ["SPLITS", "Split", "bucket", "task_generator"]

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
