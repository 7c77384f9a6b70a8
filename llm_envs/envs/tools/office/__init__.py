"""`llm/Office-v0`: somebody's mail, and beside it a calendar, a bank or a disk: two domains in one world.

domain      what a family brings along, and how two of them become one
letters     mail that is about something in the other domain
meetings    mail and calendar
invoices    mail and bank
papers      mail and files
pairs       the env of each pair
env         `llm/Office-v0`, the mixture of them
"""

from llm_envs.envs.tools.office.env import Office

__all__ = ["Office"]
