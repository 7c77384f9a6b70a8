"""One row of a world, or words for the policy about what is not there."""

from __future__ import annotations

from typing import Any

from llm_envs.tools import ToolError
from llm_envs.world import Row, World

__all__ = ["look_up"]

_SHOWN_CHARS = 64


def look_up(world: World, what: str, sql: str, *values: Any) -> Row:
    """The first row that a SELECT finds.

    Args:
        what: is looked for, such as "order ord-17".

    Raises:
        ToolError: E_NOT_FOUND, there is none.
    """
    row = world.one(sql, *values)
    if row is None:
        raise ToolError("E_NOT_FOUND", f"there is no {what[:_SHOWN_CHARS]}")
    return row
