"""A JSON schema as a prompt shows it: no titles, no references, no detours.

Chat templates print what they are given, or walk over `properties` and `type`, and then know nothing of `$ref`. So
references are written out, what may be null is shown as what else it may be, a list of one choice as that choice, and
an enum says of which type its values are. A type that holds itself is shown once, and named where it comes again. What
is shown is never what is checked: that is the schema as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_envs.errors import BadTool
from llm_envs.tools.references import referred, without

__all__ = ["printed"]

_MOST_NODES = 2_000
"""Of one tool; references that hold references grow without bound when they are written out."""

_ONE = frozenset({"additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames"})
_SEVERAL = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LEFT_OUT = frozenset(
    {"title", "$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "unevaluatedProperties"}
)
_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def printed(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The schema of a tool's arguments, with `type`, `properties` and `required`.

    Args:
        name: of the tool, for errors.

    Raises:
        BadTool: a reference points nowhere, or the schema is too large for a prompt.
    """
    shown = _Printer(schema, name).node(schema, ())
    return {"type": "object", "properties": {}, "required": [], **shown}


class _Printer:
    """Of one schema."""

    def __init__(self, root: Mapping[str, Any], name: str) -> None:
        self._root = root
        self._name = name
        self._nodes = 0

    def node(self, value: Any, inside: tuple[str, ...]) -> Any:
        """A schema, which may be `true` or `false`; `inside` are the references that led here."""
        if not isinstance(value, Mapping):
            return value
        self._count()
        if isinstance(reference := value.get("$ref"), str):
            return self._written_out(value, reference, inside)
        if (single := _single(value)) is not None:
            return self.node(single, inside)
        shown = {key: self._keyword(key, item, inside) for key, item in value.items() if _is_shown(key, item)}
        return shown if "type" in shown or not (kind := _type_of(shown)) else {"type": kind, **shown}

    def _keyword(self, key: str, item: Any, inside: tuple[str, ...]) -> Any:
        if key in _NAMED and isinstance(item, Mapping):
            return {name: self.node(one, inside) for name, one in item.items()}
        if key in _SEVERAL and isinstance(item, list):
            return [self.node(one, inside) for one in item]
        if key == "type" and isinstance(item, list):
            rest = [one for one in item if one != "null"]
            return rest[0] if len(rest) == 1 else rest
        return self.node(item, inside) if key in _ONE else item

    def _written_out(self, value: Mapping[str, Any], reference: str, inside: tuple[str, ...]) -> Any:
        target = self._target(reference)
        if reference in inside:
            again = f"again as in {reference.rpartition('/')[2]}" if "/" in reference else "again as the whole"
            return {key: target[key] for key in ("type",) if key in target} | {"description": again}
        return self.node({**target, **without(value, "$ref")}, (*inside, reference))

    def _target(self, reference: str) -> Mapping[str, Any]:
        found = referred(self._root, reference)
        if found is not None:
            return found
        raise BadTool(
            f"the parameters of the tool {self._name} refer to what is not there",
            expected="references into the schema itself, such as #/$defs/Point",
            received=reference,
        )

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise BadTool(
                f"the parameters of the tool {self._name} are too many to show",
                expected=f"at most {_MOST_NODES:,} schemas within schemas, references written out",
                next_step="Take less, or take a text and say what stands in it.",
            )


def _is_shown(key: str, item: Any) -> bool:
    if key in _LEFT_OUT or (key == "additionalProperties" and isinstance(item, bool)):
        return False
    return (key, item) != ("default", None)


def _single(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema with its one choice in place of a list of choices; None where it has no such list."""
    for key in ("anyOf", "oneOf", "allOf"):
        given = value.get(key)
        choices = [one for one in given if one != {"type": "null"}] if isinstance(given, list) else []
        if len(choices) == 1 and isinstance(choices[0], Mapping) and not (choices[0].keys() & value.keys() - _SAID):
            return {**choices[0], **without(value, key)}
    return None


_SAID = {"description", "title", "default"}
"""What the outer schema may say over again."""


def _type_of(schema: Mapping[str, Any]) -> str | None:
    """Of the values of an enum; None where there is none, or they differ."""
    values = [schema["const"]] if "const" in schema else schema.get("enum", ())
    kinds = {_TYPES.get(type(value)) for value in values} if isinstance(values, (list, tuple)) else set()
    return kinds.pop() if len(kinds) == 1 else None
