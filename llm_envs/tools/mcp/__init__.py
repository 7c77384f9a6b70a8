"""The Model Context Protocol, both ways: a server's tools in an env, and an env's episodes for any MCP client.

spec        which server is meant
connection  one session with it, on an event loop of its own
guard       no server outlives the process that started it
results     its answers in words
toolbox     its tools as an env's tools
play        the other way round: an env as a server

Needs the extra `mcp`.
"""

from llm_envs.tools.mcp.play import Play
from llm_envs.tools.mcp.toolbox import Toolbox

__all__ = ["Play", "Toolbox"]
