"""One tool: a function, what it takes, and what kind of thing it does.

    @tool(kind="write")
    def cancel_order(world: Injected[World], order_id: str) -> dict[str, str]:
        '''Cancel an order that was not shipped yet.'''

What it deliberately does not do: it holds no state, and neither catches what functions raise nor words answers.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args, overload

from llm_envs.errors import BadTool, did_you_mean
from llm_envs.tools.docstring import describe
from llm_envs.tools.schema import Arguments, arguments_of

__all__ = ["Tool", "ToolKind", "tool"]

ToolKind = Literal["read", "write", "control"]
"""`read` changes nothing, `write` may, `control` is about the episode itself, such as giving up."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
"""What every template and every endpoint takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """Make one by `@tool`, `Tool.of(function)` or `Tool.from_schema(schema, function)`.

    Args:
        description: for the policy.
        arguments: what the policy may pass.
        function: called with keyword arguments, and with the env's context where it asks for it.
        timeout_s: of one call; None leaves it to the env.
    """

    name: str
    description: str
    arguments: Arguments
    kind: ToolKind
    function: Callable[..., Any]
    timeout_s: float | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadTool(
                f"a tool cannot be called {self.name!r}",
                expected="letters, digits and underscores, at most 64, no digit first",
                received=repr(self.name),
                next_step="Give it a name that tells the policy what it does, such as find_order.",
            )
        if self.kind not in get_args(ToolKind):
            raise BadTool(
                f"the tool {self.name} is of no known kind",
                expected=f"kind= one of {', '.join(get_args(ToolKind))}",
                received=repr(self.kind),
                next_step=did_you_mean(str(self.kind), get_args(ToolKind)),
            )
        if not self.description:
            raise BadTool(
                f"the tool {self.name} does not say what it does",
                expected="a docstring whose first line tells the policy when to call it",
                next_step="Write one; describe parameters under `Args:`.",
            )
        if self.timeout_s is not None and not (isinstance(self.timeout_s, (int, float)) and self.timeout_s > 0):
            raise BadTool(
                f"the tool {self.name} has no time",
                expected="timeout_s, a number of seconds above 0, or None",
                received=repr(self.timeout_s),
            )

    @classmethod
    def of(cls, function: Callable[..., Any], kind: ToolKind = "read", timeout_s: float | None = None) -> Tool:
        """A tool of a function with hints and a docstring; a Tool stays what it is.

        Raises:
            BadTool: it cannot be offered to a policy.
        """
        if isinstance(function, Tool):
            return function
        _check_function(function)
        return cls(_name_of(function), describe(function).words, arguments_of(function), kind, function, timeout_s)

    @classmethod
    def from_schema(cls, schema: Mapping[str, Any], function: Callable[..., Any], kind: ToolKind = "read") -> Tool:
        """A tool of a JSON schema, bare or as `{"type": "function", "function": {...}}`.

        Args:
            function: takes what the schema says, by name.

        Raises:
            BadTool: the schema has no name or no description, its parameters are no schema of an object, or the
                function does not take what they say.
        """
        inner = schema.get("function", schema) if isinstance(schema, Mapping) else None
        if not isinstance(inner, Mapping):
            raise BadTool(
                "this is no schema of a tool",
                expected='{"name": ..., "description": ..., "parameters": {...}}',
                received=repr(schema),
            )
        from llm_envs.tools.json_schema import arguments_of_schema  # imported where used: jsonschema is slow to import

        _check_function(function)
        name = str(inner.get("name", ""))
        arguments = arguments_of_schema({} if inner.get("parameters") is None else inner["parameters"], name)
        _check_takes(function, arguments.schema, name)
        return cls(name, str(inner.get("description", "")), arguments, kind, function)

    @property
    def schema(self) -> dict[str, Any]:
        """As chat templates and endpoints take it."""
        inner = {"name": self.name, "description": self.description, "parameters": dict(self.arguments.schema)}
        return {"type": "function", "function": inner}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, as if it had not been decorated."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[..., Any]) -> Tool: ...


@overload
def tool(*, kind: ToolKind = "read", timeout_s: float | None = None) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(
    function: Callable[..., Any] | None = None, *, kind: ToolKind = "read", timeout_s: float | None = None
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a function a tool: `@tool`, or `@tool(kind="write")`.

    Args:
        timeout_s: of one call, where it needs less or more than the env grants.

    Raises:
        BadTool: it has no docstring, a parameter without a hint, or one that JSON cannot say.
    """
    make = partial(Tool.of, kind=kind, timeout_s=timeout_s)
    return make if function is None else make(function)


def _check_function(function: Any) -> None:
    if not callable(function):
        raise BadTool(
            "this is no tool",
            expected="a function with type hints and a docstring, or a Tool",
            received=repr(function),
            next_step="Write @tool above a function, or make one of a JSON schema: Tool.from_schema(schema, function).",
        )
    bodies = (inspect.unwrap(function), getattr(function, "__call__", None))  # noqa: B004 (of an object that is called)
    if any(inspect.iscoroutinefunction(body) or inspect.isasyncgenfunction(body) for body in bodies):
        raise BadTool(
            f"the tool {_name_of(function)} is asynchronous",
            expected="a plain function: calls are answered one after the other, in whatever thread plays the env",
            next_step="Write def, and run what must be awaited on an event loop of your own.",
        )


def _check_takes(function: Callable[..., Any], schema: Mapping[str, Any], name: str) -> None:
    """Raise BadTool where calls that fit the schema could not be made."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # a builtin that does not tell
        return
    for passed in (schema["properties"], schema.get("required", ())):  # as much, and as little, as may come
        try:
            signature.bind(**dict.fromkeys(passed))
        except TypeError as error:
            raise BadTool(
                f"the function of the tool {name} does not take what its schema says",
                expected=f"a function of ({', '.join(schema['properties'])}), with defaults for what is not required",
                received=f"{signature}: {error}",
                next_step="Let names agree, and list under `required` what has no default.",
            ) from error


def _name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
