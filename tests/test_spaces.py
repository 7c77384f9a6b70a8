"""The two spaces: what is in them, and that Gymnasium can sample, batch, store and compare them."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate

from llm_envs.spaces import Text, Tokens

TOKENS = Tokens(vocab_size=10, max_length=4, min_length=1)
SPACES = [TOKENS, Tokens(1, 0), Tokens(2**31 - 1, 100_000), Text(0), Text(5), Text(2**30)]


def int32(*ids):
    """An id array."""
    return np.array(ids, np.int32)


@pytest.mark.parametrize(
    "ids", [int32(0), int32(9), int32(1, 2, 3, 4), int32(4, 3, 2, 1)[::-1], int32(1, 2, 3)[::2]], ids=str
)
def test_token_arrays_inside(ids):
    """int32 arrays of the right length, every id below the vocabulary's size, strided or not."""
    assert ids in TOKENS


@pytest.mark.parametrize(
    "ids",
    [
        int32(),
        int32(1, 2, 3, 4, 5),
        int32(10),
        int32(-1),
        int32(-1, 5)[::-1],
        int32(5, 1, -1)[::2],
        int32([[1]]),
        np.int32(1),
        np.array([1]),
        np.array([1.0]),
        np.array([True]),
        np.array([1], ">i4"),
        [1],
        (1,),
        1,
        "1",
        None,
    ],
    ids=repr,
)
def test_arrays_outside(ids):
    """A wrong length, an id out of range, another shape or type is outside; nothing raises."""
    assert ids not in TOKENS


@pytest.mark.parametrize("text", ["", "abcde", "\0\ud800\U0010ffff", "<|im_end|>"[:5]], ids=repr)
def test_texts_inside(text):
    """Any characters, up to the length; the empty text is inside."""
    assert text in Text(5)


@pytest.mark.parametrize("text", ["abcdef", b"abc", None, 5, ["a"], np.array("a")], ids=repr)
def test_texts_outside(text):
    """Longer text, and what is no `str`, is outside."""
    assert text not in Text(5)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_samples_are_inside_and_follow_the_seed(space):
    """Equal seeds give equal samples, and all of them are inside."""
    again = copy.deepcopy(space)
    space.seed(3)
    again.seed(3)
    samples = [space.sample() for _ in range(20)]
    assert all(sample in space for sample in samples)
    assert data_equivalence(samples, [again.sample() for _ in range(20)], exact=True)


@pytest.mark.parametrize("space", SPACES, ids=repr)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda space: pickle.loads(pickle.dumps(space))])
def test_copies_are_equal(space, duplicate):
    """A copied or pickled space equals the original, and hashes alike."""
    assert duplicate(space) == space
    assert hash(duplicate(space)) == hash(space)


def test_spaces_with_other_bounds_differ():
    """Every bound counts, and a space is nothing else."""
    others = [Tokens(11, 4, 1), Tokens(10, 5, 1), Tokens(10, 4, 0), Text(4), None]
    assert all(other != TOKENS for other in others)
    assert Text(4) != Text(5)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_samples_survive_json(space):
    """`to_jsonable`, JSON and `from_jsonable` give the samples again."""
    samples = [space.sample() for _ in range(5)]
    again = space.from_jsonable(json.loads(json.dumps(space.to_jsonable(samples))))
    assert data_equivalence(list(again), samples, exact=True)
    assert all(sample in space for sample in again)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_gymnasium_batches_them(space):
    """A batch is a tuple of samples, and comes apart again."""
    batched = batch_space(space, 3)
    samples = tuple(space.sample() for _ in range(3))
    whole = concatenate(space, samples, create_empty_array(space, 3))
    assert whole in batched
    assert data_equivalence(tuple(iterate(batched, whole)), samples, exact=True)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_masks_are_refused(space):
    """A mask has no meaning for ragged samples; saying so beats ignoring it."""
    with pytest.raises(ValueError, match="neither mask nor probability"):
        space.sample(np.ones(3))
