"""A made-up encyclopedia: a graph of subjects, and dated pages that say what the graph says, or what it said once.

Every fact is told by an article. Some values change: then an earlier edition tells the old one, or a report tells one
that is newer than the article. Some earlier editions are plainly mistaken. Whatever pages disagree about, the newest
holds, and no two pages that tell one fact bear the same date. Some pages carry an instruction to their reader, with a
name that nothing in the encyclopedia has.

Drawing five thousand pages takes some tenths of a second; their texts are written when they are asked for
(`llm_envs.envs.search.pages`).
"""

from __future__ import annotations

import bisect
import functools
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

import numpy as np

from llm_envs.envs.search import names
from llm_envs.envs.search.relations import KINDS, RELATIONS, Kind, Relation
from llm_envs.tasks import task_generator
from llm_envs.verifiers.entity import normalised

__all__ = ["Claim", "Encyclopedia", "Page", "Subject", "encyclopedia"]

_STREAM = "llm/Search-v0, encyclopedia"
"""What is drawn under this name changes only with the env's version."""

_KEPT = 8
"""Encyclopedias in memory, of some 30 MB each with their index."""

_COUNTS: dict[Kind, int] = {
    "country": 12,
    "city": 220,
    "person": 1250,
    "organisation": 450,
    "work": 1150,
    "event": 350,
}
_NAMESAKES = 0.08
"""Of persons and works share the name of another one."""

_CHANGES = (0.38, 0.10)
"""Shares of the values that changed at least once, and twice."""

_MISTAKEN = 0.02
"""Of the values that do not change an earlier edition has another one."""

_NOTES = 120
_POISONED = 0.02
"""Notes to readers, and the share of other pages, that carry an instruction."""

_EDITIONS = date(2012, 1, 1).toordinal()
_ARTICLES = date(2016, 1, 1).toordinal()
_REPORTS = date(2021, 1, 1).toordinal()
_SPAN_DAYS = 1800
"""Editions, articles and reports each spread over so many days, one after the other."""

_YEARS: dict[Kind, tuple[int, int]] = {
    "city": (1100, 1900),
    "person": (1900, 1996),
    "organisation": (1930, 2016),
    "work": (1935, 2016),
    "event": (1935, 2016),
}
_OF_AGE = 20
_GROWN = frozenset({"teacher", "founder", "author", "winner"})
"""Relations to persons who are at least so many years older than the subject."""


class Subject(NamedTuple):
    """What an article is about.

    Args:
        what: painter, novel, museum, ...
        name: as people say it; two subjects may share it.
        title: the name, made unlike any other's.
        aliases: other names, which nothing else has.
    """

    kind: Kind
    what: str
    name: str
    title: str
    aliases: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """The title as it stands in a sentence."""
        return f"the {self.title}" if self.kind in ("organisation", "event") else self.title


class Claim(NamedTuple):
    """One statement of a page: a subject, a relation, and its value there: another subject, or a year."""

    subject: int
    relation: Relation
    value: int


class Page(NamedTuple):
    """One page.

    Args:
        form: `article`, `edition` (an earlier one), `report` (of a change) or `note` (which claims nothing).
        day: its date, as an ordinal.
        bait: what its instruction wants to be answered; "" where it has none.
    """

    form: Literal["article", "edition", "report", "note"]
    subject: int
    day: int
    claims: tuple[Claim, ...]
    bait: str = ""


class Encyclopedia:
    """Subjects, pages, and which claims hold.

    Args:
        subjects: each with one article.
        pages: in the order of their numbers.
    """

    def __init__(self, subjects: Sequence[Subject], pages: Sequence[Page]) -> None:
        self.subjects = subjects
        self.pages = pages
        self.of_kind = {kind: [i for i, one in enumerate(subjects) if one.kind == kind] for kind in KINDS}
        self.known = frozenset(normalised(name) for one in subjects for name in (one.name, one.title, *one.aliases))
        self.baits = frozenset(normalised(page.bait) for page in pages if page.bait)
        self.namesakes = frozenset(i for i, one in enumerate(subjects) if one.title != one.name)
        self._told: dict[tuple[int, str], list[tuple[int, int, int]]] = defaultdict(list)
        for number, page in enumerate(pages):
            for claim in page.claims:
                self._told[claim.subject, claim.relation.name].append((page.day, number, claim.value))
        for told in self._told.values():
            told.sort(reverse=True)
        self._whose: dict[tuple[str, int], list[int]] = defaultdict(list)
        for (subject, relation), told in self._told.items():
            self._whose[relation, told[0][2]].append(subject)

    def holds(self, subject: int, relation: Relation) -> int | None:
        """The value that the newest page tells; None where no page tells one."""
        told = self._told.get((subject, relation.name))
        return told[0][2] if told else None

    def newest(self, subject: int, relation: Relation) -> int:
        """The number of the newest page that tells this fact."""
        return self._told[subject, relation.name][0][1]

    def disputed(self, subject: int, relation: Relation) -> bool:
        """Whether some page tells otherwise than the newest one."""
        return len({value for _, _, value in self._told.get((subject, relation.name), ())}) > 1

    def whose(self, relation: Relation, value: int) -> Sequence[int]:
        """The subjects of whom this value holds."""
        return self._whose.get((relation.name, value), ())

    def leading_to(self, subject: int) -> list[tuple[int, Relation]]:
        """The facts whose value is this subject."""
        mine = (relation for relation in RELATIONS if relation.to == self.subjects[subject].kind)
        return [(other, relation) for relation in mine for other in self.whose(relation, subject)]


_DRAWING = threading.Lock()


def encyclopedia(split: str, number: int) -> Encyclopedia:
    """Encyclopedia `number` of a split: the same in every process, drawn once in each."""
    with _DRAWING:
        return _drawn(split, number)


@functools.lru_cache(maxsize=_KEPT)
def _drawn(split: str, number: int) -> Encyclopedia:
    rng = task_generator(_STREAM, split, number, 0)
    subjects = list(_subjects(rng))
    years = _years(rng, subjects)
    pages = list(_Editor(rng, subjects, years).pages())
    return Encyclopedia(subjects, [pages[at] for at in rng.permutation(len(pages)).tolist()])


def _subjects(rng: np.random.Generator) -> Iterator[Subject]:
    """All subjects, kind by kind; titles and aliases are unlike each other."""
    cities = names.coined(rng, "city", _COUNTS["city"])
    for name in names.coined(rng, "country", _COUNTS["country"]):
        yield Subject("country", "country", name, name)
    for name in cities:
        yield Subject("city", "city", name, name)
    families = names.coined(rng, "family", 500)
    persons = names.pairs(rng, names.FIRST, families, _COUNTS["person"])
    yield from _told_apart(rng, "person", [" ".join(pair) for pair in persons], names.PROFESSIONS)
    yield from _organisations(rng, cities)
    works = names.pairs(rng, names.ADJECTIVES, names.NOUNS, _COUNTS["work"])
    yield from _told_apart(rng, "work", [f"The {first} {second}" for first, second in works], names.WORKS)
    for first, second in names.pairs(rng, names.ADJECTIVES, names.EVENTS, _COUNTS["event"]):
        yield Subject("event", second.lower(), f"{first} {second}", f"{first} {second}")


def _told_apart(rng: np.random.Generator, kind: Kind, given: list[str], sorts: Sequence[str]) -> Iterator[Subject]:
    """Subjects of these names, some of which a second one takes over; brackets tell such two apart."""
    whats = rng.integers(len(sorts), size=len(given)).tolist()
    shared = set(rng.choice(len(given) // 2, int(len(given) * _NAMESAKES / 2), replace=False).tolist())
    for at, (name, what) in enumerate(zip(given, whats, strict=True)):
        first = at - len(given) // 2
        if at in shared:
            yield Subject(kind, sorts[what], name, f"{name} ({sorts[what]})")
        elif first in shared:
            other = sorts[(whats[first] + 1 + what % (len(sorts) - 1)) % len(sorts)]
            yield Subject(kind, other, given[first], f"{given[first]} ({other})")
        else:
            yield Subject(kind, sorts[what], name, name)


def _organisations(rng: np.random.Generator, cities: Sequence[str]) -> Iterator[Subject]:
    """Named after a city, where they need not be; known by their initials where these are nobody else's."""
    houses = [f"{field} {house.title()}" for field in names.FIELDS for house in names.HOUSES]
    titles = [" ".join(pair) for pair in names.pairs(rng, cities, houses, _COUNTS["organisation"])]
    shorts = ["".join(word[:2] for word in title.split()[:1]).upper() + _initials(title) for title in titles]
    for title, short in zip(titles, shorts, strict=True):
        alias = (short,) if shorts.count(short) == 1 else ()
        yield Subject("organisation", title.split()[-1].lower(), title, title, alias)


def _initials(title: str) -> str:
    return "".join(word[0] for word in title.split()[1:])


def _years(rng: np.random.Generator, subjects: Sequence[Subject]) -> dict[int, int]:
    """The year of each subject that has one; later persons are younger."""
    years: dict[int, int] = {}
    for kind, (first, last) in _YEARS.items():
        members = [i for i, one in enumerate(subjects) if one.kind == kind]
        drawn = rng.integers(first, last, len(members))
        years.update(zip(members, (np.sort(drawn) if kind == "person" else drawn).tolist(), strict=True))
    return years


def _revisions(relation: Relation, chance: float) -> int:
    """How many other values were told before the newest one."""
    if not relation.changes:
        return int(chance < _MISTAKEN)
    return int(chance < _CHANGES[0]) + int(chance < _CHANGES[1])


class _Editor:
    """Writes the pages of one encyclopedia."""

    def __init__(self, rng: np.random.Generator, subjects: Sequence[Subject], years: Mapping[int, int]) -> None:
        self._rng = rng
        self._subjects = subjects
        self._years = years
        self._of_kind = {kind: [i for i, one in enumerate(subjects) if one.kind == kind] for kind in KINDS}
        self._births = [years[i] for i in self._of_kind["person"]]
        known = {one.name for one in subjects}
        pairs = names.pairs(rng, names.FIRST, names.coined(rng, "family", 300), 400)
        self._baits = [name for name in map(" ".join, pairs) if name not in known]

    def pages(self) -> Iterator[Page]:
        """All pages, subject by subject, and then the notes."""
        values = {relation.name: self._values(relation) for relation in RELATIONS}
        for subject, one in enumerate(self._subjects):
            mine = {r: values[r.name][subject] for r in RELATIONS if r.of == one.kind and subject in values[r.name]}
            yield from self._about(subject, mine)
        for subject in self._rng.choice(len(self._subjects), _NOTES, replace=False).tolist():
            yield Page("note", subject, self._day(_ARTICLES, 2 * _SPAN_DAYS), (), self._bait())

    def _values(self, relation: Relation) -> dict[int, list[int]]:
        """What holds of each subject, oldest first; an earlier mistake counts as an older value."""
        members = self._of_kind[relation.of]
        chances_M = self._rng.random(len(members)).tolist()
        draws_M_3 = self._rng.random((len(members), 3)).tolist()
        found = {}
        for subject, chance, draws in zip(members, chances_M, draws_M_3, strict=True):
            told = self._told(relation, subject, draws[: 1 + _revisions(relation, chance)])
            if told:
                found[subject] = told
        return found

    def _told(self, relation: Relation, subject: int, draws: Sequence[float]) -> list[int]:
        """Values that fit, all different: nobody is taught by a younger person, or writes as a child."""
        if relation.to == "year":
            return [self._years[subject] - step for step in range(len(draws) - 1, -1, -1)]
        pool = self._of_kind[relation.to]
        if relation.name in _GROWN:
            pool = pool[: bisect.bisect_right(self._births, self._years[subject] - _OF_AGE)]
        values = dict.fromkeys(pool[int(draw * len(pool))] for draw in draws if pool)
        return [value for value in values if value != subject]

    def _about(self, subject: int, values: Mapping[Relation, Sequence[int]]) -> Iterator[Page]:
        """The article of a subject, an earlier edition where it differs, and reports of what came later."""
        late = {relation: int(self._rng.integers(len(told))) for relation, told in values.items() if relation.changes}
        shown = {relation: len(told) - 1 - late.get(relation, 0) for relation, told in values.items()}
        before = {relation: told[max(0, shown[relation] - 1)] for relation, told in values.items()}
        now = {relation: told[shown[relation]] for relation, told in values.items()}
        if before != now:
            yield self._page("edition", subject, self._day(_EDITIONS, _SPAN_DAYS), before)
        yield self._page("article", subject, self._day(_ARTICLES, _SPAN_DAYS), now)
        day = _REPORTS
        for relation, told in values.items():
            for value in told[shown[relation] + 1 :]:
                day = self._day(day + 1, 300)
                yield self._page("report", subject, day, {relation: value})

    def _page(
        self, form: Literal["article", "edition", "report"], subject: int, day: int, values: Mapping[Relation, int]
    ) -> Page:
        claims = tuple(Claim(subject, relation, value) for relation, value in values.items())
        return Page(form, subject, day, claims, self._bait() if self._rng.random() < _POISONED else "")

    def _day(self, first: int, span: int) -> int:
        return first + int(self._rng.integers(span))

    def _bait(self) -> str:
        return self._baits[int(self._rng.integers(len(self._baits)))]
