"""Quantities: where in an answer its unit stands, and two quantities brought to one unit.

Units are found by text alone, before the parser reads what is left: behind each item of a list (`3 cm and 4 cm`),
behind each part of one quantity (`1 hour 30 minutes`), and as a sign of money anywhere. Bare words are a unit only
where no formula could mean them: a lone letter that touches its number is a variable, and so is every name of the
reference.

Not covered: converting items of a list that have different units.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, NamedTuple

from llm_envs.verifiers.math.exact import rational
from llm_envs.verifiers.math.trees import SCALARS, Node, contains
from llm_envs.verifiers.math.units import Unit, conversion, is_known, read_unit, several
from llm_envs.verifiers.math.vocabulary import SPELT

__all__ = ["Mismatch", "Quantity", "converted", "split_unit"]

TAIL_CHARS: Final = 90
"""No unit is longer."""
MAX_PARTS: Final = 4
"""Of a compound quantity: days, hours, minutes, seconds."""
_ANGLES: Final = ((("radian", 1),), (("K", 1),))
MAX_BARE_WORDS: Final = 4
_SAME: Final = (Fraction(1), Fraction(0))
"""The conversion that changes nothing."""


class Quantity(NamedTuple):
    """A tree, and the unit that all of it is in; None for none."""

    node: Node
    unit: Unit | None = None


class Mismatch(ValueError):
    """The units of two quantities do not go together; the message says why, for a person."""


def split_unit(text: str, names: frozenset[str] = frozenset(), lone_letters: str = "") -> tuple[str, Unit | None]:
    """A normalised text without its units, and the one unit that all of it is in.

    Args:
        names: symbols that are no units, because the reference has them.
        lone_letters: single letters that are a unit too where they stand apart.
    """
    body, money = _without_money(text)
    body, unit = _split_items(body, names, lone_letters)
    if unit is not None and not unit.dimension and unit.factor == 1:
        unit = None
    return body, unit or money


# Money

_MONEY: Final = re.compile(r"(?:US|HK|A|C)?([$£€¥₹¢])\s?|(?<![A-Za-z])(USD|EUR|GBP|INR|JPY|Rs)\.?\s?(?=[\d.])")
_SIGNS_OF_MONEY: Final = frozenset("$£€¥₹¢")
_CODES_OF_MONEY: Final = ("USD", "EUR", "GBP", "INR", "JPY", "Rs")


def _without_money(text: str) -> tuple[str, Unit | None]:
    """The text without signs of money, and the money if it is all of one kind."""
    if _SIGNS_OF_MONEY.isdisjoint(text) and not any(code in text for code in _CODES_OF_MONEY):
        return text, None
    signs = {match[1] or match[2] for match in _MONEY.finditer(text)}
    return _MONEY.sub("", text).strip(), read_unit(signs.pop()) if len(signs) == 1 else None


# Items

_BETWEEN: Final = re.compile(r"\\text\s*\{\s*(?:and|or)\s*\}|,(?!\d{3}(?!\d))|;|\b(?:and|or)\b|[=<>]|\\[lg]eq?\b")
_CLOSING: Final = re.compile(r"(?<=[A-Za-z2-3}])(?:\s|\)|\]|\\\})++$")


def _split_items(text: str, names: frozenset[str], lone_letters: str) -> tuple[str, Unit | None]:
    """Every item without its unit, and the unit, if those that have one have the same."""
    core = _CLOSING.sub("", text)
    body, unit = _split(core, names, lone_letters)
    closing = text[len(core) :]
    if unit is None:
        return text, None
    if not any(map(str.isalpha, body)):
        return body + closing, unit
    compound = _compound(body, unit)
    if compound is not None:
        return compound
    pieces, start = [], 0
    for joint in _BETWEEN.finditer(body):
        item, other = _split(body[start : joint.start()], names, lone_letters)
        if other is not None and conversion(other, unit) != _SAME:
            unit = several(other, unit)
        pieces += [item, f" {joint[0]} "]
        start = joint.end()
    return "".join((*pieces, body[start:], closing)), unit


_LAST_NUMBER: Final = re.compile(r"(?:(?:(,)|\\text\s*\{\s*and\s*\}|\band)?\s+|^)(\d{1,12}(?:\.\d{1,12})?)$")


def _compound(body: str, unit: Unit) -> tuple[str, Unit] | None:
    """`1 hour 30` of minutes as 90 minutes; None where the body is no compound."""
    total, part, rest = Fraction(0), unit, body
    for parts in range(1, MAX_PARTS + 1):
        number = _LAST_NUMBER.search(rest) if len(rest) <= TAIL_CHARS else None
        if number is None or (number[1] and part.dimension != (("s", 1),)):
            return None
        total += Fraction(number[2]) * part.factor
        if number.start() == 0:
            return (str(total / unit.factor), unit) if parts > 1 else None
        rest, larger = _split(rest[: number.start()], frozenset(), "")
        if larger is None or larger.dimension != part.dimension or larger.factor <= part.factor:
            return None
        part = larger
    return None


# One unit at the end

_INNER: Final = r"[^{}]*+(?:\{[^{}]*\}[^{}]*+)*+"
_FRACTION: Final = re.compile(rf"\\frac\s*\{{({_INNER})\}}\s*\{{({_INNER})\}}")
_DEGREE: Final = r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)\s*(?:\\text\s*\{\s*)?"
_START: Final = re.compile(rf"\\text\s*\{{|\\frac|\\mu(?![A-Za-z])|\\Omega|{_DEGREE}[CFKcf]|(?<![A-Za-z\\])[A-Za-z]")
_PLAIN: Final = (
    (_FRACTION, r"(\1)/(\2)"),
    (re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)\s*(?=(?:\\text\s*\{\s*)?[CFK](?![A-Za-z]))"), "°"),
    (re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)"), ""),
    (re.compile(r"\\text\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\(?:cdot|times)(?![A-Za-z])"), "*"),
    (re.compile(r"\\mu(?![A-Za-z])\s*"), "μ"),
    (re.compile(r"\\Omega"), "Ω"),
    (re.compile(r"°\s+"), "°"),
)
_FUNCTION_NAMES: Final = SPELT - {"min", "sec", "cup"}
_ARTICLE: Final = re.compile(r"\A\s*(?:of an?|an?|of) (?=[a-z]{3})")
_WORD: Final = re.compile(r"[A-Za-z]+")
_NUMBER_BEFORE: Final = re.compile(
    r"(?:\A|[=<>,;:~]|\b(?:and|or|about|eq|approx)|\})\s*[-+]?[\s\d.,/{}^]*"
    r"(?:\\(?:frac|sqrt|pi|times|cdot)(?![A-Za-z])[\s\d.,/{}^]*)*[\d}i][\s.]*\Z"
)
"""Nothing but digits, fractions and roots from the start of an item to where its unit would stand."""
_SPACED_LETTERS: Final = "mgsLh"
"""Single letters that are a unit where they stand apart from their number."""
_ABBREVIATIONS: Final = frozenset(
    "cm mm km nm mg kg lb lbs oz sec secs ms min mins hr hrs in ft yd mi mph kph kmh ml mL sq cu Hz kHz MHz GHz kW MW "  # noqa: SIM905 - words read best as words
    "kWh kJ MJ kPa MPa mA mV kV kN eV keV MeV atm mol mmol rad rev rpm psi gal qt tbsp tsp cc yr yrs wk usd USD bit Pa "
    "bar cal kcal day cup ton yen".split()
)
"""Shorter than four letters, and a unit without `\\text{}` too."""
_DAY: Final = frozenset({"day", "hr", "min", "sec", "lb", "lbs", "mph", "usd"})
"""Of these, those that are written with a capital letter too."""
_TOUCHING: Final = _ABBREVIATIONS - frozenset({"in", "ms", "mi", "min", "rev", "bar", "cal", "day", "sq", "cu", "cc"})
"""These may touch their number: `5cm`."""
_NO_UNITS: Final = frozenset(
    "and or not if maybe about approximately around nearly almost less more than at least most dozen dozens "  # noqa: SIM905 - the same
    "hundred hundreds thousand thousands million millions billion billions trillion pair pairs tenth tenths hundredth "
    "hundredths thousandth thousandths half halves third thirds quarter quarters fourth fourths fifth fifths sixth "
    "sixths eighth eighths factorial choose root modulo mod remainder negative plus minus times over unless is are was "
    "to from other either between roughly wrong incorrect perhaps possibly probably st nd rd th am pm e i x y z "
    "cannot never neither nor isn doesn instead but base where when otherwise".split()
)
"""Words that change what the number before them says; `5 dozen` is not 5."""


def _split(text: str, names: frozenset[str], lone_letters: str) -> tuple[str, Unit | None]:
    """A text without the unit at its end, and the unit."""
    text = text.rstrip()
    tail = max(0, len(text) - TAIL_CHARS)
    for start in _START.finditer(text, tail):
        body = text[: start.start()].rstrip()
        if not _ends_in_value(body, bare=start[0][0] not in "\\^"):
            continue
        plain = text[start.start() :]
        if "\\" in plain:
            for pattern, written in _PLAIN:
                plain = pattern.sub(written, plain)
        plain = _ARTICLE.sub("", plain)
        bare = start[0].isalpha()
        if _may_be_formula(plain.strip(), bare=bare) and not _NUMBER_BEFORE.search(body):
            continue
        if _may_be_unit(
            plain.strip(), names, lone_letters, bare=bare, apart=not bare or text[start.start() - 1] == " "
        ):
            unit = read_unit(plain.strip())
            if unit is not None:
                return body, unit
    return text, None


def _may_be_formula(plain: str, *, bare: bool) -> bool:
    """Single letters or a quotient, which are a unit behind a plain number alone: `5 m`, but not `(x + 5) m`."""
    return (bare and all(len(word) == 1 for word in _WORD.findall(plain))) or plain.startswith("(")


def _ends_in_value(body: str, *, bare: bool) -> bool:
    """Something a unit may stand behind: digits, a closing bracket, pi; where it is marked as words, a symbol too."""
    if not body or body.endswith("\\pi"):
        return bool(body)
    if body[-1] == "}":
        return not body[: body.rfind("{")].rstrip().endswith("\\text")
    return body[-1] in "0123456789)!%." or (not bare and body[-1].isalpha())


def _may_be_unit(plain: str, names: frozenset[str], lone_letters: str, *, bare: bool, apart: bool) -> bool:
    """Words that leave the number before them alone, and that no formula means."""
    words = _WORD.findall(plain)
    if any(word.lower() in _NO_UNITS for word in words):
        return False
    if not bare or not words:
        return True
    first = words[0]
    if names.issuperset(first) or first in names or _FUNCTION_NAMES.intersection(words):
        return False
    if len(first) == 1:
        return "/" in plain or (first in _SPACED_LETTERS + lone_letters and (apart or plain[1:2] in {"^", "2", "3"}))
    if is_known(first):
        return len(first) > 3 or ((first in _ABBREVIATIONS or first.lower() in _DAY) and (apart or first in _TOUCHING))
    return apart and len(words[-1]) > 3 and len(words) <= MAX_BARE_WORDS and plain.islower()


# Conversion


def converted(answer: Quantity, into: Quantity) -> Node:
    """The answer's tree in the unit of the reference; as it is where one of the two has no unit.

    Raises:
        Mismatch: the two units measure different things.
    """
    for one, other in ((answer, into), (into, answer)):
        if other.unit is not None and one.unit is None and _has_own_unit(one.node, other.unit):
            raise Mismatch(f"per cent or degrees and {other.unit.name} measure different things")
    if answer.unit is None or into.unit is None:
        return answer.node
    factors = conversion(answer.unit, into.unit)
    if factors is None:
        raise Mismatch(f"{answer.unit.name} and {into.unit.name} measure different things")
    return answer.node if factors == _SAME else _scaled(answer.node, *factors)


def _has_own_unit(node: Node, unit: Unit) -> bool:
    """Per cent is no length, and degrees go with temperatures and radians alone."""
    return contains(node, "percent") or (contains(node, "degree") and unit.dimension not in _ANGLES)


def _scaled(node: Node, factor: Fraction, summand: Fraction) -> Node:
    """Every value in a tree times the factor, plus the summand."""
    value = rational(node) if node[0] in SCALARS else None
    if value is not None:
        return ("num", value * factor + summand)
    if node[0] in SCALARS:
        product = ("mul", (("num", factor), node))
        return ("add", (product, ("num", summand))) if summand else product
    if node[0] in {"list", "set", "tuple"}:
        return (node[0], tuple(_scaled(item, factor, summand) for item in node[1]))
    if node[0] == "rel":
        return (*node[:2], (*node[2][:-1], _scaled(node[2][-1], factor, summand)))
    if node[0] == "interval":
        return (node[0], *(_scaled(end, factor, summand) for end in node[1:3]), *node[3:])
    raise Mismatch("the units differ")
