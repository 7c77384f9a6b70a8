"""What trainer tests share: a tiny model in a folder, and settings that take a second to run."""

from __future__ import annotations

import pytest
import torch
from models import tiny_model

from llm_envs.trainers import sft
from llm_envs.trainers.config import GRPOConfig, SFTConfig
from llm_envs.trainers.run import Run

TINY = {
    "env": "llm/Arithmetic-v0",
    "difficulty": 0,
    "max_new_tokens": 6,
    "steps": 6,
    "warmup_steps": 2,
    "eval_every": 2,
    "eval_episodes": 8,
    "test_episodes": 8,
    "save_every": 3,
    "learning_rate": 1e-3,
}


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """Models this small are slower on two threads than on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A model of random weights, saved; nobody writes to it."""
    folder = tmp_path_factory.mktemp("model")
    tiny_model().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def warm_run(model_folder, tmp_path_factory):
    """A fine-tuning run that ends where single-digit sums come out right now and then; nobody writes to it."""
    settings = {"steps": 70, "batch_size": 64, "learning_rate": 1e-2, "eval_every": 35, "save_every": 35}
    config = SFTConfig(model=str(model_folder), **{**TINY, **settings})
    run = Run.create(tmp_path_factory.mktemp("warm"), "sft", config.to_dict())
    sft.train(config, run)
    return run


@pytest.fixture
def grpo_config(warm_run):
    """A small GRPO run, of which single settings can be changed."""
    settings = {"model": str(warm_run.checkpoint()), "groups": 3, "group_size": 4}
    return lambda **changes: GRPOConfig(**{**settings, **TINY, **changes})


@pytest.fixture
def sft_config(model_folder):
    """A small SFT run, of which single settings can be changed."""
    return lambda **changes: SFTConfig(**{"model": str(model_folder), "batch_size": 8, **TINY, **changes})
