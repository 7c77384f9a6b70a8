"""What a server says: right answers, wrong ones, and to whom none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llm_envs.chat import ChatTokenizer
from llm_envs.testing.fake_server.speech import Asked, Raw, Said, Speaker, trouble

__all__ = ["Answer", "Manners"]

Answer = Callable[[Asked], str | Said | Raw]


class Manners:
    """Of one server; its arguments are those of `FakeServer`."""

    def __init__(
        self,
        answer: Answer | None,
        tokenizer: ChatTokenizer,
        *,
        models: Sequence[str],
        key: str,
        retry_after_s: float,
        refuses: Sequence[str],
        gives_ids: bool,
        context_length: int | None,
    ) -> None:
        self.answer = answer or _echo
        self._speaker = Speaker(tokenizer, gives_ids=gives_ids)
        self._models = models
        self._key = key
        self._retry_after_s = retry_after_s
        self._refuses = frozenset(refuses)
        self._gives_ids = gives_ids
        self._context_length = context_length

    def faulty(self, asked: Asked) -> Raw:
        """An answer that is none."""
        if asked.fault == "malformed":
            return _broken(self.spoken(asked))
        if asked.fault in {"no_choices", "null_content"}:
            return _emptied(self.spoken(asked), asked.fault)
        if asked.fault == "429":
            return trouble(429, "Too many requests.", headers={"Retry-After": f"{self._retry_after_s:g}"})
        if asked.fault in {"500", "503"}:
            return trouble(int(asked.fault), "Something is wrong with the server.")
        return Raw(502 if asked.fault == "502" else 200, _NO_PAGE)

    def spoken(self, asked: Asked) -> Raw:
        """What is right."""
        try:
            said = self.answer(asked)
        except Exception as error:  # noqa: BLE001 (the test's own function: its author must see what it raised)
            return trouble(400, f"The answer function raised {error!r}")
        if isinstance(said, Raw):
            return said
        return self._speaker.answer(asked, Said(said) if isinstance(said, str) else said)

    def refusal(self, asked: Asked) -> Raw | None:
        """Why it will not answer, if it will not."""
        if refusal := self.turned_away(asked.headers):
            return refusal
        if not asked.body or asked.body.get("stream"):
            return trouble(400, "The body must be a JSON object that asks for no stream.")
        model = asked.body.get("model")
        if model not in self._models:
            return trouble(404, f"The model `{model}` does not exist.", "model_not_found")
        if unknown := self._refuses & asked.body.keys():
            return trouble(400, f"Unrecognized request argument supplied: {min(unknown)}", "unknown_parameter")
        return self._overflow(asked)

    def turned_away(self, headers: Mapping[str, str]) -> Raw | None:
        """What is said to those without the key."""
        if self._key and headers.get("authorization") != f"Bearer {self._key}":
            return trouble(401, "Incorrect API key provided.", "invalid_api_key")
        return None

    def _overflow(self, asked: Asked) -> Raw | None:
        longest = self._context_length
        wanted = asked.prompt_tokens + (asked.body.get("max_tokens") or 1)
        if longest is None or wanted <= longest:
            return None
        message = (
            f"This model's maximum context length is {longest} tokens. However, you requested {wanted} tokens "
            f"({asked.prompt_tokens} in the messages, {wanted - asked.prompt_tokens} in the completion). Please reduce "
            "the length of the messages or completion."
        )
        return trouble(400, message, "context_length_exceeded")

    def cards(self) -> list[dict[str, Any]]:
        """What models there are."""
        more = {"max_model_len": self._context_length} if self._gives_ids and self._context_length else {}
        return [{"id": name, "object": "model", "owned_by": "fake", **more} for name in self._models]


_NO_PAGE = "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>\n"


def _echo(asked: Asked) -> str:
    return f"{len(asked.text)} characters, the last ones {asked.text[-20:]!r}"


def _broken(answer: Raw) -> Raw:
    """The same, breaking off in the middle, and calling itself JSON."""
    return Raw(200, answer.content[: len(answer.content) // 2].decode("utf-8", "ignore"), is_json=True)


def _emptied(answer: Raw, fault: str) -> Raw:
    """The same, with nothing said; what is no answer of ours stays as it is."""
    if isinstance(answer.body, str):
        return answer
    plain = json.loads(answer.content)
    if fault == "no_choices":
        return Raw(200, {**plain, "choices": []})
    for choice in plain.get("choices", ()):
        choice.update({"text": None} if "text" in choice else {"message": {"role": "assistant", "content": None}})
    return Raw(200, plain)
