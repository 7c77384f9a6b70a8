"""Where the stories take place: who has what, and what else may be said of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from llm_envs.envs.math.word_problems.people import NAMES

__all__ = ["SETTINGS", "Setting"]


class Setting(NamedTuple):
    """Who has what.

    Args:
        holders: who can have, get and give.
        things: in the plural.
        asides: sentences with a number that has nothing to do with the question; {0} is a holder.
    """

    holders: Sequence[str]
    things: Sequence[str]
    asides: Sequence[str]


_OF_CHILDREN = (
    "{0} is {1} years old.",
    "{0} lives at number {1} of the same street.",
    "{0} has read {1} books this year.",
    "{0} has a grandmother with {1} rabbits.",
)
_OF_HOUSES = (
    "{0} was founded {1} years ago.",
    "{0} has {1} windows.",
    "{0} is open for {1} hours a week.",
    "{0} had {1} visitors last Monday.",
)

SETTINGS = (
    Setting(NAMES, ("stickers", "marbles", "stamps", "shells", "beads", "trading cards"), _OF_CHILDREN),
    Setting(NAMES, ("pencils", "postcards", "pebbles", "puzzle pieces", "buttons"), _OF_CHILDREN),
    Setting(
        ("the hill farm", "the brook farm", "the valley farm", "the forest farm", "the river farm"),
        ("eggs", "pumpkins", "melons", "cabbages", "pears"),
        _OF_HOUSES,
    ),
    Setting(
        ("the town library", "the school library", "the village library", "the museum library", "the castle library"),
        ("atlases", "novels", "comics", "maps", "dictionaries"),
        _OF_HOUSES,
    ),
    Setting(
        ("the corner shop", "the station shop", "the market shop", "the harbour shop", "the garden shop"),
        ("mugs", "lamps", "umbrellas", "candles", "baskets"),
        _OF_HOUSES,
    ),
)
