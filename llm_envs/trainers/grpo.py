"""Group-relative policy optimization, top to bottom: play, compare within groups, step.

Masks and the sampler's log-probabilities come straight from the trajectories. There is no value model: an episode is
compared with its siblings on the same task. The loss is the clipped one with the token-level mean; see `advantages`
and `losses` for the formulas and their sources.

What it deliberately does not do: no filtering of groups that all succeed or all fail (their advantage is 0, they are
left out of the forward pass, and they count in the denominator), no reward shaping, no replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from llm_envs.policies.hf import HFPolicy, precision
from llm_envs.policies.model import Attempt
from llm_envs.policies.policy import Sampling
from llm_envs.rollout import rollout
from llm_envs.trainers.advantages import group_advantages, has_signal
from llm_envs.trainers.config import GRPOConfig
from llm_envs.trainers.learner import Learner, load_model
from llm_envs.trainers.loop import run_steps
from llm_envs.trainers.losses import clipped_policy_loss
from llm_envs.trainers.packing import Packed, pack, token_entropies, token_logprobs
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import begin, make_envs
from llm_envs.types import Trajectory

__all__ = ["train"]

_COLUMNS = (
    "reward",
    "groups_with_signal",
    "reply_tokens",
    "infrastructure_errors",
    "loss",
    "grad_norm",
    "clipped",
    "divergence",
    "learning_rate",
)


def train(config: GRPOConfig, run: Run) -> Learner:
    """Train from where `run` stands to the end.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run can be resumed.
    """
    learner = begin(config, run)
    reference = load_model(config.model, config.device) if config.kl_weight else None
    with closing(make_envs(config, learner, "train", config.groups * config.group_size)) as envs:
        policy = HFPolicy(learner.model, envs.chat)

        def take_step() -> dict[str, float]:
            seeds = np.repeat(config.task_seeds(learner.step, config.groups), config.group_size).tolist()
            trajectories = rollout(policy, envs, seeds, Sampling(config.temperature, config.seed, learner.step))
            batch = _compare(trajectories, config, envs.chat.vocab_size)
            _keep(run, learner, trajectories[: config.kept_groups * config.group_size], batch, config)
            metrics = {**batch.metrics, **_level(learner), "learning_rate": learner.learning_rate}
            for _ in range(config.updates):
                metrics |= _update(learner, reference, batch, config)
            return metrics

        run_steps(run, learner, take_step, config=config, columns=(*_COLUMNS, *_level(learner)))
    return learner


def _level(learner: Learner) -> dict[str, float]:
    return {"difficulty": float(learner.curriculum.level)} if learner.curriculum else {}


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """What goes into the loss: `B` trajectories with their advantages, and all the tokens to average over.

    `advantages_P_G` are those of everything that was played.
    """

    trajectories: Sequence[Trajectory]
    advantages_B: Tensor
    advantages_P_G: Tensor
    tokens: int
    vocab_size: int
    metrics: dict[str, float]


def _compare(trajectories: Sequence[Trajectory], config: GRPOConfig, vocab_size: int) -> _Batch:
    """Compare episodes within their groups; leave out those that infrastructure ended, and those that teach nothing."""
    shape = config.groups, config.group_size
    rewards_P_G = torch.tensor([trajectory.reward for trajectory in trajectories]).view(shape)
    valid_P_G = torch.tensor([trajectory.trainable for trajectory in trajectories]).view(shape)
    advantages_P_G = group_advantages(rewards_P_G, valid_P_G, divide_by_std=config.divide_by_std)
    teaches_B = valid_P_G.flatten() if config.kl_weight else advantages_P_G.flatten() != 0
    chosen = teaches_B.nonzero()[:, 0].tolist()
    valid = [trajectory for trajectory in trajectories if trajectory.trainable]
    tokens = sum(int(trajectory.mask.sum()) for trajectory in valid)
    metrics = {
        "reward": float(rewards_P_G[valid_P_G].mean()),
        "groups_with_signal": float(has_signal(advantages_P_G).float().mean()),
        "reply_tokens": tokens / max(1, len(valid)),
        "infrastructure_errors": float(len(trajectories) - len(valid)),
    }
    played = [trajectories[i] for i in chosen]
    return _Batch(played, advantages_P_G.flatten()[chosen], advantages_P_G, max(1, tokens), vocab_size, metrics)


def _keep(run: Run, learner: Learner, trajectories: Sequence[Trajectory], batch: _Batch, config: GRPOConfig) -> None:
    """Keep the first episodes of a step, with advantages and entropies, in the run's journal."""
    played = [(i, trajectory) for i, trajectory in enumerate(trajectories) if trajectory.trainable]
    entropies = _entropies(learner, [trajectory for _, trajectory in played], batch.vocab_size, config)
    for (i, trajectory), of_tokens in zip(played, entropies, strict=True):
        group, sample = divmod(i, config.group_size)
        attempt = Attempt(config.env, learner.step * config.groups + group, sample)
        run.keep(learner.step + 1, attempt, trajectory, float(batch.advantages_P_G[group, sample]), of_tokens)


def _entropies(
    learner: Learner, trajectories: Sequence[Trajectory], vocab_size: int, config: GRPOConfig
) -> list[list[float]]:
    """Of the distributions that the sampled tokens of each trajectory were drawn from."""
    found: list[list[float]] = [[] for _ in trajectories]
    for packed in pack(trajectories, learner.model, config.micro_batch_tokens):
        with precision(learner.device):
            entropies_N = token_entropies(learner.model, packed, vocab_size, config.temperature)
        for i, entropy in zip(packed.trajectory_N.tolist(), entropies_N.tolist(), strict=True):
            found[i].append(entropy)
    return found


def _update(learner: Learner, reference: PreTrainedModel | None, batch: _Batch, config: GRPOConfig) -> dict[str, float]:
    """One optimizer step on the whole batch, micro-batch by micro-batch."""
    totals_3 = torch.zeros(3, device=learner.device)
    for packed in pack(batch.trajectories, learner.model, config.micro_batch_tokens):
        with precision(learner.device):
            logprobs_N = token_logprobs(learner.model, packed, batch.vocab_size, config.temperature)
        terms = clipped_policy_loss(
            logprobs_N,
            packed.sampled_logprobs_N,
            batch.advantages_B.to(learner.device)[packed.trajectory_N],
            torch.ones_like(logprobs_N, dtype=torch.bool),
            clip_low=config.clip_low,
            clip_high=config.clip_high,
            tokens=batch.tokens,
            reference_logprobs_N=_reference_logprobs(reference, packed, batch.vocab_size, config.temperature),
            kl_weight=config.kl_weight,
        )
        torch.autograd.backward(terms.loss)
        totals_3 += torch.stack([terms.loss.detach(), terms.clipped, terms.divergence])
    loss, clipped, divergence = totals_3.tolist()
    return {"loss": loss, "clipped": clipped, "divergence": divergence, "grad_norm": learner.update()}


@torch.no_grad()
def _reference_logprobs(
    reference: PreTrainedModel | None, packed: Packed, vocab_size: int, temperature: float
) -> Tensor | None:
    if reference is None:
        return None
    with precision(packed.ids_R_L.device):
        return token_logprobs(reference, packed, vocab_size, temperature)
