"""Group-relative advantages: how much better an episode went than its siblings on the same task.

Pure functions over tensors. `P` counts groups (tasks), `G` episodes in a group.

Source: DeepSeekMath (Shao et al. 2024, arXiv:2402.03300), section 4.1.2; without the division by the standard
deviation, Dr. GRPO (Liu et al. 2025, arXiv:2503.20783), section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["group_advantages", "has_signal"]

_EPSILON = 1e-4
"""Keeps groups whose rewards differ by rounding alone from blowing up; far below the spread of 0/1 rewards."""


def group_advantages(rewards_P_G: Tensor, valid_P_G: Tensor | None = None, *, divide_by_std: bool = True) -> Tensor:
    """Reward minus the group's mean, over the group's standard deviation: A = (r - mean(r)) / (std(r) + eps).

    The standard deviation is the sample's (n - 1), as in the paper's and most implementations. A group with equal
    rewards, or with fewer than two valid episodes, teaches nothing: its advantages are 0.

    Args:
        valid_P_G: False for episodes that are no evidence (infrastructure ended them). They count neither in mean nor
            deviation and get advantage 0.
        divide_by_std: off, tasks that are nearly always or nearly never solved get no extra weight.

    Returns:
        Shape (P, G), float32.
    """
    rewards_P_G = rewards_P_G.float()
    valid_P_G = torch.ones_like(rewards_P_G, dtype=torch.bool) if valid_P_G is None else valid_P_G
    count_P_1 = valid_P_G.sum(1, keepdim=True)
    mean_P_1 = (rewards_P_G * valid_P_G).sum(1, keepdim=True) / count_P_1.clamp(min=1)
    counts_P_G = valid_P_G & _differ(rewards_P_G, valid_P_G)
    centred_P_G = (rewards_P_G - mean_P_1) * counts_P_G
    if not divide_by_std:
        return centred_P_G
    variance_P_1 = centred_P_G.square().sum(1, keepdim=True) / (count_P_1 - 1).clamp(min=1)
    return centred_P_G / (variance_P_1.sqrt() + _EPSILON)


def _differ(rewards_P_G: Tensor, valid_P_G: Tensor) -> Tensor:
    """True for groups with two different valid rewards, shape (P, 1); the mean of equals may be rounded."""
    highest_P_1 = rewards_P_G.masked_fill(~valid_P_G, -torch.inf).amax(1, keepdim=True)
    lowest_P_1 = rewards_P_G.masked_fill(~valid_P_G, torch.inf).amin(1, keepdim=True)
    return highest_P_1 > lowest_P_1


def has_signal(advantages_P_G: Tensor) -> Tensor:
    """True for groups with an advantage other than 0, shape (P,); the others can be left out of the loss."""
    return (advantages_P_G != 0).any(1)
