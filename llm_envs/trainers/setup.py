"""What a trainer starts with: a learner, new or from a checkpoint, and the config's env on each split."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, cast

import gymnasium
from torch import Tensor

from llm_envs.curriculum import Curriculum
from llm_envs.errors import BadOption
from llm_envs.policies.hf import HFPolicy
from llm_envs.policies.policy import Sampling
from llm_envs.registry import row
from llm_envs.trainers.config import TrainConfig
from llm_envs.trainers.evaluation import Evaluation, evaluate
from llm_envs.trainers.learner import Learner, check_device, check_model, load_model
from llm_envs.trainers.run import Run
from llm_envs.vector import LLMVectorEnv

__all__ = ["begin", "check", "evaluate_on", "make_envs"]

_TOKENIZER_FILE = "tokenizer_config.json"


def check(config: TrainConfig) -> None:
    """See whether a run can start, before anything of it is written; weights are not read yet.

    Raises:
        UnknownEnv: there is no such env.
        BadOption: there is no such device or model, or the env cannot be made with these options.
        UnknownTokenizer: there is no such tokenizer.
    """
    row(config.env)
    check_device(config.device)
    _refuse_run(Path(config.model))
    check_model(config.model)
    _make(config, "train", 1, Curriculum(config.difficulty or 0) if config.curriculum else None).close()


def begin(config: TrainConfig, run: Run) -> Learner:
    """The learner of the run's newest checkpoint, or a new one of the config's model."""
    latest = run.latest()
    if latest is not None:
        return Learner.load(latest[1], config)
    return Learner(load_model(config.model, config.device), config)


def make_envs(config: TrainConfig, learner: Learner, split: str, num_envs: int) -> LLMVectorEnv:
    """The config's env on one split, through `gym.make_vec`.

    Raises:
        UnknownEnv: there is no such env.
        BadOption: the model cannot read or say everything that the env's tokenizer can.
    """
    row(config.env)
    envs = _make(config, split, num_envs, learner.curriculum if split == "train" else None)
    ids = len(cast("Tensor", learner.model.get_input_embeddings().weight))
    if ids < envs.chat.vocab_size:
        raise BadOption(
            "the model has fewer token ids than the tokenizer",
            expected=f"{envs.chat.vocab_size} or more",
            received=ids,
            next_step="Pass the --tokenizer that the model was made for.",
        )
    return envs


def _make(config: TrainConfig, split: str, num_envs: int, curriculum: Curriculum | None = None) -> LLMVectorEnv:
    options: dict[str, Any] = {
        "split": split,
        "tokenizer": _tokenizer(config),
        "difficulty": curriculum or config.difficulty,
        "max_new_tokens": config.max_new_tokens,
    }
    return cast("LLMVectorEnv", gymnasium.make_vec(config.env, num_envs=num_envs, **options).unwrapped)


def evaluate_on(split: str, episodes: int, config: TrainConfig, learner: Learner) -> Evaluation:
    """The learner on tasks of a split, sampled at temperature 1, with the same noise in every run."""
    with closing(make_envs(config, learner, split, episodes)) as envs:
        return evaluate(HFPolicy(learner.model, envs.chat), envs, Sampling())


def _refuse_run(folder: Path) -> None:
    """A run's folder holds a model, but is none."""
    run = Run(folder)
    if run.is_there:
        raise BadOption(
            f"{folder} is a run",
            expected="a model, such as the run's checkpoint",
            received=str(folder),
            next_step=f"Pass --model {run.checkpoint()}.",
        )


def _tokenizer(config: TrainConfig) -> str:
    """The one that was asked for, or the model's own, or bytes for a model folder without one."""
    if config.tokenizer:
        return config.tokenizer
    folder = Path(config.model)
    return "bytes" if folder.is_dir() and not (folder / _TOKENIZER_FILE).exists() else config.model
