"""Conditions, each as a tree and in words that mean the same.

Words follow the conventions that the prompt states: what is said of an unknown value does not hold, texts are compared
letter by letter unless it says otherwise, and what belongs to something unknown is unknown.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from llm_envs.envs.sql.domains import Field
from llm_envs.envs.sql.query import (
    Between,
    Column,
    Compare,
    Condition,
    Constant,
    Exists,
    Function,
    Join,
    Like,
    Logic,
    Membership,
    Not,
    Null,
    Scalar,
    Select,
)
from llm_envs.envs.sql.world import Table, World

__all__ = ["Asker", "Clause", "Place", "Subject", "listed", "plainly", "summable", "where_words"]

Sign = Literal["=", "<>", "<", "<=", ">", ">="]

_NUMBERS: dict[Sign, str] = {">": "above", "<": "below", ">=": "at least", "<=": "at most", "=": "exactly"}
_DATES: dict[Sign, str] = {">": "after", "<": "before", ">=": "on or after", "<=": "on or before", "=": "exactly"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_AGGREGATES = {"AVG": "average", "MIN": "smallest", "MAX": "largest", "SUM": "sum"}


_PLAIN_CHARS = 60
"""Of conditions that may be joined by an "and" without being numbered."""


_VARIED = frozenset({"whole", "money", "date", "name"})


class Clause(NamedTuple):
    """A condition, and the same in words."""

    condition: Condition
    words: str


class Place(NamedTuple):
    """A table where a question has come to.

    Args:
        owner: what its columns are said to belong to; "" for what the question is about.
        outer: there may be no row of it.
    """

    table: Table
    alias: str
    owner: str = ""
    outer: bool = False

    def column(self, of: Field) -> Column:
        """One of its columns."""
        return Column(self.alias, of.name)

    @property
    def key(self) -> Column:
        """Its primary key."""
        return Column(self.alias, self.table.key)

    def words(self, of: Field) -> str:
        """What the column is called."""
        return f"the {self.owner}'s {of.words}" if self.owner else f"the {of.words}"

    @property
    def itself(self) -> str:
        """What a row of it is called."""
        return f"the {self.owner or self.table.thing.one}"


@dataclass
class Subject:
    """What a SELECT is about: a table, and those joined to it on the way up its keys."""

    place: Place
    joins: list[Join] = field(default_factory=list)
    reached: dict[tuple[str, str], Place] = field(default_factory=dict)


class Asker:
    """Draws the conditions of one question.

    Args:
        rng: for everything.
        connection: to the rows of the world, for constants that tell rows apart.
    """

    def __init__(self, world: World, rng: random.Random, connection: sqlite3.Connection) -> None:
        self.world = world
        self.rng = rng
        self.connection = connection
        self._aliases = 0

    def subject(self, table: Table, owner: str = "") -> Subject:
        """A new SELECT."""
        self._aliases += 1
        return Subject(Place(table, f"t{self._aliases}", owner))

    def parent(self, subject: Subject, place: Place, key: Field) -> Place:
        """The table that a key leads to, joined once."""
        if (place.alias, key.name) not in subject.reached:
            self._aliases += 1
            parent = self.world.parent(key)
            outer = place.outer or key.loose or key.name in place.table.unknown
            owner = f"{place.owner}'s {key.words}" if place.owner else key.words
            found = Place(parent, f"t{self._aliases}", owner, outer)
            on = Compare("=", found.key, place.column(key))
            subject.joins.append(Join(parent.name, found.alias, on, left=outer))
            subject.reached[place.alias, key.name] = found
        return subject.reached[place.alias, key.name]

    def parents(self, subject: Subject, hops: int = 1) -> list[Place]:
        """All tables that many keys away; none is joined before it is in this list."""
        places = [subject.place]
        for _ in range(hops):
            place = self.rng.choice(places)
            keys = [one for one in place.table.fields if one.kind == "key"]
            if not keys:
                return []
            places = [self.parent(subject, place, self.rng.choice(keys))]
        return places

    # Conditions on one row

    def simple(self, place: Place, *, varied: bool = False) -> Clause:
        """On one column.

        Args:
            varied: only where many different conditions are possible.
        """
        makers: dict[str, Callable[[Place, Field], Clause]] = {
            "whole": self._number,
            "money": self._number,
            "date": self._date,
            "label": self._label,
            "name": self._name,
            "flag": self._flag,
        }
        kinds = _VARIED if varied else makers.keys()
        fields = [one for one in place.table.fields if one.kind in kinds and place.table.values(one)]
        if not fields:
            return self.simple(place)
        chosen = self.rng.choice(fields)
        if not varied and chosen.name in place.table.unknown and not place.outer and self.rng.random() < 0.2:
            return self.unknown(place, chosen)
        return makers[chosen.kind](place, chosen)

    def unknown(self, place: Place, of: Field) -> Clause:
        """A value is unknown, or known."""
        known = self.rng.random() < 0.5
        words = f"{place.words(of)} is {'known (not NULL)' if known else 'unknown (NULL)'}"
        return Clause(Null(place.column(of), negated=known), words)

    def _number(self, place: Place, of: Field) -> Clause:
        values = sorted(place.table.values(of))
        column, words = place.column(of), place.words(of)
        if self.rng.random() < 0.2:
            low, high = sorted(self.rng.sample(values, 2)) if len(values) > 1 else (values[0], values[0])
            return Clause(
                Between(column, Constant(low), Constant(high)),
                f"{words} is from {plainly(low)} to {plainly(high)} (both included)",
            )
        sign = self.rng.choice(tuple(_NUMBERS))
        value = self.rng.choice(values)
        return Clause(Compare(sign, column, Constant(value)), f"{words} is {_NUMBERS[sign]} {plainly(value)}")

    def _date(self, place: Place, of: Field) -> Clause:
        day = self.rng.choice(place.table.values(of))
        column, words = place.column(of), place.words(of)
        draw = self.rng.random()
        if draw < 0.3:
            year = day[:4]
            condition = Between(column, Constant(f"{year}-01-01"), Constant(f"{year}-12-31"))
            return Clause(condition, f"{words} is in the year {year}")
        if draw < 0.45:
            month = Function("strftime", (Constant("%m"), column))
            name = _MONTHS[int(day[5:7]) - 1]
            return Clause(Compare("=", month, Constant(day[5:7])), f"{words} is in {name} of whatever year")
        sign = self.rng.choice(tuple(_DATES))
        return Clause(Compare(sign, column, Constant(day)), f"{words} is {_DATES[sign]} {day}")

    def _label(self, place: Place, of: Field) -> Clause:
        values = sorted(set(place.table.values(of)))
        column, words = place.column(of), place.words(of)
        if len(values) > 2 and self.rng.random() < 0.3:
            options = self.rng.sample(values, 2)
            negated = self.rng.random() < 0.4
            said = f"neither '{options[0]}' nor '{options[1]}'" if negated else f"'{options[0]}' or '{options[1]}'"
            return Clause(Membership(column, tuple(map(Constant, options)), negated), f"{words} is {said}")
        value = self.rng.choice(values)
        negated = self.rng.random() < 0.4
        sign: Sign = "<>" if negated else "="
        return Clause(Compare(sign, column, Constant(value)), f"{words} is {'not ' if negated else ''}'{value}'")

    def _name(self, place: Place, of: Field) -> Clause:
        text = self.rng.choice(place.table.values(of)).lower()
        start = self.rng.randrange(0, max(1, len(text) - 3))
        column, words = place.column(of), place.words(of)
        pattern, said = self.rng.choice(
            (
                (f"{text[:1]}%", f"begins with '{text[:1]}'"),
                (f"{text[:2]}%", f"begins with '{text[:2]}'"),
                (f"%{text[-2:]}", f"ends in '{text[-2:]}'"),
                (f"%{text[start : start + 2].strip()}%", f"contains '{text[start : start + 2].strip()}'"),
            )
        )
        return Clause(Like(column, Constant(pattern)), f"{words} {said} (in upper or lower case)")

    def _flag(self, place: Place, of: Field) -> Clause:
        value = self.rng.randrange(2)
        said = of.values[1 - value]
        return Clause(Compare("=", place.column(of), Constant(value)), f"{place.itself} {said}")

    def columns(self, place: Place) -> Clause | None:
        """On two columns of one kind; None where there are no two."""
        for kind in self.rng.sample(("date", "whole", "money"), 3):
            fields = [one for one in place.table.fields if one.kind == kind]
            if len(fields) > 1:
                one, other = self.rng.sample(fields, 2)
                sign: Sign = self.rng.choice((">", "<", ">=", "<="))
                said = (_DATES if kind == "date" else _NUMBERS)[sign]
                return Clause(
                    Compare(sign, place.column(one), place.column(other)),
                    f"{place.words(one)} is {said} {place.words(other)}",
                )
        return None

    # Several conditions

    def both(self, clauses: Sequence[Clause]) -> Clause:
        """All of them hold."""
        if len(clauses) == 1:
            return clauses[0]
        said = [clause.words for clause in clauses]
        words = " and ".join(said)
        if len(said) > 1 and max(map(len, said)) > _PLAIN_CHARS:
            words = f"all of these hold ({numbered(said)})"
        return Clause(Logic("AND", tuple(clause.condition for clause in clauses)), words)

    def either(self, one: Clause, other: Clause) -> Clause:
        """At least one of them holds."""
        words = f"at least one of these holds ({numbered([one.words, other.words])})"
        return Clause(Logic("OR", (one.condition, other.condition)), words)

    # Conditions on other rows

    def children(self, place: Place, *, detailed: bool) -> Clause | None:
        """On how many rows lead to what the question is about; None where no table has a key to it."""
        drawn = self._inner(place, detailed=detailed)
        if drawn is None:
            return None
        child, key, inner, where = drawn
        here = Compare("=", inner.place.column(key), place.key)
        condition = self.both([Clause(here, ""), *([where] if where else [])]).condition
        these = f"{child.thing.many}{where_words(where)}"
        rows = Select((Constant(1),), child.name, inner.place.alias, tuple(inner.joins), condition)
        if self.rng.random() < 0.6:
            negated = self.rng.random() < 0.5
            some = "none" if negated else "at least one"
            return Clause(Exists(rows, negated), f"{some} of the {these} has it as its {key.words}")
        sign: Sign = self.rng.choice((">=", "=", "<"))
        number = self.rng.randint(2, 4)
        count = Scalar(Select((Function("COUNT"),), child.name, inner.place.alias, tuple(inner.joins), condition))
        how = {">=": "at least", "=": "exactly", "<": "fewer than"}[sign]
        words = f"{how} {number} of the {these} have it as their {key.words}"
        return Clause(Compare(sign, count, Constant(number)), words)

    def every(self, place: Place) -> Clause | None:
        """Some row leads here, and all that do are so; None where that cannot be asked."""
        options = self.world.children(place.table)
        if not options:
            return None
        child, key = self.rng.choice(options)
        known = [one for one in child.fields if one.kind != "key" and one.name not in child.unknown]
        if not known:
            return None
        inner = self.subject(child, child.thing.one)
        for _ in range(8):
            clause = self.simple(inner.place)
            if not _mentions(clause.condition, {one.name for one in child.fields if one.name in child.unknown}):
                break
        else:
            return None
        here = Compare("=", inner.place.column(key), place.key)
        some = self.subject(child)
        there = Compare("=", some.place.column(key), place.key)
        exists = Exists(Select((Constant(1),), child.name, some.place.alias, (), there))
        fails = Logic("AND", (here, Not(clause.condition)))
        none = Exists(Select((Constant(1),), child.name, inner.place.alias, (), fails), negated=True)
        one = f"at least one of the {child.thing.many} has it as its {key.words}"
        words = f"{one}, and for every one that has, {clause.words}"
        return Clause(Logic("AND", (exists, none)), words)

    def _inner(self, place: Place, *, detailed: bool) -> tuple[Table, Field, Subject, Clause | None] | None:
        options = self.world.children(place.table)
        if not options:
            return None
        child, key = self.rng.choice(options)
        inner = self.subject(child, child.thing.one)
        return child, key, inner, self.simple(inner.place) if detailed else None

    def overall(self, place: Place, *, detailed: bool) -> Clause | None:
        """A number against a figure of all rows; None where there are no numbers."""
        fields = [one for one in place.table.fields if one.kind in {"whole", "money"}]
        if not fields:
            return None
        chosen = self.rng.choice(fields)
        inner = self.subject(place.table, place.table.thing.one)
        where = self.simple(inner.place) if detailed else None
        figure, sign, words = self._figure(chosen)
        select = Select(
            (Function(figure, (inner.place.column(chosen),)),),
            place.table.name,
            inner.place.alias,
            (),
            where.condition if where else None,
        )
        of = f"{words} {chosen.words} of all {place.table.thing.many}{where_words(where)}"
        return Clause(
            Compare(sign, place.column(chosen), Scalar(select)), f"{place.words(chosen)} is {_NUMBERS[sign]} the {of}"
        )

    def own_group(self, place: Place) -> Clause | None:
        """A number against a figure of the rows that share something; None where nothing can be shared."""
        numbers = [one for one in place.table.fields if one.kind in {"whole", "money"}]
        groups = [one for one in place.table.fields if one.kind in {"label", "key"}]
        if not numbers or not groups:
            return None
        number, group = self.rng.choice(numbers), self.rng.choice(groups)
        inner = self.subject(place.table, place.table.thing.one)
        figure, sign, words = self._figure(number)
        same = Compare("=", inner.place.column(group), place.column(group))
        select = Select(
            (Function(figure, (inner.place.column(number),)),), place.table.name, inner.place.alias, (), same
        )
        of = f"{words} {number.words} of all {place.table.thing.many} with the same {_named(group)}, itself included"
        return Clause(
            Compare(sign, place.column(number), Scalar(select)), f"{place.words(number)} is {_NUMBERS[sign]} the {of}"
        )

    def _figure(self, of: Field) -> tuple[str, Sign, str]:
        if summable(of) and self.rng.random() < 0.5:
            return "AVG", self.rng.choice((">", "<", ">=")), "average"
        figure = self.rng.choice(("MIN", "MAX"))
        return figure, "=", _AGGREGATES[figure]

    # What is shown

    def rows(self, select: Any) -> list[tuple[Any, ...]]:
        """What a query finds in the rows that are shown."""
        return self.connection.execute(str(select)).fetchall()


def summable(of: Field) -> bool:
    """Whether a sum of the values means something: years and numbers of rooms have none."""
    return of.kind in {"whole", "money"} and not of.words.startswith(("year", "number of the"))


def where_words(clause: Clause | None) -> str:
    """What follows a noun."""
    return f" where {clause.words}" if clause else ""


def numbered(words: Sequence[str]) -> str:
    """`1. a; 2. b`."""
    return "; ".join(f"{number}. {one}" for number, one in enumerate(words, 1))


def listed(words: Sequence[str]) -> str:
    """`a; b; c`, where there are several."""
    return "; ".join(words)


def plainly(value: float) -> str:
    """A number as it is written in questions."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _named(group: Field) -> str:
    return f"{group.words} (known, and the same {group.name})" if group.kind == "key" else group.words


def _mentions(node: Any, names: set[str]) -> bool:
    """Whether a column of one of these names stands somewhere in a tree."""
    if isinstance(node, Column):
        return node.name in names
    if isinstance(node, tuple):
        return any(_mentions(one, names) for one in node)
    return any(_mentions(one, names) for one in vars(node).values()) if hasattr(node, "__dict__") else False
