"""Questions with one answer each, drawn from the graph of an encyclopedia and proven against it.

| kind | asks for |
|---|---|
| `hop` | what a chain of facts leads to: the founder of the employer of the author of a work |
| `newest` | the date of the newest page that tells a fact which has changed |
| `comparison` | a fact about whichever of some subjects is the oldest, or the youngest |
| `intersection` | the one subject of whom two things hold |
| `counting` | how many subjects something holds of, and which of these is the oldest or youngest |
| `no_such` | a fact about a subject that may not exist, and what to answer where it does not |

Every answer is what the newest pages say. A question is refused where the graph has no answer or several, where the
answer stands in the question, or where it is one of a dozen (a country). No form can be answered by a word that is
always the same: what does not exist is asked for together with something that does, and a number with a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np

from llm_envs.envs.search.encyclopedia import Encyclopedia
from llm_envs.envs.search.pages import date_text
from llm_envs.envs.search.relations import RELATIONS, RELATIONS_OF, YEAR_OF, Kind, Relation
from llm_envs.errors import BadTask
from llm_envs.verifiers.entity import normalised

__all__ = ["KINDS_AT", "Question", "ask"]

T = TypeVar("T")

KINDS_AT: tuple[tuple[str, ...], ...] = (
    ("hop",),
    ("hop", "newest", "comparison", "no_such"),
    *(("hop", "newest", "comparison", "intersection", "counting", "no_such"),) * 4,
)
"""By difficulty."""

_HOPS = (1, 2, 2, 3, 4, 5)
_DESCRIBED = (0, 0, 0, 1, 1, 2)
"""Facts that lead to a subject which a question does not name outright."""

_COMPARED = (0, 2, 2, 3, 4, 5)
_AFTER = (0, 1, 1, 1, 2, 2)
_COUNTED = ((0, 0), (0, 0), (2, 4), (2, 5), (3, 7), (4, 9))
_INSTEAD = (0, 1, 1, 2, 2, 3)
"""Facts that lead to the answer where the subject does not exist."""

_DISPUTED_FROM = 2
"""The level from which chains lead over a fact that pages disagree about."""

_DRAWS = 3000
"""Of one kind, before it is taken for impossible; most succeed among the first ten."""

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Question(NamedTuple):
    """A question about an encyclopedia.

    Args:
        answers: spellings that count.
        evidence: numbers of the pages that prove the answer: for each fact the newest one.
        disputed: how many of the facts some older page tells otherwise.
    """

    kind: str
    text: str
    answers: tuple[str, ...]
    evidence: tuple[int, ...]
    disputed: int


class _Found(NamedTuple):
    """A subject or a year, and how it is described."""

    phrase: str
    value: int
    kind: Kind
    seen: tuple[int, ...]
    evidence: tuple[int, ...] = ()
    disputed: int = 0


def ask(told: Encyclopedia, level: int, rng: np.random.Generator) -> Question:
    """A question of that difficulty.

    Raises:
        BadTask: the encyclopedia is too small for one.
    """
    asker = _Asker(told, level, rng)
    kind = asker.one_of(KINDS_AT[level])
    draw: Callable[[], Question | None] = getattr(asker, kind)
    for _ in range(_DRAWS):
        question = draw()
        if question is not None and not _tells(question):
            return question
    raise BadTask(f"this encyclopedia has no question of kind {kind!r} at difficulty {level}")


def _tells(question: Question) -> bool:
    """Whether the answer stands in the question."""
    text = f" {normalised(question.text)} "
    return any(f" {normalised(answer)} " in text for answer in question.answers)


class _Asker:
    """Draws questions; each method gives one, or None where what was drawn does not make one."""

    def __init__(self, told: Encyclopedia, level: int, rng: np.random.Generator) -> None:
        self._told = told
        self._level = level
        self._rng = rng

    def one_of(self, choices: Sequence[T]) -> T:
        """One of them, at random."""
        return choices[int(self._rng.integers(len(choices)))]

    def hop(self) -> Question | None:
        """Follow facts from a subject that is named."""
        found = self._walk(self._somebody(), _HOPS[self._level])
        if found is None or (found.disputed > 0) != (self._level >= _DISPUTED_FROM):
            return None
        if self._level == 0 and self._told.namesakes & {*found.seen, found.value}:
            return None
        return self._question("hop", self._request(found), self._spellings(found), found)

    def newest(self) -> Question | None:
        """When a fact was told last."""
        relation = self.one_of([relation for relation in RELATIONS if relation.changes])
        subject = self.one_of(self._told.of_kind[relation.of])
        if not self._told.disputed(subject, relation):
            return None
        known = self._described(subject, _DESCRIBED[self._level])
        found = known and self._step(known, relation)
        if found is None or known is None:
            return None
        told_on = date.fromordinal(self._told.pages[found.evidence[-1]].day)
        text = f"What is the date of the newest page that says {relation.asked.format(known.phrase)}?"
        return self._question("newest", text, _spellings_of_date(told_on), found)

    def comparison(self) -> Question | None:
        """Go on from the first or the last of some subjects."""
        kind = self.one_of(tuple(YEAR_OF))
        subjects = [self.one_of(self._told.of_kind[kind]) for _ in range(_COMPARED[self._level])]
        extreme = self.one_of(("first", "last"))
        chosen = self._extreme(subjects, extreme)
        if chosen is None:
            return None
        listed = _listed([self._told.subjects[subject].called for subject in subjects])
        phrase = f"whichever of {listed} {YEAR_OF[kind].condition} {extreme}"
        years = tuple(self._told.newest(subject, YEAR_OF[kind]) for subject in subjects)
        start = _Found(phrase, chosen, kind, tuple(subjects), years)
        found = self._walk(start, _AFTER[self._level])
        return found and self._question("comparison", self._request(found), self._spellings(found), found)

    def intersection(self) -> Question | None:
        """The one subject of whom two things hold, either of which holds of others too."""
        kind = self.one_of(_MET)
        subject = self.one_of(self._told.of_kind[kind])
        choices = [relation for relation in RELATIONS_OF[kind] if relation.to != "year"]
        one, other = (choices[at] for at in self._rng.permutation(len(choices))[:2].tolist())
        both = self._start(subject), self._start(subject)
        steps = self._step(both[0], one), self._step(both[1], other)
        if steps[0] is None or steps[1] is None or steps[0].value == steps[1].value:
            return None
        holding = [set(self._told.whose(one, steps[0].value)), set(self._told.whose(other, steps[1].value))]
        known = self._described(steps[0].value, _DESCRIBED[self._level], (subject,))
        if holding[0] & holding[1] != {subject} or min(map(len, holding)) == 1 or known is None:
            return None
        conditions = one.condition.format(known.phrase), other.condition.format(self._called(steps[1].value))
        phrase = f"the {kind} {'who' if kind == 'person' else 'that'} {conditions[0]} and {conditions[1]}"
        evidence = (*known.evidence, *steps[0].evidence, *steps[1].evidence)
        disputed = known.disputed + steps[0].disputed + steps[1].disputed
        found = _Found(phrase, subject, kind, (), evidence, disputed)
        return self._question("intersection", f"Name {phrase}.", self._spellings(found), found)

    def counting(self) -> Question | None:
        """How many subjects something holds of, and the first or last of them."""
        relation = self.one_of([r for r in RELATIONS if r.of in YEAR_OF and r.to in ("person", "organisation")])
        value = self._told.holds(self.one_of(self._told.of_kind[relation.of]), relation)
        counted = self._told.whose(relation, value) if value is not None and relation.condition else ()
        fewest, most = _COUNTED[self._level]
        extreme = self.one_of(("first", "last"))
        chosen = self._extreme(counted, extreme) if fewest <= len(counted) <= most else None
        known = None if value is None else self._described(value, _DESCRIBED[self._level], counted)
        if chosen is None or known is None:
            return None
        text = (
            f"How many {_PLURALS[relation.of]} {_plural(relation.condition).format(known.phrase)}, and which of them "
            f"{YEAR_OF[relation.of].condition} {extreme}? Answer with the number and the name, such as `12; Name`."
        )
        facts = [self._told.newest(one, each) for one in counted for each in (relation, YEAR_OF[relation.of])]
        disputed = known.disputed + sum(self._told.disputed(one, relation) for one in counted)
        found = _Found(text, chosen, relation.of, (), (*known.evidence, *facts), disputed)
        numbers = str(len(counted)), _NUMBERS[len(counted)]
        spelt = dict.fromkeys([*self._spellings(found), self._called(chosen)])
        spellings = [f"{number}; {name}" for name in spelt for number in numbers]
        return self._question("counting", text, tuple(spellings), found)

    def no_such(self) -> Question | None:
        """A fact about what may not exist, or else another one."""
        kind = self.one_of(_INVENTED)
        relation = self.one_of([relation for relation in RELATIONS_OF[kind] if relation.to != "year"])
        instead = self._walk(self._somebody(), _INSTEAD[self._level])
        known = self._start(self.one_of(self._told.of_kind[kind])) if self._rng.integers(2) else None
        called = known.phrase if known else self._nobody(kind)
        wanted = self._step(known, relation) if known else instead
        if instead is None or called is None or wanted is None or (known and wanted.value == instead.value):
            return None
        text = (
            f"Name {relation.phrase.format(called)}. If the encyclopedia has no page about {called}, "
            f"name {instead.phrase} instead."
        )
        return self._question("no_such", text, self._spellings(wanted), wanted)

    # How facts are followed

    def _somebody(self) -> _Found:
        kind: Kind = self.one_of(("city", "person", "person", "organisation", "work", "work", "event"))
        return self._start(self.one_of(self._told.of_kind[kind]))

    def _nobody(self, kind: Kind) -> str | None:
        """A name that could be one of the encyclopedia's and is not."""
        one, other = (self._told.subjects[self.one_of(self._told.of_kind[kind])].name.split() for _ in range(2))
        name = " ".join([*one[:-1], other[-1]])
        return None if normalised(name) in self._told.known else f"the {name}" if kind == "organisation" else name

    def _start(self, subject: int) -> _Found:
        one = self._told.subjects[subject]
        return _Found(one.called, subject, one.kind, (subject,))

    def _step(self, found: _Found, relation: Relation) -> _Found | None:
        """One fact further; None where there is none, or where it leads back."""
        value = self._told.holds(found.value, relation)
        if value is None or (relation.to != "year" and value in found.seen):
            return None
        return _Found(
            relation.phrase.format(found.phrase),
            value,
            relation.to,
            found.seen if relation.to == "year" else (*found.seen, value),
            (*found.evidence, self._told.newest(found.value, relation)),
            found.disputed + self._told.disputed(found.value, relation),
        )

    def _walk(self, found: _Found, hops: int) -> _Found | None:
        """That many facts further, the last of which does not end in a country."""
        for left in range(hops - 1, -1, -1):
            barred = "country" if left == 0 else "year"
            step = self._step(found, self.one_of([r for r in RELATIONS_OF[found.kind] if r.to != barred]))
            if step is None:
                return None
            found = step
        return found

    def _described(self, subject: int, hops: int, barred: Sequence[int] = ()) -> _Found | None:
        """The subject, by that many facts that lead to it, none of them about what is barred."""
        facts: list[Relation] = []
        seen = [subject, *barred]
        for _ in range(hops):
            leading = [(one, relation) for one, relation in self._told.leading_to(seen[0]) if one not in seen]
            if not leading:
                return None
            one, relation = self.one_of(leading)
            seen.insert(0, one)
            facts.insert(0, relation)
        found: _Found | None = self._start(seen[0])
        for relation in facts:
            found = found and self._step(found, relation)
        return found

    def _extreme(self, subjects: Sequence[int], which: str) -> int | None:
        """The one with the lowest or the highest year; None where two share it."""
        dated = sorted(self._dated(subjects), reverse=which == "last")
        if len(dated) < 2 or len({*subjects}) < len(subjects) or dated[0][0] == dated[1][0]:
            return None
        return dated[0][1]

    def _dated(self, subjects: Sequence[int]) -> Iterator[tuple[int, int]]:
        for subject in subjects:
            year = self._told.holds(subject, YEAR_OF[self._told.subjects[subject].kind])
            if year is not None:
                yield year, subject

    # How things are worded

    def _called(self, subject: int) -> str:
        return self._told.subjects[subject].called

    def _request(self, found: _Found) -> str:
        forms = ("Who is {}?", "Name {}.") if found.kind == "person" else ("Name {}.", "Find {}.")
        return self.one_of(forms).format(found.phrase)

    def _spellings(self, found: _Found) -> tuple[str, ...]:
        if found.kind == "year":
            return (str(found.value),)
        one = self._told.subjects[found.value]
        spelt = [one.title, one.name, *one.aliases]
        return tuple(dict.fromkeys([*spelt, *(name.removeprefix("The ") for name in spelt)]))

    def _question(self, kind: str, text: str, answers: tuple[str, ...], found: _Found) -> Question:
        return Question(kind, text, answers, tuple(dict.fromkeys(found.evidence)), found.disputed)


_MET: tuple[Kind, ...] = ("person", "organisation", "work", "event")
_INVENTED: tuple[Kind, ...] = ("person", "organisation", "work")
_PLURALS: dict[Kind, str] = {
    "city": "cities",
    "person": "persons",
    "organisation": "organisations",
    "work": "works",
    "event": "events",
}
_VERBS = {"was": "were", "is": "are", "works": "work", "lives": "live", "has": "have"}


def _plural(condition: str) -> str:
    verb, _, rest = condition.partition(" ")
    return f"{_VERBS[verb]} {rest}"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _spellings_of_date(day: date) -> tuple[str, ...]:
    words = date_text(day)
    number, month, year = words.split()
    return words, day.isoformat(), f"{month} {number}, {year}", f"{number} {month[:3]} {year}"
