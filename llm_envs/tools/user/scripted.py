"""`AgendaUser`: a user whose every word follows from its agenda and from what the agent has said.

- It opens with its wish, or with no more than a greeting, and says facts only when asked, `FACTS_A_TURN` a turn at
  most.
- It may slip: in the opening, or in an answer, it says a wrong value. A slip in the opening is put right in its next
  answer, a slip in an answer in the same breath; the corrected fact holds.
- It says yes to a proposal that is its plan and names all of it, no to another action or another thing of the kind,
  and that it cannot tell where the proposal leaves something open. Ids that are of no kind it knows, dates and amounts
  are the agent's affair.
- It insists where it is told that something cannot be done: it knows no rules. Now and then it adds small talk.
- It loses patience by turns that bring the talk no further: that ask nothing, ask again, ask for too much or for what
  it does not know, propose what it has not asked for, or decline. The last of these ends the talk.
- It believes what it is told: a report that all is done ends the talk, true or not. It does not see the world.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from llm_envs.tools.user.agenda import Agenda, Fact, Plan
from llm_envs.tools.user.hearing import Heard, Hearing, plain
from llm_envs.types import StopReason

__all__ = ["FACTS_A_TURN", "AgendaUser"]

FACTS_A_TURN = 2
"""Who asks for everything at once is told this many of the things that were named first."""

_GREETS_ONE_IN = 4
_SLIPS_ONE_IN = 3
_CHATS_ONE_IN = 4

_WISH = "wish"
_ASKED_WISH = (
    *("help you", "assist you", "do for you", "your request", "your concern", "your wish", "your question"),
    *("what do you want", "what would you like", "what do you need", "what is it about", "what happened"),
    *("the problem", "the issue", "your issue", "the matter", "what brings you", "tell me more", "of help"),
    *("can i help", "may i help", "like me to do", "looking for", "be of service"),
)
_OPENINGS = ("Hello, I want to {wish}.", "Hi! I would like to {wish}.", "Good morning. I want to {wish}, please.")
_GREETINGS = ("Hello, can you help me?", "Hi, I need some help.", "Good morning, is somebody there?")
_WISHES = ("I want to {wish}.", "I would like to {wish}.", "What I want is to {wish}.")
_YES = ("Yes, please.", "Yes, do that.", "Yes, exactly that.")
_NO = ("No, not that. I want to {wish}.", "No. What I asked for is to {wish}.")
_UNSURE = (
    "I cannot tell whether that is what I mean. I want to {wish}.",
    "You know that better than I do. What I want is to {wish}.",
)
_UNKNOWN = ("I do not know that.", "That I cannot tell you.", "I have nothing to say about that.")
_SILENCE = ("Sorry, what do you need to know from me?", "I am still waiting.", "I do not see what you want of me.")
_INSISTS = (
    "But I want to {wish}. Please find a way.",
    "I insist: I want to {wish}.",
    "That does not help me. I still want to {wish}.",
)
_TOO_MUCH = ("That is a lot to ask at once.", "One thing after the other, please.")
_AGAIN = ("As I said:", "Once more:")
_SLIPS_EARLY = ("The {slot} is {slip}.", "My {slot} is {slip}.")
_SLIPS_HERE = ("The {slot} is {slip}. Sorry, no, I meant {value}.", "My {slot} is {slip}... wait, it is {value}.")
_RIGHTS = (
    "I have to correct myself: the {slot} is {value}, not {slip}.",
    "Sorry, I made a mistake before. I said {slip}, but the {slot} is {value}.",
)

_ID = re.compile(r"\b([a-z]{2,})[- ](\d+)\b")


class _Slip(NamedTuple):
    """A wrong value that is going to be said.

    Args:
        early: in the opening.
    """

    fact: Fact
    value: str
    early: bool


class AgendaUser:
    """One conversation."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._facts = {fact.slot: fact for fact in agenda.facts}
        asking = {fact.slot: [words for words in fact.questions if words not in self._facts] for fact in agenda.facts}
        phrases = {slot: (slot, *words) for slot, words in asking.items()}
        self._hearing = Hearing({_WISH: _ASKED_WISH, **phrases}, agenda.actions)
        self._patience = agenda.patience
        self._turn = 0
        self._greets = not self._roll("greets", _GREETS_ONE_IN)
        self._told = set() if self._greets else {_WISH}
        self._agreed = False
        self._slip = self._drawn_slip()

    @property
    def was_asked(self) -> bool:
        """It has told something that an agent needs, or knows nothing of that kind."""
        needed = {fact.slot for fact in self._agenda.facts if fact.needed}
        return not needed or bool(needed & self._told)

    def open(self) -> str:
        """The first words."""
        if self._greets:
            return self._one_of(_GREETINGS)
        wish = self._one_of(_OPENINGS)
        if self._slip is None or not self._slip.early:
            return wish
        return f"{wish} {self._slipped(_SLIPS_EARLY, self._slip)}"

    def answer(self, text: str) -> str | StopReason:
        """Words, `END_OF_TURN` where all is said to be done, or `GAVE_UP`."""
        self._turn += 1
        heard = self._hearing.of(text)
        asked = [slot for slot in heard.asked if slot != _WISH]
        if heard.reports and not asked:
            return StopReason.END_OF_TURN
        righted = self._put_right()
        words = self._words(heard, asked, righted)
        said = [*righted.values(), *words, *self._chats()]
        return " ".join(said) if self._patience > 0 else StopReason.GAVE_UP

    def _words(self, heard: Heard, asked: Sequence[str], righted: Iterable[str]) -> list[str]:
        if asked:
            return self._tell(asked, righted)
        if heard.proposal:
            return [self._judge(heard.proposal)]
        if heard.asked:
            self._hold_against(_WISH in self._told)
            self._told.add(_WISH)
            return [self._one_of(_WISHES)]
        self._hold_against(True)
        if heard.declines and not heard.asks:
            self._told.add(_WISH)
            return [self._one_of(_INSISTS)]
        return [self._one_of(_UNKNOWN if heard.asks else _SILENCE)]

    def _chats(self) -> list[str]:
        """What has nothing to do with it, if anything."""
        chatter = self._agenda.chatter
        return [self._one_of(chatter)] if chatter and not self._roll(f"{self._turn} chats", _CHATS_ONE_IN) else []

    def _tell(self, asked: Sequence[str], righted: Iterable[str]) -> list[str]:
        """The facts that were asked for, as many as it says at a time."""
        chosen = asked[:FACTS_A_TURN]
        words = [self._fact(self._facts[slot]) for slot in chosen if slot not in righted]
        if self._told.issuperset(chosen) and words:
            self._hold_against(True)
            words.insert(0, self._one_of(_AGAIN))
        if len(asked) > FACTS_A_TURN:
            self._hold_against(True)
            words.append(self._one_of(_TOO_MUCH))
        self._told.update(chosen)
        return words

    def _fact(self, fact: Fact) -> str:
        if self._slip is not None and self._slip.fact is fact:
            slip, self._slip = self._slip, None
            return self._slipped(_SLIPS_HERE, slip)
        return self._one_of(fact.wordings, slot=fact.slot, value=fact.value)

    def _judge(self, proposal: str) -> str:
        """Yes to the plan, no to another action; else it cannot tell."""
        plan, actions = self._agenda.plan, self._hearing.actions(proposal)
        if plan is not None and (actions - {plan.action} or self._names_others(plan, proposal)):
            self._hold_against(True)
            return self._one_of(_NO)
        agrees = plan is not None and bool(actions) and all(_names(proposal, value) for value in plan.values)
        self._hold_against(self._agreed or not agrees)
        self._agreed |= agrees
        return self._one_of(_YES if agrees else _UNSURE)

    def _names_others(self, plan: Plan, proposal: str) -> bool:
        """Whether there is a thing besides those of the plan, or another id of a kind that the user knows."""
        known = _ids(" , ".join([*plan.values, *(fact.value for fact in self._agenda.facts)]))
        kinds = {kind for kind, _ in known}
        strange = {found for found in _ids(proposal) if found[0] in kinds} - known
        return bool(strange) or any(_names(proposal, other) for other in plan.others)

    # Slips

    def _drawn_slip(self) -> _Slip | None:
        """In the opening only where something is left to be asked for, so that it can be put right."""
        able = [fact for fact in self._agenda.facts if fact.slips]
        if not able or self._roll("slips", _SLIPS_ONE_IN):
            return None
        fact = able[self._roll("slipping", len(able))]
        is_last = not any(other.needed for other in self._agenda.facts if other is not fact)
        early = not self._greets and not is_last and not self._roll("early", 2)
        return _Slip(fact, fact.slips[self._roll("slip", len(fact.slips))], early)

    def _put_right(self) -> dict[str, str]:
        """What has to be corrected now, by slot."""
        if self._slip is None or not self._slip.early:
            return {}
        slip, self._slip = self._slip, None
        self._told.add(slip.fact.slot)
        return {slip.fact.slot: self._slipped(_RIGHTS, slip)}

    def _slipped(self, wordings: Sequence[str], slip: _Slip) -> str:
        return self._one_of(wordings, slot=slip.fact.slot, value=slip.fact.value, slip=slip.value)

    # Chance and patience

    def _hold_against(self, bothered: bool) -> None:
        self._patience -= bothered

    def _one_of(self, wordings: Sequence[str], **values: str) -> str:
        """One wording, filled; another one at another turn, perhaps."""
        words = wordings[self._roll(f"{self._turn} {wordings[0]} {values}", len(wordings))]
        return words.format(wish=self._agenda.wish, **values)

    def _roll(self, what: str, sides: int) -> int:
        digest = hashlib.sha256(f"{self._agenda.seed} {what}".encode()).digest()
        return int.from_bytes(digest[:8], "little") % sides


def _names(proposal: str, value: str) -> bool:
    return f" {plain(value)} " in f" {proposal} "


def _ids(text: str) -> set[tuple[str, str]]:
    """Such as ("ord", "17"), written as ord-17 or ord 17."""
    return set(_ID.findall(text.casefold()))
