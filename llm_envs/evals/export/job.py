"""Writes a run in another tool's format: which one, where to, with what choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from llm_envs.errors import BadOption, did_you_mean
from llm_envs.evals.export import dpo, inspect_log, parquet, sft, verifiers_log
from llm_envs.evals.export.choice import Choice
from llm_envs.evals.export.output import require_free
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.reading import Reading

__all__ = ["FORMATS", "Choice", "Exported", "Format", "export"]


Write = Callable[[Reading, Path, Choice, Counter[str]], int]


class Format(NamedTuple):
    """What a run can be written as.

    Args:
        file: its usual name, in the run folder.
        what: it is, in a line.
        heeds: of a Choice.
    """

    write: Write
    file: Callable[[Reading], str]
    what: str
    heeds: frozenset[str] = frozenset()


def _everything(write: Callable[[Reading, Path], int]) -> Write:
    """As `Format.write`, for formats that leave nothing out."""
    return lambda run, out, _choice, _left_out: write(run, out)


def _named(name: str) -> Callable[[Reading], str]:
    return lambda _run: name


_PAIRS = frozenset({"per_task", "seed"})

FORMATS: dict[str, Format] = {
    "parquet": Format(_everything(parquet.write), _named("episodes.parquet"), "a table of all episodes"),
    "sft": Format(sft.write, _named("sft.jsonl"), "conversations for TRL's SFTTrainer", _PAIRS | {"min_reward"}),
    "dpo": Format(dpo.write, _named("dpo.jsonl"), "pairs for TRL's DPOTrainer", _PAIRS),
    "inspect": Format(_everything(inspect_log.write), inspect_log.file_name, "a log for `inspect view`"),
    "verifiers": Format(_everything(verifiers_log.write), _named("verifiers/traces.jsonl"), "traces of `verifiers`"),
}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Args:
        rows: episodes, conversations or pairs.
        left_out: episodes that are not in it, by reason.
    """

    path: Path
    rows: int
    left_out: Counter[str] = field(default_factory=Counter)


def export(
    folder: RunFolder, to: str, out: Path | None = None, *, choice: Choice | None = None, force: bool = False
) -> Exported:
    """Write the run as `to`; memory does not grow with the run's texts.

    Args:
        to: one of `FORMATS`.
        out: the file; by default, one in the run folder.
        choice: which episodes `sft` and `dpo` take; the others take all.
        force: replace the file if it is there.

    Raises:
        BadOption: no such format; something is at `out`; nothing of the run is fit.
        BrokenRun: the run has no finished episode, or is damaged.
        MissingExtra: the format needs a package that is not installed.
        StorageFailed: the file cannot be written.
    """
    found = _format(to)
    run = Reading(folder)
    path = folder.path / found.file(run) if out is None else out
    require_free(path, force=force)
    run.require_episodes()
    left_out: Counter[str] = Counter()
    rows = found.write(run, path, choice or Choice(), left_out)
    return Exported(path, rows, +left_out)


def _format(name: str) -> Format:
    if name in FORMATS:
        return FORMATS[name]
    raise BadOption(
        f"there is no export to {name!r}",
        expected=", ".join(FORMATS),
        received=name,
        next_step=did_you_mean(name, FORMATS),
    )
