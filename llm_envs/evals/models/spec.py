"""SPECs: how people name what is to be evaluated, and the one door from there to models.

http://host/v1#model        any OpenAI-compatible endpoint; the key comes from the environment
vllm:PATH                   a folder or Hub name, run by vLLM
hf:PATH                     the same, run by transformers
mock:gold                   also noop, random, noisy(0.8), replay(RUN)
python:module:function      a function of messages
human                       whoever sits at the terminal
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag

from llm_envs.errors import BadOption, UnknownModel, did_you_mean
from llm_envs.evals.models.function import Function, find_function
from llm_envs.evals.models.mocks import Gold, Mock, Noisy, junk, nothing
from llm_envs.evals.models.replay import Replay
from llm_envs.policies.model import Decoding, Model, Query

__all__ = ["EXAMPLES", "make_model"]

EXAMPLES: Mapping[str, str] = {
    "http": "http://localhost:8000/v1#my-model",
    "https": "https://api.example.com/v1#my-model",
    "vllm": "vllm:Qwen/Qwen3-0.6B",
    "hf": "hf:Qwen/Qwen3-0.6B",
    "mock": "mock:gold",
    "python": "python:my_module:my_function",
    "human": "human",
}
"""One of each form."""

_MOCKS = ("gold", "noop", "random", "noisy", "replay")
_MOCK = re.compile(r"(?P<name>\w*)(?:\((?P<argument>.*)\))?", re.DOTALL)


class _Asked(NamedTuple):
    """What `make_model` was asked for."""

    spec: str
    rest: str
    decoding: Decoding
    concurrency: int
    timeout_s: float
    tokenizer: str | None
    device: str

    @property
    def env_options(self) -> dict[str, Any]:
        """For models that speak text: any tokenizer will do."""
        return {"tokenizer": self.tokenizer} if self.tokenizer else {}


def make_model(
    spec: str,
    decoding: Decoding | None = None,
    *,
    concurrency: int = 64,
    timeout_s: float = 600.0,
    tokenizer: str | None = None,
    device: str = "cpu",
) -> Model:
    """The model that a SPEC names; nothing is loaded or asked before its `open`.

    Args:
        concurrency: most questions that are open at a time.
        timeout_s: for one turn, where the model has no deadlines of its own.
        tokenizer: what envs count with; the model's own, or bytes for models that speak text, unless it is given.
        device: for `hf:`.

    Raises:
        UnknownModel: there is no such form, or nothing of that name.
        BadOption: something about it cannot be.
        MissingExtra: it needs a package that is not installed.
    """
    form, _, rest = spec.partition(":")
    asked = _Asked(spec, rest, decoding or Decoding(), concurrency, timeout_s, tokenizer, device)
    if form not in _MAKERS or (form == "human" and spec != "human"):
        raise _unknown(spec, form)
    if asked.decoding.extra and not form.startswith("http"):
        raise BadOption(
            f"{form}: takes no further fields",
            expected="temperature, top_p, max_tokens",
            received=sorted(asked.decoding.extra),
            next_step="Leave them out: endpoints alone know more.",
        )
    return _MAKERS[form](asked)


def _endpoint(asked: _Asked) -> Model:
    from llm_envs.access import checked_address
    from llm_envs.policies.endpoint import Endpoint

    address, name = urldefrag(asked.spec)
    address = checked_address(address)
    if not name:
        raise BadOption(
            "the address of an endpoint names no model",
            expected=f"an address, #, and a model, such as {EXAMPLES['http']}",
            received=asked.spec,
            next_step=f"Append #MODEL; curl {address}/models lists what is served.",
        )
    return Endpoint(
        address,
        name,
        decoding=asked.decoding,
        concurrency=asked.concurrency,
        timeout_s=asked.timeout_s,
        tokenizer=asked.tokenizer,
    )


def _function(asked: _Asked) -> Model:
    return Function(
        asked.spec,
        find_function(asked.spec),
        asked.decoding,
        concurrency=asked.concurrency,
        timeout_s=asked.timeout_s,
        env_options=asked.env_options,
    )


def _mock(asked: _Asked) -> Model:
    match = _MOCK.fullmatch(asked.rest)
    name, argument = (match["name"], match["argument"]) if match else (asked.rest, None)
    if name not in _MOCKS:
        raise UnknownModel(
            f"there is no mock {name!r}",
            expected="mock:gold, mock:noop, mock:random, mock:noisy(0.8) or mock:replay(RUN)",
            received=asked.spec,
            next_step=did_you_mean(name, _MOCKS),
        )
    if name == "noisy":
        return Mock(Noisy(_probability(asked.spec, argument)), asked.env_options)
    if name == "replay":
        return _replay(asked, argument)
    if argument is not None:
        raise BadOption(f"mock:{name} takes nothing in brackets", expected=f"mock:{name}", received=asked.spec)
    says: Mapping[str, Callable[[Query], str]] = {"gold": Gold(), "noop": nothing, "random": junk}
    return Mock(says[name], asked.env_options)


def _probability(spec: str, argument: str | None) -> float:
    try:
        return float(argument or "")
    except ValueError as error:
        raise BadOption(
            "mock:noisy needs the probability of a right episode",
            expected="a number from 0 to 1 in brackets",
            received=spec,
            next_step="Write mock:noisy(0.8) for four right episodes in five.",
        ) from error


def _replay(asked: _Asked, argument: str | None) -> Model:
    if not argument:
        raise BadOption(
            "mock:replay needs a run",
            expected="a run folder in brackets",
            received=asked.spec,
            next_step="Write mock:replay(runs/NAME); ls runs shows those at the usual place.",
        )
    replay = Replay(Path(argument).expanduser())
    return Mock(replay, {**replay.env_options, **asked.env_options})


def _hf(asked: _Asked) -> Model:
    from llm_envs.evals.models.local import make_hf

    return make_hf(
        _path(asked),
        asked.decoding,
        concurrency=asked.concurrency,
        tokenizer=asked.tokenizer,
        device=asked.device,
    )


def _vllm(asked: _Asked) -> Model:
    from llm_envs.evals.models.local import make_vllm

    return make_vllm(_path(asked), asked.decoding, concurrency=asked.concurrency, tokenizer=asked.tokenizer)


def _path(asked: _Asked) -> str:
    if not asked.rest:
        raise UnknownModel(
            f"{asked.spec} names no model",
            expected=f"a folder or a Hub name, such as {EXAMPLES['hf']}",
            received=asked.spec,
        )
    return str(Path(asked.rest).expanduser()) if asked.rest.startswith("~") else asked.rest


def _human(asked: _Asked) -> Model:
    from llm_envs.evals.models.person import at_this_terminal

    return at_this_terminal(asked.env_options)


_MAKERS: Mapping[str, Callable[[_Asked], Model]] = {
    "http": _endpoint,
    "https": _endpoint,
    "vllm": _vllm,
    "hf": _hf,
    "mock": _mock,
    "python": _function,
    "human": _human,
}


def _unknown(spec: str, form: str) -> UnknownModel:
    return UnknownModel(
        f"there is no model {spec!r}",
        expected="one of " + ", ".join(EXAMPLES.values()),
        received=spec,
        next_step=_advice(spec, form),
    )


def _advice(spec: str, form: str) -> str:
    if spec in _MOCKS:
        return f"Did you mean 'mock:{spec}'?"
    if spec and ":" not in spec and ("/" in spec or Path(spec).is_dir()):
        return f"Say what is to run it: hf:{spec}, or vllm:{spec}."
    if "#" in spec:
        return f"Begin the address of an endpoint with http:// or https://, as in {EXAMPLES['http']}"
    advice = did_you_mean(form, EXAMPLES)
    if spec and ":" not in spec and advice.startswith("Known"):
        return f"Say where it runs: https://HOST/v1#{spec}, hf:{spec}, or vllm:{spec}."
    return advice
