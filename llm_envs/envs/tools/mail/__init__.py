"""`llm/Mail-v0`: somebody's mailbox: threads, namesakes, facts that were corrected later, and rules about them."""

from llm_envs.envs.tools.mail.env import Mail

__all__ = ["Mail"]
