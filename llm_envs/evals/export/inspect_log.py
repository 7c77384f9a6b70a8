"""A log that Inspect (`inspect_ai`) reads and shows: one JSON file, format version 2.

A sample of a task is an epoch, as Inspect has it; the reward and whether everything correct was found are two scores.
Attempts that infrastructure ended are samples with an error and no score. The journal is read twice, because the
figures of such a file stand before its samples.

What it deliberately does not do: it gives means alone. Intervals are `llm-envs report`'s business.
Source: https://inspect.aisi.org.uk/eval-logs.html, and the models of inspect_ai 0.3.285.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import llm_envs
from llm_envs.evals.export.output import json_line
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord, Reply
from llm_envs.evals.storage import whole_file

__all__ = ["file_name", "write"]

_STOPS = {"stop": "stop", "length": "max_tokens", "context": "model_length", "filter": "content_filter"}


def file_name(run: Reading) -> str:
    """A name that Inspect takes for a log's: time, task and id."""
    time = _time(run.began_s).partition("+")[0].replace(":", "-")
    return f"inspect/{time}_{re.sub(r'[^A-Za-z0-9]+', '-', _task_name(run)).strip('-')[:80]}_{_identity(run)}.json"


def write(run: Reading, out: Path) -> int:
    """Write the file; how many samples are in it."""
    figures = _Figures()
    for outcome in run.outcomes("counting"):
        figures.count(outcome)
    header = json_line({"version": 2, "status": _status(run, figures), **_header(run, figures)})
    rows = 0
    with whole_file(out, "--out") as file:
        file.write(header.removesuffix(b"}\n") + b',"samples":[\n')
        for rows, outcome in enumerate(run.outcomes("writing"), 1):
            file.write((b"," if rows > 1 else b"") + json_line(_sample(outcome, run.model)))
        file.write(b"]}\n")
    return rows


@dataclass(slots=True)
class _Figures:
    """What stands at the head of a log."""

    rewards: dict[str, float] = field(default_factory=dict)
    correct: dict[str, float] = field(default_factory=dict)
    scored: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    usage: Counter[str] = field(default_factory=Counter)
    last_s: float = 0.0

    def count(self, outcome: Episode | ErrorRecord) -> None:
        if isinstance(outcome, ErrorRecord):
            self.errors += 1
            return
        self.scored[outcome.env] += 1
        for sums, value in ((self.rewards, outcome.reward), (self.correct, float(outcome.correct))):
            sums[outcome.env] = sums.get(outcome.env, 0.0) + value
        self.usage.update(_usage(outcome.replies))
        self.last_s = max(self.last_s, outcome.at_s)

    def score(self, name: str, sums: dict[str, float]) -> dict[str, Any]:
        """One score's means: over everything, and of each env where there are several."""
        count = self.scored.total()
        metrics: dict[str, Any] = {"mean": {"name": "mean", "value": sum(sums.values()) / count if count else 0.0}}
        if len(self.scored) > 1:
            metrics |= {
                env: {"name": env, "group": "mean by env", "value": sums[env] / self.scored[env]} for env in self.scored
            }
        counts = {"scored_samples": count, "unscored_samples": self.errors}
        return {"name": name, "scorer": name, **counts, "params": {}, "metrics": metrics}


def _status(run: Reading, figures: _Figures) -> str:
    planned = run.plan.episodes if run.plan else figures.scored.total()
    return "success" if figures.scored.total() + figures.errors >= planned else "cancelled"


def _header(run: Reading, figures: _Figures) -> dict[str, Any]:
    """What stands between the status and the samples."""
    plan, planned = run.plan, figures.scored.total() + figures.errors
    decoding = plan.to_dict()["decoding"] if plan else {}
    return {
        "eval": _spec(run),
        "plan": {
            "name": "plan",
            "steps": [{"solver": "llm_envs", "params": {}}],
            "config": {name: decoding.get(name) for name in ("temperature", "top_p", "max_tokens") if decoding},
        },
        "results": {
            "total_samples": plan.episodes if plan else planned,
            "completed_samples": figures.scored.total(),
            "scores": [figures.score("reward", figures.rewards), figures.score("correct", figures.correct)],
        },
        "stats": {
            "started_at": _time(run.began_s),
            "completed_at": _time(run.began_s + figures.last_s),
            "model_usage": {run.model: dict(figures.usage)} if figures.usage else {},
        },
    }


def _spec(run: Reading) -> dict[str, Any]:
    plan, about = run.plan, dict(run.folder.about)
    name, identity = _task_name(run), _identity(run)
    return {
        "eval_id": identity,
        "run_id": identity,
        "created": _time(run.began_s),
        "task": name,
        "task_id": identity,
        "task_version": 0,
        "task_args": {env.label: dict(env.options) for env in plan.envs} if plan else {},
        "dataset": {"name": name, "samples": plan.tasks * len(plan.envs) if plan else None, "shuffled": False},
        "model": run.model,
        "config": {"epochs": plan.samples if plan else 1},
        "packages": {"llm_envs": about.get("versions", {}).get("llm-envs", llm_envs.__version__)},
        "metadata": about,
    }


def _task_name(run: Reading) -> str:
    plan = run.plan
    if plan is None:
        return run.folder.path.name
    return plan.suite or "+".join(env.label for env in plan.envs)


def _identity(run: Reading) -> str:
    """A name that every export of the run gives."""
    return hashlib.sha256(json.dumps(dict(run.folder.about), sort_keys=True).encode()).hexdigest()[:22]


def _sample(outcome: Episode | ErrorRecord, model: str) -> dict[str, Any]:
    place: dict[str, Any] = {"id": f"{outcome.env}/{outcome.task}", "epoch": outcome.sample + 1}
    if isinstance(outcome, ErrorRecord):
        message = f"{outcome.error} ({outcome.phase}): {outcome.message}"
        error = {"message": message, "traceback": "", "traceback_ansi": ""}
        return {**place, "input": "", "target": "", "messages": [], "error": error}
    usage = _usage(outcome.replies)
    return {
        **place,
        "input": [_message(message) for message in outcome.said[0]],
        "target": outcome.reference,
        "messages": [_message(message) for message in outcome.messages()],
        "output": _output(outcome.replies, model, usage),
        "scores": _scores(outcome),
        "metadata": _metadata(outcome),
        "model_usage": {model: usage} if usage else {},
        "total_time": _total_s(outcome),
        "working_time": _total_s(outcome) - sum(reply.queued_s for reply in outcome.replies),
        "turn_count": outcome.turns,
    }


def _message(message: dict[str, Any]) -> dict[str, Any]:
    found = {"role": message["role"], "content": message["content"]}
    if message["role"] == "assistant":
        found |= {"source": "generate"}
    if message["role"] == "tool":
        found |= {"tool_call_id": message.get("tool_call_id"), "function": message.get("name")}
    if "tool_calls" in message:
        found |= {"metadata": {"tool_calls": message["tool_calls"]}}
    return found


def _output(replies: Sequence[Reply], model: str, usage: dict[str, int]) -> dict[str, Any]:
    if not replies:
        return {"model": model, "choices": []}
    last = replies[-1]
    message = {"role": "assistant", "content": last.text, "source": "generate", "model": model}
    output = {"model": model, "choices": [{"message": message, "stop_reason": _STOPS[last.finish]}]}
    return {**output, **({"usage": usage} if usage else {}), "time": last.took_s}


def _scores(episode: Episode) -> dict[str, Any]:
    verdict = episode.verdict
    reason = verdict.get("reason", "")
    parts = {"parts": verdict.get("parts", {}), "details": verdict.get("details", {})}
    answer = {"answer": parts["details"].get("extracted")}
    return {
        "reward": {"value": episode.reward, **answer, "explanation": reason, "metadata": parts},
        "correct": {"value": "C" if episode.correct else "I", **answer, "explanation": reason},
    }


def _metadata(episode: Episode) -> dict[str, Any]:
    found: dict[str, Any] = {"task_id": episode.task_id, "stop_reason": episode.stop_reason, **episode.tags}
    found |= {"difficulty": episode.difficulty} if episode.difficulty is not None else {}
    return found | ({"fault": episode.fault} if episode.fault else {})


def _usage(replies: Sequence[Reply]) -> dict[str, int]:
    """Tokens as the endpoint counted them; nothing where it did not."""
    known = [reply for reply in replies if reply.prompt_tokens is not None or reply.sampled_tokens is not None]
    if not known:
        return {}
    prompt = sum(reply.prompt_tokens or 0 for reply in known)
    sampled = sum(reply.sampled_tokens or 0 for reply in known)
    return {"input_tokens": prompt, "output_tokens": sampled, "total_tokens": prompt + sampled}


def _total_s(episode: Episode) -> float:
    return episode.env_s + episode.verifier_s + sum(reply.took_s + reply.queued_s for reply in episode.replies)


def _time(since_1970_s: float) -> str:
    return datetime.fromtimestamp(since_1970_s, UTC).isoformat(timespec="seconds")
