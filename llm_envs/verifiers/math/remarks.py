"""What people write around a value without changing it: labels, conclusions, notes in brackets.

`Area: 12`, `Therefore, x = 12`, `exactly 12`, `12 (since 3*4 = 12)` and `12 (twelve)` all say 12. A word that takes the
value back, or offers another one, is no remark and stays. Text in, text out; linear in the text.
"""

from __future__ import annotations

import re
from typing import Final

from llm_envs.verifiers.math.units import is_known
from llm_envs.verifiers.math.vocabulary import SPELT

__all__ = ["without_note", "without_remarks"]

_CONCLUSION: Final = re.compile(
    r"(?i)\A(?:\\text\s*\{\s*)?(?:(?:therefore|thus|hence|so|then|finally)(?![A-Za-z])[\s,:]*\}?\s*(?=\S)"
    r"|(?:exactly|precisely|only|just)(?![A-Za-z])\s*\}?\s*(?=[-+\d\\$¤(\[{]|[A-Za-z](?![A-Za-z])))"
)
_TEXT_LABEL: Final = re.compile(r"\A\\text\{[^{}\d]*(?:(?::|\bis)\s*\}|\}\s*(?::|=))\s*(?=\S)")
_LABEL: Final = re.compile(
    r"(?P<before>\A|[,;] ?(?:and )?| and )(?P<label>[A-Za-z][A-Za-z']+(?: [A-Za-z][A-Za-z']*){0,8})"
    r"(?: ?[:=] ?(?=\S)| (?:is equal to|is|are|equals) (?=[-+\d\\$¤£€(\[{|.]|[A-Za-z](?![A-Za-z])))"
)
_NO_LABEL: Final = frozenset(
    "or not either neither nor option choice yes no true false if between from at most least than but except wrong "  # noqa: SIM905 - words read best as words
    "incorrect".split()
)
"""Words before a value that say more than whose value it is."""
_REASON: Final = re.compile(
    r"[\s,]*(?:\\text\{\s*)?\((?:approximately|approx|exactly|rounded|to the nearest|to \d|correct to|since|because)"
    r"(?![A-Za-z])[^()]*\)\s*\}?\Z"
)
_BECAUSE: Final = re.compile(r"(?<=[\d)}])\s*,?\s*(?:\\text\s*\{\s*)?\b(?:because|since)(?![A-Za-z]).*\Z", re.DOTALL)
_NOTE: Final = re.compile(
    r"(?<=[\d\s}])(?<!\^)\s*+(?:\\text\s*\{\s*+)?\((?P<note>[A-Za-z][A-Za-z',-]+(?: [A-Za-z',-]+)*)\)\s*\}?[\s.]*\Z"
)
_SHORTEST_WORD: Final = 4
"""Of a note; what has fewer letters may be a product, `2(xy)`, or a difference, `3(a-b)`."""
_NO_NOTE: Final = _NO_LABEL | {"maybe", "perhaps", "and", "base", "mod", "units"}


def without_note(text: str) -> str:
    """`12 (twelve)` without the note, if that is words alone and no doubt; `12 (cm)` without the brackets."""
    note = _NOTE.search(text) if "(" in text[1:] and text.rstrip(" .").endswith((")", "}")) else None
    if note is None:
        return text
    words = re.findall("[a-z']+", note["note"].lower())
    before = text[: note.start()].rstrip()
    if all(map(is_known, words)) and "-" not in note["note"]:
        return f"{before}\\text{{ {note['note']}}}"
    in_words = max(map(len, words)) >= _SHORTEST_WORD and _NO_NOTE.isdisjoint(words) and SPELT.isdisjoint(words)
    return before if in_words else text


def without_remarks(text: str) -> str:
    """A normalised text without conclusions and labels before the value, and without a reason in brackets behind it."""
    if text.startswith("\\text"):
        text = _TEXT_LABEL.sub("", _CONCLUSION.sub("", text))
    if text[:2].isalpha():
        text = _LABEL.sub(_without_label, _CONCLUSION.sub("", text))
    text = text.removeprefix("=").lstrip() if text[:2] != "==" else text
    if "because" in text or "since" in text:
        text = _BECAUSE.sub("", text)
    return _REASON.sub("", text) if "(" in text and text.endswith((")", "}")) else text


def _without_label(match: re.Match[str]) -> str:
    """What stood before prose that names the value; a function (`max = 5`) or product (`xyz = 5`) is no such prose."""
    words = match["label"].lower().split()
    named = len(words) > 1 or len(words[0]) > 3
    prose = named and _NO_LABEL.isdisjoint(words) and SPELT.isdisjoint(words) and max(map(len, words)) > 2
    return str(match["before"] if prose else match[0])
