"""What a `$ref` of a JSON schema refers to, within the schema itself: nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["referred", "without"]


def referred(root: Mapping[str, Any], reference: str) -> Mapping[str, Any] | None:
    """The schema behind `#`, `#/$defs/Point` and the like; None where there is none."""
    start, *steps = reference.split("/")
    found: Any = root if start == "#" else None
    for step in steps:
        key = step.replace("~1", "/").replace("~0", "~")
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def without(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The schema without one of its keywords."""
    return {key: item for key, item in schema.items() if key != name}
