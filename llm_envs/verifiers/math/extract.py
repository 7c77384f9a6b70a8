"""Find the answer in a reply: which characters are judged, and by which rule they were taken.

Rules, first that applies wins: the last balanced `\\boxed{}` (several when one sentence joins them, or when the
reference has as many items), `<answer>`, `####`, "the answer is", the last formula, a reply that is nothing but
an answer, the last number. Formulas and numbers that "and" or "or" joins are one answer, so a list of candidates is
judged as a list. What stands before the last `</think>` is reasoning and never an answer; a `<think>` left open hides
everything.

Every rule is one pass over at most `TAIL_CHARS` characters. Nothing is interpreted here.

Source: the conventions of MATH (`\\boxed`), GSM8K (`####`) and R1-style prompts (`<think>`, `<answer>`).
"""

from __future__ import annotations

import collections
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

__all__ = ["Extraction", "Rule", "boxes_of", "extract"]

TAIL_CHARS = 200_000
"""An answer stands at the end; a 10 MB reply costs no more than its last 200 kB."""

MAX_JOINED = 64
"""Nobody's answer has more parts; more boxes than this in one sentence are taken as no answer."""

PHRASE_CHARS = 400
"""How far behind "the answer is" its sentence may run."""

Rule = Literal["box", "boxes", "answer tag", "hashes", "phrase", "formula", "whole reply", "number", "none"]


class Extraction(NamedTuple):
    """What was taken from a reply.

    Args:
        items: the texts taken; more than one only under rule `boxes`.
        rule: the rule that took them; `none` where nothing could be taken.
        note: why nothing was taken.
    """

    items: tuple[str, ...]
    rule: Rule
    note: str = ""


class _Span(NamedTuple):
    """A box or a formula: where it starts and ends, marks included, and what is in it."""

    start: int
    end: int
    content: str


_BRACE = re.compile(r"\\(?:boxed|fbox)\s*\{|\\[\\{}]|[{}]")
_JOINER = re.compile(r"(?:[\s$,;&.\\()\[\]*]|\b(?:and|or|quad|qquad|text)\b|[{}])*")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
_PHRASE = re.compile(
    r"\b(?:final\s+answer|answers?|ans|result|solution|correct\s+(?:option|choice))\b[*_ \t]{0,4}(?:is|are|:|=)"
    r"[*_:\s]{0,8}(?=[^*_:\s])",
    re.IGNORECASE,
)
_AFTER_PHRASE = re.compile(r"\n|[.!?](?=\s|$)|,?\s\(?(?:because|since|as|so|where|which|for|I hope)\s")
_LEADING_FORMULA = re.compile(r"(\$\$?|\\\(|\\\[)(.+?)(?<!\\)(\$\$?(?!\$)|\\\)|\\\])", re.DOTALL)
_FORMULA_MARKS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_PROSE = re.compile(r"\b(?!(?:sin|cos|tan|ln|log|sqrt|exp|pi|and|or)\b)[A-Za-z]{2,}\s+\S|[^\d\s]\s*\n\s*\S")
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3}){1,99}(?!\d)|\d{1,300}|(?=\.\d))(?:\.\d{1,300})?(?:/\d{1,300})?%?"
_NUMBERS = re.compile(rf"(?<![\w.\\]){_NUMBER}(?:,?\s(?:and|or|to)\s{_NUMBER}){{0,{MAX_JOINED}}}")
_LINK = re.compile(r"[,;]?\s*(?:and|or)?\s*")
_LAST_LINK = re.compile(r"[,;]?\s*(?:and|or)\b\s*")
_MATH_MARK = re.compile(r"\$+|\\[()\[\]]")


def extract(reply: str, wanted: int = 1) -> Extraction:
    """The answer in `reply`.

    Args:
        wanted: how many items the reference has: as many boxes are then taken together.
    """
    tail = reply[-TAIL_CHARS:]
    closed = tail.rfind("</think>")
    visible = tail[closed + len("</think>") :] if closed >= 0 else tail
    if "<think>" in visible or _opened_earlier(reply, closed):
        return Extraction((), "none", "the reasoning was never closed")
    return _from_boxes(visible, wanted) or _from_marks(visible) or Extraction((), "none", "no answer was found")


def _opened_earlier(reply: str, closed: int) -> bool:
    """A `<think>` in front of the tail that nothing in the tail closes."""
    if closed >= 0 or len(reply) <= TAIL_CHARS:
        return False
    return reply.rfind("<think>") > reply.rfind("</think>")


# Boxes


def boxes_of(text: str) -> tuple[list[_Span], bool]:
    """The outermost balanced boxes of `text` in order, and whether one more was opened and never closed."""
    boxes: list[_Span] = []
    if "\\boxed" not in text and "\\fbox" not in text:
        return boxes, False
    depth = 0
    start = inside = -1
    for mark in _BRACE.finditer(text):
        brace = mark[0]
        if len(brace) > 2:
            if start < 0:
                start, inside, depth = mark.start(), mark.end(), 0
            depth += 1
        elif start >= 0 and brace == "{":
            depth += 1
        elif start >= 0 and brace == "}":
            depth -= 1
            if depth == 0:
                boxes.append(_Span(start, mark.end(), text[inside : mark.start()]))
                start = -1
    return boxes, start >= 0


def _from_boxes(text: str, wanted: int) -> Extraction | None:
    boxes, unclosed = boxes_of(text)
    if not boxes:
        return Extraction((), "none", "the box was never closed") if unclosed else None
    if wanted > 1 and len(boxes) == wanted:
        return Extraction(tuple(box.content for box in boxes), "boxes")
    joined = _joined(text, boxes)
    if len(joined) > MAX_JOINED:
        return Extraction((), "none", f"more than {MAX_JOINED} boxes in one sentence")
    distinct = tuple(dict.fromkeys(box.content.strip() for box in joined))
    return Extraction(distinct, "box" if len(distinct) == 1 else "boxes")


def _joined(text: str, boxes: list[_Span]) -> list[_Span]:
    """The last box and those before it that only joining words and signs part from it."""
    first = len(boxes) - 1
    while first > 0 and _JOINER.fullmatch(text, boxes[first - 1].end, boxes[first].start):
        first -= 1
        if len(boxes) - first > MAX_JOINED:
            break
    return boxes[first:]


# Everything else


def _from_marks(text: str) -> Extraction | None:
    for take, rule in _MARKS:
        found = take(text)
        if found is not None:
            return Extraction((found.strip(),), rule)
    return None


def _answer_tag(text: str) -> str | None:
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, end) if end >= 0 else -1
    return text[start + len("<answer>") : end] if start >= 0 else None


def _hashes(text: str) -> str | None:
    start = text.rfind("####")
    line = text[start + 4 :].strip().split("\n", 1)[0] if start >= 0 else ""
    return line or None


def _phrase(text: str) -> str | None:
    last = _last(_PHRASE, text)
    if last is None:
        return None
    sentence = text[last.end() : last.end() + PHRASE_CHARS]
    formula = _LEADING_FORMULA.match(sentence)
    joined = formula and _LAST_LINK.match(sentence, formula.end())
    if formula and not joined:
        return formula[2]
    answer = _AFTER_PHRASE.split(sentence, maxsplit=1)[0].strip().strip("*_").strip()
    return (_MATH_MARK.sub(" ", answer) if joined else answer) or None


def _formula(text: str) -> str | None:
    """The last formula, with those that `and` or `or` joins to it: `$x = 1$ or $x = 2$`."""
    last = _formula_before(text, len(text))
    if last is None:
        return None
    start, link = last.start, _LAST_LINK
    for _ in range(MAX_JOINED):
        before = _formula_before(text, start)
        if before is None or not link.fullmatch(text, before.end, start):
            break
        start, link = before.start, _LINK
    return last.content if start == last.start else _MATH_MARK.sub(" ", text[start : last.end])


def _formula_before(text: str, limit: int) -> _Span | None:
    """The formula that ends last before `limit`."""
    best = None
    for opening, closing in _FORMULA_MARKS:
        end = text.rfind(closing, 0, limit)
        start = text.rfind(opening, 0, end) if end > 0 else -1
        content = text[start + len(opening) : end] if start >= 0 else ""
        money = closing == "$" and text[end + 1 : end + 2].isdigit()
        if content.strip() and not money and (best is None or end + len(closing) > best.end):
            best = _Span(start, end + len(closing), content)
    return best


def _whole(text: str) -> str | None:
    """A reply that is nothing but an answer."""
    text = text.strip()
    return text if text and len(text) <= PHRASE_CHARS and not _PROSE.search(text) else None


def _number(text: str) -> str | None:
    last = _last(_NUMBERS, text)
    return last[0] if last else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match, in constant memory."""
    found = collections.deque(pattern.finditer(text), maxlen=1)
    return found[0] if found else None


_MARKS: tuple[tuple[Callable[[str], str | None], Rule], ...] = (
    (_answer_tag, "answer tag"),
    (_hashes, "hashes"),
    (_phrase, "phrase"),
    (_formula, "formula"),
    (_whole, "whole reply"),
    (_number, "number"),
)
