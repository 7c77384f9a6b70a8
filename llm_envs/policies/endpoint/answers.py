"""What comes back: an answer, a refusal, or something that is neither and may be asked for again.

Endpoints answer with status 200 and a web page, with half a JSON object, with no choices, and with no content; none of
that is what the model said, and none of it may be scored.

Wordings of a context that overflows, as of November 2026:

- OpenAI: code `context_length_exceeded`
- vLLM: "maximum context length is", "context length is only"
- SGLang: "is longer than the model's context length", "exceeds the model's maximum context length"
- llama.cpp: type `exceed_context_size_error`, "exceeds the available context size"
- Ollama: "exceeds maximum context length"
- LM Studio: "when context the overflows", "context size has been exceeded", with status 200 at times
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NamedTuple

from llm_envs.policies.model import Completion, Finish
from llm_envs.render import visible
from llm_envs.session import LOGPROB_SLACK

__all__ = ["NoAnswer", "Refusal", "Spoken", "read"]

_TOLD_CHARS = 1_000
"""Of what a server said; web pages are long."""

_MOST_TOKENS = 2**40
"""Of one answer, in a usage that can be believed."""

_AGAIN = frozenset({408, 409, 425, 429})
_OVERLOADED = frozenset({429, 503})

_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|context_window_exceeded|(maximum|reached) context length"
    r"|max_model_len|context length is only|longer than the model'?s context length|context.{0,20}overflow"
    r"|exceeds? (the |this )?(available |model'?s |model |maximum )*context"
    r"|context (length|window|size) (of \d+ )?(has been |was |is )?exceeded|(prompt|input) is too long"
    r"|reduce the length of the (messages|prompt|input)|exceeds the maximum (allowed )?(input|model|number of tokens)",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"context (?:length|size|window)(?: is| of|:)? (?:only )?\(?(\d+)", re.IGNORECASE)

_FINISH: Mapping[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filter",
    "model_length": "context",
}
_BROKEN_OFF = frozenset({"abort", "error"})
"""Finish reasons of servers that gave up in the middle."""


class NoAnswer(Exception):
    """Nothing that the model said; asking again may help.

    Args:
        after_s: when the server wants to be asked again, where it says so.
        overloaded: it has too much to do.
    """

    def __init__(self, reason: str, *, after_s: float | None = None, overloaded: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.after_s, self.overloaded = reason, after_s, overloaded


class Refusal(NamedTuple):
    """A request that will not be answered as it is."""

    status: int
    message: str

    @property
    def is_overflow(self) -> bool:
        """The conversation does not fit the model's context."""
        return self.status == 413 or (self.status in {400, 422} and bool(_OVERFLOW.search(self.message)))

    @property
    def context_length(self) -> int | None:
        """How long a context the model takes, where the server says so."""
        found = _LIMIT.search(self.message)
        return int(found[1]) if found else None

    @property
    def is_final(self) -> bool:
        """Nobody will fare better: the key, the address or the model is wrong, or nothing is paid for."""
        return self.status < 400 or self.status in {401, 402, 403, 404, 405, 429}


class Spoken(NamedTuple):
    """An answer, and the prompt's ids as the endpoint saw them."""

    completion: Completion
    prompt_ids: Sequence[int] | None


def read(status: int, headers: Mapping[str, str], body: bytes) -> Spoken | Refusal:
    """What a response says.

    Raises:
        NoAnswer: it is no answer, and no refusal either.
    """
    if status == 200:
        plain = _parsed(body)
        return _spoken(plain) if plain.get("choices") else _excuse(body)
    if 300 <= status < 400:
        return Refusal(status, f"moved to {headers.get('location')}")
    message = _message(body)
    if status in _AGAIN or status >= 500 or status < 300:
        if status == 429 and "insufficient_quota" in message:
            return Refusal(status, message)
        after_s = _retry_after_s(headers)
        raise NoAnswer(f"status {status}: {message}", after_s=after_s, overloaded=status in _OVERLOADED)
    return Refusal(status, message)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        kind = "a web page" if body.lstrip()[:1] == b"<" else "malformed JSON"
        raise NoAnswer(f"{kind} with status 200: {_clip(body)}") from None
    if not isinstance(plain, dict):
        raise NoAnswer(f"JSON that is no object: {_clip(body)}")
    return plain


def _excuse(body: bytes) -> Refusal:
    """What a server says that has no answer, and calls it one."""
    refusal = Refusal(400, _message(body))
    if refusal.is_overflow:
        return refusal
    raise NoAnswer(f"no choices: {refusal.message}")


def _spoken(plain: dict[str, Any]) -> Spoken:
    """The first choice."""
    choice = next(iter(_list(plain.get("choices"))), None)
    if not isinstance(choice, dict):
        raise NoAnswer("a choice that is no object")
    reason = str(choice.get("finish_reason"))
    if reason in _BROKEN_OFF:
        raise NoAnswer(f"the server broke off: finish_reason {reason!r}")
    finish = _FINISH.get(reason, "stop")
    usage = plain.get("usage") if isinstance(plain.get("usage"), dict) else {}
    ids = choice.get("token_ids")
    completion = Completion(
        _text(choice, finish),
        ids=ids if _is_ids(ids) else None,
        logprobs=_logprobs(choice.get("logprobs")),
        finish=finish,
        prompt_tokens=_count(usage, "prompt_tokens"),
        sampled_tokens=_count(usage, "completion_tokens"),
    )
    prompt_ids = choice.get("prompt_token_ids") or plain.get("prompt_token_ids")
    return Spoken(completion, prompt_ids if _is_ids(prompt_ids) else None)


def _text(choice: dict[str, Any], finish: Finish) -> str:
    """All that was said, reasoning and calls of tools included."""
    message = choice.get("message")
    if not isinstance(message, dict):
        message = {"content": choice.get("text")}
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    calls = [_call(call) for call in _list(message.get("tool_calls"))]
    content = _content(message.get("content"))
    if content is None:
        refused = message.get("refusal")
        if not (refused or reasoning or calls or finish != "stop"):
            raise NoAnswer("null content")
        content = str(refused or "")
    thought = f"<think>\n{reasoning}\n</think>\n\n" if isinstance(reasoning, str) and reasoning else ""
    return thought + "\n".join([content, *calls] if content else calls)


def _content(content: Any) -> str | None:
    """A text, or the texts among its parts."""
    if isinstance(content, list):
        found = [part.get("text") if isinstance(part, dict) else part for part in content]
        return "".join(text for text in found if isinstance(text, str))
    return content if isinstance(content, str) else None


def _call(call: Any) -> str:
    """A call of a tool, as text: the form that most open models are trained on."""
    function = call.get("function") if isinstance(call, dict) else None
    function = function if isinstance(function, dict) else {}
    name, arguments = function.get("name"), function.get("arguments")
    with suppress(ValueError, RecursionError):  # a malformed call is the model's own, and stays as it is
        return _call_text(name, json.loads(arguments) if isinstance(arguments, str) else arguments)
    return _call_text(name, arguments)


def _call_text(name: Any, arguments: Any) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


def _logprobs(found: Any) -> list[float] | None:
    """Of each sampled id, in the form of chats (`content`) or completions (`token_logprobs`); None if any is amiss."""
    try:
        of_tokens = found.get("content")
        values = found["token_logprobs"] if of_tokens is None else [token["logprob"] for token in of_tokens]
        return values if values and all(-math.inf < value <= LOGPROB_SLACK for value in values) else None
    except (AttributeError, KeyError, TypeError):
        return None


def _is_ids(value: Any) -> bool:
    return isinstance(value, list) and set(map(type, value)) <= {int}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name)
    return value if type(value) is int and 0 <= value < _MOST_TOKENS else None


def _message(body: bytes) -> str:
    """What an error says, wherever a server puts it."""
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        return _clip(body)
    error = plain.get("error", plain) if isinstance(plain, dict) else plain
    if isinstance(error, str):
        return _clip(error.encode())
    if isinstance(error, dict) and isinstance(error.get("message"), str):
        words = (error.get("type"), error.get("code"), error["message"])
        return _clip(" ".join(str(word) for word in words if word).encode())
    return _clip(body)


def _clip(body: bytes) -> str:
    text = visible(" ".join(body[: 4 * _TOLD_CHARS].decode("utf-8", "replace").split()))
    return text if len(text) <= _TOLD_CHARS else text[:_TOLD_CHARS] + "..."


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds, milliseconds or a date; None where there is no sense in it."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            seconds = _until_s(value)
        if 0.0 <= seconds < math.inf:
            return seconds
    return None


def _until_s(date: str) -> float:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time())
    except ValueError:
        return math.nan
