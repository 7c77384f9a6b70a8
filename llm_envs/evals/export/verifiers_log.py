"""Traces of the package `verifiers`: a file traces.jsonl, one episode a line, as its version 0.4 keeps and reads them.

`verifiers.v1.utils.trace_store.read_episodes` takes the folder that the file is in. Where the tokens of an episode are
known, they come along: ids, what was sampled, log-probabilities. Attempts that infrastructure ended are episodes
without a trace.
Source: the models of verifiers 0.4.0. Versions below 0.2 kept another file, which this is not.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from llm_envs.evals.export.output import json_line
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord, Reply
from llm_envs.evals.storage import whole_file

__all__ = ["write"]

_FINISHES = {"stop": "stop", "length": "length", "context": "length", "filter": None}


def write(run: Reading, out: Path) -> int:
    """Write the file; how many episodes are in it."""
    began_s = run.began_s
    rows = 0
    with whole_file(out, "--out") as file:
        for outcome in run.outcomes("writing"):
            file.write(json_line(_episode(outcome, run, began_s)))
            rows += 1
    return rows


def _episode(outcome: Episode | ErrorRecord, run: Reading, began_s: float) -> dict[str, Any]:
    name = run.folder.path.name
    head = {
        "id": _id(name, *outcome.attempt),
        "env": {"id": outcome.env},
        "task": _task(outcome),
        "group": {"id": _id(name, outcome.env, outcome.task)},
        "run": {"type": "eval", "id": name},
    }
    if isinstance(outcome, ErrorRecord):
        return {**head, "ok": False, "errors": [{"type": outcome.error, "message": outcome.message}], "traces": []}
    return {**head, "ok": True, "errors": [], "traces": [_trace(outcome, head, run.model, began_s)]}


def _task(outcome: Episode | ErrorRecord) -> dict[str, Any]:
    data: dict[str, Any] = {"idx": outcome.task}
    if isinstance(outcome, Episode):
        info = {"difficulty": outcome.difficulty, **outcome.tags}
        data |= {"id": outcome.task_id, "prompt": [_message(message) for message in outcome.said[0]]}
        data |= {"answer": outcome.reference, "info": info}
    return {"type": "Task", "data": data}


def _trace(episode: Episode, head: dict[str, Any], model: str, began_s: float) -> dict[str, Any]:
    verdict = episode.verdict
    nodes = list(_nodes(episode, began_s + episode.at_s))
    return {
        "version": 1,
        "id": _id(head["id"], "trace"),
        "task": head["task"],
        "agent": {"config": {"model": model}},
        "nodes": nodes,
        "calls": list(_calls(episode.replies, nodes, model)),
        "rewards": {
            name: {"score": part["score"], "weight": part["weight"]} for name, part in verdict.get("parts", {}).items()
        },
        "metrics": {"correct": float(episode.correct)},
        "info": {"reason": verdict.get("reason", ""), "stop_reason": episode.stop_reason, "fault": episode.fault},
        "is_completed": True,
        "ok": True,
        "stop_condition": "max_output_tokens" if episode.truncated else episode.stop_reason,
        "timing": {"start": began_s},
    }


def _nodes(episode: Episode, time_s: float) -> Iterator[dict[str, Any]]:
    """Every message with what it adds to the tokens, each linked to the one before."""
    for number, (message, tokens, sampled) in enumerate(_messages(episode)):
        parent = {"parent": number - 1} if number else {}
        yield {**parent, "message": _message(message), "sampled": sampled, "timestamp": time_s, **tokens}


def _messages(episode: Episode) -> Iterator[tuple[dict[str, Any], dict[str, Any], bool]]:
    """Each message, its tokens where they are known, and whether the policy said it."""
    known = episode.ids is not None and all(reply.ids is not None for reply in episode.replies)
    ids = episode.ids if known and episode.ids else []
    for said, env_ids, reply in zip_longest(episode.said, ids, episode.replies):
        for number, message in enumerate(said or ()):
            yield message, _env_tokens(env_ids) if env_ids and not number else {}, False
        if reply is not None:
            yield {"role": "assistant", "content": reply.text}, _sampled_tokens(reply) if known else {}, True


def _env_tokens(ids: Sequence[int]) -> dict[str, Any]:
    return {"token_ids": list(ids), "mask": [False] * len(ids)}


def _sampled_tokens(reply: Reply) -> dict[str, Any]:
    ids, logprobs = reply.ids or [], reply.logprobs or []
    found = {"token_ids": ids, "mask": [True] * len(ids)}
    if len(logprobs) == len(ids) and all(map(math.isfinite, logprobs)):
        found["logprobs"] = logprobs
    return found


def _calls(replies: Sequence[Reply], nodes: Sequence[dict[str, Any]], model: str) -> Iterator[dict[str, Any]]:
    spoken = [number for number, node in enumerate(nodes) if node["sampled"]]
    for node, reply in zip(spoken, replies, strict=True):
        call = {"node": node, "model": model, "finish_reason": _FINISHES[reply.finish]}
        if reply.prompt_tokens is not None and reply.sampled_tokens is not None:
            call["usage"] = {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.sampled_tokens}
        yield call


def _message(message: dict[str, Any]) -> dict[str, Any]:
    found = {"role": message["role"], "content": message["content"]}
    if message["role"] == "tool":
        found |= {"tool_call_id": message.get("tool_call_id", ""), "name": message.get("name")}
    return found


def _id(*of: Any) -> str:
    """A name that every export of the run gives."""
    return hashlib.sha256("\n".join(map(str, of)).encode()).hexdigest()[:32]
