"""Anything that Python can call: a function that is given messages and gives back what is said next.

    def my_model(messages, temperature=1.0, seed=0):    # or async def
        return "text"                                   # or a llm_envs.policies.model.Completion

Of `temperature`, `top_p`, `max_tokens`, `seed` and `tools` it is given what its signature names, and nothing that was
not decided: its own defaults stand. The seed differs from turn to turn and from sample to sample. Plain functions run
in threads, as many at a time as there are questions open; one that hangs is given up, and its thread left alone.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import sys
import time
import traceback
from asyncio import timeout
from collections.abc import Callable, Mapping
from typing import Any

from llm_envs.errors import BadOption, LLMEnvsError, ModelUnavailable, UnknownModel, did_you_mean
from llm_envs.evals.hands import Hands
from llm_envs.policies.model import ROOM, Completion, Decoding, Level, Query
from llm_envs.policies.noise import key

__all__ = ["Function", "find_function"]

_EXAMPLE = "python:my_module:my_function"
_OPTIONS = ("temperature", "top_p", "max_tokens", "seed", "tools")
_SEED_BITS = 31
"""What every random generator takes as a seed."""


class Function:
    """A callable as a model.

    Args:
        function: called with messages, and with what it accepts of the options above.
        env_options: besides room for what it may say.
        timeout_s: for one turn.

    Raises:
        BadOption: it cannot be called like that.
    """

    level: Level = "turn"

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        decoding: Decoding,
        *,
        concurrency: int,
        timeout_s: float,
        env_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.env_options: Mapping[str, Any] = {**ROOM, **(env_options or {})}
        self._name = name
        self._function = function
        self._decoding = decoding
        self._timeout_s = timeout_s
        self._hands = Hands(concurrency)
        self._accepts = _accepted(name, function)
        self._is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 (an object may have an async one)
        )

    async def open(self) -> None:
        """Threads start when they are needed."""

    async def close(self) -> None:
        """Let idle threads end."""
        self._hands.close()

    async def reply(self, query: Query) -> Completion:
        """What the function returns.

        Raises:
            ModelUnavailable: it has raised something, or taken too long.
            BadOption: it has returned neither text nor a Completion.
        """
        began_s = time.perf_counter()
        messages = [dict(message) for message in query.messages]
        call = functools.partial(self._function, messages, **self._arguments(query))
        try:
            async with timeout(self._timeout_s):
                said = call() if self._is_async else await self._hands.do(call, self._timeout_s)
                said = await said if inspect.isawaitable(said) else said
        except LLMEnvsError:
            raise
        except (Exception, SystemExit) as error:
            raise self._unavailable(error) from error
        return self._completion(said, time.perf_counter() - began_s)

    def _arguments(self, query: Query) -> dict[str, Any]:
        offered = {
            "temperature": self._decoding.temperature,
            "top_p": self._decoding.top_p,
            "max_tokens": self._decoding.max_tokens,
            "seed": key(query.seed, *query.attempt, query.turn) % 2**_SEED_BITS,
            "tools": [dict(tool) for tool in query.env.task.tools],
        }
        return {
            name: offered[name]
            for name, is_required in self._accepts.items()
            if is_required or offered[name] is not None
        }

    def _completion(self, said: Any, took_s: float) -> Completion:
        if isinstance(said, Completion):
            return said
        if isinstance(said, str):
            return Completion(said, took_s=took_s)
        raise BadOption(
            f"{self._name} has returned something that is no turn",
            expected="text, or a llm_envs.policies.model.Completion",
            received=repr(said),
            next_step="Return the reply's text.",
        )

    def _unavailable(self, error: BaseException) -> ModelUnavailable:
        if isinstance(error, TimeoutError) and not str(error):
            return ModelUnavailable(
                f"{self._name} has not returned",
                expected=f"a reply within {self._timeout_s:g} s",
                next_step="Pass a longer --timeout, or see what it waits for.",
            )
        place = traceback.extract_tb(error.__traceback__)[-1]
        return ModelUnavailable(
            f"{self._name} has raised {type(error).__name__}: {error}",
            expected="a reply",
            received=f"an exception at {place.filename}:{place.lineno}",
            next_step="Mend the function, then give the same command again: only what failed is asked again.",
        )


def find_function(spec: str) -> Callable[..., Any]:
    """What `python:module:function` names; the current folder is looked at, too.

    Raises:
        UnknownModel: there is no such module, or nothing callable of that name in it.
        BadOption: the module breaks while it is imported.
    """
    _, _, place = spec.partition(":")
    module_name, _, name = place.partition(":")
    module = _import(spec, module_name)
    found = getattr(module, name, None)
    if callable(found):
        return found  # type: ignore[no-any-return]
    known = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
    raise UnknownModel(
        f"there is no function {name!r} in {module_name}",
        expected=f"something to call, such as {_EXAMPLE}",
        received=spec,
        next_step=did_you_mean(name, known) if name else f"Name a function, too: {_EXAMPLE}.",
    )


def _import(spec: str, name: str) -> Any:
    if not {"", os.getcwd()} & set(sys.path):  # noqa: PTH109 (sys.path holds strings)
        sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except Exception as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name in {name, name.partition(".")[0]}
        if missing or not name:
            raise UnknownModel(
                f"there is no module {name!r}",
                expected=f"a module in the current folder, or an installed one, such as {_EXAMPLE}",
                received=spec,
                next_step="Check the name, and run the command in the module's folder.",
            ) from error
        raise BadOption(
            f"the module {name!r} breaks while it is imported",
            expected="a module that can be imported",
            received=f"{type(error).__name__}: {error}",
            next_step=f'See why: python -c "import {name}"',
        ) from error


def _accepted(name: str, function: Callable[..., Any]) -> dict[str, bool]:
    """Which options a function takes, and whether it must be given them."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # some functions written in C do not tell
        return {}
    parameters = signature.parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    accepted = dict.fromkeys(_OPTIONS, False) if takes_all else {}
    for parameter in parameters:
        if parameter.name in _OPTIONS and parameter.kind in {parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            accepted[parameter.name] = parameter.default is parameter.empty
    try:
        signature.bind([], **accepted)
    except TypeError as error:
        raise BadOption(
            f"{name} cannot be called with messages",
            expected=f"a function of the messages and some of {', '.join(_OPTIONS)}",
            received=f"{signature}: {error}",
            next_step="Let it take the messages first, and give other parameters defaults.",
        ) from error
    return accepted
