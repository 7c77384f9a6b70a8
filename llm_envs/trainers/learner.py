"""A model, its optimizer, and how far they have come: what a checkpoint holds.

AdamW with a linear warm-up and a linear decay to zero. Weights are float32 on every device; see
`llm_envs.policies.hf.precision`. The model stays in evaluation mode, so that dropout cannot make the probabilities
that are trained differ from those that were sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from re import fullmatch

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging

from llm_envs.curriculum import Curriculum
from llm_envs.errors import BadCheckpoint, BadOption
from llm_envs.trainers.config import TrainConfig

__all__ = ["Learner", "check_device", "check_model", "learning_rate_factor", "load_model", "without_bars"]

_BETAS = (0.9, 0.95)
"""A shorter memory of squared gradients than torch's 0.999, for which runs of some hundred steps are too short."""

_STATE = "trainer.pt"


class Learner:
    """Takes optimizer steps.

    Args:
        model: trained in place.

    Attributes:
        curriculum: the difficulty of the training tasks, where the config asks for one that moves.
    """

    def __init__(self, model: PreTrainedModel, config: TrainConfig) -> None:
        self.model = model
        self.step = 0
        self.curriculum = Curriculum(config.difficulty or 0) if config.curriculum else None
        self._config = config
        self._optimizer = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, betas=_BETAS, weight_decay=config.weight_decay
        )

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return torch.device(self.model.device)

    def update(self) -> float:
        """Step along the gradients that `backward` has added up; their norm before clipping."""
        for group in self._optimizer.param_groups:
            group["lr"] = self.learning_rate
        norm: Tensor = clip_grad_norm_(self.model.parameters(), self._config.max_grad_norm)
        self._optimizer.step()
        self._optimizer.zero_grad()
        return float(norm)

    @property
    def learning_rate(self) -> float:
        """Of the step to come."""
        config = self._config
        return config.learning_rate * learning_rate_factor(self.step, config.steps, config.warmup_steps)

    def save(self, folder: Path) -> None:
        """Write model, optimizer and curriculum to `folder`."""
        with without_bars():
            self.model.save_pretrained(folder)
        state = {"step": self.step, "optimizer": self._optimizer.state_dict()}
        if self.curriculum:
            state["curriculum"] = self.curriculum.state()
        torch.save(state, folder / _STATE)

    @classmethod
    def load(cls, folder: Path, config: TrainConfig) -> Learner:
        """The learner that was saved to `folder`.

        Raises:
            BadCheckpoint: the folder holds none, or a damaged one.
            BadOption: the device is not there.
        """
        check_device(config.device)
        try:
            learner = cls(load_model(str(folder), config.device), config)
            state = torch.load(folder / _STATE, map_location="cpu", weights_only=True)
            learner.step = int(state["step"])
            learner._optimizer.load_state_dict(state["optimizer"])
            if learner.curriculum:
                learner.curriculum.restore(state["curriculum"])
        except Exception as error:  # what a damaged file raises depends on where the damage is
            raise BadCheckpoint(
                f"{folder} is no checkpoint that can be read",
                expected=f"a transformers model folder with {_STATE}",
                received=f"{type(error).__name__}: {error}",
                next_step="Remove the folder to go on from an older checkpoint, or start anew.",
            ) from error
        return learner


def learning_rate_factor(step: int, steps: int, warmup_steps: int) -> float:
    """From 1/warmup_steps up to 1 in `warmup_steps` steps, then down to 0 at `steps`; in [0, 1]."""
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    return (steps - step) / max(1, steps - warmup_steps)


def load_model(source: str, device: str) -> PreTrainedModel:
    """A causal language model in float32, in evaluation mode.

    Raises:
        BadOption: nothing of that name can be loaded, or the device is not there.
    """
    check_device(device)
    with _explained(source), without_bars():
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32)
    model.to(device)  # type: ignore[arg-type]  # transformers types it as a method of the class
    model.eval()  # type: ignore[no-untyped-call]
    return model


def check_model(source: str) -> None:
    """See whether there is a model, without reading its weights.

    Raises:
        BadOption: there is none.
    """
    with _explained(source):
        AutoConfig.from_pretrained(source)


@contextmanager
def _explained(source: str) -> Iterator[None]:
    """Turn what transformers raises into a typed error."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise BadOption(
            f"no model can be loaded from {source!r}",
            expected="the folder or Hub name of a transformers causal language model",
            received=f"{type(error).__name__}: {error}",
            next_step="Pass --model PATH.",
        ) from error


def check_device(device: str) -> None:
    """See whether there is such a device.

    Raises:
        BadOption: there is none.
    """
    if fullmatch(r"cpu|cuda(:\d+)?", device) is None:
        raise BadOption(
            "unknown device",
            expected="cpu, cuda, or cuda:N",
            received=repr(device),
            next_step="Pass --device cuda for a GPU, or --device cpu.",
        )
    number, count = int(device.partition(":")[2] or 0), torch.cuda.device_count()
    if device != "cpu" and number >= count:
        raise BadOption(
            f"there is no CUDA device {number}",
            expected=f"cpu, or one of {count} CUDA devices, counted from 0",
            received=device,
            next_step="Pass --device cpu." if not count else f"Pass --device cuda:{count - 1}.",
        )


@contextmanager
def without_bars() -> Iterator[None]:
    """Keep transformers from drawing bars of its own, for a model that takes milliseconds or among a run's."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
