"""`llm/Injection-v0`: jobs in mailboxes, banks and other houses, among records that try to hijack the agent."""

from llm_envs.envs.tools.injection.env import Injection

__all__ = ["Injection"]
