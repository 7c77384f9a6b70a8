"""What people in a street differ in, and clues about them in plain English.

What this deliberately does not do: no clue is drawn or judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from llm_envs.envs.puzzles.street import Clue

__all__ = ["ATTRIBUTES", "Attribute", "People"]


class Attribute(NamedTuple):
    """What people differ in, and how it is said; `{}` stands for a value.

    Args:
        subject: the person, at the end of a sentence.
        is_so: says it of somebody.
        is_not: denies it of somebody.
    """

    name: str
    values: tuple[str, ...]
    subject: str
    is_so: str
    is_not: str


ATTRIBUTES = (
    Attribute(
        "name",
        ("Alice", "Boris", "Chen", "Dana", "Emil", "Farah", "Gita", "Hugo"),
        "{}",
        "is {}",
        "is not {}",
    ),
    Attribute(
        "job",
        ("baker", "farmer", "lawyer", "nurse", "painter", "pilot", "sailor", "tailor"),
        "the {}",
        "is the {}",
        "is not the {}",
    ),
    Attribute(
        "drink",
        ("cider", "cocoa", "coffee", "juice", "lemonade", "milk", "tea", "water"),
        "the person who drinks {}",
        "drinks {}",
        "does not drink {}",
    ),
    Attribute(
        "pet",
        ("cat", "dog", "hamster", "horse", "parrot", "rabbit", "snail", "turtle"),
        "the owner of the {}",
        "owns the {}",
        "does not own the {}",
    ),
    Attribute(
        "colour of house",
        ("black", "blue", "brown", "green", "purple", "red", "white", "yellow"),
        "the person in the {} house",
        "lives in the {} house",
        "does not live in the {} house",
    ),
    Attribute(
        "instrument",
        ("cello", "drums", "flute", "guitar", "harp", "piano", "trumpet", "violin"),
        "the person who plays the {}",
        "plays the {}",
        "does not play the {}",
    ),
    Attribute(
        "food",
        ("bread", "curry", "pasta", "pizza", "rice", "salad", "soup", "sushi"),
        "the person who eats {}",
        "eats {}",
        "does not eat {}",
    ),
)
"""The first is part of every puzzle. No two share a word, and every value is one."""

_SAYS = {
    "in": "{} lives in house {}.",
    "directly left of": "{} lives directly to the left of {}.",
    "left of": "{} lives somewhere to the left of {}.",
    "next to": "{} lives next to {}.",
    "two from": "There is exactly one house between that of {} and that of {}.",
}


class People(NamedTuple):
    """Who lives in a street, not yet in which house; items are numbered as in `street`.

    Args:
        attributes: what they differ in.
        values: of each attribute, one a person.
    """

    attributes: Sequence[Attribute]
    values: Sequence[Sequence[str]]

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> People:
        """From the metadata of a task."""
        by_name = {attribute.name: attribute for attribute in ATTRIBUTES}
        return cls([by_name[name] for name in metadata["attributes"]], metadata["values"])

    @property
    def houses(self) -> int:
        """One for each of them."""
        return len(self.values[0])

    def subject(self, item: int) -> str:
        """The person with a value."""
        attribute, value = divmod(item, self.houses)
        return self.attributes[attribute].subject.format(self.values[attribute][value])

    def sentence(self, clue: Clue) -> str:
        """A clue in English."""
        subject = self.subject(clue.first)
        if clue.relation == "in":
            said = _SAYS["in"].format(subject, clue.second)
        elif clue.relation in _SAYS:
            said = _SAYS[clue.relation].format(subject, self.subject(clue.second))
        else:
            attribute, value = divmod(clue.second, self.houses)
            other = self.attributes[attribute]
            predicate = other.is_so if clue.relation == "same" else other.is_not
            said = f"{subject} {predicate.format(self.values[attribute][value])}."
        return said[0].upper() + said[1:]

    def question(self, clues: Sequence[Clue]) -> str:
        """Who there is, what is known, and what is asked."""
        n = self.houses
        names = [attribute.name for attribute in self.attributes]
        differ = [f"{name} ({', '.join(each)})" for name, each in zip(names, self.values, strict=True)]
        told = "\n".join(f"{number}. {self.sentence(clue)}" for number, clue in enumerate(clues, 1))
        return (
            f"In a row of {n} houses, numbered 1 to {n} from left to right, live {n} people, one in each. They differ "
            f"in {_listed(differ)}.\n\n{told}\n\nWho lives where? Answer with one line per house, from house 1 to "
            f"house {n}, each with {_listed(names)}, in this order, separated by commas."
        )


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
