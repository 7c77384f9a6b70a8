"""What a turn of the agent asks for, proposes or reports, by words alone.

A turn is cut into sentences. A sentence *asks* if it ends with a question mark, or begins to ask ("please give",
"tell me", "I need"); only then do the words in it that name a fact count. Where two names overlap, the one that
begins first takes the words, and the longer of two that begin together: an "e-mail address" is no "address". A
sentence *proposes* if it offers to do something ("shall I ...?", "is that correct?"), without a question word before.
A turn *reports* if a sentence that asks nothing says that something has been done, and nothing in it denies or defers
it, or if it takes its leave. It *declines* if a sentence that asks nothing says that something cannot be done.

What this deliberately does not do: understand. Words outside these lists are not heard, and cost the agent a turn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Heard", "Hearing", "plain"]

_MOST_CHARS = 4_000
"""Of a turn; nobody listens for longer."""

_MARKUP = re.compile(r"(?m)^[^\S\n]*(?:[-*\u2022]|\d{1,2}[.)])\s+|[*_`#]+")
_END = re.compile(r"([.!?]+)(?:\s|$)")
_APOSTROPHE = re.compile("['\u2019\u02bc]")
_NO_WORD = re.compile(r"\W+")

_ASKING = re.compile(
    r"\b(?:please (?:give|tell|send|share|provide|state|specify|confirm|let)|(?:tell|give|send) me|let me know"
    r"|provide|(?:i|we|ill|i will) (?:also )?(?:need|require)|(?:may|can|could) (?:i|we) (?:have|get|ask)"
    r"|(?:can|could|would) you)\b"
)
_QUESTION_WORD = re.compile(r"\b(?:what|whats|which|who|whom|whose|where|wheres|when|how|why)\b")
_PROPOSING = re.compile(
    r"\b(?:(?:shall|should|can|may) (?:i|we)(?! (?:please )?(?:have|get|ask|know|help|assist|see))"
    r"|(?:want|like|wish) (?:me|us) to|(?:do you|would you) (?:want|like|wish) to|you (?:want|would like|wish) to"
    r"|go ahead|is (?:that|this|it) (?:right|correct|ok|okay|fine)|confirm)\b|\b(?:right|correct|ok|okay)$"
)
_DONE_BY_ME = (
    "accepted|added|approved|archived|blocked|booked|cancell?ed|changed|closed|completed|copied|corrected|declined"
    "|deleted|exchanged|finished|forwarded|frozen|handled|invited|moved|processed|refunded|removed|renamed|replaced"
    "|replied|rescheduled|returned|scheduled|settled|solved|sorted|swapped|transferred|updated"
)
_DONE_BY_SOMEBODY = f"{_DONE_BY_ME}|created|made|paid|sent|written"
_REPORTING = re.compile(
    rf"\b(?:done|all set|taken care of|(?:i|we|ive|weve|i have|we have) (?:\w+ly |just |now )?(?:{_DONE_BY_SOMEBODY})"
    rf"|(?:ha(?:s|ve) (?:now |just )?been|(?:is|are) now) (?:\w+ly )?(?:{_DONE_BY_ME}))\b"
)
"""An order "has been sent" by whomever; "I have sent" it is a report."""

_LEAVING = re.compile(
    r"\b(?:anything else|good ?bye|bye|have a (?:nice|good|great|lovely|wonderful) (?:day|one|time))\b"
)
_DENYING = re.compile(
    r"\b(?:not|cannot|cant|wont|isnt|arent|hasnt|havent|wasnt|werent|couldnt|unable|failed|nothing|no|never|once|until"
    r"|before|if|will|can|could|would|should|to be|yet|when|as soon as|after)\b"
)

_DECLINING = re.compile(
    r"\b(?:(?:cannot|can not|cant|may not|wont|will not|unable to|not (?:allowed|permitted|possible|able)|impossible)"
    r"|forbid\w*|refuse\w*|decline\w*|prohibit\w*|against (?:the|our|a) (?:rules?|polic\w+)|rule r?\d+)\b"
)


class Heard(NamedTuple):
    """Of one turn.

    Args:
        asked: slots, in the order in which they were named.
        proposal: the words to say yes or no to, in plain form; "" where nothing is proposed.
        reports: it says that all is done.
        asks: it asks for something, known or not.
        declines: it says that something cannot be done.
    """

    asked: tuple[str, ...]
    proposal: str
    reports: bool
    asks: bool
    declines: bool = False


class Hearing:
    """Of a user who knows certain facts.

    Args:
        phrases: by slot, the words that ask for it.
        actions: what can be proposed, each with the verbs for it.
    """

    def __init__(self, phrases: Mapping[str, Iterable[str]], actions: Mapping[str, Iterable[str]]) -> None:
        self._slots = {plain(phrase): slot for slot, words in phrases.items() for phrase in words}
        self._named = _any_of(self._slots)
        self._actions = {action: _any_of(map(plain, verbs), ending=r"\w{0,3}") for action, verbs in actions.items()}

    def of(self, text: str) -> Heard:
        """What there is in a turn."""
        heard = [self._sentence(words, asking=asking) for words, asking in _sentences(text)]
        asked = tuple(dict.fromkeys(slot for sentence in heard for slot in sentence.asked))
        asks, reports = any(sentence.asks for sentence in heard), any(sentence.reports for sentence in heard)
        declines = any(sentence.declines for sentence in heard)
        proposal = " ".join(sentence.proposal for sentence in heard if sentence.proposal)
        if self.actions(proposal):
            return Heard(asked, proposal, reports=False, asks=asks, declines=declines)
        whole = plain(text[:_MOST_CHARS]) if proposal and not reports else ""  # "... Is that correct?"
        return Heard(asked, whole, reports, asks, declines)

    def actions(self, words: str) -> set[str]:
        """The actions whose verbs there are in plain words."""
        return {action for action, verbs in self._actions.items() if verbs and verbs.search(words)}

    def _sentence(self, words: str, *, asking: bool) -> Heard:
        if not asking:
            reports = bool(_LEAVING.search(words) or (_REPORTING.search(words) and not _DENYING.search(words)))
            return Heard((), "", reports, asks=False, declines=bool(_DECLINING.search(words)))
        slots = tuple(self._slots[found[0]] for found in self._named.finditer(words)) if self._named else ()
        offer = _PROPOSING.search(words)
        proposes = offer is not None and not _QUESTION_WORD.search(words, 0, offer.start())
        if proposes and (self.actions(words) or not slots):
            return Heard((), words, bool(_LEAVING.search(words)), asks=True)
        return Heard(slots, "", bool(_LEAVING.search(words)), asks=True)


def plain(text: str) -> str:
    """Words in lower case with single blanks between them, and nothing else."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub(" ", _APOSTROPHE.sub("", folded)).strip()


def _sentences(text: str) -> list[tuple[str, bool]]:
    """Each in plain form, and whether it asks; lists belong to the sentence that they end."""
    pieces = _END.split(_MARKUP.sub(" ", text[:_MOST_CHARS]) + " ")
    ended = zip(pieces[::2], [*pieces[1::2], ""], strict=True)
    sentences = [(plain(words), "?" in mark) for words, mark in ended]
    return [(words, question or bool(_ASKING.search(words))) for words, question in sentences if words]


def _any_of(phrases: Iterable[str], ending: str = "") -> re.Pattern[str] | None:
    """Any of them as whole words, longer ones first; None where there are none."""
    known: Sequence[str] = sorted(set(phrases) - {""}, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, known))}){ending}\b") if known else None
