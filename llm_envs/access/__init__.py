"""How an endpoint is reached: its address, and the key that opens it. Nothing is sent from here."""

from llm_envs.access.address import checked_address
from llm_envs.access.key import Key

__all__ = ["Key", "checked_address"]
