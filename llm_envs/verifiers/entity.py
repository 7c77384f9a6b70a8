r"""Is the answer of a reply this name, in one of its spellings? For people, places, titles, dates and short phrases.

Read generously: the answer stands in the last `\boxed{}`, else in the last `<answer>...</answer>`, else behind the last
`Answer:` that begins a line, else it is the last line. Upper and lower case, accents, quotes, brackets, full stops,
commas, kinds of dash, markdown, blanks and a leading article make no difference.

Judged strictly: what was read is one of the spellings as a whole, or it is wrong. A list that holds the right name is
another text, and so is a sentence around it: naming everything pays nothing.

Linear in the reply's length, of which the end counts; nothing is interpreted.

Source: the normalised exact match of SQuAD (Rajpurkar et al., arXiv 1606.05250, section 6.1), which drops articles
everywhere. Here only a leading one goes: `Vitamin A` is no `Vitamin`.

Covered: `**Answer:** The Hague.`, thousands separators, signs and points of numbers, `&`, LaTeX's `\text{}`.
Not covered, and so never right: spellings that the reference does not list, such as initials, or a date in other words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from llm_envs.errors import BadReference
from llm_envs.types import Verdict
from llm_envs.verifiers.math.extract import answer_tag, boxes_of, visible

__all__ = ["entity", "normalised"]

_MAX_CHARS = 500
"""No name is longer; what is, is no answer."""

_MARKED = re.compile(r"[\s>*_#`~-]{0,20}(?:final\s)?answer[\s*_`]{0,9}:(.*)", re.IGNORECASE | re.DOTALL)
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|textit)\s?\{([^{}]*)\}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_ARTICLE = re.compile(r"[\s\"(\[{*_]{0,9}(?:the|an?)\s+(?=\S)")
_APART = re.compile(r"(?<!\d)[./]|[./](?!\d)|(?<!\s)-|-(?!\d)|[,;:!?()\[\]{}<>*_\"|\\~\u2010-\u2015\u00ab\u00bb]")
"""Parts words, or says nothing: a point or a stroke between digits, and a sign in front of a number, stay."""

_NOTHING = re.compile("['`\u2018\u2019\u201a\u201c\u201d\u201e\u00b4\u02bc$]")
_MINUS = "\N{MINUS SIGN}"


def entity(reply: str, aliases: Sequence[str]) -> Verdict:
    """1 when the answer of `reply` is one of `aliases`; else 0.

    Args:
        aliases: all spellings that count, of at most 500 characters.

    Returns:
        A verdict whose details hold `extracted`, what was read; "" where there is no answer.

    Raises:
        BadReference: there is no alias, or one that is no name.
    """
    wanted = _checked(aliases)
    found = _answer(reply)
    if not found:
        return Verdict.of(0.0, "the reply has no answer", extracted="")
    right = normalised(found) in wanted
    return Verdict.of(float(right), f"read {found[:80]!r}, expected {aliases[0]!r}", extracted=found)


def normalised(name: str) -> str:
    """A name without what makes no difference; names are one when this is equal."""
    text = unicodedata.normalize("NFKC", name).replace(_MINUS, "-").casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _THOUSANDS.sub("", _NOTHING.sub("", text)).replace("&", " and ")
    article = _ARTICLE.match(text)  # `A. Veldt` begins with an initial
    rest = text[article.end() :] if article else text
    return " ".join(_APART.sub(" ", f" {rest}").split())  # a sign at the front stands behind a blank too


def _checked(aliases: Sequence[str]) -> frozenset[str]:
    if not isinstance(aliases, str) and isinstance(aliases, Sequence) and aliases:
        texts = [alias for alias in aliases if isinstance(alias, str) and len(alias) <= _MAX_CHARS]
        wanted = frozenset(map(normalised, texts))
        if len(texts) == len(aliases) and "" not in wanted:
            return wanted
    raise BadReference(
        "the reference is no list of names",
        expected=f"texts of at most {_MAX_CHARS} characters, with letters or digits in each",
        received=repr(aliases),
    )


def _answer(reply: str) -> str:
    """What the reply gives as its answer; "" where it gives none."""
    text = visible(reply) or ""
    boxes, _ = boxes_of(text)
    tagged = answer_tag(text)
    if boxes:
        found = _LATEX_TEXT.sub(r"\1", boxes[-1].content)
    elif tagged is not None:
        found = tagged
    else:
        found = _from_lines([line for line in text.splitlines() if line.strip()])
    found = found.strip()
    return found if len(found) <= _MAX_CHARS else ""


def _from_lines(lines: Sequence[str]) -> str:
    """What stands behind the last `Answer:`, on its line or alone on the next; or else the last line."""
    for number in range(len(lines) - 1, -1, -1):
        marked = _MARKED.match(lines[number])
        if marked:
            here = marked[1].strip(" \t*_`")
            return here or "".join(lines[number + 1 : number + 2])
    return lines[-1] if lines else ""
