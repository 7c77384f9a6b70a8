"""Samples per second of GRPO: `llm_envs.trainers.grpo` against TRL's GRPOTrainer.

    python benchmarks/trainer_vs_trl.py [--device cuda] [--steps 10]

Both train the demo's model (1.0M parameters, random weights, bytes) on two-digit sums: 32 tasks a step, 8 replies each
of at most 8 (as in the demo) or 32 tokens, one AdamW step a batch, no reference model. A step is everything from
drawing tasks to the optimizer. The median step counts, without the first two and the last, which evaluates. Random
weights hardly ever stop early, so both sample all tokens they may; and the reward is a coin that the reply tosses, so
that every group has something to learn from and nobody can skip work.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_OFFLINE="1")  # before transformers reads them

import datasets
import gymnasium as gym
import torch
import transformers
import trl
from rich.console import Console
from rich.table import Table
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

import llm_envs
from llm_envs.chat import ByteTokenizer
from llm_envs.envs.arithmetic import Arithmetic
from llm_envs.trainers import grpo
from llm_envs.trainers.config import GRPOConfig
from llm_envs.trainers.demo import small_model
from llm_envs.trainers.run import Run
from llm_envs.types import Task

ENV, DIFFICULTY = "bench/Coin-v0", 1
GROUPS, GROUP_SIZE = 32, 8
REPLY_TOKENS = (8, 32)
LEARNING_RATE = 1e-4
UNCOUNTED = slice(2, -1)


@llm_envs.register(ENV)
class Coin(Arithmetic):
    """Sums whose reward has nothing to do with them."""

    def verify(self, task: Task, reply: str) -> float:
        """Heads or tails."""
        return toss(reply)


def toss(reply: str) -> float:
    """1 for every other reply, by its characters."""
    return float(sum(map(ord, reply)) % 2)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    title = f"GRPO on {arguments.device}, {torch.get_num_threads()} threads, samples/s"
    table = Table("reply tokens", f"TRL {trl.__version__}", "llm-envs", "ratio", title=title)
    with tempfile.TemporaryDirectory() as folder:
        small_model(seed=0).save_pretrained(folder)
        for tokens in REPLY_TOKENS:
            peer = rate(with_trl(folder, arguments.device, arguments.steps + 3, tokens))
            ours = rate(with_llm_envs(folder, arguments.device, arguments.steps + 3, tokens))
            table.add_row(f"{tokens}", f"{peer:,.0f}", f"{ours:,.0f}", f"{ours / peer:.1f}")
    Console().print(table)


def rate(step_seconds: list[float]) -> float:
    """Samples per second of the median step."""
    return GROUPS * GROUP_SIZE / statistics.median(step_seconds[UNCOUNTED])


class Stopwatch(Run):
    """A run that remembers how long its steps took."""

    def log(self, step: int, metrics: Mapping[str, float], timings: Mapping[str, float]) -> None:
        """One step."""
        self.step_seconds = [*getattr(self, "step_seconds", []), timings["seconds"]]
        super().log(step, metrics, timings)


def with_llm_envs(model: str, device: str, steps: int, tokens: int) -> list[float]:
    """Seconds of each step."""
    config = GRPOConfig(
        env=ENV,
        difficulty=DIFFICULTY,
        model=model,
        device=device,
        steps=steps,
        groups=GROUPS,
        group_size=GROUP_SIZE,
        max_new_tokens=tokens,
        learning_rate=LEARNING_RATE,
        eval_every=steps,
        save_every=steps,
        eval_episodes=1,
        test_episodes=1,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = Stopwatch.create(Path(folder), "grpo", config.to_dict())
        grpo.train(config, run)
    return run.step_seconds


class Clock(transformers.TrainerCallback):
    """Notes when steps end."""

    def __init__(self) -> None:
        self.ends = [time.perf_counter()]

    def on_step_end(self, *_: object, **__: object) -> None:
        """A step has ended."""
        self.ends.append(time.perf_counter())


def with_trl(model: str, device: str, steps: int, tokens: int) -> list[float]:
    """Seconds of each step."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = trl.GRPOTrainer(
            model=model,
            reward_funcs=reward,
            args=trl.GRPOConfig(
                output_dir=folder,
                use_cpu=device == "cpu",
                bf16=device != "cpu",
                per_device_train_batch_size=GROUPS * GROUP_SIZE,
                num_generations=GROUP_SIZE,
                max_completion_length=tokens,
                max_steps=steps,
                learning_rate=LEARNING_RATE,
                epsilon=0.2,
                epsilon_high=0.28,
                gradient_checkpointing=False,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=tasks(GROUPS * steps),
            processing_class=byte_tokenizer(),
            callbacks=[clock],
        )
        trainer.train()
    return [end - start for start, end in zip(clock.ends, clock.ends[1:], strict=False)]


def tasks(count: int) -> datasets.Dataset:
    """Prompts, as the env's own byte layout has them."""
    env = gym.make(ENV, difficulty=DIFFICULTY).unwrapped
    return datasets.Dataset.from_list([{"prompt": env.chat.decode(env.reset(seed=seed)[0])} for seed in range(count)])


def reward(completions: list[str], **_: object) -> list[float]:
    """The env's own verdict."""
    return [toss(completion) for completion in completions]


def byte_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """The byte tokenizer as Hugging Face has it: one id a character, and the control tokens."""
    tokenizer = Tokenizer(models.WordLevel({chr(i): i for i in range(256)}, unk_token="\0"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    controls = [AddedToken(name, special=True) for name in ("<|pad|>", "<|im_start|>", "<|im_end|>")]
    tokenizer.add_special_tokens(controls)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<|pad|>", eos_token="<|im_end|>")
    prompt = ByteTokenizer().encode_prompt([{"role": "user", "content": "37+58=?"}])
    assert fast(ByteTokenizer().decode(prompt))["input_ids"] == prompt
    return fast


if __name__ == "__main__":
    main()
