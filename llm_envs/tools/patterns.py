"""`pattern` of JSON schemas, in time linear in what a policy passes.

Python's `re` can be made to search for years by thirty characters, and nothing interrupts it; patterns come from
whoever wrote a schema. So they are searched for by pydantic's engine, which never goes back. What that does not know,
look-around and references to groups, is left to `re`, and so are the names of `patternProperties`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema import ValidationError  # type: ignore[import-untyped]
from pydantic_core import SchemaError, SchemaValidator, core_schema

__all__ = ["pattern"]


def pattern(validator: Any, sought: str, value: Any, _schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """The keyword, as jsonschema's validators take it."""
    if validator.is_type(value, "string") and not _search(sought)(value):
        yield ValidationError(f"{value!r} does not match {sought!r}")


@lru_cache(maxsize=1024)
def _search(sought: str) -> Callable[[str], object]:
    """What tells whether the pattern is found anywhere in a text."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=sought, strict=True)).isinstance_python
    except SchemaError:
        return re.compile(sought).search
