"""Supervised fine-tuning on what the env's own oracle says.

Demonstrations are episodes like any others: the oracle plays the env, and the loss is the negative log-likelihood of
the tokens that the mask marks as the policy's. It ends after `steps`, or as soon as the validation reward reaches
`target_reward`: a cold start should leave something to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import torch

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption
from llm_envs.policies.hf import precision
from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Oracle
from llm_envs.rollout import rollout
from llm_envs.trainers.config import SFTConfig
from llm_envs.trainers.learner import Learner
from llm_envs.trainers.loop import run_steps
from llm_envs.trainers.losses import cross_entropy_loss
from llm_envs.trainers.packing import pack, token_logprobs
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import begin, make_envs
from llm_envs.types import Trajectory

__all__ = ["train"]

_COLUMNS = ("loss", "grad_norm", "learning_rate")


def train(config: SFTConfig, run: Run) -> Learner:
    """Fine-tune from where `run` stands to the end.

    Raises:
        BadOption: the env has no oracle.
        KeyboardInterrupt: Ctrl-C; the run can be resumed.
    """
    learner = begin(config, run)
    with closing(make_envs(config, learner, "train", config.batch_size)) as envs:
        _check_oracle(envs.envs[0])
        oracle = Oracle(envs)

        def take_step() -> dict[str, float]:
            demonstrations = rollout(oracle, envs, config.task_seeds(learner.step, config.batch_size), Sampling())
            learning_rate = learner.learning_rate
            loss = _backward(learner, demonstrations, config.micro_batch_tokens, envs.chat.vocab_size)
            return {"loss": loss, "grad_norm": learner.update(), "learning_rate": learning_rate}

        run_steps(run, learner, take_step, config=config, columns=_COLUMNS, target_reward=config.target_reward)
    return learner


def _check_oracle(env: LLMEnv) -> None:
    """Ask for one demonstration: an env may have none, or none for what it is told to draw."""
    env.reset(seed=0)
    try:
        env.demonstrate(env.task)
    except NotImplementedError as error:
        raise BadOption(
            f"{type(env).__name__} has no oracle to learn from",
            expected="an env with demonstrate(task)",
            received=str(error),
            next_step="Write demonstrate(task), or train by llm-envs train grpo.",
        ) from error


def _backward(learner: Learner, demonstrations: Sequence[Trajectory], max_tokens: int, vocab_size: int) -> float:
    """Add up the gradients of the mean negative log-likelihood; the loss."""
    demonstrations = [demonstration for demonstration in demonstrations if demonstration.trainable]
    tokens = sum(int(demonstration.mask.sum()) for demonstration in demonstrations)
    total = 0.0
    for packed in pack(demonstrations, learner.model, max_tokens):
        with precision(learner.device):
            logprobs_N = token_logprobs(learner.model, packed, vocab_size)
        loss = cross_entropy_loss(logprobs_N, torch.ones_like(logprobs_N, dtype=torch.bool), tokens=max(1, tokens))
        torch.autograd.backward(loss)
        total += loss.item()
    return total
