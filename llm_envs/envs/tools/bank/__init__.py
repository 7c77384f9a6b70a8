"""`llm/Bank-v0`: a bank's assistant: transfers in two steps, limits, cards, payees, and rules about them."""

from llm_envs.envs.tools.bank.env import Bank

__all__ = ["Bank"]
