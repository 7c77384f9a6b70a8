"""A JSON schema that takes what it declares and nothing else, at every level.

JSON Schema lets pass what nobody has declared; a policy that invents an argument should hear of it. Objects that say
themselves what else they take, and objects that declare nothing at all, are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_envs.tools.references import referred

__all__ = ["closed"]

_TOGETHER = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else")
_APART = frozenset({*_TOGETHER, *_BRANCHES, "$ref", "dependentSchemas"})
"""What may declare a part of the same object."""

_SAYS = frozenset({"additionalProperties", "unevaluatedProperties", "patternProperties"})
_NAMED = ("properties", "patternProperties", "$defs", "definitions")


def closed(schema: Mapping[str, Any], *, modern: bool) -> dict[str, Any]:
    """The schema, with its objects closed.

    Args:
        modern: its dialect knows `unevaluatedProperties` (2019-09 and later); in older ones, objects that are put
            together of several schemas stay open.
    """
    shut: dict[str, Any] = _Closer(schema, modern=modern).value(schema)
    return shut


class _Closer:
    def __init__(self, root: Mapping[str, Any], *, modern: bool) -> None:
        self._root = root
        self._modern = modern

    def value(self, schema: Any) -> Any:
        """The schema of a whole value, closed."""
        if not isinstance(schema, Mapping):
            return schema
        shut = self._inside(schema)
        if schema.keys() & _SAYS or not self._declares(schema, ()):
            return shut
        if not schema.keys() & _APART:
            return {**shut, "additionalProperties": False}
        return {**shut, "unevaluatedProperties": False} if self._modern else shut

    def _part(self, schema: Any) -> Any:
        """The schema of a part of a value: itself open, what it holds closed."""
        return self._inside(schema) if isinstance(schema, Mapping) else schema

    def _inside(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._keyword(key, item) for key, item in schema.items()}

    def _keyword(self, key: str, item: Any) -> Any:
        if key in _NAMED and isinstance(item, Mapping):
            close = self._part if key in {"$defs", "definitions"} else self.value
            return {name: close(one) for name, one in item.items()}
        if key in {"items", "additionalProperties"}:
            return [self.value(one) for one in item] if isinstance(item, list) else self.value(item)
        if key == "prefixItems" and isinstance(item, list):
            return [self.value(one) for one in item]
        if key in _TOGETHER and isinstance(item, list):
            return [self._part(one) for one in item]
        return self._part(item) if key in _BRANCHES else item

    def _declares(self, schema: Any, inside: tuple[str, ...]) -> bool:
        """Some part of the schema names properties."""
        if not isinstance(schema, Mapping):
            return False
        if "properties" in schema:
            return True
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference not in inside:
            return self._declares(referred(self._root, reference), (*inside, reference))
        parts = [one for key in _TOGETHER if isinstance(schema.get(key), list) for one in schema[key]]
        return any(self._declares(one, inside) for one in [*parts, *map(schema.get, _BRANCHES)])
