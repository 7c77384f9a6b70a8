"""`llm/MCP-v0`: tasks of a file, solved with the tools of any MCP server.

tasks    rows of a file as tasks
museum   a small server, and tasks for it beside it
env      the env
"""

from llm_envs.envs.mcp.env import MCP

__all__ = ["MCP"]
