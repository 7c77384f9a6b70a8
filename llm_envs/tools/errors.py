"""What goes wrong when a policy calls a tool, under names that do not change.

A `ToolError` is the world's answer to the policy, which may act on it: it never ends an episode. Faults of
infrastructure are no rows of this table; they are `InfrastructureError`s, and no policy ever sees them.
"""

from __future__ import annotations

from typing import Literal, get_args

from llm_envs.errors import BadTool, did_you_mean

__all__ = ["CODES", "ErrorCode", "ToolError"]

ErrorCode = Literal[
    "E_PARSE",
    "E_UNKNOWN_TOOL",
    "E_ARGS",
    "E_PRECONDITION",
    "E_NOT_FOUND",
    "E_POLICY",
    "E_BUDGET",
    "E_TIMEOUT",
    "E_TOOL_CRASH",
]
CODES: tuple[ErrorCode, ...] = get_args(ErrorCode)


class ToolError(Exception):
    """Raised by a tool that cannot do what it was asked.

        raise ToolError("E_NOT_FOUND", f"there is no order {order_id!r}")

    Args:
        message: one sentence for the policy.

    Raises:
        BadTool: the code is none of `CODES`.
    """

    def __init__(self, code: ErrorCode, message: str) -> None:
        if code not in CODES:
            raise BadTool(
                "a tool raises an error that nobody knows",
                expected=f"one of {', '.join(CODES)}",
                received=repr(code),
                next_step=did_you_mean(str(code), CODES),
            )
        super().__init__(code, str(message))
        self.code: ErrorCode = code
        self.message = str(message)  # authors hand on what they have caught

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
