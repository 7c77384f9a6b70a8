"""The people of the word problems, and how a sentence opens with them."""

from __future__ import annotations

__all__ = ["NAMES", "opened"]

NAMES = ("Amara", "Bruno", "Chidi", "Dalia", "Emil", "Farah", "Goran", "Hana", "Ivo", "Jamila", "Kofi", "Lena")


def opened(sentence: str) -> str:
    """With a capital letter."""
    return sentence[:1].upper() + sentence[1:]
