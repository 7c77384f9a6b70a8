"""What a training run is told: typed settings, checked when they are made.

A setting's help text stands beside its default; the command line is made from both. Importing this imports no torch.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Self

from llm_envs.errors import BadOption, did_you_mean

__all__ = ["GRPOConfig", "SFTConfig", "TrainConfig"]


_SEEDS_PER_RUN = 10**12
"""More tasks than any run draws."""


def _setting(default: Any, explanation: str, *, least: float | None = None, below: float | None = None) -> Any:
    """A field with a default, one line of help, and the range it is checked against: least <= value < below."""
    return field(default=default, metadata={"help": explanation, "least": least, "below": below})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """What every trainer is told.

    Raises:
        BadOption: a setting is out of range.
    """

    env: str = _setting("llm/Arithmetic-v0", "registered id of the env")
    model: str = _setting("", "folder or Hub name of a transformers causal language model")
    tokenizer: str = _setting("", "tokenizer of the env; left out, the model's own, or bytes if it has none")
    difficulty: int | None = _setting(None, "difficulty of the tasks; left out, the env draws it")
    curriculum: bool = _setting(False, "start at --difficulty, or 0, and let it follow the success rate in training")
    max_new_tokens: int | None = _setting(None, "longest turn, in tokens; left out, the env's own limit", least=1)
    steps: int = _setting(400, "steps, each on a fresh batch of episodes", least=1)
    learning_rate: float = _setting(1e-5, "peak learning rate of AdamW", least=0.0)
    warmup_steps: int = _setting(20, "steps in which the learning rate rises; it then falls linearly", least=0)
    weight_decay: float = _setting(0.0, "of AdamW", least=0.0)
    max_grad_norm: float = _setting(1.0, "gradients are scaled down to this norm", least=0.0)
    micro_batch_tokens: int = _setting(16_384, "positions in one forward pass; lower it to save memory", least=1)
    eval_every: int = _setting(20, "steps between evaluations on the validation split", least=1)
    eval_episodes: int = _setting(256, "episodes in one evaluation", least=1)
    test_episodes: int = _setting(512, "episodes in the evaluations on the test split, before and after", least=1)
    save_every: int = _setting(50, "steps between checkpoints", least=1)
    seed: int = _setting(0, "of tasks and sampling", least=0)
    device: str = _setting("cpu", "where to train: cpu, or cuda for bfloat16 on a GPU")

    def __post_init__(self) -> None:
        for setting in dataclasses.fields(self):
            _check_range(setting.name, getattr(self, setting.name), setting.metadata)

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return dataclasses.asdict(self)

    def task_seeds(self, step: int, count: int) -> range:
        """Seeds of the tasks of one step; those of different steps differ, and those of different runs."""
        first = self.seed * _SEEDS_PER_RUN + step * count
        return range(first, first + count)

    @classmethod
    def from_dict(cls, settings: dict[str, Any]) -> Self:
        """The config that `to_dict` wrote.

        Raises:
            BadOption: a setting is unknown or out of range.
        """
        names = [setting.name for setting in dataclasses.fields(cls)]
        for name in settings:
            if name not in names:
                raise BadOption(
                    f"unknown setting {name!r}",
                    expected=f"a setting of {cls.__name__}",
                    received=name,
                    next_step=did_you_mean(name, names),
                )
        return cls(**settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SFTConfig(TrainConfig):
    """Supervised fine-tuning on the env's own demonstrations."""

    batch_size: int = _setting(128, "demonstrations a step", least=1)
    target_reward: float = _setting(1.0, "stop as soon as the validation reward reaches this", least=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GRPOConfig(TrainConfig):
    """Group-relative policy optimization."""

    groups: int = _setting(32, "tasks a step", least=1)
    group_size: int = _setting(8, "episodes a task", least=2)
    updates: int = _setting(1, "optimizer steps on each batch of episodes", least=1)
    temperature: float = _setting(1.0, "of sampling", least=1e-6)
    clip_low: float = _setting(0.2, "how far the probability ratio may fall below 1", least=0.0, below=1.0)
    clip_high: float = _setting(0.28, "how far the probability ratio may rise above 1", least=0.0)
    kl_weight: float = _setting(0.0, "of the divergence from the model at the start", least=0.0)
    kept_groups: int = _setting(1, "groups of each step whose episodes the run keeps to look at", least=0)
    divide_by_std: bool = _setting(True, "divide advantages by the group's standard deviation")


def _check_range(name: str, value: Any, metadata: Any) -> None:
    least, below = metadata["least"], metadata["below"]
    if value is None or least is None:
        return
    if not (value >= least and (below is None or value < below)):
        upper = "" if below is None else f" and below {below:g}"
        raise BadOption(
            f"{name} is out of range",
            expected=f"at least {least:g}{upper}",
            received=value,
            next_step=f"Pass --{name.replace('_', '-')} with a value in that range.",
        )
