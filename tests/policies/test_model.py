"""A completion is what a journal can hold, or it is none."""

from __future__ import annotations

import numpy as np
import pytest

from llm_envs.errors import BadOption
from llm_envs.policies.model import Completion


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": None},
        {"text": b"42"},
        {"ids": ["a"]},
        {"ids": [1.5]},
        {"logprobs": ["-1"]},
        {"finish": "tool_calls"},
        {"prompt_tokens": "3"},
        {"sampled_tokens": -1},
    ],
)
def test_what_is_no_completion_is_told_where_it_is_made(wrong):
    """By the name of the field."""
    with pytest.raises(BadOption, match=next(iter(wrong))):
        Completion(**{"text": "42", **wrong})


def test_numbers_may_be_numpys():
    """As those who sample have them."""
    made = Completion("42", np.array([1, 2]), np.array([-0.5, -1.0], np.float32), sampled_tokens=np.int64(2))
    assert made.sampled_tokens == 2
