"""Policy-gradient losses over sampled tokens.

Pure functions over tensors of one shape, usually flat: `N` counts the sampled tokens of a batch. Which tokens are
sampled is the trajectory's mask; nothing here looks at text. Every function gives a sum; `token_mean` divides by all
tokens of a batch, so that micro-batches add up to the same gradient however the batch is cut.

Sources: PPO's clipped objective (Schulman et al. 2017, arXiv:1707.06347, eq. 7); clip-higher and the token-level mean,
DAPO (Yu et al. 2025, arXiv:2503.14476, eq. 8); the k3 estimator of the KL divergence (Schulman 2020,
joschu.net/blog/kl-approx.html) as in DeepSeekMath (arXiv:2402.03300, eq. 4), times the ratio, which makes its gradient
that of the divergence (DeepSeek-V3.2, arXiv:2512.02556).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["PolicyLoss", "clipped_policy_loss", "cross_entropy_loss", "k3_divergence"]


class PolicyLoss(NamedTuple):
    """A loss to differentiate, and what to watch.

    Args:
        loss: scalar.
        clipped: the part of `tokens` whose gradient was clipped away, in [0, 1], detached.
        divergence: the k3 estimate of KL(sampler || policy), over `tokens`, detached.
    """

    loss: Tensor
    clipped: Tensor
    divergence: Tensor


def clipped_policy_loss(
    logprobs_N: Tensor,
    sampled_logprobs_N: Tensor,
    advantages_N: Tensor,
    mask_N: Tensor,
    *,
    clip_low: float,
    clip_high: float,
    tokens: Tensor | float,
    reference_logprobs_N: Tensor | None = None,
    kl_weight: float = 0.0,
) -> PolicyLoss:
    """-sum(min(ratio A, clip(ratio, 1 - clip_low, 1 + clip_high) A) - kl_weight ratio k3) / tokens.

    Args:
        logprobs_N: under the policy being trained; the one argument with a gradient.
        sampled_logprobs_N: under the policy that sampled.
        advantages_N: of each token's episode.
        mask_N: False where a token is no action: it then adds nothing, whatever the other arguments hold there.
        clip_low: how far the ratio may fall below 1.
        clip_high: how far the ratio may rise above 1.
        tokens: what to divide by: all sampled tokens of the batch, of which these may be a part.
        reference_logprobs_N: under the policy to stay close to.
        kl_weight: of the divergence from it.
    """
    logprobs_N, advantages_N = logprobs_N[mask_N], advantages_N[mask_N]
    log_ratio_N = logprobs_N - sampled_logprobs_N[mask_N]
    ratio_N = log_ratio_N.exp()
    plain_N = ratio_N * advantages_N
    clipped_N = ratio_N.clamp(1 - clip_low, 1 + clip_high) * advantages_N
    loss_N = -torch.minimum(plain_N, clipped_N)
    if reference_logprobs_N is not None:
        loss_N = loss_N + kl_weight * ratio_N * k3_divergence(logprobs_N, reference_logprobs_N[mask_N])
    with torch.no_grad():
        clipped = (clipped_N < plain_N).sum() / tokens
        divergence = (ratio_N - 1 - log_ratio_N).sum() / tokens
    return PolicyLoss(loss_N.sum() / tokens, clipped, divergence)


def k3_divergence(logprobs_N: Tensor, reference_logprobs_N: Tensor) -> Tensor:
    """exp(d) - 1 - d with d = reference - policy: an unbiased, never negative estimate of KL(policy || reference).

    Unbiased for tokens sampled from the policy. Shape (N,).
    """
    difference_N = reference_logprobs_N - logprobs_N
    return difference_N.exp() - 1 - difference_N


def cross_entropy_loss(logprobs_N: Tensor, mask_N: Tensor, *, tokens: Tensor | float) -> Tensor:
    """The negative log-likelihood of the masked tokens, over `tokens`; scalar."""
    return -logprobs_N[mask_N].sum() / tokens
