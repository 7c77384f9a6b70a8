"""Which task is drawn: the same everywhere, and never the neighbour's."""

from __future__ import annotations

import numpy as np
import pytest

from llm_envs.tasks import SPLITS, bucket, task_generator
from llm_envs.types import Task

DRAWS = 1024
KINDS = 2**20
CHANCE = DRAWS * DRAWS / KINDS
"""Expected number of equal pairs between two independent lists of DRAWS tasks out of KINDS: one."""

MOST = 10
"""A Poisson variable of mean 1 exceeds it once in a hundred million."""


def draws(env_id="me/Add-v0", split="train", seed=42, count=DRAWS, kinds=KINDS):
    """The tasks of one sequence, as numbers."""
    return [int(task_generator(env_id, split, seed, i).integers(kinds)) for i in range(count)]


def shared(one, other):
    """How many pairs of tasks of two lists are equal."""
    values, counts = np.unique(other, return_counts=True)
    multiplicity = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return sum(multiplicity.get(task, 0) for task in one)


def test_the_generator_is_a_fixed_function():
    """These numbers are part of what a seed means; they may never change."""
    assert task_generator("llm/Math-v0", "train", 0, 0).integers(10**6, size=4).tolist() == [
        497070,
        807216,
        547622,
        574314,
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 43},
        {"seed": 42 + 2**64},
        {"split": "test"},
        {"split": "validation"},
        {"env_id": "me/Add-v1"},
        {"seed": 421},
    ],
    ids=str,
)
def test_sequences_share_no_more_than_chance(other):
    """Another seed, split, env or version shares about one task in a million pairs, as independent draws do."""
    assert CHANCE == 1.0
    assert shared(draws(), draws(**other)) <= MOST


def test_tasks_of_one_sequence_repeat_no_more_than_chance():
    """Neighbouring indices draw independently."""
    tasks = draws()
    assert (shared(tasks, tasks) - DRAWS) / 2 <= MOST


def test_draws_are_uniform():
    """A thousand first draws fill ten bins about evenly: chi-squared of 9 degrees stays below its 99.99% point."""
    counts = np.bincount(draws(kinds=10), minlength=10)
    assert ((counts - DRAWS / 10) ** 2 / (DRAWS / 10)).sum() < 33.7


def test_index_and_seed_do_not_run_into_each_other():
    """Seed 1, index 23 is not seed 12, index 3."""
    assert task_generator("a", "train", 1, 23).integers(2**62) != task_generator("a", "train", 12, 3).integers(2**62)


def test_buckets_are_of_the_promised_size():
    """A tenth of all tasks each for test and validation, the rest for training."""
    placed = [bucket(Task(prompt=f"task {i}")) for i in range(2000)]
    shares = {split: placed.count(split) / len(placed) for split in SPLITS}
    assert shares == pytest.approx({"train": 0.8, "validation": 0.1, "test": 0.1}, abs=0.03)


def test_a_bucket_follows_the_prompt_alone():
    """Answer, id and metadata do not move a task to another split."""
    for i in range(50):
        prompt = f"task {i}"
        assert bucket(Task(prompt=prompt)) == bucket(Task(prompt=prompt, answer=1, id="x", metadata={"a": 1}))


@pytest.mark.parametrize(
    "prompt", ["\ud800", "", [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]]
)
def test_every_prompt_has_a_bucket(prompt):
    """Text that is not valid Unicode, no text, and several messages too."""
    assert bucket(Task(prompt=prompt)) in SPLITS
