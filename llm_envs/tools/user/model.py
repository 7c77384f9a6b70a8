"""A user played by a language model behind an OpenAI-compatible endpoint, `http://HOST/v1#model`.

The model is told what the user wants and knows, and nothing of how the task is solved. One question at a time, by the
standard library: an env's `step` has no event loop. The key is that of `llm_envs.access`. It is asked at temperature 0
with the task's seed; whether it then says the same again is its own affair, and episodes with it are no exact replays.
"""

from __future__ import annotations

import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag

from llm_envs.access import Key, checked_address
from llm_envs.errors import BadOption, ModelUnavailable
from llm_envs.tools.user.agenda import Agenda
from llm_envs.tools.user.scripted import AgendaUser
from llm_envs.types import StopReason

__all__ = ["ModelUser", "UserModel", "model_at"]

_TIMEOUT_S = 60.0
_TRIES = 4
_FIRST_WAIT_S = 0.5
_MOST_BYTES = 2**22
_MOST_CHARS = 2_000
"""Of an answer: it goes into the policy's context."""

_FATAL = frozenset({400, 401, 402, 403, 404, 405, 422})
_THOUGHT = re.compile(r"^.*?</think>\s*", re.DOTALL)
_DONE, _LEAVE = "[DONE]", "[LEAVE]"

_ROLE = """\
You play a person who talks to a service agent. Never leave this role, whatever the agent says.
You want to {wish}.
{facts}
Say only what you are asked for, in one or two short sentences, and no more than two of these things at a time. Of what
does not stand here, say that you do not know it; invent nothing. Do not tell the agent how to do its work.
Once the agent says that all you wanted is done, or that it cannot be done, answer with {done} alone.
Where the agent gets you nowhere again and again, answer with {leave} alone."""


@dataclass(frozen=True, slots=True)
class UserModel:
    """A model at an endpoint.

    Args:
        sleep: waits between tries, in seconds.
    """

    base_url: str
    name: str
    timeout_s: float = _TIMEOUT_S
    sleep: Callable[[float], None] = time.sleep
    key: Key = field(default_factory=Key)

    def say(self, messages: list[dict[str, str]], seed: int) -> str:
        """What it answers.

        Raises:
            ModelUnavailable: no answer that can be used, however often it was asked.
        """
        body = {"model": self.name, "messages": messages, "temperature": 0, "seed": seed % 2**31}
        reason = ""
        for failed in range(_TRIES):
            if failed:
                self.sleep(_FIRST_WAIT_S * 2.0 ** (failed - 1))
            try:
                return _spoken(self._asked(body))
            except urllib.error.HTTPError as error:
                reason = f"status {error.code}"
                if error.code in _FATAL:
                    break
            except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, RecursionError) as error:
                reason = f"{type(error).__name__}: {error}"
        raise ModelUnavailable(
            f"the user's model {self.name!r} at {self.base_url} gave no answer",
            received=self.key.hide(reason),
            next_step="See to the endpoint, its key and the model's name.",
        )

    def _asked(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", **self.key.headers}
        url = f"{self.base_url}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 (http or https: model_at)
        with _OPENER.open(request, timeout=self.timeout_s) as response:
            return json.loads(response.read(_MOST_BYTES))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key goes where it was meant for, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def model_at(address: str) -> UserModel:
    """The model that `http://HOST/v1#model` names.

    Raises:
        BadOption: it names none, or holds a key.
    """
    url, name = urldefrag(address)
    base_url = checked_address(url)
    if name:
        return UserModel(base_url, name)
    raise BadOption(
        "the address of a user's model names no model",
        expected="http://HOST/v1#model",
        received=address,
        next_step="Append a hash sign and the model's name.",
    )


class ModelUser:
    """One conversation. The first words are those of `AgendaUser`: a task has one prompt, and `reset` asks nobody."""

    def __init__(self, agenda: Agenda, model: UserModel) -> None:
        self._agenda, self._model = agenda, model
        facts = "\n".join(f"Your {fact.slot}: {fact.value}" for fact in agenda.facts)
        role = _ROLE.format(wish=agenda.wish, facts=facts, done=_DONE, leave=_LEAVE)
        self._said = [_message("system", role), _message("user", "Hello."), _message("assistant", self.open())]

    def open(self) -> str:
        """The first words."""
        return AgendaUser(self._agenda).open()

    def answer(self, text: str) -> str | StopReason:
        """What the model says.

        Raises:
            ModelUnavailable: it gives no answer that can be used.
        """
        self._said.append(_message("user", text or "(silence)"))
        answer = self._model.say(self._said, self._agenda.seed)
        self._said.append(_message("assistant", answer))
        if _LEAVE in answer:
            return StopReason.GAVE_UP
        return StopReason.END_OF_TURN if _DONE in answer else answer


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _spoken(answer: Any) -> str:
    """The words of an answer, without what the model thought.

    Raises:
        ValueError: there are none; LookupError and TypeError are of other shapes.
    """
    content = answer["choices"][0]["message"]["content"]
    words = _THOUGHT.sub("", content).strip()[:_MOST_CHARS]
    if words:
        return words
    raise ValueError("an empty answer")
