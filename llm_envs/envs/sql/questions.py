"""Questions of six levels: a query as a tree, and the question in words to which it is the answer.

A level is a few shapes, each a function that draws one. What a shape draws is thrown away where the rows that are shown
would make it dull: nothing found, nothing but zeros, or more than anybody reads.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

from llm_envs.envs.sql.clauses import Asker, Clause, Place, Sign, Subject, listed, plainly, summable, where_words
from llm_envs.envs.sql.domains import Field
from llm_envs.envs.sql.query import (
    Case,
    Column,
    Compare,
    Compound,
    Constant,
    Expression,
    Function,
    Join,
    Null,
    Operation,
    Order,
    Query,
    Select,
)
from llm_envs.envs.sql.world import Table, World

__all__ = ["LEVELS", "Question", "draw_question"]

LEVELS = range(6)

_MOST_ROWS = 60
_TRIES = 60
_NUMERIC = frozenset({"whole", "money"})


class Question(NamedTuple):
    """One question.

    Args:
        ordered: it asks for an order of rows.
    """

    query: Query
    words: str
    ordered: bool
    shape: str


class _Shown(NamedTuple):
    """Something to be shown, or sorted by."""

    value: Expression
    words: str


def draw_question(world: World, level: int, rng: random.Random) -> Question | None:
    """A question about a world; None in the rare case that none turns up."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(world.database.image)
        for _ in range(_TRIES):
            shape = rng.choice(_SHAPES[level])
            question = shape(Asker(world, rng, connection), rng)
            if question and _is_telling(connection, question):
                return question
    return None


def _is_telling(connection: sqlite3.Connection, question: Question) -> bool:
    found = connection.execute(str(question.query)).fetchmany(_MOST_ROWS + 1)
    return 0 < len(found) <= _MOST_ROWS and any(any(row) for row in found)


# What questions are made of


def _table(asker: Asker, rng: random.Random) -> Table:
    return rng.choice(asker.world.tables)


def _child_table(asker: Asker, rng: random.Random) -> Table:
    """One that has keys."""
    return rng.choice([table for table in asker.world.tables if any(one.kind == "key" for one in table.fields)])


def _parent_table(asker: Asker, rng: random.Random) -> Table:
    """One that keys lead to."""
    return rng.choice([table for table in asker.world.tables if asker.world.children(table)])


def _plain_fields(table: Table) -> list[Field]:
    return [one for one in table.fields if one.kind != "key"]


def _shown_of(place: Place, fields: Sequence[Field]) -> list[_Shown]:
    return [_Shown(place.column(one), _output_words(place, one)) for one in fields]


def _output_words(place: Place, of: Field) -> str:
    if of.kind == "flag":
        owner = f"{place.itself} " if place.owner else "it "
        return f"whether {owner}{of.values[0]} (1 or 0)"
    return place.words(of)


def _identity(place: Place) -> _Shown:
    return _Shown(place.key, f"{place.itself}'s id" if place.owner else "its id")


def _outputs(subject: Subject, rng: random.Random, count: int) -> list[_Shown]:
    """Columns of the subject, some of its parents'."""
    shown = _shown_of(subject.place, rng.sample(_plain_fields(subject.place.table), k=min(count, 2)))
    if rng.random() < 0.5:
        shown.insert(0, _identity(subject.place))
    return shown[: max(1, count)]


def _sorting(shown: Sequence[_Shown], last: _Shown | None, rng: random.Random) -> tuple[tuple[Order, ...], str]:
    """By one or two things, and at last by what no two rows share."""
    chosen = rng.sample(list(shown), k=min(len(shown), rng.choice((1, 1, 2))))
    orders = [(one, rng.random() < 0.5) for one in chosen]
    if last and last.value not in [one.value for one, _ in orders]:
        orders.append((last, rng.random() < 0.2))
    words = ", then by ".join(f"{one.words}, {'descending' if down else 'ascending'}" for one, down in orders)
    return tuple(Order(one.value, down) for one, down in orders), f" Sort by {words}."


def _limit(rng: random.Random) -> tuple[int, str]:
    limit = rng.randint(1, 6)
    return limit, f" Keep only the first {limit} rows." if limit > 1 else " Keep only the first row."


def _list(
    subject: Subject,
    where: Clause | None,
    shown: Sequence[_Shown],
    order: tuple[tuple[Order, ...], str],
    limit: int | None,
) -> tuple[Select, str]:
    """One row for each of something."""
    place = subject.place
    select = Select(
        tuple(one.value for one in shown),
        place.table.name,
        place.alias,
        tuple(subject.joins),
        where.condition if where else None,
        order=order[0],
        limit=limit,
    )
    words = (
        f"For each {place.table.thing.one}{where_words(where)}, show {listed([one.words for one in shown])}.{order[1]}"
    )
    return select, words


def _asked(
    asker: Asker,
    subject: Subject,
    where: Clause,
    shape: str,
    *,
    count: int = 2,
    sort: float = 0.4,
    also: Sequence[_Shown] = (),
) -> Question:
    """A list, perhaps in an order, perhaps cut off."""
    rng = asker.rng
    shown = [*_outputs(subject, rng, count), *also]
    order: tuple[tuple[Order, ...], str] = ((), "")
    limit, said = None, ""
    if rng.random() < sort:
        more = _shown_of(subject.place, [one for one in _plain_fields(subject.place.table) if one.kind != "flag"])
        order = _sorting(more, _identity(subject.place), rng)
        if rng.random() < 0.6:
            limit, said = _limit(rng)
    select, words = _list(subject, where, shown, order, limit)
    return Question(select, words + said, bool(order[0]), shape)


def _conditions(asker: Asker, place: Place, rng: random.Random, count: int) -> Clause:
    """Some conditions on one row; of two, perhaps either."""
    clauses = [asker.simple(place) for _ in range(count)]
    if count > 1 and rng.random() < 0.4:
        either = asker.either(clauses[0], clauses[1])
        return asker.both([*clauses[2:], either])
    return asker.both(clauses)


def _figure(place: Place, rng: random.Random, *, plural: str) -> _Shown:
    """An aggregate over rows."""
    options: list[_Shown] = [_Shown(Function("COUNT"), f"the number of {plural}")]
    for one in place.table.fields:
        column = place.column(one)
        if summable(one):
            options.append(_Shown(Function("AVG", (column,)), f"the average of {place.words(one)}"))
            options.append(_Shown(Function("SUM", (column,)), f"the sum of {place.words(one)}"))
        if one.kind in _NUMERIC or one.kind == "date":
            low, high = ("earliest", "latest") if one.kind == "date" else ("smallest", "largest")
            options.append(_Shown(Function("MIN", (column,)), f"the {low} of {place.words(one)}"))
            options.append(_Shown(Function("MAX", (column,)), f"the {high} of {place.words(one)}"))
        if one.kind in {"label", "name"}:
            options.append(
                _Shown(
                    Function("COUNT", (column,), distinct=True), f"the number of different values of {place.words(one)}"
                )
            )
        if one.name in place.table.unknown and one.kind != "key":
            options.append(
                _Shown(Function("COUNT", (column,)), f"the number of {plural} where {place.words(one)} is known")
            )
    return rng.choice(options)


def _figures(place: Place, rng: random.Random, count: int, *, plural: str) -> list[_Shown]:
    """Some aggregates, no two the same."""
    found = {str(figure.value): figure for figure in (_figure(place, rng, plural=plural) for _ in range(count + 2))}
    return list(found.values())[:count]


def _threshold(asker: Asker, select: Select, place: int, rng: random.Random) -> tuple[Sign, float] | None:
    """A bound that some groups are above and some below."""
    values = sorted({row[place] for row in asker.rows(select) if isinstance(row[place], (int, float))})
    if not values:
        return None
    value = rng.choice(values)
    return rng.choice((">=", ">", "<", "<=")), value if isinstance(value, int) else int(4 * value) / 4


_SIGNS: dict[Sign, str] = {">=": "at least", ">": "above", "<": "below", "<=": "at most"}


def _having(
    asker: Asker, select: Select, shown: Sequence[_Shown], place: int, rng: random.Random
) -> tuple[Select, str] | None:
    """Only the groups where a figure is within a bound."""
    threshold = _threshold(asker, select, place, rng)
    if threshold is None:
        return None
    sign, bound = threshold
    having = Compare(sign, shown[place].value, Constant(bound))
    return (
        Select(**{**vars(select), "having": having}),
        f" Keep only those where {shown[place].words} is {_SIGNS[sign]} {plainly(bound)}.",
    )


# Level 0


def _one_condition(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_table(asker, rng))
    return _asked(asker, subject, asker.simple(subject.place, varied=True), "list", count=rng.randint(1, 2), sort=0)


def _count(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_table(asker, rng))
    place, where = subject.place, asker.simple(subject.place, varied=True)
    select = Select((Function("COUNT"),), place.table.name, place.alias, (), where.condition)
    return Question(
        select, f"Show the number of {place.table.thing.many}{where_words(where)}.", ordered=False, shape="count"
    )


# Level 1


def _two_conditions(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_table(asker, rng))
    return _asked(asker, subject, _conditions(asker, subject.place, rng, 2), "conditions", sort=0.5)


def _first_rows(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_table(asker, rng))
    return _asked(asker, subject, asker.simple(subject.place), "order", sort=1)


def _different(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_table(asker, rng))
    place = subject.place
    fields = [one for one in place.table.fields if one.kind in {"label", "name"}]
    if not fields:
        return None
    chosen, where = rng.choice(fields), asker.simple(place, varied=True)
    select = Select((place.column(chosen),), place.table.name, place.alias, (), where.condition, distinct=True)
    null = " NULL is one of them where it is unknown." if chosen.name in place.table.unknown else ""
    among = f"{place.table.thing.many}{where_words(where)}"
    words = f"Show which values {place.words(chosen)} has among the {among}, each only once."
    return Question(select, words + null, ordered=False, shape="distinct")


def _totals(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_table(asker, rng))
    place, where = subject.place, _conditions(asker, subject.place, rng, rng.randint(1, 2))
    shown = _figures(place, rng, rng.randint(1, 2), plural="these")
    select = Select(tuple(one.value for one in shown), place.table.name, place.alias, (), where.condition)
    words = (
        f"Of all {place.table.thing.many}{where_words(where)}, show {listed([one.words for one in shown])}, in one row."
    )
    return Question(select, words, ordered=False, shape="totals")


# Level 2


def _with_parent(asker: Asker, rng: random.Random) -> Question:
    subject = asker.subject(_child_table(asker, rng))
    parent = rng.choice(asker.parents(subject))
    where = asker.both([asker.simple(rng.choice((subject.place, parent))) for _ in range(rng.randint(1, 2))])
    return _asked(asker, subject, where, "join", also=_shown_of(parent, [rng.choice(_plain_fields(parent.table))]))


def _groups(asker: Asker, rng: random.Random) -> Question | None:
    found = _grouped(asker, rng)
    return found and _finished(*found, rng, sort=0.5)


def _grouped(asker: Asker, rng: random.Random) -> tuple[Select, str, list[_Shown]] | None:
    """A row for each value of a column, or for each year of a date."""
    subject = asker.subject(_table(asker, rng))
    place = subject.place
    fields = [one for one in place.table.fields if one.kind in {"label", "flag", "date"}]
    if not fields:
        return None
    chosen = rng.choice(fields)
    by = _Shown(place.column(chosen), _output_words(place, chosen))
    if chosen.kind == "date":
        year = Function("strftime", (Constant("%Y"), place.column(chosen)))
        by = _Shown(year, f"the year of {place.words(chosen)}")
    where = asker.simple(place) if rng.random() < 0.6 else None
    shown = [by, *_figures(place, rng, rng.randint(1, 2), plural="those in the group")]
    select = Select(
        tuple(one.value for one in shown),
        place.table.name,
        place.alias,
        (),
        where.condition if where else None,
        group=(by.value,),
    )
    null = " Those where it is unknown are a group, too." if chosen.name in place.table.unknown else ""
    words = (
        f"{_taken(place, where)} group them by {by.words}.{null} "
        f"For each group, show {listed([one.words for one in shown])}."
    )
    return select, words, shown


def _taken(place: Place, where: Clause | None) -> str:
    return f"Take {'the' if where else 'all'} {place.table.thing.many}{where_words(where)};"


def _finished(select: Select, words: str, shown: Sequence[_Shown], rng: random.Random, *, sort: float) -> Question:
    """Groups, perhaps in an order; the first thing shown is different for each."""
    if rng.random() >= sort:
        return Question(select, words, ordered=False, shape="group")
    order, said = _sorting(shown[1:], shown[0], rng)
    limit, cut = _limit(rng) if rng.random() < 0.5 else (None, "")
    return Question(
        Select(**{**vars(select), "order": order, "limit": limit}), words + said + cut, ordered=True, shape="group"
    )


def _two_columns(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_table(asker, rng))
    clause = asker.columns(subject.place)
    if clause is None:
        return None
    where = asker.both([clause, *([asker.simple(subject.place)] if rng.random() < 0.4 else [])])
    return _asked(asker, subject, where, "columns")


# Level 3


def _groups_within_bounds(asker: Asker, rng: random.Random) -> Question | None:
    found = _grouped(asker, rng)
    if found is None:
        return None
    select, words, shown = found
    bounded = _having(asker, select, shown, rng.randrange(1, len(shown)), rng)
    return bounded and _finished(bounded[0], words + bounded[1], shown, rng, sort=0.5)._replace(shape="having")


def _by_parent(asker: Asker, rng: random.Random) -> Question:
    select, words, shown = _parents_with(asker, rng, also_none=False)
    return _finished(select, words, shown, rng, sort=0.6)._replace(shape="by parent")


def _parents_with(asker: Asker, rng: random.Random, *, also_none: bool) -> tuple[Select, str, list[_Shown]]:
    """A row for each thing that keys lead to, with figures of what leads there."""
    table = _parent_table(asker, rng)
    child_table, key = rng.choice(asker.world.children(table))
    subject = asker.subject(table)
    place = subject.place
    child = asker.subject(child_table, child_table.thing.one).place
    where = asker.simple(child) if rng.random() < 0.9 else None
    on = asker.both([Clause(Compare("=", child.column(key), place.key), ""), *([where] if where and also_none else [])])
    name = _plain_fields(table)[0]
    shown = [_identity(place), *_shown_of(place, [name]), *_child_figures(child, rng, also_none=also_none)]
    select = Select(
        tuple(one.value for one in shown),
        table.name,
        place.alias,
        (Join(child_table.name, child.alias, on.condition, left=also_none),),
        where.condition if where and not also_none else None,
        group=(place.key,),
    )
    and_where = f" and where {where.words}" if where else ""
    some = f" that is the {key.words} of at least one {child_table.thing.one}{where_words(where)}"
    told = (
        f"the {child_table.thing.many} whose {key.words} it is{and_where}"
        if also_none
        else f"these {child_table.thing.many}"
    )
    words = (
        f"For each {table.thing.one}{'' if also_none else some}, show {listed([one.words for one in shown[:2]])}; "
        f"and, of {told}: {listed([one.words for one in shown[2:]])}."
    )
    return select, words, shown


def _child_figures(child: Place, rng: random.Random, *, also_none: bool) -> list[_Shown]:
    """How many there are, and perhaps a figure of them; the count is of rows that are there."""
    number: Expression = Function("COUNT", (child.key,)) if also_none else Function("COUNT")
    count = _Shown(number, f"the number of {child.table.thing.many}")
    if rng.random() < 0.4:
        return [count]
    figure = _figure(child, rng, plural=child.table.thing.many)
    if isinstance(figure.value, Function) and not figure.value.arguments:
        return [count]
    return [count, figure] if rng.random() < 0.5 else [figure]


def _sets(asker: Asker, rng: random.Random) -> Question | None:
    """Values that occur in both, in one but not the other, or in either of two sets of rows."""
    one = asker.subject(_table(asker, rng))
    other = asker.subject(one.place.table)
    fields = [field for field in one.place.table.fields if field.kind in {"label", "name"}]
    if not fields:
        return None
    chosen = rng.choice(fields)
    selects, said = [], []
    for subject in (one, other):
        place, where = subject.place, asker.simple(subject.place)
        known = [Clause(Null(place.column(chosen), negated=True), "")] if chosen.name in place.table.unknown else []
        condition = asker.both([where, *known]).condition
        selects.append(Select((place.column(chosen),), place.table.name, place.alias, (), condition))
        said.append(f"{place.table.thing.many} where {where.words}")
    word, how = rng.choice(
        (("INTERSECT", "and also among"), ("EXCEPT", "but not among"), ("UNION", "or (or both) among"))
    )
    null = " Leave NULL out." if chosen.name in one.place.table.unknown else ""
    words = (
        f"Show which values {one.place.words(chosen)} has among the {said[0]}, "
        f"{how} the {said[1]}, each value only once.{null}"
    )
    return Question(Compound(word, selects[0], selects[1]), words, ordered=False, shape="sets")  # type: ignore[arg-type]


def _with_children(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_parent_table(asker, rng))
    clause = asker.children(subject.place, detailed=rng.random() < 0.9)
    return clause and _asked(asker, subject, clause, "children")


def _products(asker: Asker, rng: random.Random) -> Question | None:
    """Figures of a product or a difference of two columns."""
    subject = asker.subject(_table(asker, rng))
    place = subject.place
    numbers = [one for one in place.table.fields if summable(one)]
    if len(numbers) < 2:
        return None
    one, other = rng.sample(numbers, 2)
    sign, said = rng.choice((("*", "product"), ("-", "difference")))
    joined = f"{place.words(one)} {'times' if sign == '*' else 'minus'} {place.words(other)}"
    value = Operation(sign, place.column(one), place.column(other))  # type: ignore[arg-type]
    where = asker.simple(place)
    name, figure = rng.choice((("SUM", "sum"), ("MAX", "largest"), ("MIN", "smallest")))
    select = Select((Function(name, (value,)),), place.table.name, place.alias, (), where.condition)
    words = f"Of all {place.table.thing.many}{where_words(where)}, show the {figure} of the {said}s: {joined}."
    return Question(select, words, ordered=False, shape="arithmetic")


# Level 4


def _above_all(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_table(asker, rng))
    clause = asker.overall(subject.place, detailed=rng.random() < 0.8)
    return clause and _asked(asker, subject, clause, "nested")


def _also_none(asker: Asker, rng: random.Random) -> Question:
    select, words, shown = _parents_with(asker, rng, also_none=True)
    return _finished(select, words, shown, rng, sort=0.5)._replace(shape="also none")


def _two_hops(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_child_table(asker, rng))
    far = asker.parents(subject, 2)
    if not far:
        return None
    where = asker.both([asker.simple(far[0]), *([asker.simple(subject.place)] if rng.random() < 0.6 else [])])
    return _asked(asker, subject, where, "two hops", also=_shown_of(far[0], [rng.choice(_plain_fields(far[0].table))]))


def _side_by_side(asker: Asker, rng: random.Random) -> Question | None:
    """Groups with the number of rows that meet a condition beside that of all."""
    subject = asker.subject(_table(asker, rng))
    place = subject.place
    fields = [one for one in place.table.fields if one.kind == "label"]
    if not fields:
        return None
    chosen = rng.choice(fields)
    clause = asker.simple(place)
    shown = [
        _Shown(place.column(chosen), place.words(chosen)),
        _Shown(Function("COUNT"), "the number of all in the group"),
        _Shown(Function("COUNT", (Case(clause.condition),)), f"the number of those where {clause.words}"),
    ]
    select = Select(tuple(one.value for one in shown), place.table.name, place.alias, group=(place.column(chosen),))
    null = " Those where it is unknown are a group, too." if chosen.name in place.table.unknown else ""
    words = (
        f"{_taken(place, None)} group them by {place.words(chosen)}.{null} "
        f"For each group, show {listed([one.words for one in shown])}."
    )
    return _finished(select, words, shown, rng, sort=0.5)._replace(shape="side by side")


def _children_and_more(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_parent_table(asker, rng))
    clause = asker.children(subject.place, detailed=True)
    if clause is None:
        return None
    more = asker.simple(subject.place)
    where = asker.either(clause, more) if rng.random() < 0.3 else asker.both([clause, more])
    return _asked(asker, subject, where, "children")


# Level 5


def _above_own_group(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_table(asker, rng))
    clause = asker.own_group(subject.place)
    if clause is None:
        return None
    where = asker.both([clause, *([asker.simple(subject.place)] if rng.random() < 0.5 else [])])
    return _asked(asker, subject, where, "own group", sort=0.6)


def _for_every(asker: Asker, rng: random.Random) -> Question | None:
    subject = asker.subject(_parent_table(asker, rng))
    clause = asker.every(subject.place)
    return clause and _asked(asker, subject, clause, "every", sort=0.6)


def _pairs(asker: Asker, rng: random.Random) -> Question | None:
    """Two different rows that share something."""
    table = _table(asker, rng)
    one, other = asker.subject(table, "first"), asker.subject(table, "second")
    fields = [field for field in table.fields if field.kind in {"label", "key", "whole", "date"}]
    if not fields:
        return None
    shared = rng.choice(fields)
    conditions = [
        Clause(Compare("<", one.place.key, other.place.key), "the first has the smaller id"),
        asker.simple(one.place),
        *([asker.simple(other.place)] if rng.random() < 0.5 else []),
    ]
    where = asker.both(conditions)
    join = Join(table.name, other.place.alias, Compare("=", other.place.column(shared), one.place.column(shared)))
    name = _plain_fields(table)[0]
    shown = [
        _identity(one.place),
        *_shown_of(one.place, [name]),
        _identity(other.place),
        *_shown_of(other.place, [name]),
    ]
    select = Select(tuple(each.value for each in shown), table.name, one.place.alias, (join,), where.condition)
    what = f"{shared.words} (the same {shared.name})" if shared.kind == "key" else shared.words
    words = (
        f"For each pair of different {table.thing.many} with the same {what}, where {where.words}, "
        f"show {listed([each.words for each in shown])}."
    )
    return Question(select, words, ordered=False, shape="pairs")


def _figure_of_counts(asker: Asker, rng: random.Random) -> Question | None:
    """The average, the largest or the smallest of figures of groups."""
    subject = asker.subject(_child_table(asker, rng))
    place = subject.place
    groups = [one for one in place.table.fields if one.kind in {"label", "key"} and one.name not in place.table.unknown]
    if not groups:
        return None
    group, where = rng.choice(groups), asker.simple(place)
    figure = _figure(place, rng, plural=place.table.thing.many)
    inner = Select(
        (figure.value,),
        place.table.name,
        place.alias,
        (),
        where.condition,
        group=(place.column(group),),
        names=("figure",),
    )
    dated = figure.words.startswith(("the earliest", "the latest"))
    options = [("MAX", "latest" if dated else "largest"), ("MIN", "earliest" if dated else "smallest")]
    name, said = rng.choice(options if dated else [*options, ("AVG", "average")])
    outer = asker.subject(place.table).place.alias
    select = Select((Function(name, (Column(outer, "figure"),)),), inner, outer)
    by = f"{group.words} (the same {group.name})" if group.kind == "key" else group.words
    words = (
        f"{_taken(place, where)} group them by {by}. Find {figure.words} for each group. "
        f"Show the {said} of what you find, in one row."
    )
    return Question(select, words, ordered=False, shape="figure of figures")


def _bounded_parents(asker: Asker, rng: random.Random) -> Question | None:
    select, words, shown = _parents_with(asker, rng, also_none=rng.random() < 0.4)
    bounded = _having(asker, select, shown, rng.randrange(2, len(shown)), rng)
    return bounded and _finished(bounded[0], words + bounded[1], shown, rng, sort=0.7)._replace(
        shape="by parent, having"
    )


def _everything(asker: Asker, rng: random.Random) -> Question | None:
    """Several nested conditions at once."""
    subject = asker.subject(_parent_table(asker, rng))
    place = subject.place
    clauses = [
        asker.children(place, detailed=True),
        rng.choice(
            (asker.overall(place, detailed=False), asker.own_group(place), asker.children(place, detailed=False))
        ),
    ]
    if None in clauses:
        return None
    where = asker.both([clause for clause in clauses if clause])
    return _asked(asker, subject, where, "several nested", sort=0.6)


_Shape = Callable[[Asker, random.Random], Question | None]

_SHAPES: tuple[tuple[_Shape, ...], ...] = (
    (_one_condition, _one_condition, _count),
    (_two_conditions, _first_rows, _different, _totals),
    (_with_parent, _with_parent, _groups, _two_columns),
    (_groups_within_bounds, _by_parent, _sets, _with_children, _products),
    (_above_all, _also_none, _two_hops, _side_by_side, _children_and_more),
    (_above_own_group, _for_every, _pairs, _figure_of_counts, _bounded_parents, _everything),
)
