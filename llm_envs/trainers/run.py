"""The folder of one training run: what it was told, how it went, and where it can go on.

    runs/2026-11-20T13-26-02/
    ├── run.json              the algorithm and its settings
    ├── journal.log           some episodes of each step, token by token: see `llm_envs.evals.records`
    ├── metrics.csv           one row a step; only what is the same in every repetition, so no times
    ├── tensorboard/          the same, and times
    ├── reward.png            the curve
    ├── report.html           the kept episodes, to look at
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
from llm_envs.evals.episode import episode_of, replies_of
from llm_envs.evals.folder import RunFolder, about_run, write_about
from llm_envs.evals.journal import Journal
from llm_envs.evals.records import outcome_record, reply_record
from llm_envs.evals.report import build
from llm_envs.evals.storage import write_whole
from llm_envs.policies.model import Attempt
from llm_envs.types import Trajectory

__all__ = ["Run", "new_folder"]

_ABOUT, _METRICS, _TENSORBOARD, _CHECKPOINT = "run.json", "metrics.csv", "tensorboard", "checkpoint"
_JOURNAL, _REPORT = "journal.log", "report.html"
_EVALUATION = "evaluation.json"
_STEP_PREFIX = "step-"


class Run:
    """A run folder.

    Args:
        folder: an existing folder, such as `create` makes.
        command: what a person types to go on with it; left out, `llm-envs train`.
    """

    def __init__(self, folder: Path, command: str = "") -> None:
        self.folder = folder
        self._command = command
        self._writer: SummaryWriter | None = None
        self._journal: Journal | None = None

    @classmethod
    def create(cls, folder: Path, algorithm: str, settings: Mapping[str, Any], command: str = "") -> Run:
        """A new run in `folder`: a new or empty one, or one whose run never came to a checkpoint.

        Raises:
            BadCheckpoint: the folder holds a run to go on with, or something else.
        """
        run = cls(folder, command)
        run._check_free()
        run._drop_beginnings()
        folder.mkdir(parents=True, exist_ok=True)
        write_about(folder, about_run("training", config={"algorithm": algorithm, **settings}))
        return run

    @classmethod
    def open(cls, folder: Path, algorithm: str) -> Run:
        """The run in `folder`, to go on with.

        Raises:
            BadCheckpoint: the folder holds no run of this algorithm with a checkpoint.
        """
        run = cls(folder)
        run._check_whole()
        if run.algorithm != algorithm:
            raise BadCheckpoint(
                f"{folder} is no {algorithm} run",
                expected=algorithm,
                received=run.algorithm,
                next_step=f"Go on with it by llm-envs train {run.algorithm} --resume {folder}.",
            )
        run.checkpoint()
        return run

    @property
    def is_there(self) -> bool:
        """Whether the folder holds a training run at all."""
        try:
            return "algorithm" in self.config()
        except BadCheckpoint:
            return False

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
            config = json.loads((self.folder / _ABOUT).read_text())["config"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadCheckpoint(
                f"{self.folder} holds no run",
                expected=f"a folder with {_ABOUT} of a training run, such as runs/2026-11-20T13-26-02",
                received=f"{type(error).__name__}: {error}",
                next_step="Name the folder that the run said it was kept in, or start a new run.",
            ) from error
        if not isinstance(config, dict):
            raise BadCheckpoint(
                f"{self.folder / _ABOUT} holds no settings",
                expected="a JSON object with the algorithm and its settings",
                received=config,
                next_step="Start a new run.",
            )
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
            raise BadCheckpoint(
                f"{self.folder} holds no checkpoint",
                expected=f"{_CHECKPOINT}/{_STEP_PREFIX}N in it",
                received="a run that ended before its first one",
                next_step=f"Start the run anew; --folder {self.folder} can be used again.",
            )
        return latest[1]

    def how_to_resume(self) -> str:
        """One line for a person who has interrupted it."""
        if self._command:
            return f"interrupted; go on by: {self._command}"
        latest = self.latest()
        if latest is None:
            return "interrupted before the first checkpoint: there is nothing to go on from"
        return f"interrupted; go on from step {latest[0]} by: llm-envs train {self.algorithm} --resume {self.folder}"

    def where(self) -> str:
        """One line for a person who wants to look at it."""
        report = self.folder / _REPORT
        return f"everything about this run: {self.folder}" + (f"; to look at: {report}" if report.exists() else "")

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
        self._journal = Journal(self.folder / _JOURNAL)
        self._journal.rewind(lambda record: record["kind"] == "step" and record["step"] == step)
        self._writer = SummaryWriter(str(self.folder / _TENSORBOARD), purge_step=step + 1 if step else None)

    def log(self, step: int, metrics: Mapping[str, float], timings: Mapping[str, float]) -> None:
        """One row of metrics; timings go to tensorboard alone."""
        if self._journal is not None:
            self._journal.write({"kind": "step", "step": step})
        with (self.folder / _METRICS).open("a", newline="") as file:
            csv.DictWriter(file, self._columns, lineterminator="\n").writerow({"step": step, **metrics})
        if self._writer is not None:
            for name, value in {**metrics, **timings}.items():
                self._writer.add_scalar(name, value, step)

    def keep(
        self, step: int, attempt: Attempt, trajectory: Trajectory, advantage: float, entropies: Sequence[float]
    ) -> None:
        """Keep an episode of a step, token by token, for people to look at; call it before the step's `log`.

        Args:
            entropies: of the distributions that its tokens were drawn from, one a sampled token.
        """
        if self._journal is None or not trajectory.trainable:
            return
        for reply in replies_of(trajectory, advantage, entropies):
            self._journal.write(reply_record(attempt, reply))
        self._journal.write(outcome_record(episode_of(trajectory, attempt, [], with_ids=True, step=step)))

    def metrics(self) -> list[dict[str, str]]:
        """The rows logged so far."""
        path = self.folder / _METRICS
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return list(csv.DictReader(file))

    def record(self, moment: str, evaluation: Mapping[str, Any]) -> None:
        """Keep an evaluation under the name of its moment, `before` or `after`."""
        text = json.dumps({**self.evaluations(), moment: evaluation}, indent=2) + "\n"
        write_whole(self.folder / _EVALUATION, text)

    def write_report(self) -> Path | None:
        """Write report.html, to look at the episodes that were kept; None where there are none."""
        folder = RunFolder.open(self.folder)
        return build(folder) if next(folder.outcomes(), None) else None

    def evaluations(self) -> dict[str, Any]:
        """What was recorded so far."""
        path = self.folder / _EVALUATION
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def close(self) -> None:
        """Flush what tensorboard holds back, and let go of the journal."""
        if self._writer is not None:
            self._writer.close()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _check_free(self) -> None:
        """Raise BadCheckpoint unless a run can begin here without anything being lost."""
        if self.latest() is not None:
            raise BadCheckpoint(
                f"{self.folder} holds a run already",
                expected="a new or empty folder",
                received=f"a run with {self.checkpoint().name}",
                next_step=f"Go on with it by --resume {self.folder}, or name another folder.",
            )
        if self.folder.exists() and not self.is_there and not _is_empty(self.folder):
            raise BadCheckpoint(
                f"{self.folder} holds something that is no run",
                expected="a new or empty folder",
                received="a folder with other files" if self.folder.is_dir() else "a file",
                next_step="Name another folder.",
            )

    def _check_whole(self) -> None:
        """Raise BadCheckpoint where the folder is a part of a run."""
        for parent in self.folder.parents[:2]:
            if not self.is_there and Run(parent).is_there:
                raise BadCheckpoint(
                    f"{self.folder} is a part of a run",
                    expected=f"the run's own folder, {parent}",
                    received=str(self.folder),
                    next_step=f"Pass --resume {parent}.",
                )

    def _drop_beginnings(self) -> None:
        """Remove what a run without a checkpoint has logged; nothing can go on from there."""
        for name in (_METRICS, _EVALUATION, _JOURNAL):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / _TENSORBOARD, ignore_errors=True)

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


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
