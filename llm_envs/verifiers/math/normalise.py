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
from llm_envs.verifiers.math.remarks import without_note, without_remarks
from llm_envs.verifiers.math.vocabulary import FUNCTIONS

__all__ = ["normalise"]


def normalise(text: str) -> str:
    """`text` in plain LaTeX."""
    text = _unwrap(in_latex(text).strip())
    if text.isdigit():
        return text
    text = in_digits(without_note(text))
    if "<su" in text:
        text = _SCRIPT_TAG.sub(_script, text)
    if "\\" in text:
        text = _plain_latex(text)
    if "$" in text:
        text = _money(text)
    text = _EMPHASIS.sub(r"\1", text).replace("**", "^") if "**" in text else text
    text = text.replace("¤", "$")
    for hint, pattern, written in _WORDS:
        if hint in text:
            text = pattern.sub(written, text)
    return _strip_stop(without_remarks(text))


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
        if text.startswith("{") and text.endswith("}") and not {"{", "}"}.intersection(text[1:-1]):
            text = text[1:-1].strip()
        if text == before:
            break
    return text


_EMPHASIS: Final = re.compile(r"\*\*(?=[^\s*])([^*]*[^\s*])\*\*(?![\w(])")
"""`= **131**`; a power has no such pair of stars around what stands alone."""


def _strip_stop(text: str) -> str:
    text = text.rstrip()
    if text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1].rstrip()
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
    r"\\(?:thinspace|enspace|hfill|angle|tiny|small|normalsize|large|Large|LARGE|huge|Huge|bf|it|sf|tt|mathstrut)"
    r"(?![A-Za-z])|\\[hv]?phantom\s*\{[^{}]*\}|\\\"|\\q?quad|(?<!\\)\\[,;: ()]|(?<!\\)\\[\[\]]|~"
    r"|\\(?:[hv]space\*?|(?:text)?color)\s*\{[^{}]*\}|(?<=\\\\)\[-?[\d.]+\s*(?:pt|em|ex|mm|cm|in)\]"
)
"""What stands for distance or colour, marks of a formula, and the sign that a name of points is an angle."""
_GROUPED_COMMA: Final = re.compile(r"\s?\{\s?,\s?\}\s?|,(?:\\!\s?)+")
_MONEY_SIGNS: Final = (("\\$", "¤"), ("\\pounds", "£"), ("\\euro", "€"), ("\\yen", "¥"), ("\\rupee", "₹"))
_MARKUP: Final = re.compile(
    r"\\(?P<command>text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm"
    r"|mbox|hbox|emph|underline|operatorname|si|unit)\s*\*?\s*\{(?P<content>(?:[^{}^]|\^(?!\{)|\^\{[^{}]*\})*+)\}"
)
_FONT: Final = re.compile(r"\\(?:mathbf|mathrm|mathit|boldsymbol|bm|textbf|emph|underline)\s*(?=\{)")
"""A font around a formula."""
_SCRIPT_TAG: Final = re.compile(r"<su([bp])>([^<>]{1,40})</su\1>")
_STRAY_STOP: Final = re.compile(r"(?<=\})\.(?=\s*[)\]])")
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
    text = _STRAY_STOP.sub("", _SPACE.sub(" ", _SPACING.sub(" ", text)))
    for command, sign in _MONEY_SIGNS:
        text = text.replace(command, sign)
    text = text.replace("\\%", "%").replace("\\&", "&" if "begin" in text else " ")
    if "\\rm" in text:
        text = _ROMAN.sub(r"\\text{\1}", text)
    text = _MARKUP.sub(_markup, text)
    return _FONT.sub("", text).strip() if "\\" in text else text.strip()


def _twice_escaped(text: str) -> str:
    """`\\\\frac` is a command that was escaped twice; in a matrix `\\\\` ends a row."""
    return text if "\\begin" in text else _TWICE_ESCAPED.sub(r"\\", text)


def _script(match: re.Match[str]) -> str:
    return ("^" if match[1] == "p" else "_") + f"{{{match[2]}}}"


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
            rf"(?i){_PART}(?:all |the |any )?(?:real numbers?|reals)\s*\}}|(?<![\w ])"
            r"(?:the set of )?(?:(?:all|any|every) )?(?:the )?(?:real numbers?|reals|real [a-z])(?![\w ])"
        ),
        r"\\mathbb{R}",
    ),
    ("finity", re.compile(rf"(?i)(?:{_PART})?(?:negative|minus) infinity\s*\}}?"), r"-\\infty "),
    ("finity", re.compile(rf"(?i)(?:{_PART})?(?<![A-Za-z\\])(?:positive |plus )?infinity\s*\}}?"), r"\\infty "),
    (
        "out ",
        re.compile(r"\A(?:\\text\s*\{\s*)?(?:about|approximately|approx\.?|roughly)(?![A-Za-z])\s*\}?\s*(?=\S)"),
        r"\\approx ",
    ),
    ("appro", re.compile(r"\A(?:\\text\s*\{\s*)?(?:approximately|approx\.?)(?![A-Za-z])\s*\}?\s*(?=\S)"), r"\\approx "),
    (" out of ", re.compile(r"\A(\d+) out of (\d+)\Z"), r"\1/\2"),
    (" to ", re.compile(r"\A(\d+(?:\.\d+)?) to (\d+(?:\.\d+)?)\Z"), r"\1:\2"),
    (r"\text{ to ", re.compile(r"\A(\d+(?:\.\d+)?)\s?\\text\{\s*to\s*\}\s?(\d+(?:\.\d+)?)\Z"), r"\1:\2"),
)
