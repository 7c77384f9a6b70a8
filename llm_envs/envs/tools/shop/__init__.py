"""`llm/Shop-v0`: customer service of a shop: orders, returns, exchanges, and rules about them."""

from llm_envs.envs.tools.shop.env import Shop

__all__ = ["Shop"]
