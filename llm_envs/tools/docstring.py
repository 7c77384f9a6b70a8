"""What a docstring tells the policy: what the tool does, what each parameter means, and what it may be.

`(choices: ["red", "blue"])` at the end of a parameter's description restricts it, as in functions that are written for
Hugging Face's chat templates.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from llm_envs.errors import MissingExtra

try:
    import docstring_parser
except ModuleNotFoundError as missing:
    raise MissingExtra.of("tools", missing.name or "docstring-parser", "an env with tools") from missing

__all__ = ["Description", "Parameter", "describe"]

_CHOICES = re.compile(r"\s*\(choices:\s*(\[.*\])\s*\)\s*$", re.IGNORECASE)


class Parameter(NamedTuple):
    """What is said of one parameter.

    Args:
        choices: the values that it may have; None where nothing is said of that.
    """

    words: str
    choices: tuple[Any, ...] | None = None


class Description(NamedTuple):
    """What is said of a function, and of its parameters by name."""

    words: str
    parameters: dict[str, Parameter]


def describe(function: Callable[..., Any]) -> Description:
    """What the docstring says, in one line each."""
    parsed = docstring_parser.parse(inspect.getdoc(function) or "")
    words = " ".join(filter(None, (parsed.short_description, parsed.long_description)))
    parameters = [said for said in parsed.params if "attribute" not in said.args]
    return Description(_line(words), {said.arg_name: _parameter(said.description) for said in parameters})


def _parameter(description: str | None) -> Parameter:
    words = _line(description or "")
    found = _CHOICES.search(words)
    try:
        choices = tuple(json.loads(found[1])) if found else None
    except ValueError:
        return Parameter(words)
    return Parameter(words[: found.start()] if found else words, choices)


def _line(text: str) -> str:
    return " ".join(text.split())
