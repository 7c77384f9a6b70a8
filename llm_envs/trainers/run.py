"""The folder of one training run: what it was told, how it went, and where it can go on.

    runs/2026-11-20T13-26-02/
    ├── config.json           the algorithm and its settings
    ├── metrics.csv           one row a step; only what is the same in every repetition, so no times
    ├── tensorboard/          the same, and times
    ├── reward.png            the curve
    ├── checkpoint/step-400/  the newest checkpoint: a transformers model folder, and trainer.pt
    └── evaluation.json       before and after, on the test split

A checkpoint is written beside its place and renamed into it, so a folder under its final name is whole. A run goes on
from its newest checkpoint; metrics of later steps are cut off, and come again, equal.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from llm_envs.errors import BadCheckpoint

__all__ = ["Run", "new_folder"]

_CONFIG, _METRICS, _TENSORBOARD, _CHECKPOINT = "config.json", "metrics.csv", "tensorboard", "checkpoint"
_EVALUATION = "evaluation.json"
_STEP_PREFIX = "step-"


class Run:
    """A run folder.

    Args:
        folder: an existing folder, such as `create` makes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writer: SummaryWriter | None = None

    @classmethod
    def create(cls, folder: Path, algorithm: str, settings: Mapping[str, Any]) -> Run:
        """A new run in `folder`, which must not hold one that has begun.

        Raises:
            BadCheckpoint: it does.
        """
        if (folder / _METRICS).exists():
            raise BadCheckpoint(
                f"{folder} holds a run already",
                next_step=f"Go on with it by --resume {folder}, or name another folder.",
            )
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(folder / _CONFIG, {"algorithm": algorithm, **settings})
        return cls(folder)

    @classmethod
    def open(cls, folder: Path, algorithm: str) -> Run:
        """The run in `folder`, to go on with.

        Raises:
            BadCheckpoint: the folder holds no run of this algorithm with a checkpoint.
        """
        run = cls(folder)
        if run.algorithm != algorithm:
            raise BadCheckpoint(f"{folder} is no {algorithm} run", expected=algorithm, received=run.algorithm)
        run.checkpoint()
        return run

    @property
    def algorithm(self) -> str:
        """Which trainer the run belongs to."""
        return str(self.config().get("algorithm"))

    def config(self) -> dict[str, Any]:
        """What `create` was given.

        Raises:
            BadCheckpoint: there is no readable config.
        """
        try:
            config = json.loads((self.folder / _CONFIG).read_text())
        except (OSError, ValueError) as error:
            raise BadCheckpoint(
                f"{self.folder} holds no run",
                expected=f"a folder with {_CONFIG}, such as runs/2026-11-20T13-26-02",
                received=f"{type(error).__name__}: {error}",
            ) from error
        if not isinstance(config, dict):
            raise BadCheckpoint(f"{self.folder / _CONFIG} holds no settings", received=config)
        return config

    def latest(self) -> tuple[int, Path] | None:
        """Step and folder of the newest checkpoint; None where there is none."""
        found = [(int(path.name.removeprefix(_STEP_PREFIX)), path) for path in self._checkpoints()]
        return max(found, default=None)

    def checkpoint(self) -> Path:
        """Folder of the newest checkpoint.

        Raises:
            BadCheckpoint: there is none.
        """
        latest = self.latest()
        if latest is None:
            raise BadCheckpoint(f"{self.folder} holds no checkpoint", next_step="Start the run anew.")
        return latest[1]

    def how_to_resume(self) -> str:
        """One line for a person who has interrupted it."""
        latest = self.latest()
        if latest is None:
            return "interrupted before the first checkpoint: there is nothing to go on from"
        return f"interrupted; go on from step {latest[0]} by: llm-envs train {self.algorithm} --resume {self.folder}"

    def save(self, step: int, write: Callable[[Path], None]) -> None:
        """Keep what `write` puts into the folder it is given as the checkpoint of `step`, instead of older ones."""
        older = list(self._checkpoints())
        place = self.folder / _CHECKPOINT / f"{_STEP_PREFIX}{step}"
        if place in older:
            return
        scratch = self.folder / _CHECKPOINT / ".unfinished"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        write(scratch)
        scratch.rename(place)
        for path in older:
            shutil.rmtree(path)

    def start(self, columns: Sequence[str], step: int) -> None:
        """Make ready to log what comes after `step`; what was logged of later steps is dropped.

        Raises:
            BadCheckpoint: what was logged before cannot be read.
        """
        rows = self._rows_until(step) if step else []
        with (self.folder / _METRICS).open("w", newline="") as file:
            writer = csv.DictWriter(file, ["step", *columns], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        self._columns = ["step", *columns]
        self._writer = SummaryWriter(str(self.folder / _TENSORBOARD), purge_step=step + 1 if step else None)

    def log(self, step: int, metrics: Mapping[str, float], timings: Mapping[str, float]) -> None:
        """One row of metrics; timings go to tensorboard alone."""
        with (self.folder / _METRICS).open("a", newline="") as file:
            csv.DictWriter(file, self._columns, lineterminator="\n").writerow({"step": step, **metrics})
        if self._writer is not None:
            for name, value in {**metrics, **timings}.items():
                self._writer.add_scalar(name, value, step)

    def metrics(self) -> list[dict[str, str]]:
        """The rows logged so far."""
        path = self.folder / _METRICS
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return list(csv.DictReader(file))

    def record(self, moment: str, evaluation: Mapping[str, Any]) -> None:
        """Keep an evaluation under the name of its moment, `before` or `after`."""
        _write_json(self.folder / _EVALUATION, {**self.evaluations(), moment: evaluation})

    def evaluations(self) -> dict[str, Any]:
        """What was recorded so far."""
        path = self.folder / _EVALUATION
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def close(self) -> None:
        """Flush what tensorboard holds back."""
        if self._writer is not None:
            self._writer.close()

    def _rows_until(self, step: int) -> list[dict[str, str]]:
        try:
            return [row for row in self.metrics() if int(row["step"]) <= step]
        except (KeyError, ValueError, TypeError) as error:
            raise BadCheckpoint(
                f"{self.folder / _METRICS} cannot be read",
                expected="one row a step, the step first",
                received=f"{type(error).__name__}: {error}",
                next_step="Repair or remove the file; the model and the optimizer do not depend on it.",
            ) from error

    def _checkpoints(self) -> Iterator[Path]:
        return (self.folder / _CHECKPOINT).glob(f"{_STEP_PREFIX}[0-9]*")


def new_folder(root: Path) -> Path:
    """A folder under `root` named after the time, not there yet."""
    stamp = datetime.now().astimezone().strftime("%Y-%m-%dT%H-%M-%S")
    candidates = (root / (stamp if n == 1 else f"{stamp}-{n}") for n in range(1, 1000))
    return next(path for path in candidates if not path.exists())


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Whole or not at all."""
    scratch = path.with_name(f".{path.name}")
    scratch.write_text(json.dumps(dict(value), indent=2) + "\n")
    scratch.replace(path)
