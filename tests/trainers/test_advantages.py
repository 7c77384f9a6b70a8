"""Group-relative advantages, by hand."""

from __future__ import annotations

import pytest
import torch

from llm_envs.trainers.advantages import group_advantages, has_signal

TABLE = {
    "two of four": ([1, 0, 0, 1], None, True, [0.8659, -0.8659, -0.8659, 0.8659]),
    "one of four": ([1, 0, 0, 0], None, True, [1.4997, -0.4999, -0.4999, -0.4999]),
    "one of two": ([1, 0], None, True, [0.7070, -0.7070]),
    "partial rewards": ([0.25, 0.75, 0.5], None, True, [-0.9996, 0.9996, 0]),
    "negative rewards": ([-1, 1], None, True, [-0.7071, 0.7071]),
    "without the deviation": ([1, 0, 0, 0], None, False, [0.75, -0.25, -0.25, -0.25]),
    "all solved": ([1, 1, 1], None, True, [0, 0, 0]),
    "none solved": ([0, 0, 0], None, True, [0, 0, 0]),
    "all equal, whose mean is rounded": ([0.1] * 7, None, True, [0] * 7),
    "an episode lost": ([1, 0, 9, 0], [1, 1, 0, 1], True, [1.1545, -0.5773, 0, -0.5773]),
    "an episode lost, without the deviation": ([1, 0, 9], [1, 1, 0], False, [0.5, -0.5, 0]),
    "one episode left": ([1, 0, 0], [1, 0, 0], True, [0, 0, 0]),
    "all episodes lost": ([1, 0], [0, 0], True, [0, 0]),
}


@pytest.mark.parametrize("case", TABLE)
def test_group(case):
    """Each group has the advantages that pen and paper give."""
    rewards, valid, divide_by_std, expected = TABLE[case]
    valid_P_G = None if valid is None else torch.tensor([valid], dtype=torch.bool)
    advantages_P_G = group_advantages(torch.tensor([rewards]), valid_P_G, divide_by_std=divide_by_std)
    assert advantages_P_G[0].tolist() == pytest.approx(expected, abs=1e-4)
    assert [a == 0 for a in advantages_P_G[0].tolist()] == [a == 0 for a in expected]


def test_groups_do_not_touch_each_other():
    """The advantages of a group are the same among others as alone."""
    rewards_P_G = torch.rand(5, 4, generator=torch.Generator().manual_seed(0))
    together_P_G = group_advantages(rewards_P_G)
    assert torch.equal(together_P_G, torch.cat([group_advantages(row[None]) for row in rewards_P_G]))


def test_groups_with_equal_rewards_have_no_signal():
    """Only groups whose rewards differ can change the policy."""
    rewards_P_G = torch.tensor([[1.0, 0, 0], [1, 1, 1], [0.1, 0.1, 0.1], [0, 0, 1]])
    assert has_signal(group_advantages(rewards_P_G)).tolist() == [True, False, False, True]
