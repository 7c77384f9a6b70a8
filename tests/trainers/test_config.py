"""Settings of training runs."""

from __future__ import annotations

import json

import pytest

from llm_envs.errors import BadOption
from llm_envs.trainers.config import GRPOConfig, SFTConfig


@pytest.mark.parametrize("config_class", [GRPOConfig, SFTConfig])
def test_a_config_survives_json(config_class):
    """What is written to a run folder gives the same config back."""
    config = config_class(model="somewhere", difficulty=3, learning_rate=3e-4)
    assert config_class.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    "settings",
    [
        {"steps": 0},
        {"group_size": 1},
        {"learning_rate": -1e-3},
        {"learning_rate": float("nan")},
        {"clip_low": 1.0},
        {"temperature": 0.0},
        {"max_new_tokens": 0},
        {"seed": -1},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings):
    """A setting that cannot be is named when the config is made."""
    with pytest.raises(BadOption, match=next(iter(settings))):
        GRPOConfig(**settings)


def test_an_unknown_setting_is_named():
    """A misspelt setting gets the closest known one."""
    with pytest.raises(BadOption, match="group_size"):
        GRPOConfig.from_dict({"groupsize": 8})


def test_no_two_steps_or_runs_share_a_task_seed():
    """Task seeds of steps and runs do not overlap."""
    seeds = [seed for run in (0, 1) for step in range(50) for seed in GRPOConfig(seed=run).task_seeds(step, 32)]
    assert len(set(seeds)) == len(seeds)
