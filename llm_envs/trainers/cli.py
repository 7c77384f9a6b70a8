"""The commands `llm-envs train ...` and `llm-envs demo`: thin doors to the trainers.

Options are made from the fields of the configs, so a setting's name, default and help are written once. torch is
imported when a command runs, not before.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import sys
import typing
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

import click

from llm_envs.errors import BadCheckpoint, BadOption, MissingExtra
from llm_envs.trainers.config import GRPOConfig, SFTConfig, TrainConfig

if TYPE_CHECKING:
    from llm_envs.trainers.run import Run  # at run time only when a command needs it: it imports torch

__all__ = ["INTERRUPTED", "demo", "train"]

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, by convention."""

_RUNS = Path("runs")
_PACKAGES = ("torch", "transformers", "safetensors", "matplotlib", "tensorboard")

_FOLDER = click.Option(["--folder"], type=click.Path(path_type=Path), help="Where the run is kept.  [runs/<time>]")
_RESUME = click.Option(["--resume"], type=click.Path(path_type=Path), help="Go on with the run in this folder.")
_JSON = click.Option(
    ["--json", "as_json"], is_flag=True, help="Print one JSON document to stdout at the end; all else goes to stderr."
)


@click.group()
def train() -> None:
    """Train a language model on an env.

    \b
    llm-envs train sft --env llm/Math-v0 --model PATH      demonstrations first
    llm-envs train grpo --env llm/Math-v0 --model PATH     then its own attempts
    """


@click.command()
@click.argument("env_id", default="llm/Arithmetic-v0")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the run is kept.  [runs/<time>]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of weights, tasks, sampling.")
@click.option("--device", default="cpu", show_default=True, help="cpu, or cuda for bfloat16 on a GPU.")
@click.option("--json", "as_json", is_flag=True, help=_JSON.help)
def demo(env_id: str, folder: Path | None, seed: int, device: str, *, as_json: bool) -> None:
    """Teach a small model arithmetic, or a tool, from random weights, in minutes, on a CPU.

    \b
    llm-envs demo                             two-digit addition
    llm-envs demo llm/Calc-v0                 to read a cell by a call, and to say what is in it
    llm-envs demo --seed 1 --folder runs/mine

    Stopped by Ctrl-C, the same command goes on where it was.
    """
    _require_packages()
    from llm_envs.trainers import demo as trainer
    from llm_envs.trainers.run import new_folder

    place = folder or new_folder(_RUNS)
    evaluations = _interruptible(lambda: trainer.demo(place, seed, device, env_id), as_json=as_json)
    if as_json:
        _print_outcome(place, evaluations)


def _add_command(algorithm: str, config_class: type[TrainConfig], examples: str) -> None:
    """Add `llm-envs train <algorithm>`."""

    def run_trainer(folder: Path | None, resume: Path | None, *, as_json: bool, **settings: Any) -> None:
        _require_packages()
        trainer = importlib.import_module(f"llm_envs.trainers.{algorithm}")
        given = {name: value for name, value in settings.items() if value is not None}
        if resume:
            config, run = _resume(algorithm, config_class, resume, given)
        else:
            config, run = _create(algorithm, config_class, folder, given)
        _interruptible(lambda: trainer.train(config, run), as_json=as_json)
        if as_json:
            _print_outcome(run.folder, run.evaluations())
            return
        for moment, evaluation in run.evaluations().items():
            click.echo(f"test reward {moment}: {evaluation['reward']:.3f} ± {evaluation['half_width_95']:.3f}")
        click.echo(run.where())

    hints = typing.get_type_hints(config_class)
    options = [_option(setting, hints[setting.name]) for setting in dataclasses.fields(config_class)]
    help_text = f"{(config_class.__doc__ or '').strip()}\n\n\b\n{examples}"
    train.add_command(
        click.Command(algorithm, callback=run_trainer, params=[_FOLDER, _RESUME, *options, _JSON], help=help_text)
    )


def _option(setting: dataclasses.Field[Any], hint: Any) -> click.Option:
    """The option of a config's field; None where it is not given, so that the config's default holds."""
    name = "--" + setting.name.replace("_", "-")
    kind = next((part for part in typing.get_args(hint) if part is not NoneType), hint)
    default = "" if setting.default in (None, "") else f"  [{setting.default}]"
    return click.Option(
        [f"{name}/--no-{name[2:]}" if kind is bool else name],
        type=kind,
        default=None,
        help=f"{_sentence(setting.metadata['help'])}{default}",
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _create(
    algorithm: str, config_class: type[TrainConfig], folder: Path | None, given: Mapping[str, Any]
) -> tuple[TrainConfig, Run]:
    from llm_envs.trainers.run import Run, new_folder
    from llm_envs.trainers.setup import check

    if not given.get("model"):
        raise BadOption(
            "no model was named",
            expected="the folder or Hub name of a transformers causal language model",
            received="no --model",
            next_step=f"Type llm-envs train {algorithm} --model PATH.",
        )
    config = config_class(**given)
    check(config)
    return config, Run.create(folder or new_folder(_RUNS), algorithm, config.to_dict())


def _resume(
    algorithm: str, config_class: type[TrainConfig], folder: Path, given: Mapping[str, Any]
) -> tuple[TrainConfig, Run]:
    from llm_envs.trainers.run import Run

    if given:
        raise BadOption(
            "a resumed run keeps its settings",
            expected="--resume alone",
            received=", ".join("--" + name.replace("_", "-") for name in given),
            next_step=f"Leave them out, or start a new run from a checkpoint in {folder} by --model.",
        )
    run = Run.open(folder, algorithm)
    settings = {name: value for name, value in run.config().items() if name != "algorithm"}
    try:
        return config_class.from_dict(settings), run
    except (BadOption, TypeError) as error:
        raise BadCheckpoint(
            f"{folder} holds settings that no {algorithm} run has",
            expected=f"what llm-envs train {algorithm} wrote to run.json",
            received=error.message if isinstance(error, BadOption) else str(error),
            next_step=f"Repair {folder / 'run.json'}, or start a new run.",
        ) from error


def _interruptible(work: Callable[[], Any], *, as_json: bool) -> Any:
    """What it gives; Ctrl-C ends the program without a traceback."""
    try:
        with redirect_stdout(sys.stderr if as_json else sys.stdout):
            return work()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _print_outcome(folder: Path, evaluations: Mapping[str, Any]) -> None:
    click.echo(json.dumps({"folder": str(folder), "evaluations": evaluations}, indent=2))


def _require_packages() -> None:
    for package in _PACKAGES:
        if importlib.util.find_spec(package) is None:
            raise MissingExtra.of("train", package, "training")


_add_command(
    "grpo",
    GRPOConfig,
    "llm-envs train grpo --env llm/Math-v0 --model Qwen/Qwen3-0.6B --device cuda --learning-rate 1e-6\n"
    "llm-envs train grpo --env llm/GuessNumber-v0 --difficulty 1 --model runs/mine/checkpoint/step-300\n"
    "llm-envs train grpo --resume runs/2026-11-20T13-26-02",
)
_add_command(
    "sft",
    SFTConfig,
    "llm-envs train sft --env llm/Arithmetic-v0 --difficulty 1 --model PATH --target-reward 0.3\n"
    "llm-envs train sft --resume runs/2026-11-20T13-26-02",
)
