"""Model, optimizer, schedule, checkpoint."""

from __future__ import annotations

import pytest
import torch
from models import tiny_model

from llm_envs.errors import BadCheckpoint, BadOption
from llm_envs.trainers.learner import Learner, check_device, learning_rate_factor, load_model


@pytest.mark.parametrize(
    ("step", "steps", "warmup_steps", "expected"),
    [
        (0, 10, 0, 1.0),
        (5, 10, 0, 0.5),
        (9, 10, 0, 0.1),
        (0, 10, 4, 0.25),
        (3, 10, 4, 1.0),
        (4, 10, 4, 1.0),
        (7, 10, 4, 0.5),
        (0, 2, 5, 0.2),
        (4, 4, 4, 0.0),
    ],
)
def test_schedule(step, steps, warmup_steps, expected):
    """Up in equal steps, then down to nothing."""
    assert learning_rate_factor(step, steps, warmup_steps) == pytest.approx(expected)


def take_step(learner):
    """One step on some made-up loss."""
    ids = torch.arange(20)[None] + learner.step
    learner.model(input_ids=ids, labels=ids).loss.backward()
    learner.update()
    learner.step += 1


def weights(learner):
    """All parameters, flat."""
    return torch.cat([parameter.detach().flatten() for parameter in learner.model.parameters()])


def test_a_loaded_learner_goes_on_bit_for_bit(tmp_path, grpo_config):
    """Weights, optimizer and schedule after save, load and three steps are those of six steps in one go."""
    straight = Learner(tiny_model(), grpo_config())
    for _ in range(3):
        take_step(straight)
    straight.save(tmp_path)
    resumed = Learner.load(tmp_path, grpo_config())
    for _ in range(3):
        take_step(straight)
        take_step(resumed)
    assert resumed.step == straight.step == 6
    assert torch.equal(weights(resumed), weights(straight))


def test_gradients_are_clipped(grpo_config):
    """The norm that is reported is the one before clipping; the step uses no more than the limit."""
    learner = Learner(tiny_model(), grpo_config(max_grad_norm=1e-3))
    ids = torch.arange(20)[None]
    (1000 * learner.model(input_ids=ids, labels=ids).loss).backward()
    seen = []
    learner._optimizer.register_step_pre_hook(
        lambda *_: seen.append(torch.stack([p.grad.norm() for p in learner.model.parameters()]).norm().item())
    )
    assert learner.update() > 1
    assert seen == pytest.approx([1e-3], rel=1e-3)
    assert all(parameter.grad is None for parameter in learner.model.parameters())


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "trainer.pt"])
@pytest.mark.parametrize("how", ["missing", "cut short", "rubbish"])
def test_a_damaged_checkpoint_is_refused(tmp_path, grpo_config, damage, how):
    """Whatever is broken in it, the error is the same, and says what to do."""
    Learner(tiny_model(), grpo_config()).save(tmp_path)
    file = tmp_path / damage
    content = file.read_bytes()
    file.unlink()
    if how != "missing":
        file.write_bytes(content[: len(content) // 2] if how == "cut short" else b"rubbish")
    with pytest.raises(BadCheckpoint, match="no checkpoint that can be read"):
        Learner.load(tmp_path, grpo_config())


def test_a_model_that_is_not_there_is_named(tmp_path):
    """A folder without a model is a user's mistake."""
    with pytest.raises(BadOption, match="no model can be loaded"):
        load_model(str(tmp_path), "cpu")


def test_an_unknown_device_is_named(model_folder):
    """A device is a CPU or a CUDA device."""
    with pytest.raises(BadOption, match="unknown device"):
        load_model(str(model_folder), "gpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_missing_gpu_is_named(model_folder):
    """Asking for CUDA where there is none says so before anything starts."""
    with pytest.raises(BadOption, match="no CUDA device"):
        load_model(str(model_folder), "cuda")


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "CPU", "cpu:0", "", f"cuda:{10**6}"])
def test_a_device_that_is_none_is_refused(device):
    """The error says which devices there are."""
    with pytest.raises(BadOption, match="device") as caught:
        check_device(device)
    assert "cpu" in caught.value.expected
    assert caught.value.next_step
