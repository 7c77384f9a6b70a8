"""Answers questions of `llm/Search-v0` by reading all pages, sentence by sentence, and then the question.

It knows the words of relations, and nothing of the graph behind the pages: what holds, it finds out by dates.
"""

from __future__ import annotations

import re
from datetime import datetime

from llm_envs.envs.search import names
from llm_envs.envs.search.relations import RELATIONS, YEAR_OF

OPENING = re.compile(r"(?:The )?(?P<title>.+?)(?:, known as (?P<alias>\w+),)? is an? (?P<what>\w+)\.")
KINDS = {
    "city": "city",
    "country": "country",
    **dict.fromkeys(names.PROFESSIONS, "person"),
    **dict.fromkeys(names.HOUSES, "organisation"),
    **dict.fromkeys(names.WORKS, "work"),
    **dict.fromkeys(map(str.lower, names.EVENTS), "event"),
}
STATEMENTS = [
    (relation, re.compile(re.escape(text).replace(r"\{s\}", "(?P<s>.+)").replace(r"\{o\}", "(?P<o>.+)")))
    for relation in RELATIONS
    for text in (*relation.sentences, *filter(None, [relation.news]))
]
PHRASES = [(relation, re.compile(re.escape(relation.phrase).replace(r"\{\}", "(.+)"))) for relation in RELATIONS]
CONDITIONS = [
    (relation, re.compile(re.escape(relation.condition).replace(r"\{\}", "(.+)")))
    for relation in RELATIONS
    if "{}" in relation.condition
]
PLURALS = {"were": "was", "are": "is", "work": "works", "live": "lives", "have": "has"}
WHICHEVER = re.compile(r"whichever of (.+) and (.+?) (was founded|was born|came out|was held) (first|last)")
COUNT = re.compile(
    r"How many \w+ (.+), and which of them (was founded|was born|came out|was held) (first|last)\? Answer with .*"
)


class Reader:
    """Everything that an encyclopedia's pages say.

    Args:
        texts: of pages, as `open` gives them.
    """

    def __init__(self, texts) -> None:
        pages = [page.split("\n", 3) for page in texts]
        self.told = {}
        self.names = {}
        self.kinds = {}
        for title, _, _, text in pages:
            if ", from the edition of" not in title and " a note to readers" not in title and "News of" not in title:
                opening = OPENING.match(text)
                self.names[opening["title"]] = self.names[opening["alias"] or opening["title"]] = title
                self.kinds[title] = KINDS[opening["what"]]
        for _, dated, _, text in pages:
            day = datetime.strptime(dated.partition("dated ")[2], "%d %B %Y")  # noqa: DTZ007 (only the order counts)
            for sentence in re.split(r"(?<=\.) ", text):
                self._read(day, sentence)
        self.whose = {}
        for (subject, relation), told in self.told.items():
            self.whose.setdefault((relation, max(told)[1]), set()).add(subject)

    def answer(self, question):
        """The answer, and nothing where there is none or there are several."""
        if " no page about " in question:
            wanted, called, instead = re.fullmatch(
                r"Name (.+)\. If the encyclopedia has no page about (.+), name (.+) instead\.", question
            ).groups()
            return self.value(wanted if self._name(called) else instead)
        if question.startswith("What is the date"):
            return self._date(re.fullmatch(r"What is the date of the newest page that says (.+)\?", question)[1])
        if counted := COUNT.fullmatch(question):
            verb, _, rest = counted[1].partition(" ")
            found = self._holding(f"{PLURALS[verb]} {rest}")
            return f"{len(found)}; {self._extreme(found, counted[2], counted[3])}"
        return self.value(re.fullmatch(r"(?:Who is|Name|Find) (.+)[.?]", question)[1])

    def value(self, phrase):
        """What a phrase names."""
        if name := self._name(phrase):
            return name
        if listed := WHICHEVER.fullmatch(phrase):
            members = [self._name(one) for one in [*listed[1].split(", "), listed[2]]]
            return self._extreme(members, listed[3], listed[4])
        if both := re.fullmatch(r"the \w+ (?:who|that) (.+?) and (.+)", phrase):
            (found,) = self._holding(both[1]) & self._holding(both[2])
            return found
        found = [(relation, match[1]) for relation, words in PHRASES if (match := words.fullmatch(phrase))]
        values = {self.newest(self.value(inner), relation)[1] for relation, inner in found if self._is(inner, relation)}
        (value,) = values
        return value

    def newest(self, subject, relation):
        """The date and the value that the newest page tells."""
        return max(self.told[subject, relation.name])

    def _is(self, phrase, relation):
        """Whether what the phrase names can have such a relation."""
        try:
            return (self.value(phrase), relation.name) in self.told
        except ValueError:
            return False

    def _read(self, day, sentence):
        for relation, words in STATEMENTS:
            match = words.fullmatch(sentence)
            if match and self.kinds.get(self._name(match["s"])) == relation.of:
                value = match["o"] if relation.to == "year" else self._name(match["o"])
                self.told.setdefault((self._name(match["s"]), relation.name), set()).add((day, value))

    def _name(self, words):
        bare = re.sub("^[Tt]he ", "", words)
        return self.names.get(words) or self.names.get(bare)

    def _holding(self, condition):
        found = [(relation, match[1]) for relation, words in CONDITIONS if (match := words.fullmatch(condition))]
        ((relation, inner),) = [(r, i) for r, i in found if (r.name, self.value(i)) in self.whose]
        return self.whose[relation.name, self.value(inner)]

    def _extreme(self, members, verb, which):
        years = sorted((int(self.newest(one, self._year(one, verb))[1]), one) for one in members)
        years = years if which == "first" else years[::-1]
        assert years[0][0] != years[1][0]
        return years[0][1]

    def _year(self, member, verb):
        return next(r for r in YEAR_OF.values() if r.condition == verb and (member, r.name) in self.told)

    def _date(self, asked):
        for relation in RELATIONS:
            match = relation.asked and re.fullmatch(re.escape(relation.asked).replace(r"\{\}", "(.+)"), asked)
            if match:
                day = self.newest(self.value(match[1]), relation)[0]
                return f"{day.day} {day:%B %Y}"
        raise AssertionError(asked)
