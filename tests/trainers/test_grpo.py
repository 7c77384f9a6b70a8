"""GRPO end to end: it learns, it repeats itself, it goes on where it was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import episodes  # noqa: F401 (registers test/Fragile-v0)
import gymnasium
import numpy as np
import pytest
import torch

from llm_envs.chat import ByteTokenizer
from llm_envs.policies.policy import Reply, Sampling
from llm_envs.rollout import rollout
from llm_envs.trainers import grpo
from llm_envs.trainers.learner import Learner, load_model
from llm_envs.trainers.run import Run

PATIENCE_S = 120.0
"""How long a test waits for a subprocess; never a claim about speed."""


def start(folder, config):
    """Train from the beginning; the run."""
    run = Run.create(folder, "grpo", config.to_dict())
    grpo.train(config, run)
    return run


def outcome(run):
    """All that two equal runs have in common, byte for byte: metrics, kept episodes, weights."""
    files = (run.folder / "metrics.csv", run.folder / "journal.log", run.checkpoint() / "model.safetensors")
    return [file.read_bytes() for file in files]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"updates": 2, "divide_by_std": False},
        {"kl_weight": 0.1, "temperature": 0.8},
        {"env": "llm/GuessNumber-v0"},
        {"curriculum": True, "difficulty": 2},
    ],
    ids=str,
)
def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path, grpo_config, monkeypatch, changes):
    """Stopped in the middle and resumed from the checkpoint, metrics and weights are those of a run in one go."""
    config = grpo_config(**changes)
    straight = start(tmp_path / "straight", config)

    folder = tmp_path / "interrupted"
    update, updates = grpo._update, []

    def press_in_step_four(*arguments):
        updates.append(1)
        if len(updates) == 4 * config.updates:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
        return update(*arguments)

    monkeypatch.setattr(grpo, "_update", press_in_step_four)
    with pytest.raises(KeyboardInterrupt):
        start(folder, config)
    monkeypatch.undo()
    resumed = Run.open(folder, "grpo")
    assert resumed.latest()[0] == 3
    grpo.train(config, resumed)
    assert outcome(resumed) == outcome(straight)
    assert resumed.evaluations() == straight.evaluations()


def test_ctrl_c_in_a_process_of_its_own(tmp_path, grpo_config):
    """The command ends with 130 and says how to resume; what it says works, and gives the run in one go."""
    config = grpo_config(steps=30, save_every=1000, eval_every=1)
    straight = start(tmp_path / "straight", config)

    folder = tmp_path / "interrupted"
    options = [f"--{name.replace('_', '-')}={value}" for name, value in changed(config).items()]
    program = [sys.executable, "-c", "from llm_envs.cli import main; main()"]
    command = [*program, "train", "grpo", "--folder", str(folder), *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    wait_for_rows(folder / "metrics.csv", 4)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode == 130
    words = said.split("by: ")[1].split()
    assert words[0] == "llm-envs"
    assert 4 <= Run.open(folder, "grpo").latest()[0] < 30

    subprocess.run([*program, *words[1:]], check=True, capture_output=True, env=environment, timeout=PATIENCE_S)
    assert outcome(Run(folder)) == outcome(straight)


def changed(config):
    """The settings that are not the default ones."""
    defaults = type(config)().to_dict()
    return {name: value for name, value in config.to_dict().items() if value != defaults[name]}


def wait_for_rows(path, count):
    """Wait until a run has logged so many steps."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (path.exists() and path.read_text().count("\n") > count):
        assert time.monotonic() < deadline_s, "the run does not start"
        time.sleep(0.02)


def test_a_curriculum_moves_the_difficulty(tmp_path, grpo_config):
    """A policy that fails at level 2 is given easier tasks after a window of episodes; the metrics tell."""
    run = start(tmp_path / "run", grpo_config(curriculum=True, difficulty=2, steps=12))
    levels = [float(row["difficulty"]) for row in run.metrics()]
    assert levels[0] == 2.0
    assert levels[-1] < 2.0


def test_metrics_tell_what_happened(tmp_path, grpo_config):
    """Columns are complete, numbers are finite, and sampler and trainer agree on what was sampled."""
    rows = start(tmp_path, grpo_config()).metrics()
    assert len(rows) == 6
    for row in rows:
        assert 0 <= float(row["reward"]) <= 1
        assert float(row["divergence"]) == pytest.approx(0, abs=1e-6)
        assert float(row["clipped"]) == 0
        assert float(row["learning_rate"]) > 0
        assert 1 <= float(row["reply_tokens"]) <= 6


def test_a_second_update_leaves_the_sampler(tmp_path, grpo_config):
    """With several updates on a batch the ratio is no longer 1, and clipping has something to do."""
    config = grpo_config(env="test/Fragile-v0", difficulty=None, updates=3, learning_rate=0.1, warmup_steps=0)
    rows = start(tmp_path, config).metrics()
    assert max(float(row["divergence"]) for row in rows) > 1e-3
    assert max(float(row["clipped"]) for row in rows) > 0


def test_lost_episodes_stay_out_of_the_loss(tmp_path, grpo_config, monkeypatch):
    """Episodes that infrastructure ended are counted, and never packed."""
    config = grpo_config(env="test/Fragile-v0", difficulty=None, groups=4, group_size=8)
    packed = []
    pack = grpo.pack
    monkeypatch.setattr(grpo, "pack", lambda chosen, *rest: packed.extend(chosen) or pack(chosen, *rest))
    rows = start(tmp_path, config).metrics()
    assert sum(float(row["infrastructure_errors"]) for row in rows) > 0
    assert packed
    assert all(trajectory.trainable for trajectory in packed)


def test_a_reference_holds_the_policy_back(tmp_path, grpo_config):
    """A heavy divergence penalty keeps the policy's distribution close to where it began."""
    moved = {}
    for kl_weight in (0.0, 10.0):
        config = grpo_config(updates=4, steps=8, kl_weight=kl_weight)
        learner = grpo.train(config, Run.create(tmp_path / str(kl_weight), "grpo", config.to_dict()))
        begun = grpo.load_model(config.model, "cpu")
        ids = torch.tensor([ByteTokenizer().encode_prompt([{"role": "user", "content": "3+4=?"}])])
        with torch.inference_mode():
            one, other = (torch.log_softmax(m(input_ids=ids).logits[0, -1], -1) for m in (begun, learner.model))
        moved[kl_weight] = (one.exp() * (one - other)).sum().item()
    assert moved[10.0] < 0.5 * moved[0.0]


def test_a_small_policy_learns(tmp_path, grpo_config):
    """From rewards alone, a model of thirty thousand parameters gets single-digit sums right far more often."""
    config = grpo_config(steps=150, groups=16, group_size=8, learning_rate=1e-3, updates=2, eval_every=50)
    rewards = [float(row["reward"]) for row in start(tmp_path, config).metrics()]
    first, last = sum(rewards[:10]) / 10, sum(rewards[-10:]) / 10
    assert first < 0.5
    assert last > first + 0.25


def test_the_run_folder_reads_back(tmp_path, grpo_config):
    """The settings in the folder are the ones that were given."""
    config = grpo_config(steps=2)
    run = start(tmp_path, config)
    told = json.loads((run.folder / "run.json").read_text())["config"]
    assert type(config).from_dict({k: v for k, v in told.items() if k != "algorithm"}) == config


class Rehearsed:
    """In even rows the oracle, in odd ones the oracle's calls and a wrong answer."""

    def __init__(self, envs):
        self._envs = envs

    def generate(self, requests, sampling):
        """With log-probabilities, as a sampler has them."""
        return [self._reply(self._envs.envs[request.row], request.row) for request in requests]

    def _reply(self, env, row):
        taken = sum(message["role"] == "assistant" for message in env.session.messages)
        replies = list(env.demonstrate(env.task))
        said = "0" if row % 2 and taken == len(replies) - 1 else replies[taken]
        ids = env.chat.encode_reply(said)
        return Reply(np.array(ids, np.int32), np.full(len(ids), -0.1, np.float32))


def test_a_step_on_calls_trains_sampled_tokens_alone(grpo_config, model_folder):
    """Over several turns the loss reaches the logits that predict calls and answers, and none that predict results."""
    config = grpo_config(
        env="llm/Calc-v0", difficulty=1, groups=2, group_size=4, model=str(model_folder), clip_low=1 - 1e-9
    )
    learner = Learner(load_model(config.model, "cpu"), config)
    envs = gymnasium.make_vec(config.env, num_envs=8, difficulty=1).unwrapped
    trajectories = rollout(Rehearsed(envs), envs, [1] * 4 + [2] * 4, Sampling())
    assert {trajectory.turns for trajectory in trajectories} == {3}
    batch = grpo._compare(trajectories, config, envs.chat.vocab_size)
    reached = []

    def listen(module, inputs, output):
        output.register_hook(lambda grad: reached.append(grad.flatten(0, 1)))

    learner.model.lm_head.register_forward_hook(listen)
    grpo._update(learner, None, batch, config)
    rows = torch.cat(reached)
    rows = rows[rows.abs().sum(-1) > 0]
    sampled = np.concatenate([trajectory.ids[trajectory.mask] for trajectory in trajectories])
    told = sum(int((~trajectory.mask[trajectory.prompt_length :]).sum()) for trajectory in trajectories)
    assert told > 8 * 20
    assert sorted(rows.abs().argmax(-1).tolist()) == sorted(sampled.tolist())
