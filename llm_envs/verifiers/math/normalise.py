"""Bring one answer's text to one way of writing: wrappers, spacing, markup, labels and remarks, words for signs.

Works on text alone and decides nothing about value. What is left has `\\text{}` as its only markup, `$` and its like
before or behind money alone, and no spacing commands. Everything is linear in the length of the text, which the
caller has bounded.
"""

from __future__ import annotations

import re
from typing import Final

from llm_envs.verifiers.math.characters import in_latex
from llm_envs.verifiers.math.numerals import in_digits
from llm_envs.verifiers.math.vocabulary import FUNCTIONS, SPELT

__all__ = ["normalise"]


def normalise(text: str) -> str:
    """`text` in plain LaTeX."""
    text = _unwrap(in_latex(text).strip())
    if text.isdigit():
        return text
    text = in_digits(text)
    if "\\" in text:
        text = _plain_latex(text)
    if "$" in text:
        text = _money(text)
    text = text.replace("**", "^").replace("¤", "$")
    for hint, pattern, written in _WORDS:
        if hint in text:
            text = pattern.sub(written, text)
    return _strip_stop(_without_remarks(text))


# Wrappers

_WRAPPERS: Final = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"), ('"', '"'))
_BOX: Final = re.compile(r"\\(?:boxed|fbox)\s*\{")


def _unwrap(text: str) -> str:
    """Take off `$...$`, `\\(...\\)`, `**...**` and a box, however often they are nested, within reason."""
    for _ in range(4):
        before = text
        text = _strip_stop(text)
        for opening, closing in _WRAPPERS:
            inner = text[len(opening) : len(text) - len(closing)]
            whole = len(text) > len(opening) + len(closing) and opening not in inner and closing not in inner
            if whole and text.startswith(opening) and text.endswith(closing):
                text = inner.strip()
        box = _BOX.match(text)
        if box and text.endswith("}") and len(_BOX.findall(text)) == 1:
            text = text[box.end() : -1].strip()
        if text == before:
            break
    return text


def _strip_stop(text: str) -> str:
    text = text.rstrip()
    while text and text[-1] in ".;:," and not text.endswith("..."):
        text = text[: -2 if text[-2:-1] == "\\" else -1].rstrip()
    return text


# LaTeX

_TWICE_ESCAPED: Final = re.compile(r"\\\\(?=[A-Za-z]{2}|[{}])")
_SPACING: Final = re.compile(
    r"\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|bigg|Bigg|displaystyle|textstyle|limits|nolimits|mathopen|mathclose)"
    r"(?![A-Za-z])|\\!"
)
_SPACE: Final = re.compile(
    r"\\(?:thinspace|enspace|hfill|angle)(?![A-Za-z])|\\q?quad|(?<!\\)\\[,;: ()]|(?<!\\)\\[\[\]]|~"
    r"|\\(?:[hv]space\*?|(?:text)?color)\s*\{[^{}]*\}|(?<=\\\\)\[-?[\d.]+\s*(?:pt|em|ex|mm|cm|in)\]"
)
"""What stands for distance or colour, marks of a formula, and the sign that a name of points is an angle."""
_GROUPED_COMMA: Final = re.compile(r"\s?\{\s?,\s?\}\s?|,(?:\\!\s?)+")
_MONEY_SIGNS: Final = (("\\$", "¤"), ("\\pounds", "£"), ("\\euro", "€"), ("\\yen", "¥"), ("\\rupee", "₹"))
_MARKUP: Final = re.compile(
    r"\\(?P<command>text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm"
    r"|mbox|hbox|emph|underline|operatorname|si|unit)\s*\*?\s*\{(?P<content>(?:[^{}^]|\^(?!\{)|\^\{[^{}]*\})*+)\}"
)
_ROMAN: Final = re.compile(r"\{\\rm(?![A-Za-z])\s*([^{}]*)\}")
_FORMULA_IN_MARKUP: Final = re.compile(r"\s*(?:[-+]?[\d.,/ ]+|[A-Za-z])\s*")
_QUANTITY_IN_MARKUP: Final = re.compile(r"\s*([-+]?\d[\d.,/]*)\s+([A-Za-z][^\d]*)")
_BOLD: Final = frozenset({"mathbf", "boldsymbol", "bm", "textbf"})
_UNIT_VECTORS: Final = frozenset("ijk")
_EXPONENT: Final = re.compile(r"\^\{\s*(-?\d)\s*\}")
_JOINT_IN_MARKUP: Final = re.compile(r"(?<=\w),? and\s*\Z")
_UPRIGHT: Final = frozenset({"text", "textrm", "mathrm", "mbox", "si", "unit"})
_UNIT_LETTERS: Final = frozenset("mgsLhNJWVKACFT")
"""Units of one letter: upright behind a number they are no variable."""


def _plain_latex(text: str) -> str:
    if "\\\\" in text:
        text = text.replace("\\\\", "\\") if "\\\\begin" in text else _twice_escaped(text)
    text = _GROUPED_COMMA.sub(",", text) if ",\\!" in text or "," in text else text
    text = _SPACE.sub(" ", _SPACING.sub(" ", text))
    for command, sign in _MONEY_SIGNS:
        text = text.replace(command, sign)
    text = text.replace("\\%", "%").replace("\\&", "&" if "begin" in text else " ")
    if "\\rm" in text:
        text = _ROMAN.sub(r"\\text{\1}", text)
    return _MARKUP.sub(_markup, text).strip()


def _twice_escaped(text: str) -> str:
    """`\\\\frac` is a command that was escaped twice; in a matrix `\\\\` ends a row."""
    return text if "\\begin" in text else _TWICE_ESCAPED.sub(r"\\", text)


def _markup(match: re.Match[str]) -> str:
    """What stands in a font is a function, a unit vector, a unit of one letter, a formula or words."""
    command, content = match["command"], _EXPONENT.sub(r"^\1", match["content"])
    name, before = content.strip(), match.string[: match.start()].rstrip()[-1:]
    applied = name in FUNCTIONS and before not in {"_", "{"} and match.end() < len(match.string)
    if command == "operatorname" or applied:
        return f"\\{name} "
    if name in _UNIT_VECTORS and command in _BOLD:
        return f"\\hat{{{name}}}"
    if name in _UNIT_LETTERS and command in _UPRIGHT and (before.isdigit() or before in {"}", ")"}):
        return f"\\text{{{name}}}"
    words = match[0] if "{" in content else _words_in_markup(content)
    return f" {words}" if before.isalpha() else words


def _words_in_markup(content: str) -> str:
    quantity = _QUANTITY_IN_MARKUP.fullmatch(content)
    if quantity:
        return f"{quantity[1]}\\text{{ {quantity[2]}}}"
    if _FORMULA_IN_MARKUP.fullmatch(content):
        return content
    words, joint = _JOINT_IN_MARKUP.subn("", content)
    return f"\\text{{{words}}}" + ("\\text{ and }" if joint and words else "")


_DOLLARS: Final = re.compile(r"\$(?=\s?\.?\d)")


def _money(text: str) -> str:
    """A lone `$` before a number is money, all others are marks of a formula; `¤` stands for a dollar until the end."""
    if text.count("$") % 2:
        text = _DOLLARS.sub("¤", text, count=1)
    return text.replace("$", "")


# Words for signs

_PART: Final = r"\\text\{\s*"
_WORDS: Final[tuple[tuple[str, re.Pattern[str], str], ...]] = (
    # what the text must contain, the pattern, what is written for it
    (
        "per",
        re.compile(rf"\s*(?:{_PART}(?:percent|per cent)\s*\}}|(?<![A-Za-z])(?:percent|per cent)\b(?! of))\.?"),
        "%",
    ),
    ("pct", re.compile(r"\s*\bpct\b\.?"), "%"),
    ("deg", re.compile(rf"\s*(?:{_PART}(?:degrees?|deg)\s*\}}|\b(?:degrees?|deg)\b)\.?|\s*\\degree\b"), r"^\\circ "),
    (
        "real",
        re.compile(
            rf"{_PART}(?:all |the |any )?(?:real numbers?|reals)\s*\}}|(?<![\w ])"
            r"(?:the set of )?(?:(?:all|any|every) )?(?:the )?(?:real numbers?|reals|real [a-z])(?![\w ])"
        ),
        r"\\mathbb{R}",
    ),
    ("finity", re.compile(rf"(?i)(?:{_PART})?(?:negative|minus) infinity\s*\}}?"), r"-\\infty "),
    ("finity", re.compile(rf"(?i)(?:{_PART})?(?<![A-Za-z\\])(?:positive |plus )?infinity\s*\}}?"), r"\\infty "),
    (" out of ", re.compile(r"\A(\d+) out of (\d+)\Z"), r"\1/\2"),
    (" to ", re.compile(r"\A(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)\Z"), r"\1:\2"),
    (r"\text{ to ", re.compile(r"\A(\d+(?:\.\d+)?)\s?\\text\{\s*to\s*\}\s?(\d+(?:\.\d+)?)\Z"), r"\1:\2"),
)

# Labels and remarks

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
_APPROXIMATELY: Final = re.compile(
    r"\A(?:\\approx(?![A-Za-z])|=|(?:\\text\{\s*)?(?i:approximately|approx\.?|about)(?![A-Za-z])\s*\}?)\s*(?=[^\s=])"
)
_REMARK: Final = re.compile(
    r"[\s,]*(?:\\text\{\s*)?\((?:approximately|approx|exactly|rounded|to the nearest|to \d|correct to|since|because)"
    r"(?![A-Za-z])[^()]*\)\s*\}?\Z"
)


def _without_remarks(text: str) -> str:
    """`Area: 12 (rounded)` is 12."""
    if text.startswith("\\text"):
        text = _TEXT_LABEL.sub("", text)
    if text[:2].isalpha():
        text = _LABEL.sub(_without_label, text)
    text = _APPROXIMATELY.sub("", text, count=1)
    return _REMARK.sub("", text) if "(" in text and text.endswith((")", "}")) else text


def _without_label(match: re.Match[str]) -> str:
    """What stood before prose that names the value; a function (`max = 5`) or product (`xyz = 5`) is no such prose."""
    words = match["label"].lower().split()
    named = len(words) > 1 or len(words[0]) > 3
    prose = named and _NO_LABEL.isdisjoint(words) and SPELT.isdisjoint(words) and max(map(len, words)) > 2
    return str(match["before"] if prose else match[0])
