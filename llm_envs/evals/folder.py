"""The folder of one run, evaluation or training: the plan, the journal, and what is worked out from them.

    runs/llm-Math-v0-mock-gold--1f0c8a2b/
    ├── run.json        what was to be done, by which versions
    ├── journal.log     everything that happened, in order: see `llm_envs.evals.records`
    ├── summary.json    the figures
    ├── report.html     everything, to look at
    └── files/          what did not fit a record, such as screenshots

Only `run.json` and `journal.log` are truth; the others can be made again from them.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import llm_envs
from llm_envs.errors import BrokenRun, LLMEnvsError, StorageFailed
from llm_envs.evals.journal import read_records, unwritten
from llm_envs.evals.plan import Plan
from llm_envs.evals.records import Episode, ErrorRecord, Reply, attempt_of
from llm_envs.evals.storage import scratch_of, write_whole
from llm_envs.policies.model import Attempt

__all__ = ["FORMAT", "Listener", "RunFolder", "about_run", "reply_of", "write_about"]

FORMAT = 1
"""Of the folder; it rises when older versions could no longer read it."""

_JOURNAL = "journal.log"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run folder that is there.

    Args:
        path: of the folder.
        about: what run.json says.
    """

    path: Path
    about: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path) -> Self:
        """The run in `path`.

        Raises:
            BrokenRun: there is none, or a newer version has written it.
        """
        try:
            about = json.loads((path / "run.json").read_text(encoding="utf-8"))
            version = int(about["format"])
        except OSError as error:
            raise BrokenRun(
                f"{path} holds no run",
                expected="a folder with run.json and journal.log, such as `llm-envs eval` makes",
                received=f"run.json: {error.strerror}" if path.is_dir() else f"{path}: {error.strerror}",
                next_step="Name the folder that the run said it was kept in; ls runs shows those at the usual place.",
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise BrokenRun(
                f"{path / 'run.json'} is damaged",
                expected="what llm-envs has written",
                received=f"{type(error).__name__}: {error}",
                next_step="Restore the file from a copy, or name another folder.",
            ) from error
        if version > FORMAT:
            raise BrokenRun(
                f"{path} was written by a newer llm-envs",
                expected=f"format {FORMAT} or lower",
                received=f"format {version}, by llm-envs {about.get('versions', {}).get('llm-envs', 'unknown')}",
                next_step="Update llm-envs, or name another folder.",
            )
        named = path.name not in {"", ".."}  # what is made beside a run is called after it
        return cls(path if named else path.resolve(), about)

    @classmethod
    def create(cls, path: Path, plan: Plan) -> Self:
        """A folder for a run of `plan`: a new one, or one that holds a run of the same plan, to go on with.

        Raises:
            BrokenRun: it holds another run, or something else.
            RunBusy: another process is writing to it.
            StorageFailed: it cannot be written.
        """
        about = about_run("evaluation", plan=plan.to_dict())
        if not (path / "run.json").exists() and path.is_dir() and not _is_bare(path):
            raise BrokenRun(
                f"{path} holds something that is no run",
                expected="a new or empty folder, or a run to go on with",
                received="a folder with other files",
                next_step="Name another folder by --folder.",
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
            with unwritten(path / _JOURNAL):  # a run that goes on elsewhere keeps its plan
                if (path / "run.json").exists():
                    held = cls.open(path)
                    held.require(plan)
                    about = {**held.about, "plan": plan.to_dict()}
                write_about(path, about)
        except LLMEnvsError:
            raise
        except OSError as error:
            raise StorageFailed(
                f"{path} cannot be made a run folder",
                expected="a place this user may write to",
                received=f"{type(error).__name__}: {error}",
                next_step="Name another folder by --folder.",
            ) from error
        return cls(path, about)

    def require(self, plan: Plan) -> None:
        """Raise BrokenRun unless a run of `plan` may go on here."""
        held = self.plan
        if differences := plan.differences(held):
            raise BrokenRun(
                f"{self.path} holds another run",
                expected="the plan of that run; only the numbers of tasks and samples may differ",
                received="; ".join(differences),
                next_step="Name another folder by --folder, or leave --folder out: each plan has a folder of its own.",
            )
        if plan.tasks < held.tasks or plan.samples < held.samples:
            raise BrokenRun(
                f"{self.path} holds a larger run of this plan",
                expected=f"-n {held.tasks} -k {held.samples} or more: a run may grow in its folder",
                received=f"-n {plan.tasks} -k {plan.samples}",
                next_step="Give its own numbers to see its figures, or name another folder by --folder.",
            )

    @property
    def kind(self) -> str:
        """`evaluation` or `training`."""
        return str(self.about.get("kind"))

    @property
    def journal(self) -> Path:
        """The file of records."""
        return self.path / _JOURNAL

    @property
    def plan(self) -> Plan:
        """What was to be done.

        Raises:
            BrokenRun: it cannot be read, or the folder is a training run's, which has none.
        """
        if self.kind == "training":
            raise BrokenRun(
                f"{self.path} holds a training run, which has no plan",
                expected="an evaluation",
                next_step=f"Look at it with llm-envs view {self.path}, or evaluate its checkpoint with llm-envs eval.",
            )
        return Plan.from_dict(self.about.get("plan", {}))

    def outcomes(self) -> Iterator[Episode | ErrorRecord]:
        """Everything that came of the attempts, as it happened; errors that a later try overcame included.

        Raises:
            BrokenRun: the journal is damaged.
        """
        listener = Listener()
        for record in read_records(self.journal) if self.journal.exists() else ():
            outcome = listener.hear(record)
            if outcome is not None:
                yield outcome


class Listener:
    """Hears the records of a journal in order, and joins replies to the episodes that they are of."""

    def __init__(self) -> None:
        self.unfinished: dict[Attempt, list[Reply]] = {}
        """The replies that count of attempts which have not been scored."""

    def hear(self, record: dict[str, Any]) -> Episode | ErrorRecord | None:
        """What came of an attempt, if this record says so; the record is used up."""
        kind = record.pop("kind")
        if kind == "reply":
            self.unfinished.setdefault(attempt_of(record), []).append(reply_of(record))
        elif kind == "restart":
            self.unfinished.pop(attempt_of(record), None)
        elif kind == "episode":
            return Episode(**record, replies=self.unfinished.pop(attempt_of(record), []))
        elif kind == "error":
            return ErrorRecord(**record)
        return None


def reply_of(record: Mapping[str, Any]) -> Reply:
    """The reply that a record tells of."""
    return Reply(**{name: value for name, value in record.items() if name not in {"kind", "env", "task", "sample"}})


def about_run(kind: str, **contents: Any) -> dict[str, Any]:
    """What run.json says of a run of `kind`."""
    versions = {"llm-envs": llm_envs.__version__, "python": platform.python_version()}
    return {"format": FORMAT, "kind": kind, **contents, "versions": versions}


def write_about(path: Path, about: Mapping[str, Any]) -> None:
    """Write a run's run.json."""
    write_whole(path / "run.json", json.dumps(about, indent=2) + "\n")


def _is_bare(path: Path) -> bool:
    """Nothing is in a folder but what a run leaves that was killed before it began."""
    left = {scratch_of(path / "run.json").name, _JOURNAL}
    return all(file.name in left for file in path.iterdir()) and not _has_size(path / _JOURNAL)


def _has_size(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
