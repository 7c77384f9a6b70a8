"""Cut a normalised answer into tokens: (kind, value, what was written).

Kinds: number, symbol, op, text, command (which begins an operand), mark (a command that begins none), and the begin and
end of an environment. A number's value is its node.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from llm_envs.verifiers.math.vocabulary import ALIASES, FUNCTIONS, GREEK, MARKS, RELATIONS, SIGNS, SPELT

__all__ = ["END", "Token", "Unreadable", "tokens"]

Token = tuple[str, Any, str]

MAX_TOKENS: Final = 2000
MAX_DIGITS: Final = 1500
"""Digits of one literal; converting more is quadratic."""
MAX_EXPONENT: Final = 1000
"""Of scientific notation: `1E1000000` is refused before it is a million digits."""
END: Final[Token] = ("end of text", "", "")


class Unreadable(ValueError):
    """The text is no mathematics this parser knows; the message says where it stopped, for a person."""


_TOKEN = re.compile(
    r"""\s+
    | (?P<repeat>\d*\.\d*(?:\\(?:overline|bar|dot)\s*\{\d+\}|\(\d+\)) | \d*\.\d+\s*(?:\\[lc]?dots|\.\.\.))
    | (?P<based>(?=[0-9A-F]*[A-F])(?=[A-F]*[0-9])[0-9A-F]{2,}_\{?1[1-6]\}?)
    | (?P<number>(?:(?<!\d,)[1-9]\d{0,2}(?:,\d{3})+(?!,?\d)(?:\.\d+)? | \d{1,3}(?:\ \d{3})+(?!\ ?[\d/])(?:\.\d+)?
        | \d+\.?\d* | \.\d+)(?:[eE][+-]?\d+)?)
    | (?P<dots>\.\.\.)
    | \\(?P<edge>begin|end)\s*\{(?P<env>\w+)\*?\}
    | \\text\{(?P<text>[^{}]*)\}
    | _\s*\{(?P<index>[A-Za-z]{2,12})\}
    | \\(?P<command>[A-Za-z]+)
    | (?P<op>\\[\\{}|] | <= | >= | != | == | -> | !! | [-+*/^_=<>!%'(){}\[\]|,;:&])
    | (?P<word>[A-Za-z]+)""",
    re.VERBOSE,
)
_INNER_NAME: Final = re.compile("arc(?:sin|cos|tan)|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|ln|log|sqrt|pi")
"""Names that are known inside a word, as in `xsinx`."""
_LOOSE_LETTERS: Final = 2
"""Letters before or behind a name that a word runs into."""
_LONGEST_INDEX: Final = 12
_LONGEST_WORD: Final = 3
"""`xyz` is a product; a longer unknown word is prose."""
_MOST_POINTS: Final = 6
"""Of a polygon that is named by its corners, as ABCD."""
_LINKS: Final = frozenset(
    {"where", "for", "for all", "for any", "for some", "for every", "with", "if", "when", "such that"}
)
"""Words that part a formula from its conditions, as a comma does."""
_SPELT_SIGNS: Final = {"and": "and", "or": "or", "mod": "mod", "cup": "cup", "choose": "choose", "union": "cup"}


def tokens(text: str) -> list[Token]:
    """The tokens of `text`.

    Raises:
        Unreadable: a sign is no mathematics, a word is not known, or a limit above is passed.
    """
    found: list[Token] = []
    text = _spoken(text) if "integer" in text or "natural" in text or "for " in text else text
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unreadable(f"the sign {text[position]!a} is no mathematics")
        position = match.end()
        kind = match.lastgroup
        if kind is not None:
            found += _LEX[kind](match)
        if len(found) > MAX_TOKENS:
            raise Unreadable(f"the answer has more than {MAX_TOKENS:,} signs")
    return found


def _spoken(text: str) -> str:
    """`where k is an integer`, `for any integer k` and `for all x` as the formulas that they are."""
    text = _ANY_INTEGER.sub(lambda match: f", {match[2]} \\in {_SPOKEN[match[1]]}", text)
    text = _IS_INTEGER.sub(lambda match: f"\\in {_SPOKEN[match[1]]}", text)
    return _FOR_ALL.sub(r" \\forall ", text)


_SPOKEN: Final = {"integer": "\\mathbb{Z}", "natural number": "\\mathbb{N}", "positive integer": "\\mathbb{N}"}
_KINDS: Final = "(integer|natural number|positive integer)s?"
_ANY_INTEGER: Final = re.compile(
    r"(?:\\text\{)?\s*(?:where |for |with )?\s*(?:any|all|some|every|each|an|arbitrary|) ?"
    rf"{_KINDS}\s*\}}?\s*([a-z])(?![a-z])"
)
_FOR_ALL: Final = re.compile(
    r"(?:\\text\{\s*|\b)for (?:all|any|every|each|some)(?: real| rational)?(?: numbers?| constants?)?(?:\s*\}|\b)"
)
_IS_INTEGER: Final = re.compile(rf"(?:\\text\{{)?\s*(?:is|are) (?:an |any |a )?(?:arbitrary )?{_KINDS}\s*\}}?")


def _number(match: re.Match[str]) -> list[Token]:
    written = match["number"]
    if "," in written and _BRACKETED.fullmatch(match.string, max(match.start() - 2, 0), match.end() + 2):
        return _separate(written)
    digits, _, exponent = written.replace(",", "").replace(" ", "").lower().partition("e")
    if len(digits) > MAX_DIGITS:
        raise Unreadable(f"a number has more than {MAX_DIGITS:,} digits")
    if exponent and (len(exponent) > 6 or abs(int(exponent)) > MAX_EXPONENT):
        raise Unreadable(f"the exponent e{exponent[:12]} is out of range")
    whole, point, decimals = digits.partition(".")
    if not decimals and not exponent:
        return [("number", ("num", int(whole)), "" if point else written)]
    scale = len(decimals) - int(exponent or 0)
    value = Fraction(int(whole + decimals)) / Fraction(10) ** scale
    return [("number", ("dec", value, scale) if scale > 0 else ("num", value.numerator), "")]


def _separate(written: str) -> list[Token]:
    """`(312,123)`: what might be a number with thousands parted is a pair where it is all that stands in brackets."""
    found: list[Token] = []
    for part in written.split(","):
        found += [("number", ("num", int(part)), part), ("op", ",", "")]
    return found[:-1]


_BRACKETED: Final = re.compile(r".?[({][\d,]+(?:\)|\\\}).?")


def _repeat(match: re.Match[str]) -> list[Token]:
    """`0.1\\overline{6}`, and `0.1666...`; where no digits repeat, those that are shown."""
    written = match["repeat"]
    whole, _, rest = written.partition(".")
    marked = re.fullmatch(r"(\d*)(?:\\\w+\s*\{|\()(\d+)[})]", rest)
    if marked is None:
        marked = re.match(r"(\d*?)(\d{1,6}?)\2+\s*(?:\\|\.)", rest) if len(rest) < 100 else None
    if len(written) > MAX_DIGITS:
        raise Unreadable(f"a number has more than {MAX_DIGITS:,} digits")
    if marked is None:
        digits = re.sub(r"\D", "", rest)
        return [("number", ("dec", Fraction(int(whole + digits), 10 ** len(digits)), len(digits)), "")]
    fixed, period = marked[1], marked[2]
    value = Fraction(int((whole or "0") + fixed)) + Fraction(int(period), 10 ** len(period) - 1)
    return [("number", ("num", value / 10 ** len(fixed)), "")]


def _in_base(match: re.Match[str]) -> list[Token]:
    """`2A3_{16}`: digits beyond 9 are letters."""
    digits, _, base = match["based"].partition("_")
    try:
        value = int(digits[:MAX_DIGITS], int(base.strip("{}")))
    except ValueError:
        raise Unreadable(f"{digits[:30]} has digits that base {base} does not have") from None
    return [("number", ("base", Fraction(value), int(base.strip("{}"))), "")]


def _word(match: re.Match[str]) -> list[Token]:
    """A known name, known names among letters (`xsinx`), or a product of letters."""
    word = match["word"]
    if word in SPELT:
        return [_named(word)]
    if word.lower() in _LINKS:
        return [("op", ",", "")]
    apart = _apart(word)
    if apart:
        return apart
    if len(word) > _LONGEST_WORD and not (word.isupper() and len(word) <= _MOST_POINTS):
        return _prose(word)
    return [_letter(letter) for letter in word]


def _named(word: str) -> Token:
    if word in _SPELT_SIGNS:
        return ("op", _SPELT_SIGNS[word], "")
    return ("symbol", word, "") if word in GREEK else ("command", word, "")


def _letter(letter: str) -> Token:
    return ("symbol", letter, "")


def _apart(word: str) -> list[Token]:
    """A word that known names make up but for a few letters; empty where it is none."""
    found: list[Token] = []
    end = loose = 0
    for name in _INNER_NAME.finditer(word):
        loose = max(loose, name.start() - end)
        found += [*map(_letter, word[end : name.start()]), ("command", name[0], "")]
        end = name.end()
    return [*found, *map(_letter, word[end:])] if found and max(loose, len(word) - end) <= _LOOSE_LETTERS else []


def _prose(word: str) -> list[Token]:
    if word.lower() in _SPELT_SIGNS:
        return [_named(word.lower())]
    raise Unreadable(f"the word {word[:30]!r} is not known")


def _command(match: re.Match[str]) -> list[Token]:
    name = ALIASES.get(match["command"], match["command"])
    if name in RELATIONS:
        return [("op", RELATIONS[name], "")]
    if name in SIGNS:
        return [("op", SIGNS[name], "")] if SIGNS[name] else []
    if name in GREEK:
        return [_letter(name)]
    return [("mark" if name in MARKS else "command", name, "")]


def _text(match: re.Match[str]) -> list[Token]:
    name = match["text"].strip(" ,.")
    words = name.lower()
    if _APPLIED.match(match.string, match.end()) and name.isalpha():
        if name in FUNCTIONS:
            return [("command", name, "")]
        if match.string.startswith("(", match.end()) and len(name) <= _LONGEST_INDEX:
            return [_letter(name)]
    if words in _SPELT_SIGNS:
        return [("op", _SPELT_SIGNS[words], "")]
    if words in _LINKS:
        return [("op", ",", "")]
    is_index = match.start() and match.string[match.start() - 1] in "{_" and name.isalpha()
    return [("text", name if is_index else words, "")] if words else []


_OPERATORS: Final = RELATIONS | {"->": "to", "\\|": "|"}
_APPLIED: Final = re.compile(r"\s*(?:[({\d|]|\\(?!text))")
"""What follows a name that is a function, and no part of another name."""
_LEX: Final[dict[str, Callable[[re.Match[str]], list[Token]]]] = {
    "number": _number,
    "repeat": _repeat,
    "env": lambda match: [(match["edge"], match["env"], "")],
    "text": _text,
    "dots": lambda _match: [("mark", "dots", "")],
    "based": _in_base,
    "index": lambda match: [("op", "_", ""), ("text", match["index"], "")],
    "command": _command,
    "op": lambda match: [("op", _OPERATORS.get(match["op"], match["op"]), "")],
    "word": _word,
}
