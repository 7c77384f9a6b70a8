"""The tools of one env: what they are called, and what each call comes to.

Whatever a policy writes gets an answer in words; `InfrastructureError` alone passes through, because the episode is
then nobody's fault. A tool that raises anything else, `sys.exit` included, is its author's bug: the policy is told
E_TOOL_CRASH without details, which may hold secrets, and the details are logged.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from llm_envs.chat.calls import CallAttempt
from llm_envs.errors import BadTool, InfrastructureError, did_you_mean
from llm_envs.tools.deadline import DeadlineExceeded, within
from llm_envs.tools.errors import ErrorCode, ToolError
from llm_envs.tools.tool import Tool, ToolKind

__all__ = ["Answer", "Toolset"]

_CONTENT_CHARS = 20_000
"""Of one answer; a context has room for little more."""

_MESSAGE_CHARS = 2_000
"""Of an error; it says what is wrong, and holds no data."""

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

_log = logging.getLogger("llm_envs.tools")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to.

    Args:
        attempt: the call, with its final status.
        content: for the policy.
        code: what went wrong; None where nothing did.
        kind: of the tool; None where there is no such tool.
        value: what the tool returned.
        fault: what the tool raised where it has crashed; for its author, never for the policy.
    """

    attempt: CallAttempt
    content: str
    code: ErrorCode | None = None
    kind: ToolKind | None = None
    value: Any = None
    fault: BaseException | None = None

    @classmethod
    def of_error(cls, attempt: CallAttempt, code: ErrorCode, message: str, kind: ToolKind | None = None) -> Answer:
        """A call that has come to nothing."""
        told = {"error": code, "message": _readable(message, _MESSAGE_CHARS)}
        return cls(attempt, json.dumps(told, ensure_ascii=False), code, kind)


class Toolset(Mapping[str, Tool]):
    """Tools by name, in the order given.

    Args:
        tools: Tools, or functions with hints and docstrings.
        timeout_s: of a call of those that have none of their own; None waits for ever.

    Raises:
        BadTool: one cannot be offered, or two have one name; or it is one alone, no list of them.
    """

    def __init__(self, tools: Sequence[Tool | Callable[..., Any]], timeout_s: float | None = None) -> None:
        if callable(tools):
            raise BadTool(
                "these are no tools but one",
                expected="a list or a tuple of tools",
                received=repr(getattr(tools, "name", tools)),
                next_step="Write tools = (find_order,), with the comma.",
            )
        self._timeout_s = timeout_s
        self._told: set[tuple[str, type[BaseException]]] = set()
        self._context: Any = None
        self._tools: dict[str, Tool] = {}
        for one in map(Tool.of, tools):
            if one.name in self._tools:
                raise BadTool(
                    f"two tools are called {one.name!r}",
                    expected="a name of its own for each tool",
                    next_step="Rename one of the two functions.",
                )
            self._tools[one.name] = one
        self.schemas: tuple[Mapping[str, Any], ...] = tuple(one.schema for one in self._tools.values())

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)

    def bound(self, context: Any) -> Toolset:
        """The same tools for one episode's context."""
        bound = copy(self)
        bound._context = context  # noqa: SLF001 (its own)
        return bound

    def answer(self, attempt: CallAttempt, calls_left: int = 1) -> Answer:
        """Run one call, and word what came of it.

        Args:
            calls_left: where there are none left, none is run but those that end the episode.

        Raises:
            InfrastructureError: the world behind the tool has failed.
            BadTool: the tool has returned what JSON cannot say.
        """
        if attempt.status != "ok":
            return Answer.of_error(attempt, "E_BUDGET" if attempt.status == "too_many" else "E_PARSE", attempt.why)
        found = self._tools.get(attempt.name)
        if calls_left <= 0 and not (found and found.kind == "control"):
            return Answer.of_error(attempt, "E_BUDGET", "no calls are left in this episode: give your answer")
        if found is None:
            unknown = replace(attempt, status="unknown_tool")
            return Answer.of_error(unknown, "E_UNKNOWN_TOOL", _unknown(attempt.name, self._tools))
        try:
            arguments = found.arguments.decode(attempt.arguments, typed=attempt.typed)
        except ToolError as error:
            return Answer.of_error(replace(attempt, status="invalid_arguments"), error.code, error.message, found.kind)
        except Exception as error:  # noqa: BLE001 (a type of the author's own may check its values in any way)
            return self._crashed(found, attempt, error)
        return self._run(found, attempt, arguments)

    def _run(self, found: Tool, attempt: CallAttempt, arguments: Mapping[str, Any]) -> Answer:
        injected = found.arguments.injected
        given = {injected: self._context, **arguments} if injected else arguments
        work = partial(found.function, **given)
        timeout_s = self._timeout_s if found.timeout_s is None else found.timeout_s
        try:
            value = work() if timeout_s is None else _in_time(timeout_s, work, found.name)
        except ToolError as error:
            return Answer.of_error(attempt, error.code, error.message, found.kind)
        except (InfrastructureError, BadTool, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 (the author of a tool may have forgotten any case)
            return self._crashed(found, attempt, error)
        return Answer(attempt, _content(found.name, value), kind=found.kind, value=value)

    def _crashed(self, found: Tool, attempt: CallAttempt, error: BaseException) -> Answer:
        """What an author has not thought of; the first of its kind is logged with its stack."""
        known = (found.name, type(error)) in self._told
        self._told.add((found.name, type(error)))
        stack = None if known else _without_our_own(error)
        _log.error("the tool %s has crashed on %.500r: %r", found.name, attempt.arguments, error, exc_info=stack)
        answer = Answer.of_error(attempt, "E_TOOL_CRASH", f"{found.name} has failed", found.kind)
        return replace(answer, fault=error)


def _in_time(timeout_s: float, work: Callable[[], Any], name: str) -> Any:
    try:
        return within(timeout_s, work, name)
    except DeadlineExceeded as error:
        raise ToolError("E_TIMEOUT", str(error)) from error


def _without_our_own(error: BaseException) -> BaseException:
    """The error, its stack beginning where the author's code does."""
    stack = error.__traceback__
    while stack and stack.tb_next and stack.tb_frame.f_globals.get("__name__", "").startswith("llm_envs.tools."):
        stack = stack.tb_next
    return error.with_traceback(stack)


def _unknown(name: str, tools: Mapping[str, Tool]) -> str:
    return f"there is no tool {name[:64]!r}. {did_you_mean(name, tools)}"


def _content(name: str, value: Any) -> str:
    """What the policy reads: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return _readable(value, _CONTENT_CHARS)
    try:
        return _readable(_JSON.encode(value), _CONTENT_CHARS)
    except (TypeError, ValueError, RecursionError) as error:
        if inspect.iscoroutine(value):
            value.close()
        raise BadTool(
            f"the tool {name} has returned what JSON cannot say",
            expected="text, numbers, booleans, None, and lists and dicts of these",
            received=f"{type(value).__name__}: {error}",
            next_step="Return plain values, such as dataclasses.asdict(value) or value.isoformat().",
        ) from error


def _readable(text: str, most: int) -> str:
    """At most so many characters, and none that UTF-8 cannot carry: no tokenizer takes half a character."""
    more = len(text) - most
    text = text if more <= 0 else f"{text[:most]}\n[{more:,} more characters]"
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
