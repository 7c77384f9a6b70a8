"""Tools that a policy may call: plain functions with type hints and a docstring, checked, bound and answered.

Needs the extra `tools`.
"""

from llm_envs.tools.env import ToolEnv
from llm_envs.tools.errors import CODES, ErrorCode, ToolError
from llm_envs.tools.schema import Injected
from llm_envs.tools.tool import Tool, ToolKind, tool
from llm_envs.tools.toolset import Answer, Toolset

__all__ = ["CODES", "Answer", "ErrorCode", "Injected", "Tool", "ToolEnv", "ToolError", "ToolKind", "Toolset", "tool"]
