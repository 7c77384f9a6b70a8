"""Fine-tuning on the env's own demonstrations."""

from __future__ import annotations

import episodes
import numpy as np
import pytest
import torch

from llm_envs.errors import BadOption
from llm_envs.trainers import sft
from llm_envs.trainers.run import Run


def start(folder, config):
    """Train from the beginning; the run."""
    run = Run.create(folder, "sft", config.to_dict())
    sft.train(config, run)
    return run


def test_it_learns_from_demonstrations(warm_run):
    """The loss falls to a third of what it was."""
    losses = [float(row["loss"]) for row in warm_run.metrics()]
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize("env", ["llm/Arithmetic-v0", "llm/GuessNumber-v0"])
def test_the_loss_is_that_of_the_oracles_tokens(tmp_path, sft_config, monkeypatch, env):
    """The first loss is the mean negative log-likelihood of what the oracle says, world and prompt left out."""
    seen = []
    monkeypatch.setattr(sft, "_backward", lambda *a, inner=sft._backward: seen.append(a) or inner(*a))
    config = sft_config(env=env, difficulty=2, steps=1, max_new_tokens=None)
    run = start(tmp_path, config)
    _, demonstrations, *_ = seen[0]
    model = sft.begin(config, Run.create(tmp_path / "fresh", "sft", {})).model
    total, tokens = 0.0, 0
    for demonstration in demonstrations:
        assert demonstration.reward == 1
        ids = torch.from_numpy(demonstration.ids).long()
        with torch.inference_mode():
            logprobs = torch.log_softmax(model(input_ids=ids[None]).logits[0], -1)
        for t in np.flatnonzero(demonstration.mask):
            total -= logprobs[t - 1, ids[t]].item()
            tokens += 1
    assert float(run.metrics()[0]["loss"]) == pytest.approx(total / tokens, rel=1e-4)


def test_a_resumed_run_is_the_run_in_one_go(tmp_path, sft_config, monkeypatch):
    """A run that is stopped after its checkpoint goes on bit for bit."""
    config = sft_config(steps=6, save_every=3)
    straight = start(tmp_path / "straight", config)
    other = Run.create(tmp_path / "resumed", "sft", config.to_dict())
    backward, calls = sft._backward, []

    def fail_at_five(*arguments):
        calls.append(1)
        if len(calls) == 5:
            raise RuntimeError("the machine went down")
        return backward(*arguments)

    monkeypatch.setattr(sft, "_backward", fail_at_five)
    with pytest.raises(RuntimeError, match="went down"):
        sft.train(config, other)
    monkeypatch.undo()
    assert other.latest()[0] == 3
    sft.train(config, Run.open(other.folder, "sft"))
    for name in ("metrics.csv", "checkpoint/step-6/model.safetensors"):
        assert (other.folder / name).read_bytes() == (straight.folder / name).read_bytes()


def without_an_oracle(self, task):
    """What an env says whose tasks of this kind have no solution to show."""
    raise NotImplementedError("not for these tasks")


@pytest.mark.parametrize("demonstrate", [None, without_an_oracle], ids=["none written", "one that gives up"])
def test_an_env_without_an_oracle_is_refused(tmp_path, sft_config, monkeypatch, demonstrate):
    """There is nothing to learn from, and that is said before training."""
    if demonstrate:
        monkeypatch.setattr(episodes.Fragile, "demonstrate", demonstrate, raising=False)
    with pytest.raises(BadOption, match="no oracle"):
        start(tmp_path, sft_config(env="test/Fragile-v0", difficulty=None))
    assert not (tmp_path / "metrics.csv").exists()


def test_it_stops_where_there_is_something_left_to_learn(tmp_path, sft_config):
    """It ends at the first evaluation whose reward reaches the target."""
    run = start(tmp_path, sft_config(steps=100, target_reward=0.0))
    assert run.latest()[0] == 2
