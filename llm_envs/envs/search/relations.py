"""What an encyclopedia says of its subjects, and the words for it: one row for each relation.

A relation gives each subject one value at a time. `changes` marks those whose value is another one in later years, as a
report then says. The words are used in three places: `sentences` and `news` on pages, `phrase`, `condition` and `asked`
in questions.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["KINDS", "RELATIONS", "RELATIONS_OF", "YEAR_OF", "Kind", "Relation"]

Kind = Literal["country", "city", "person", "organisation", "work", "event", "year"]
KINDS: tuple[Kind, ...] = ("country", "city", "person", "organisation", "work", "event")


class Relation(NamedTuple):
    """One relation.

    Args:
        of, to: the kinds of its subjects and its values; `year` is a plain number.
        phrase: names the value, given the subject.
        sentences: say it; {s} is the subject, {o} the value.
        condition: is true of the subject, given the value.
        news: reports a change; "" where there are none.
        asked: what a page tells, given the subject, where the value may change.
    """

    name: str
    of: Kind
    to: Kind
    phrase: str
    sentences: tuple[str, ...]
    condition: str = ""
    news: str = ""
    asked: str = ""

    @property
    def changes(self) -> bool:
        """Whether later pages may report another value."""
        return bool(self.news)


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "capital",
        "country",
        "city",
        "the capital of {}",
        ("The capital of {s} is {o}.", "{s} is governed from its capital, {o}."),
    ),
    Relation(
        "country",
        "city",
        "country",
        "the country of {}",
        ("{s} lies in {o}.", "The city belongs to {o}; {s} is one of its larger towns."),
    ),
    Relation(
        "city founded",
        "city",
        "year",
        "the year of foundation of {}",
        ("{s} was founded in {o}.", "The charter of {s} dates from {o}, the year of its foundation."),
        "was founded",
    ),
    Relation(
        "landmark",
        "city",
        "organisation",
        "the oldest institution in {}",
        ("The oldest institution in {s} is {o}.", "No institution in {s} is older than {o}."),
    ),
    Relation(
        "mayor",
        "city",
        "person",
        "the mayor of {}",
        ("The mayor of {s} is {o}.", "{o} is mayor of {s}."),
        "is governed by {}",
        "{o} has been elected mayor of {s} and has taken office.",
        "who the mayor of {} is",
    ),
    Relation(
        "born",
        "person",
        "year",
        "the year of birth of {}",
        ("{s} was born in the year {o}.", "The year of birth of {s} is {o}."),
        "was born",
    ),
    Relation(
        "birthplace",
        "person",
        "city",
        "the birthplace of {}",
        ("{s} was born in the city of {o}.", "The birthplace of {s} is {o}."),
        "was born in {}",
    ),
    Relation(
        "teacher",
        "person",
        "person",
        "the teacher of {}",
        ("{s} was taught by {o}.", "{o} was the teacher of {s}."),
        "was taught by {}",
    ),
    Relation(
        "employer",
        "person",
        "organisation",
        "the employer of {}",
        ("{s} works for {o}.", "The employer of {s} is {o}."),
        "works for {}",
        "{s} has joined {o}, and works for it from now on.",
        "which organisation {} works for",
    ),
    Relation(
        "home",
        "person",
        "city",
        "the home city of {}",
        ("{s} lives in {o}.", "The home of {s} is in {o}."),
        "lives in {}",
        "{s} has moved house and lives in {o}.",
        "where {} lives",
    ),
    Relation(
        "organisation founded",
        "organisation",
        "year",
        "the year of foundation of {}",
        ("{s} was founded in {o}.", "The statutes of {s} were signed in {o}, when it was founded."),
        "was founded",
    ),
    Relation(
        "founder",
        "organisation",
        "person",
        "the founder of {}",
        ("{s} was founded by {o}.", "{o} is the founder of {s}."),
        "was founded by {}",
    ),
    Relation(
        "seat",
        "organisation",
        "city",
        "the seat of {}",
        ("{s} has its seat in {o}.", "The offices of {s} are in {o}, its seat."),
        "has its seat in {}",
        "{s} has moved its seat to {o}.",
        "where {} has its seat",
    ),
    Relation(
        "head",
        "organisation",
        "person",
        "the head of {}",
        ("The head of {s} is {o}.", "{o} is head of {s}."),
        "is headed by {}",
        "{o} has been appointed head of {s}.",
        "who heads {}",
    ),
    Relation(
        "released",
        "work",
        "year",
        "the year of publication of {}",
        ("{s} came out in {o}.", "{o} was the year in which {s} came out."),
        "came out",
    ),
    Relation(
        "author",
        "work",
        "person",
        "the author of {}",
        ("{s} was written by {o}.", "{o} is the author of {s}."),
        "was written by {}",
    ),
    Relation(
        "publisher",
        "work",
        "organisation",
        "the publisher of {}",
        ("{s} was published by {o}.", "The publisher of {s} is {o}."),
        "was published by {}",
    ),
    Relation(
        "setting",
        "work",
        "city",
        "the setting of {}",
        ("{s} is set in {o}.", "The story of {s} takes place in {o}."),
        "is set in {}",
    ),
    Relation(
        "held",
        "event",
        "year",
        "the year of {}",
        ("{s} was held in the year {o}.", "The year of {s} was {o}."),
        "was held",
    ),
    Relation(
        "place",
        "event",
        "city",
        "the host city of {}",
        ("{s} was held in the city of {o}.", "The host city of {s} was {o}."),
        "was held in {}",
    ),
    Relation(
        "organiser",
        "event",
        "organisation",
        "the organiser of {}",
        ("{s} was organised by {o}.", "The organiser of {s} was {o}."),
        "was organised by {}",
    ),
    Relation(
        "winner",
        "event",
        "person",
        "the winner of {}",
        ("{s} was won by {o}.", "{o} was the winner of {s}."),
        "was won by {}",
    ),
)
RELATIONS_OF: dict[Kind, tuple[Relation, ...]] = {kind: tuple(r for r in RELATIONS if r.of == kind) for kind in KINDS}
YEAR_OF: dict[Kind, Relation] = {relation.of: relation for relation in RELATIONS if relation.to == "year"}
