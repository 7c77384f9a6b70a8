"""One row an episode, in typed columns, for pandas, polars, DuckDB and their like.

Attempts that infrastructure ended are rows too: without a reward, with their error. A mean over `reward` leaves them
out, as it should, and `outcome` says how many there are.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llm_envs.errors import MissingExtra
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.storage import whole_file

__all__ = ["write"]

_ROWS = 1_000
_CHARS = 4_000_000
"""Of a row group, whichever is reached first: what is held in memory at a time."""


_PLAIN = {
    "string": "model env task_id outcome reason status stop_reason fault reference error error_phase error_message",
    "int64": "task sample turns difficulty prompt_tokens sampled_tokens step",
    "float64": "reward model_s queued_s env_s verifier_s at_s",
    "bool": "correct truncated",
}
_FIRST = ("model", "env", "task", "sample", "outcome", "reward", "correct", "parts", "reason")
"""What people look at first stands first."""
_REPLY = {
    "string": "finish",
    "int64": "prompt_tokens sampled_tokens tries",
    "float64": "took_s queued_s",
    "bool": "cached",
}
_OF_REPLY = (*(name for some in _REPLY.values() for name in some.split()), "ids", "logprobs")
_MESSAGE = ("role", "content", "name", "tool_call_id", "tool_calls")


def write(run: Reading, out: Path) -> int:
    """Write the file; how many rows are in it.

    Raises:
        MissingExtra: PyArrow is not installed.
    """
    pyarrow, parquet = _pyarrow()
    schema = _schema(pyarrow).with_metadata({"llm_envs": json.dumps(dict(run.folder.about))})
    rows = 0
    with whole_file(out, "--out") as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(run):
            writer.write_table(_table(pyarrow, group, schema))
            rows += len(group)
    return rows


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtra.of("data", "pyarrow", "an export to parquet") from error


def _schema(pa: Any) -> Any:
    part = pa.struct([("score", pa.float64()), ("weight", pa.float64()), ("kind", pa.string())])
    lists = [("ids", pa.list_(pa.int32())), ("logprobs", pa.list_(pa.float32()))]
    nested = {
        "parts": pa.map_(pa.string(), part),
        "tags": pa.map_(pa.string(), pa.string()),
        "messages": pa.list_(pa.struct([(name, pa.string()) for name in _MESSAGE])),
        "replies": pa.list_(pa.struct([*_typed(pa, _REPLY), *lists])),
        "env_ids": pa.list_(pa.list_(pa.int32())),
    }
    found = {**dict(_typed(pa, _PLAIN)), **nested}
    return pa.schema([(name, found[name]) for name in sorted(found, key=_rank)])


def _rank(column: str) -> tuple[int, str]:
    return (_FIRST.index(column), "") if column in _FIRST else (len(_FIRST), column)


def _typed(pa: Any, names: dict[str, str]) -> list[tuple[str, Any]]:
    return [(name, pa.type_for_alias(alias)) for alias, some in names.items() for name in some.split()]


def _groups(run: Reading) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    chars = 0
    for outcome in run.outcomes("writing"):
        row = _row(outcome) if isinstance(outcome, Episode) else _error_row(outcome)
        group.append({"model": run.model, **row})
        chars += sum(len(message["content"]) for message in row.get("messages", ()))
        if len(group) >= _ROWS or chars >= _CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group


def _table(pa: Any, rows: list[dict[str, Any]], schema: Any) -> Any:
    try:
        return pa.Table.from_pylist(rows, schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist(_mended(rows), schema)


def _mended(value: Any) -> Any:
    """`value` with question marks for halves of characters, which Arrow cannot hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_mended(name): _mended(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_mended, value))
    return value


def _row(episode: Episode) -> dict[str, Any]:
    verdict, replies = episode.verdict, episode.replies
    return {
        "env": episode.env,
        "task": episode.task,
        "sample": episode.sample,
        "task_id": episode.task_id,
        "outcome": "scored",
        "reward": episode.reward,
        "correct": episode.correct,
        "parts": list(verdict.get("parts", {}).items()),
        "reason": verdict.get("reason"),
        "status": verdict.get("status"),
        "stop_reason": episode.stop_reason,
        "truncated": episode.truncated,
        "fault": episode.fault,
        "turns": episode.turns,
        "difficulty": episode.difficulty,
        "tags": list(episode.tags.items()),
        "reference": episode.reference,
        "messages": [_message(message) for message in episode.messages()],
        "replies": [{name: getattr(reply, name) for name in _OF_REPLY} for reply in replies],
        "env_ids": episode.ids,
        "prompt_tokens": _sum([reply.prompt_tokens for reply in replies]),
        "sampled_tokens": _sum([reply.sampled_tokens for reply in replies]),
        "model_s": sum(reply.took_s for reply in replies),
        "queued_s": sum(reply.queued_s for reply in replies),
        "env_s": episode.env_s,
        "verifier_s": episode.verifier_s,
        "step": episode.step,
        "at_s": episode.at_s,
    }


def _error_row(error: ErrorRecord) -> dict[str, Any]:
    return {
        "env": error.env,
        "task": error.task,
        "sample": error.sample,
        "outcome": "error",
        "turns": error.turn,
        "error": error.error,
        "error_phase": error.phase,
        "error_message": error.message,
    }


def _message(message: dict[str, Any]) -> dict[str, Any]:
    if "tool_calls" not in message:
        return message
    return {**message, "tool_calls": json.dumps(message["tool_calls"])}


def _sum(counts: list[int | None]) -> int | None:
    """Of those that are known; None where none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
