"""Units of measurement: their names, what they are made of, and how many of one make another.

A unit is an exact factor and a dimension, the powers of base units; so `km/h` and `m/s` convert, `m` and `kg` do not.
A noun that is in no table (`apples`) is a dimension of its own. Years and days do not convert, nor do currencies:
no exact factor joins them.

Not here: where in a text a unit stands (`quantities`); degrees of angle, which are part of the value.

Source: BIPM, "The International System of Units", 9th edition, 2019; NIST Handbook 44, appendix C.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

__all__ = ["Unit", "conversion", "is_known", "read_unit", "several"]

MAX_CHARS: Final = 80
"""Longer names of units are prose."""


class Unit(NamedTuple):
    """A unit.

    Args:
        name: as it was written, for a person.
        factor: how many base units one of it is.
        dimension: the powers of the base units, in alphabetical order, without zeros.
        zero: base units at its zero point; other than 0 for temperatures alone.
    """

    name: str
    factor: Fraction
    dimension: tuple[tuple[str, int], ...]
    zero: Fraction = Fraction(0)


def conversion(unit: Unit, into: Unit) -> tuple[Fraction, Fraction] | None:
    """The factor and the summand that turn a number of `unit` into one of `into`.

    None where they measure different things.
    """
    if unit.dimension != into.dimension:
        return _as_currency(unit, into)
    return unit.factor / into.factor, (unit.zero - into.zero) / into.factor


def _as_currency(unit: Unit, into: Unit) -> tuple[Fraction, Fraction] | None:
    """A pound of weight against a pound of money: the word is the same."""
    kinds = {unit.dimension, into.dimension}
    if kinds == {_POUND.dimension, (("pound sterling", 1),)} and _POUND.factor in {unit.factor, into.factor}:
        return Fraction(1), Fraction(0)
    return None


# The tables: names, factor, base units


def _dimension(powers: str) -> tuple[tuple[str, int], ...]:
    """`m s-2` as a dimension."""
    parts = (re.fullmatch(r"([^\d-]+)(-?\d+)?", part.replace("_", " ")) for part in powers.split())
    return tuple(sorted((part[1], int(part[2] or 1)) for part in parts if part))


_SI: Final = {
    # symbol: (words, factor, base units, prefixes taken)
    "m": ("meter metre", "1", "m", "n μ m c d k"),
    "g": ("gram gramme", "1/1000", "kg", "n μ m k"),
    "s": ("second sec", "1", "s", "n μ m"),
    "A": ("ampere amp", "1", "A", "μ m k"),
    "K": ("kelvin", "1", "K", "m"),
    "mol": ("mole", "1", "mol", "μ m k"),
    "cd": ("candela", "1", "cd", ""),
    "L": ("liter litre", "1/1000", "m3", "μ m c d"),
    "N": ("newton", "1", "kg m s-2", "μ m k M"),
    "J": ("joule", "1", "kg m2 s-2", "μ m k M G"),
    "W": ("watt", "1", "kg m2 s-3", "μ m k M G"),
    "Pa": ("pascal", "1", "kg m-1 s-2", "h k M G"),
    "Hz": ("hertz", "1", "s-1", "k M G"),
    "V": ("volt", "1", "kg m2 s-3 A-1", "μ m k M"),
    "Ω": ("ohm", "1", "kg m2 s-3 A-2", "m k M"),
    "C": ("coulomb", "1", "A s", "n μ m"),
    "F": ("farad", "1", "kg-1 m-2 s4 A2", "p n μ m"),
    "T": ("tesla", "1", "kg s-2 A-1", "μ m"),
    "Wb": ("weber", "1", "kg m2 s-2 A-1", "m"),
    "H": ("henry", "1", "kg m2 s-2 A-2", "μ m"),
    "eV": ("electronvolt", "1602176634/10000000000000000000000000000", "kg m2 s-2", "m k M G"),
    "cal": ("calorie", "4184/1000", "kg m2 s-2", "k"),
    "Wh": ("", "3600", "kg m2 s-2", "k M G"),
    "bar": ("bar", "100000", "kg m-1 s-2", "m"),
    "B": ("byte", "8", "bit", ""),
}
_PREFIXES: Final = {
    "p": ("pico", "1/1000000000000"),
    "n": ("nano", "1/1000000000"),
    "μ": ("micro", "1/1000000"),
    "m": ("milli", "1/1000"),
    "c": ("centi", "1/100"),
    "d": ("deci", "1/10"),
    "h": ("hecto", "100"),
    "k": ("kilo", "1000"),
    "M": ("mega", "1000000"),
    "G": ("giga", "1000000000"),
}
_OTHERS: Final = (
    # names that are matched as they stand, words that have a plural, factor, base units
    ("in", "inch", "254/10000", "m"),
    ("ft", "foot", "3048/10000", "m"),
    ("yd", "yard", "9144/10000", "m"),
    ("mi", "mile", "1609344/1000", "m"),
    ("nmi", "nautical_mile", "1852", "m"),
    ("ly", "light_year lightyear", "9460730472580800", "m"),
    ("Å Å", "angstrom", "1/10000000000", "m"),
    ("ac", "acre", "40468564224/10000000", "m2"),
    ("ha", "hectare", "10000", "m2"),
    ("cc", "", "1/1000000", "m3"),
    ("gal", "gallon", "3785411784/1000000000000", "m3"),
    ("qt", "quart", "946352946/1000000000000", "m3"),
    ("pt", "pint", "473176473/1000000000000", "m3"),
    ("", "cup", "2365882365/10000000000000", "m3"),
    ("fl_oz", "fluid_ounce", "295735295625/10000000000000000", "m3"),
    ("tbsp", "tablespoon", "1478676478125/100000000000000000", "m3"),
    ("tsp", "teaspoon", "492892159375/100000000000000000", "m3"),
    ("lb lbs", "pound", "45359237/100000000", "kg"),
    ("oz", "ounce", "45359237/1600000000", "kg"),
    ("st", "stone", "635029318/100000000", "kg"),
    ("t", "tonne", "1000", "kg"),
    ("", "ton", "1", "ton"),
    ("min mins", "minute", "60", "s"),
    ("h hr hrs", "hour", "3600", "s"),
    ("secs", "", "1", "s"),
    ("", "day", "86400", "s"),
    ("wk", "week", "604800", "s"),
    ("", "fortnight", "1209600", "s"),
    ("mo", "month", "1", "month"),
    ("yr yrs", "year", "12", "month"),
    ("", "decade", "120", "month"),
    ("", "century", "1200", "month"),
    ("mph", "", "1609344/3600000", "m s-1"),
    ("kph kmh kmph", "", "1000/3600", "m s-1"),
    ("kn", "knot", "1852/3600", "m s-1"),
    ("atm", "atmosphere", "101325", "kg m-1 s-2"),
    ("psi", "", "6894757293168/1000000000", "kg m-1 s-2"),
    ("mmHg torr", "", "101325/760", "kg m-1 s-2"),
    ("hp", "horsepower", "745699872/1000000", "kg m2 s-3"),
    ("rpm", "", "1/60", "revolution s-1"),
    ("rev", "revolution", "1", "revolution"),
    ("rad", "radian", "1", "radian"),
    ("", "bit", "1", "bit"),
    ("$ USD US$ usd", "dollar buck", "1", "dollar"),
    ("¢", "cent penny pence", "1/100", "dollar"),
    ("", "dime", "1/10", "dollar"),
    ("", "nickel", "1/20", "dollar"),
    ("£ GBP", "pound_sterling", "1", "pound_sterling"),
    ("€ EUR", "euro", "1", "euro"),
    ("¥ JPY", "yen", "1", "yen"),
    ("CNY RMB", "yuan", "1", "yuan"),
    ("₹ INR Rs", "rupee", "1", "rupee"),
    ("", "paise paisa", "1/100", "rupee"),
)
_TEMPERATURES: Final = (
    # name, words, kelvins in one degree, kelvins at zero
    ("K", "kelvin", "1", "0"),
    ("°C", "celsius centigrade", "1", "27315/100"),
    ("°F", "fahrenheit", "5/9", "229835/900"),
)
_PLURALS: Final = {"foot": "feet", "inch": "inches", "century": "centuries", "henry": "henries", "hertz": "hertz"}
_SINGULARS: Final = {"people": "person", "persons": "person", "children": "child", "men": "man", "women": "woman"}
_POWER_WORDS: Final = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "squared": 2, "cubed": 3}
_FILLERS: Final = frozenset("each altogether total old long tall high wide deep away ago later left".split())  # noqa: SIM905 - words read best as words
"""Words beside a unit that change nothing about it."""


def _known_units() -> Iterator[Unit]:
    for symbol, (words, factor, powers, prefixes) in _SI.items():
        dimension = _dimension(powers)
        for prefix in ("", *prefixes.split()):
            word, scale = _PREFIXES[prefix] if prefix else ("", "1")
            size = Fraction(factor) * Fraction(scale)
            yield Unit(prefix + symbol, size, dimension)
            for name in words.split():
                yield from _with_plural(Unit(word + name, size, dimension))
    for symbols, words, factor, powers in _OTHERS:
        for symbol in symbols.split():
            yield Unit(symbol.replace("_", " "), Fraction(factor), _dimension(powers))
        for name in words.split():
            yield from _with_plural(Unit(name.replace("_", " "), Fraction(factor), _dimension(powers)))
    for symbol, words, degree, zero in _TEMPERATURES:
        for name in (symbol, *words.split()):
            yield Unit(name, Fraction(degree), (("K", 1),), Fraction(zero))


def _with_plural(unit: Unit) -> Iterator[Unit]:
    yield unit
    yield unit._replace(name=_PLURALS.get(unit.name, f"{unit.name}s"))


_UNITS: Final[Mapping[str, Unit]] = {unit.name: unit for unit in _known_units()}
_IN_ANY_CASE: Final[Mapping[str, Unit]] = {name.lower(): unit for name, unit in _UNITS.items() if len(name) > 1}
_POUND: Final = _UNITS["pound"]


def several(*units: Unit) -> Unit:
    """What items with different units are in: convertible into nothing but the same units in the same order."""
    name = ", ".join(unit.name for unit in units)
    return Unit(name, Fraction(1), ((name, 1),))


def is_known(word: str) -> bool:
    """The name of a unit, or of a power of units, that is no mere noun."""
    return word in _UNITS or word.lower() in _IN_ANY_CASE or word.lower() in _POWER_WORDS


# Reading

_JOINED: Final = re.compile(r"(?i)\b(light|nautical|fluid|fl\.?|pounds?)[ -](years?|miles?|ounces?|oz\b|sterling)")
_GAP: Final = re.compile(r"\s+(?=\^)")
_PART: Final = re.compile(
    r"\s*(?:\^\s*(?:\{\s*(?P<power>-?\d)\s*\}|(?P<raised>-?\d)(?!\d))|(?<=[A-Za-z])(?P<digit>[23])(?!\d)|(?P<sign>[*/()])"
    r"|(?P<name>[°Å]?[A-Za-zμΩÅÅ$_]+|[£€¥₹¢])\.?)"
)


@functools.lru_cache(maxsize=4096)
def read_unit(text: str) -> Unit | None:
    """The unit that plain text spells: `kg*m/s^2`, `square feet`, `miles per hour`, `apples`; None where it is none."""
    reader = _Reader()
    joined = _JOINED.sub(r"\1_\2", text.strip())
    position, end = 0, len(joined) if len(joined) <= MAX_CHARS else 0
    while position < end:
        part = _PART.match(joined, position)
        if part is None or not reader.take(part):
            return None
        position = part.end()
    return reader.unit(_GAP.sub("", text.strip()))


class _Reader:
    """The factors of a unit, gathered word by word."""

    def __init__(self) -> None:
        self.factors: list[tuple[Unit, int]] = []
        self.sign = 1
        self.outer: list[int] = [1]
        self.power = 1
        self.noun = self.aside = self.open = False

    def take(self, part: re.Match[str]) -> bool:
        """Go on by one part; False where it cannot stand here."""
        if part["sign"]:
            return self.operator(part["sign"])
        if part["name"]:
            return self.word(part["name"])
        return self.raised(int(part["power"] or part["raised"] or part["digit"]))

    def operator(self, sign: str) -> bool:
        self.noun = self.aside = False
        self.open = sign in "*/"
        if sign == "/":
            self.sign = -self.outer[-1]
        elif sign == "(":
            self.outer.append(self.sign)
        elif sign == ")":
            self.sign = self.outer[-2] if len(self.outer) > 1 else 0
            self.outer.pop()
        return bool(self.sign and self.outer)

    def raised(self, power: int) -> bool:
        if not self.factors:
            return False
        unit, before = self.factors[-1]
        self.factors[-1] = (unit, before * power)
        return True

    def word(self, word: str) -> bool:
        plain = word.lower()
        if plain in {"per", "a", "an"}:
            return bool(self.factors) and self.operator("/")
        self.aside = self.aside or plain == "of"
        if self.aside or plain in _FILLERS:
            return bool(self.factors)
        if plain in {"squared", "cubed"}:
            return self.raised(_POWER_WORDS[plain])
        if plain in _POWER_WORDS:
            self.power = _POWER_WORDS[plain]
            return True
        known = _UNITS.get(word.replace("_", " ")) or _IN_ANY_CASE.get(plain.replace("_", " "))
        self.add(known or _noun(plain), is_noun=known is None)
        return known is not None or (plain.isalpha() and len(plain) > 2)

    def add(self, unit: Unit, *, is_noun: bool) -> None:
        """Of nouns in a row (`red apples`) the last one counts."""
        if is_noun and self.noun:
            self.factors.pop()
        self.factors.append((unit, self.sign * (1 if is_noun else self.power)))
        self.noun, self.open, self.power = is_noun, False, 1

    def unit(self, name: str) -> Unit | None:
        if not self.factors or self.open or len(self.outer) > 1:
            return None
        if len(self.factors) == 1 and self.factors[0][1] == 1:
            return self.factors[0][0]._replace(name=name)
        factor, powers = Fraction(1), Counter[str]()
        for unit, power in self.factors:
            factor *= unit.factor**power
            powers.update({base: power * exponent for base, exponent in unit.dimension})
        return Unit(name, factor, tuple(sorted((base, power) for base, power in powers.items() if power)))


def _noun(word: str) -> Unit:
    """What is counted, as a unit: the singular of a noun; `units` say nothing."""
    name = _SINGULARS.get(word) or _singular(word)
    return Unit(word, Fraction(1), () if name == "unit" else ((name, 1),))


def _singular(word: str) -> str:
    for ending, singular in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("ss", "ss")):
        if word.endswith(ending):
            return word.removesuffix(ending) + singular
    return word.removesuffix("s") if len(word) > 3 else word
