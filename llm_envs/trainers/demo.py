"""A language model that learns to add, or to use a tool, from random weights, in minutes, on a CPU.

A transformer of a million parameters reads and writes bytes. Supervised fine-tuning on demonstrations brings it to
where it is right now and then; GRPO, through `gym.make_vec`, makes it right most of the time, on tasks that neither
stage has seen. Nothing is downloaded.

The two stages are ordinary runs of `llm_envs.trainers.sft` and `llm_envs.trainers.grpo`; what is special here is the
model and the numbers, for each env that has some.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from transformers import PreTrainedModel, Qwen3Config, Qwen3ForCausalLM

from llm_envs.chat import ByteTokenizer
from llm_envs.errors import BadCheckpoint, BadOption, did_you_mean
from llm_envs.policies.hf import HFPolicy
from llm_envs.policies.policy import Sampling
from llm_envs.trainers import grpo, sft
from llm_envs.trainers.config import GRPOConfig, SFTConfig, TrainConfig
from llm_envs.trainers.evaluation import evaluate
from llm_envs.trainers.learner import Learner, check_device, without_bars
from llm_envs.trainers.misread import Misread, share_misled
from llm_envs.trainers.run import Run
from llm_envs.trainers.setup import make_envs

__all__ = ["ENV", "demo", "small_model"]

ENV = "llm/Arithmetic-v0"
"""What is learned unless something else is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """What is learned, and the numbers that make it quick.

    Args:
        calls_tools: the demo then also sees whether what they answer is read.
        model: what its configuration has that `small_model` would not take by itself.
        cold_start, practice: settings of the two stages.
    """

    difficulty: int
    calls_tools: bool = False
    model: Mapping[str, Any] = field(default_factory=dict)
    max_new_tokens: int | None = None
    cold_start: Mapping[str, Any] = field(default_factory=dict)
    practice: Mapping[str, Any] = field(default_factory=dict)


_LESSONS: Mapping[str, _Lesson] = {
    # Two-digit addition: ten thousand tasks, one thousand of them held out for testing.
    "llm/Arithmetic-v0": _Lesson(
        difficulty=1,
        practice={"steps": 300, "learning_rate": 3e-4, "groups": 32, "updates": 2},
    ),
    # Read a cell by a call, and say in the next turn what came back. That is mostly copying; this model was seen to
    # learn it in far fewer steps than the one that adds.
    "llm/Calc-v0": _Lesson(
        difficulty=0,
        calls_tools=True,
        model={
            "num_hidden_layers": 2,
            "max_position_embeddings": 1024,
            "initializer_range": 0.08,
            "rope_parameters": {"rope_type": "default", "rope_theta": 500.0},
        },
        max_new_tokens=96,
        cold_start={
            "steps": 1000,
            "learning_rate": 2e-3,
            "warmup_steps": 30,
            "batch_size": 16,
            "target_reward": 0.2,
            "eval_every": 5,
            "eval_episodes": 64,
            "test_episodes": 256,
        },
        practice={
            "steps": 60,
            "learning_rate": 5e-4,
            "warmup_steps": 5,
            "groups": 16,
            "updates": 2,
            "eval_every": 10,
            "eval_episodes": 64,
            "test_episodes": 256,
        },
    ),
}

_COLD_START_REWARD = 0.3
"""Enough right answers for siblings to differ, and most of the way still to go."""

_SHOWN = 8
_SHOWN_CHARS = 10
_COLD_START = "cold_start"


def demo(folder: Path, seed: int = 0, device: str = "cpu", env: str = ENV) -> dict[str, Any]:
    """Train in `folder`, and show the model before and after; what `evaluation.json` holds.

    A demo that was stopped goes on where it was.

    Args:
        env: `llm/Arithmetic-v0` or `llm/Calc-v0`.

    Raises:
        BadCheckpoint: the folder holds a demo that is complete or has other settings, or something else.
        BadOption: there is no demo of that env, or no such device.
        KeyboardInterrupt: Ctrl-C; how to resume has been printed.
    """
    console = Console(highlight=False)
    began_s = time.perf_counter()
    check_device(device)
    _check_env(env)
    shared = {"env": env, "seed": seed, "device": device}
    _enter(folder, _grpo_config(folder / _COLD_START, shared))
    command = _command(folder, shared)
    cold_start = _cold_start(folder / _COLD_START, shared, command, console)
    console.rule("GRPO: from its own attempts and their verdicts")
    config = _grpo_config(cold_start, shared)
    run = _stage(folder, "grpo", config, command)
    learner = grpo.train(config, run)
    if _LESSONS[env].calls_tools:
        run.record("misled", _mislead(learner, config))
    evaluations = run.evaluations()
    _show(evaluations, console)
    took_s = time.perf_counter() - began_s
    console.print(f"{took_s:.0f} s in all; {run.where()}", soft_wrap=True)
    return evaluations


def small_model(seed: int, **changes: Any) -> PreTrainedModel:
    """A Qwen3-style transformer over bytes with random weights; 1,017,600 parameters without `changes`."""
    settings: dict[str, Any] = {
        "vocab_size": ByteTokenizer.vocab_size,
        "hidden_size": 128,
        "intermediate_size": 512,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "max_position_embeddings": 128,
        "tie_word_embeddings": True,
        "bos_token_id": None,
        "eos_token_id": min(ByteTokenizer.stop_ids),
        "pad_token_id": ByteTokenizer.pad_id,
    }
    config = Qwen3Config(**{**settings, **changes})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Qwen3ForCausalLM(config)


def _check_env(env: str) -> None:
    """See whether there are numbers for that env."""
    if env not in _LESSONS:
        raise BadOption(
            f"there is no demo of {env!r}",
            expected=f"one of {', '.join(_LESSONS)}",
            received=repr(env),
            next_step=f"{did_you_mean(env, _LESSONS)} Others are trained by llm-envs train sft and grpo.",
        )


def _enter(folder: Path, config: GRPOConfig) -> None:
    """Take a folder that is free, or find in it this demo, stopped before."""
    run = Run(folder)
    if not (folder / _COLD_START).is_dir() or not run.is_there:
        Run.create(folder, "grpo", config.to_dict())
        return
    if "after" in run.evaluations():
        raise BadCheckpoint(
            f"the demo in {folder} is complete",
            expected="a new folder, or a demo that was stopped",
            received=str(folder),
            next_step=f"Look at {folder / 'reward.png'}, or name another folder.",
        )
    kept, given = (
        {name: of.get(name) for name in ("env", "seed", "device")} for of in (run.config(), config.to_dict())
    )
    if kept != given:
        raise BadCheckpoint(
            f"the demo in {folder} keeps its settings",
            expected=_options(kept),
            received=_options(given),
            next_step="Pass the same settings, or name another folder.",
        )


def _stage(folder: Path, algorithm: str, config: TrainConfig, command: str) -> Run:
    """The run of one stage: where it was stopped, or new."""
    run = Run(folder, command)
    return run if run.latest() else Run.create(folder, algorithm, config.to_dict(), command)


def _options(settings: Mapping[str, Any]) -> str:
    return f"{settings['env']} --seed {settings['seed']} --device {settings['device']}"


def _command(folder: Path, shared: Mapping[str, Any]) -> str:
    """What goes on with this demo."""
    env = "" if shared["env"] == ENV else f" {shared['env']}"
    seed = f" --seed {shared['seed']}" if shared["seed"] else ""
    device = f" --device {shared['device']}" if shared["device"] != "cpu" else ""
    return f"llm-envs demo{env} --folder {shlex.quote(str(folder))}{seed}{device}"


def _grpo_config(model: Path, shared: Mapping[str, Any]) -> GRPOConfig:
    lesson = _LESSONS[shared["env"]]
    return GRPOConfig(
        model=str(model),
        difficulty=lesson.difficulty,
        max_new_tokens=lesson.max_new_tokens,
        **{"group_size": 8, **lesson.practice, **shared},
    )


def _cold_start(folder: Path, shared: Mapping[str, Any], command: str, console: Console) -> Path:
    """Fine-tune a new model until it is right now and then; the folder of its checkpoint."""
    console.rule("Cold start: supervised fine-tuning on demonstrations")
    lesson, blank = _LESSONS[shared["env"]], folder / "blank"
    config = SFTConfig(
        model=str(blank),
        difficulty=lesson.difficulty,
        max_new_tokens=lesson.max_new_tokens,
        **{
            "steps": 300,
            "learning_rate": 2e-3,
            "eval_every": 10,
            "target_reward": _COLD_START_REWARD,
            **lesson.cold_start,
            **shared,
        },
    )
    run = _stage(folder, "sft", config, command)
    if "after" in run.evaluations():
        console.print("done before")
        return run.checkpoint()
    if run.latest() is None:
        with without_bars():
            small_model(shared["seed"], **lesson.model).save_pretrained(blank)
    sft.train(config, run)
    return run.checkpoint()


def _mislead(learner: Learner, config: GRPOConfig) -> dict[str, Any]:
    """The test tasks once more, with other digits in what the policy sees of the tools' results."""
    with closing(make_envs(config, learner, "test", config.test_episodes)) as envs:
        evaluation = evaluate(Misread(HFPolicy(learner.model, envs.chat)), envs, Sampling())
        return {**evaluation.to_dict(), "share_misled": share_misled(evaluation)}


def _show(evaluations: dict[str, Any], console: Console) -> None:
    """The same tasks before and after, and the rewards."""
    before, after = evaluations["before"], evaluations["after"]
    console.rule("before and after: the last word, on tasks that were never trained on")
    for old, new in zip(before["examples"][:_SHOWN], after["examples"][:_SHOWN], strict=True):
        question = old["messages"][0]["content"].rpartition(". ")[2]
        console.print(f"{question:>10}   before: {_said(old)}   after: {_said(new)}", markup=False)
    for moment, evaluation in (("before", before), ("after", after)):
        console.print(
            f"reward {moment}: {evaluation['reward']:.1%} ± {evaluation['half_width_95']:.1%}"
            f" of {evaluation['episodes']} test tasks"
        )
    if "misled" in evaluations:
        misled = evaluations["misled"]
        console.print(
            f"shown other digits than the tool gave: {misled['reward']:.1%}; it then says those digits in"
            f" {misled['share_misled']:.1%}"
        )


def _said(example: dict[str, Any]) -> str:
    reply = example["messages"][-1]["content"]
    shown = reply if len(reply) <= _SHOWN_CHARS else f"{reply[: _SHOWN_CHARS - 3]}..."
    return f"{shown!r:<12} {'right' if example['reward'] == 1 else 'wrong'}"
