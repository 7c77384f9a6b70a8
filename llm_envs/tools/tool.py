"""One tool: a function, what it takes, and what kind of thing it does.

    @tool(kind="write")
    def cancel_order(world: Injected[World], order_id: str) -> dict[str, str]:
        '''Cancel an order that was not shipped yet.'''

What it deliberately does not do: it holds no state, and neither catches what functions raise nor words answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, overload

from llm_envs.errors import BadTool
from llm_envs.tools.schema import Arguments, arguments_of, arguments_of_schema, describe

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
    """

    name: str
    description: str
    arguments: Arguments
    kind: ToolKind
    function: Callable[..., Any]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadTool(
                f"a tool cannot be called {self.name!r}",
                expected="letters, digits and underscores, at most 64, no digit first",
                received=repr(self.name),
            )
        if not self.description:
            raise BadTool(
                f"the tool {self.name} does not say what it does",
                expected="a docstring whose first line tells the policy when to call it",
                next_step="Write one; describe parameters under `Args:`.",
            )

    @classmethod
    def of(cls, function: Callable[..., Any], kind: ToolKind = "read") -> Tool:
        """A tool of a function with hints and a docstring; a Tool stays what it is.

        Raises:
            BadTool: it cannot be offered to a policy.
        """
        if isinstance(function, Tool):
            return function
        if not callable(function):
            raise BadTool("this is no tool", expected="a function, or a Tool", received=repr(function))
        return cls(function.__name__, describe(function)[0], arguments_of(function), kind, function)

    @classmethod
    def from_schema(cls, schema: Mapping[str, Any], function: Callable[..., Any], kind: ToolKind = "read") -> Tool:
        """A tool of a JSON schema, bare or as `{"type": "function", "function": {...}}`.

        Args:
            function: takes what the schema says, by name.

        Raises:
            BadTool: the schema has no name or no description, or its parameters are no schema of an object.
        """
        inner = schema.get("function", schema)
        name = str(inner.get("name", ""))
        arguments = arguments_of_schema(inner.get("parameters") or {}, name)
        return cls(name, str(inner.get("description", "")), arguments, kind, function)

    @property
    def schema(self) -> dict[str, Any]:
        """As chat templates and endpoints take it."""
        inner = {"name": self.name, "description": self.description, "parameters": dict(self.arguments.schema)}
        return {"type": "function", "function": inner}

    def bound(self, context: Any) -> Tool:
        """The same tool for one episode's context, which it asks for no more."""
        if not self.arguments.injected:
            return self
        return replace(self, function=partial(self.function, **{self.arguments.injected: context}))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, as if it had not been decorated."""
        return self.function(*args, **kwargs)


@overload
def tool(function: Callable[..., Any]) -> Tool: ...


@overload
def tool(*, kind: ToolKind) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(
    function: Callable[..., Any] | None = None, *, kind: ToolKind = "read"
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a function a tool: `@tool`, or `@tool(kind="write")`.

    Raises:
        BadTool: it has no docstring, a parameter without a hint, or one that JSON cannot say.
    """
    return partial(Tool.of, kind=kind) if function is None else Tool.of(function, kind)
