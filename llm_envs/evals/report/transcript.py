"""One episode, whole, as the page shows it: who said what, the verdict, the times, and the tokens where they are known.

Everything in it that a model, an env or a tool wrote is text, and stays text.
"""

from __future__ import annotations

from typing import Any

from llm_envs.evals.records import Episode, Reply
from llm_envs.evals.report.vocabulary import Vocabulary

__all__ = ["transcript"]

_REPLY_FIELDS = ("finish", "prompt_tokens", "sampled_tokens", "tries", "took_s", "queued_s", "cached")


def transcript(episode: Episode, vocabulary: Vocabulary, files: list[dict[str, Any]]) -> dict[str, Any]:
    """The record that the page opens.

    Args:
        files: what `picture.shown` makes of the episode's.
    """
    return {
        "id": episode.task_id,
        "messages": _messages(episode),
        "replies": [{name: getattr(reply, name) for name in _REPLY_FIELDS} for reply in episode.replies],
        "verdict": episode.verdict,
        "reference": episode.reference,
        "truncated": episode.truncated,
        "env_s": episode.env_s,
        "verifier_s": episode.verifier_s,
        "at_s": episode.at_s,
        "files": files,
        "tokens": _tokens(episode, vocabulary),
    }


def _messages(episode: Episode) -> list[dict[str, Any]]:
    """The conversation; what the policy said carries the number of its reply."""
    found: list[dict[str, Any]] = []
    for turn in range(max(len(episode.said), len(episode.replies))):
        found += episode.said[turn] if turn < len(episode.said) else []
        if turn < len(episode.replies):
            found.append({"role": "assistant", "content": episode.replies[turn].text, "reply": turn})
    return found


def _tokens(episode: Episode, vocabulary: Vocabulary) -> list[dict[str, Any]] | None:
    """Runs of tokens with one writer each, in order; None where the policy's are not known."""
    if not episode.replies or any(reply.ids is None for reply in episode.replies):
        return None
    for reply in episode.replies:
        vocabulary.prove(reply.ids or [], reply.text)
    found: list[dict[str, Any]] = []
    said = episode.ids or []
    for turn in range(max(len(said), len(episode.replies))):
        if turn < len(said) and said[turn]:
            found.append({"kind": "env" if turn else "prompt", **_pieces(said[turn], vocabulary)})
        if turn < len(episode.replies):
            found.append(_sampled(episode.replies[turn], vocabulary))
    return found


def _sampled(reply: Reply, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "kind": "policy",
        **_pieces(reply.ids or [], vocabulary),
        "logprobs": reply.logprobs,
        "entropies": reply.entropies,
        "advantages": reply.advantages,
    }


def _pieces(ids: list[int], vocabulary: Vocabulary) -> dict[str, Any]:
    return {"ids": ids, "texts": vocabulary.pieces(ids)}
