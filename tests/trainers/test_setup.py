"""What a trainer starts with."""

from __future__ import annotations

import pytest
import torch
from models import tiny_model

from llm_envs.errors import BadOption, LLMEnvsError
from llm_envs.trainers.learner import Learner, load_model
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import begin, evaluate_on, make_envs


@pytest.fixture
def learner(grpo_config):
    """A learner of a tiny model."""
    return Learner(tiny_model(), grpo_config())


def test_a_new_run_begins_with_the_configs_model(tmp_path, grpo_config):
    """Step 0, and the weights of the model folder."""
    config = grpo_config()
    learner = begin(config, Run.create(tmp_path, "grpo", config.to_dict()))
    assert learner.step == 0
    assert torch.equal(learner.model.lm_head.weight, load_model(config.model, "cpu").lm_head.weight)


def test_a_run_with_a_checkpoint_begins_there(tmp_path, grpo_config, learner):
    """Step and weights of the newest checkpoint."""
    run = Run.create(tmp_path, "grpo", grpo_config().to_dict())
    learner.step = 4
    learner.model.lm_head.weight.data += 1
    run.save(4, learner.save)
    again = begin(grpo_config(), run)
    assert again.step == 4
    assert torch.equal(again.model.lm_head.weight, learner.model.lm_head.weight)


def test_envs_are_those_of_the_config(grpo_config, learner):
    """Env, split, difficulty and limits are passed on; what is left out, the env decides."""
    envs = make_envs(grpo_config(difficulty=2, max_new_tokens=9), learner, "validation", 3)
    assert {(env.split, env.difficulty, env.limits.max_new_tokens) for env in envs.envs} == {("validation", 2, 9)}
    assert make_envs(grpo_config(max_new_tokens=None), learner, "train", 1).envs[0].limits.max_new_tokens == 32


def test_a_model_folder_without_tokenizer_speaks_bytes(grpo_config, learner):
    """Models made from nothing need no tokenizer files."""
    assert make_envs(grpo_config(), learner, "train", 1).chat.name == "bytes"


def test_a_model_with_too_few_ids_is_refused(grpo_config):
    """A tokenizer with more ids than the model is a user's mistake, found before training."""
    model = tiny_model()
    model.resize_token_embeddings(100)
    with pytest.raises(BadOption, match="fewer token ids"):
        make_envs(grpo_config(), Learner(model, grpo_config()), "train", 1)


@pytest.mark.parametrize(
    "changes", [{"env": "llm/Arithmetics-v0"}, {"difficulty": 9}, {"tokenizer": "/nowhere/at/all"}], ids=str
)
def test_an_env_that_cannot_be_made_is_a_typed_error(grpo_config, learner, changes):
    """Id, difficulty and tokenizer are checked before training."""
    with pytest.raises(LLMEnvsError):
        make_envs(grpo_config(**changes), learner, "train", 1)


def test_splits_are_evaluated_apart(grpo_config, learner):
    """The tasks of the test split are not those of validation."""
    tasks = {
        split: [trajectory.task.id for trajectory in evaluate_on(split, 4, grpo_config(), learner).trajectories]
        for split in ("validation", "test")
    }
    assert len(tasks["test"]) == 4
    assert not set(tasks["test"]) & set(tasks["validation"])
