"""Find the answer in a reply: which characters are judged, and by which rule they were taken.

Rules, first that applies wins: "the final answer is" behind the last box, the last balanced `\\boxed{}` (several when
one sentence joins them, or when the reference has as many items), `<answer>`, `####`, a JSON object with an answer in
it, "the answer is" in some languages, the last formula, a reply that is nothing but an answer, the last line (for words
and choices alone), the last number. Formulas and numbers that "and" or "or" joins are one answer, so a list of
candidates is judged as a list.

What stands before the last `</think>` is reasoning and never an answer; a `<think>` left open hides everything.
Every rule is one pass over at most `TAIL_CHARS` characters. Nothing is interpreted here.

Source: the conventions of MATH (`\\boxed`), GSM8K (`####`) and R1-style prompts (`<think>`, `<answer>`).
"""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

__all__ = ["Extraction", "Rule", "answer_tag", "boxes_of", "extract", "visible"]

TAIL_CHARS = 200_000
"""An answer stands at the end; a 10 MB reply costs no more than its last 200 kB."""

MAX_JOINED = 64
"""Nobody's answer has more parts; more boxes than this in one sentence are taken as no answer."""

PHRASE_CHARS = 400
"""How far behind "the answer is" its sentence may run."""

MAX_LINE = 80
"""Of a last line that is an answer in words."""

MAX_JSON = 4000
"""Of a reply that is a JSON object."""

Kind = Literal["formula", "words", "choice"]
"""What the reference is; words and letters may stand in a last line without any mark."""

Rule = Literal[
    "box", "boxes", "answer tag", "hashes", "json", "phrase", "formula", "whole reply", "last line", "number", "none"
]


Mark = tuple[Callable[[str], str | None], Rule]
"""How to take an answer, and the name of the rule."""


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
_JOINER = re.compile(r"(?:[\s$,;&.\\()\[\]*]|\b(?:and|or|quad|qquad|text)\b|[{}]|(?<![A-Za-z\\])[A-Za-z](?:_\w)?\s?=)*")
_CHAT_MARK = re.compile(r"<\|\w{1,30}\|>|</s>")
_BARE_BOX = re.compile(r"\\boxed\s?(-?\d{1,50}|[A-Z])(?![\w{])")
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
_PHRASE = re.compile(
    r"(?:\b(?:final\s+answer|answers?|ans|result|solution|(?:correct|final|right|selected|chosen)\s+(?:option|choice)|"
    r"(?:option|choice)\s+(?:selected|chosen))\b[*_ \t]{0,4}(?:is|are|:|=)"
    r"|\b(?:respuesta|réponse|antwort|resposta|risposta)(?:\s+\w{3,9})?[*_ \t]{0,4}(?:\b(?:es|est|ist|lautet|é|è)\b|:)"
    r"|\bответ[*_ \t]{0,4}:|答案?[*_ \t]{0,4}(?:是|为|為|は|:|：)|答えは)"
    r"[*_:：\s]{0,8}(?=[^*_:：\s])",
    re.IGNORECASE,
)
_LATER_PHRASE = re.compile(r"\bfinal\s+answer\s+is[*_:\s]{0,8}(?=[$\d\\-])", re.IGNORECASE)
_AFTER_PHRASE = re.compile(r"\n|。|[.!?](?=\s|$)|,?\s\(?(?:because|since|as|so|where|which|for|I hope)\s")
_SPANS = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$|\\\([^()]+\\\)")
_LEADING_FORMULA = re.compile(r"(\$\$?|\\\(|\\\[)(.+?)(?<!\\)(\$\$?(?!\$)|\\\)|\\\])", re.DOTALL)
_FORMULA_MARKS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))
_PROSE = re.compile(r"(?<!\\)\b(?!(?:sin|cos|tan|ln|log|sqrt|exp|pi|and|or)\b)[A-Za-z]{2,}\s+\S|[^\d\s]\s*\n\s*\S")
_NUMBER = r"-?\$?(?:\d{1,3}(?:,\d{3}){1,99}(?!\d)|\d{1,300}|(?=\.\d))(?:\.\d{1,300})?(?:/\d{1,300})?%?"
_NUMBERS = re.compile(rf"(?<![\w.\\]){_NUMBER}(?:,?\s(?:and|or|to)\s{_NUMBER}){{0,{MAX_JOINED}}}")
_LINK = re.compile(r"[,;]?\s*(?:and|or)?\s*")
_LAST_LINK = re.compile(r"[,;]?\s*(?:and|or)\b\s*")
_JSON = re.compile(r"(?:```(?:json)?\s*)?(\{.*\})\s*(?:```)?", re.DOTALL)
_ENGLISH = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_VERB = re.compile(r"\b(?:is|are|equals|was|were)\s+(?=\S)")
_DOUBT = re.compile(
    r"(?i)\b(?:or|not|no|either|neither|between|from|least|most|than|if|unless|but|except|wrong|incorrect|maybe"
    r"|perhaps|\w+n't)\b"
)
_VERDICTS = frozenset(
    {"no solution", "no solutions", "no real solution", "no real solutions", "all real numbers", "all reals"}
    | {"infinity", "infinitely many", "infinitely many solutions"}
)
_LETTER = re.compile(r"\(([A-J])\)|(?<![\w(])([A-J])(?![\w)'])")
_MATH_MARK = re.compile(r"\$+|\\[()\[\]]")


def extract(reply: str, wanted: int = 1, kind: Kind = "formula") -> Extraction:
    """The answer in `reply`.

    Args:
        wanted: how many items the reference has: as many boxes are then taken together.
        kind: what the reference is.
    """
    text = visible(reply)
    if text is None:
        return Extraction((), "none", "the reasoning was never closed")
    text = _tidy(text)
    found = _from_boxes(text, wanted) or _from_marks(text, _MARKS) or _from_marks(text, _UNMARKED[kind])
    return found or Extraction((), "none", "nothing was found that is one")


def _tidy(text: str) -> str:
    """Without the marks of chat templates; backslashes and boxes as LaTeX has them."""
    if "<|" in text or "</s>" in text:
        text = _CHAT_MARK.sub("\n", text)
    if "\\boxed" not in text:
        return text
    if "\\\\boxed" in text:
        text = text.replace("\\\\", "\\")
    return text if "\\boxed{" in text else _BARE_BOX.sub(r"\\boxed{\1}", text)


def visible(reply: str) -> str | None:
    """What follows the reasoning, of the last `TAIL_CHARS` characters; None where the reasoning was never closed."""
    tail = reply[-TAIL_CHARS:]
    closed = tail.rfind("</think>")
    text = tail[closed + len("</think>") :] if closed >= 0 else tail
    return None if "<think>" in text or _opened_earlier(reply, closed) else text


def answer_tag(text: str) -> str | None:
    """What stands in the last `<answer>...</answer>`."""
    if "<Answer>" in text:
        text = text.replace("<Answer>", "<answer>").replace("</Answer>", "</answer>")
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, end) if end >= 0 else -1
    return text[start + len("<answer>") : end] if start >= 0 else None


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
    later = _LATER_PHRASE.search(text, boxes[-1].end) and _phrase(text[boxes[-1].end :])
    if later:
        return Extraction((later,), "phrase")
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


def _from_marks(text: str, marks: Iterable[Mark]) -> Extraction | None:
    for take, rule in marks:
        found = take(text)
        if found is not None:
            return Extraction((found.strip(),), rule)
    return None


def _hashes(text: str) -> str | None:
    start = text.rfind("####")
    line = text[start + 4 :].strip(" :\t\r\n").split("\n", 1)[0] if start >= 0 else ""
    return line or None


def _json(text: str) -> str | None:
    """The answer of a reply that is nothing but a JSON object, fenced or not."""
    match = _JSON.fullmatch(text.strip()) if text.rstrip().endswith(("}", "`")) and len(text) <= MAX_JSON else None
    if match is None:
        return None
    try:
        found = json.loads(match[1])
    except (ValueError, RecursionError):
        return None
    answers = [found[key] for key in ("final_answer", "answer") if isinstance(found, dict) and key in found]
    return str(answers[0]) if answers and isinstance(answers[0], (str, int, float)) else None


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
    return (_MATH_MARK.sub(" ", answer) if joined else _of_sentence(answer)) or None


def _of_sentence(text: str) -> str:
    """Of a whole sentence with one number in it, what stands behind its last verb, or else the number."""
    numbers = _NUMBERS.findall(text)
    if len(numbers) != 1 or len(_ENGLISH.findall(text)) < 4 or _DOUBT.search(text):
        return text
    verb = _last(_VERB, text)
    return text[verb.end() :] if verb and not _NUMBERS.search(text, 0, verb.start()) else str(numbers[0])


def _formula(text: str) -> str | None:
    """The last formula, with those that `and` or `or` joins to it: `$x = 1$ or $x = 2$`."""
    last = _formula_before(text, len(text))
    if last is None:
        return None
    beside = _SPANS.sub("", text)
    if beside != text and beside.strip(" .\n") and _JOINER.fullmatch(beside):
        return _MATH_MARK.sub(" ", text)
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


def _last_line(text: str) -> str | None:
    """A short last line."""
    line = text.rstrip().rpartition("\n")[2].strip()
    return line if len(line) <= MAX_LINE else None


def _verdict(text: str) -> str | None:
    """A last line that says in words what a formula may say too: `no solution`."""
    line = _last_line(text)
    return line if line and line.lower().strip(" .*") in _VERDICTS else None


def _letter(text: str) -> str | None:
    """The one letter of a choice in the last line; a letter in parentheses goes before `I` and `A`, which are words."""
    line = text.rstrip().rpartition("\n")[2][-PHRASE_CHARS:]
    found = _LETTER.findall(line)
    letters = {bracketed for bracketed, _ in found if bracketed} or {bare for _, bare in found} - {"I"}
    return letters.pop() if len(letters) == 1 and not _DOUBT.search(line) else None


def _number(text: str) -> str | None:
    last = _last(_NUMBERS, text)
    return last[0] if last else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match, in constant memory."""
    found = collections.deque(pattern.finditer(text), maxlen=1)
    return found[0] if found else None


_MARKS: tuple[Mark, ...] = (
    (answer_tag, "answer tag"),
    (_hashes, "hashes"),
    (_json, "json"),
    (_phrase, "phrase"),
)
_UNMARKED: dict[Kind, tuple[Mark, ...]] = {
    "formula": ((_formula, "formula"), (_whole, "whole reply"), (_number, "number"), (_verdict, "last line")),
    "words": ((_formula, "formula"), (_whole, "whole reply"), (_last_line, "last line")),
    "choice": ((_formula, "formula"), (_whole, "whole reply"), (_letter, "last line")),
}
