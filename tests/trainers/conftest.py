"""What trainer tests share: a tiny model in a folder, and settings that take a second to run."""

from __future__ import annotations

import pytest
from models import tiny_model

from llm_envs.trainers.config import GRPOConfig, SFTConfig

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


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A model of random weights, saved; nobody writes to it."""
    folder = tmp_path_factory.mktemp("model")
    tiny_model().save_pretrained(folder)
    return folder


@pytest.fixture
def grpo_config(model_folder):
    """A small GRPO run, of which single settings can be changed."""
    return lambda **changes: GRPOConfig(**{"model": str(model_folder), "groups": 3, "group_size": 4, **TINY, **changes})


@pytest.fixture
def sft_config(model_folder):
    """A small SFT run, of which single settings can be changed."""
    return lambda **changes: SFTConfig(**{"model": str(model_folder), "batch_size": 8, **TINY, **changes})
