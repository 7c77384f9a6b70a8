"""`llm/Calendar-v0`: meetings of people in several time zones, rooms, and rules about both."""

from llm_envs.envs.tools.calendar.env import Calendar

__all__ = ["Calendar"]
