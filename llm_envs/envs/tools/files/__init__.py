"""`llm/Files-v0`: a virtual file system to search, edit and tidy up, and rules about it."""

from llm_envs.envs.tools.files.env import Files

__all__ = ["Files"]
