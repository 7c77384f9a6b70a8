"""Bring one answer's text to one way of writing: Unicode, wrappers, spacing, markup, units.

Works on text alone and decides nothing about value. Everything is linear in the length of the text, which the
caller has bounded.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["normalise", "split_unit"]

_UNICODE = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "×": r"\times ", "÷": r"\div ", "·": r"\cdot ", "∙": r"\cdot ",
        "⋅": r"\cdot ", "⁄": "/", "∕": "/", "≤": r"\le ", "⩽": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ",
        "≈": r"\approx ", "∞": r"\infty ", "π": r"\pi ", "√": r"\sqrt ", "°": r"^\circ ", "∪": r"\cup ", "∩": r"\cap ",
        "∖": r"\setminus ", "∅": r"\emptyset ", "∈": r"\in ", "±": r"\pm ", "∓": r"\mp ", "…": r"\ldots ",
        "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "δ": r"\delta ", "θ": r"\theta ", "λ": r"\lambda ",
        "μ": r"\mu ", "σ": r"\sigma ", "τ": r"\tau ", "φ": r"\phi ", "ω": r"\omega ", "ℝ": r"\mathbb{R}",
        "€": "", "£": "", "¥": "", "“": '"', "”": '"', "’": "'", "\t": " ", "\n": " ", "\r": " ",
    }
)  # fmt: skip
_ASCII_SPACE = str.maketrans("\t\n\r", "   ")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_VULGAR = re.compile("[¼½¾⅐-⅞]")

_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"), ('"', '"'))
_BOX = re.compile(r"\\(?:boxed|fbox)\s*\{")
_SPACING = re.compile(
    r"\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|bigg|Bigg|displaystyle|textstyle|limits|nolimits|mathopen|mathclose)"
    r"(?![A-Za-z])|\\!"
)
_SPACE = re.compile(
    r"\\(?:quad|qquad|thinspace|enspace|hfill|angle)(?![A-Za-z])|(?<!\\)\\[,;: ]|~"
    r"|\\(?:[hv]space\*?|(?:text)?color)\s*\{[^{}]*\}|(?<=\\\\)\[-?[\d.]+\s*(?:pt|em|ex|mm|cm|in)\]"
)
"""What stands for distance or colour, and the sign that a name of points is an angle."""
_GROUPED_COMMA = re.compile(r"\{,\}|,(?:\\!)+")
_MARKUP = re.compile(
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mathtt|boldsymbol|bm|mbox|hbox"
    r"|emph|underline|operatorname)\s*\*?\s*\{([^{}]*)\}"
)
_BOLD = ("\\mathbf", "\\boldsymbol", "\\bm", "\\textbf")
_UNIT_VECTORS = frozenset("ijk")
_FORMULA_IN_MARKUP = re.compile(r"\s*(?:[-+]?[\d.,/ ]+|[A-Za-z])\s*")
_QUANTITY_IN_MARKUP = re.compile(r"\s*([-+]?\d[\d.,/]*)\s+([A-Za-z][^\d]*)")
_LABEL = re.compile(r"\A\\text\{[^{}\d]*(?:(?::|\bis)\s*\}|\}\s*:)\s*(?=\S)")
_REALS = re.compile(r"\\text\{\s*(?:all )?(?:real numbers|reals)\s*\}|(?<![\w ])(?:all )?(?:real numbers|reals)(?!\w)")
_PERCENT_WORD = re.compile(r"\s*(?:\\text\{\s*(?:percent|per cent|pct)\s*\}|\b(?:percent|per cent|pct)\b)\.?")
_DEGREE_WORD = re.compile(r"\s*(?:\\text\{\s*(?:degrees?|deg)\s*\}|\b(?:degrees?|deg)\b)\.?|\s*\\degree\b")

_UNITS = frozenset(
    "cm mm km nm m kg mg g lb lbs oz s sec secs ms min mins hr hrs in ft yd mi mph kph km/h m/s cm/s ml "  # noqa: SIM905 - words read best as words
    "inch inches feet foot yard yards mile miles meter meters metre metres centimeter centimeters kilometer kilometers "
    "liter liters litre litres gallon gallons pound pounds ounce ounces gram grams kilogram kilograms second seconds "
    "minute minutes hour hours day days week weeks month months year years dollar dollars cent cents euro euros usd "
    "yuan rupee rupees unit units radian radians rad people students ways points apples hz".split()
)
"""What may follow a number bare, without `\\text{}`."""

_NO_UNITS = frozenset(
    "and or not if maybe about approximately around nearly almost less more than at least most dozen dozens "  # noqa: SIM905 - the same
    "hundred hundreds thousand thousands million millions billion billions trillion pair pairs tenth tenths hundredth "
    "hundredths thousandth thousandths half halves third thirds quarter quarters fourth fourths fifth fifths sixth "
    "sixths eighth eighths squared cubed factorial choose root modulo mod remainder negative plus minus times over "
    "unless is are was to from other either between each roughly wrong "
    "incorrect perhaps possibly probably st nd rd th am pm e i x y z".split()
)
"""Words that change what the number before them says; `5 dozen` is not 5."""

_UNIT_IN_TEXT = re.compile(r"(?<=[\w)}!%.])\s*\\text\{([^{}\d]*)\}\s*(\^\s*(?:\{\s*[23]\s*\}|[23]))?$")
_UNIT_BARE = re.compile(
    r"(?<=[\d)}!.])(\s*)((?:square |cubic |sq\.? )?[A-Za-z]+(?:(?:/| per )[A-Za-z]+)?)(\^\s*(?:\{\s*[23]\s*\}|[23]))?$"
)
_UNIT_WORDS = re.compile(r"[A-Za-z]+")


def normalise(text: str) -> str:
    """`text` in plain LaTeX without wrappers, spacing commands, currency signs and final stops."""
    text = text.translate(_ASCII_SPACE) if text.isascii() else _to_ascii(text)
    text = _unwrap(text.strip())
    if "{,}" in text or ",\\!" in text:
        text = _GROUPED_COMMA.sub(",", text)
    if "\\" in text:
        text = _plain_latex(text)
    text = text.replace("$", "").replace("**", "^") if "$" in text or "**" in text else text
    if "per" in text or "pct" in text:
        text = _PERCENT_WORD.sub("%", text)
    if "deg" in text:
        text = _DEGREE_WORD.sub(r"^\\circ ", text)
    if "real" in text:
        text = _REALS.sub(r"\\mathbb{R}", text)
    return _strip_stop(text)


def _to_ascii(text: str) -> str:
    text = _SUPERSCRIPT_RUN.sub(lambda run: "^{" + run[0].translate(_SUPERSCRIPTS) + "}", text)
    text = _VULGAR.sub(_vulgar, text)
    text = "".join(char for char in text.translate(_UNICODE) if unicodedata.category(char) != "Cf")
    text = unicodedata.normalize("NFKC", text).translate(_UNICODE)
    return "".join(str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char for char in text)


def _vulgar(match: re.Match[str]) -> str:
    numerator, _, denominator = unicodedata.normalize("NFKC", match[0]).partition("⁄")
    return f"\\frac{{{numerator}}}{{{denominator}}}"


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
        text = text[:-1].rstrip()
    return text


def _plain_latex(text: str) -> str:
    text = _SPACING.sub(" ", text)
    text = _SPACE.sub(" ", text)
    text = text.replace("\\%", "%").replace("\\$", "").replace("\\&", "&" if "begin" in text else " ")
    return _LABEL.sub("", _MARKUP.sub(_markup, text).strip())


def _markup(match: re.Match[str]) -> str:
    content = match[1]
    if match[0].startswith("\\operatorname"):
        return f"\\{content.strip()} "
    if content.strip() in _UNIT_VECTORS and match[0].startswith(_BOLD):
        return f"\\hat{{{content}}}"
    quantity = _QUANTITY_IN_MARKUP.fullmatch(content)
    if quantity:
        return f"{quantity[1]}\\text{{ {quantity[2]}}}"
    return content if _FORMULA_IN_MARKUP.fullmatch(content) else f"\\text{{{content}}}"


def split_unit(text: str) -> tuple[str, str]:
    """A normalised text without its trailing unit, and the unit ("" where there is none)."""
    match = _UNIT_IN_TEXT.search(text) if text.endswith(("}", "2", "3")) else None
    if match is not None:
        words = [word.lower() for word in _UNIT_WORDS.findall(match[1])]
        if words and not _NO_UNITS.intersection(words):
            return text[: match.start()].rstrip(), _canonical_unit(" ".join(words), match[2])
    match = _UNIT_BARE.search(text)
    if match is not None and _is_unit(match[2], spaced=bool(match[1])):
        return text[: match.start()].rstrip(), _canonical_unit(match[2], match[3])
    return text, ""


def _is_unit(words: str, *, spaced: bool) -> bool:
    """Known, or an ordinary lower-case noun that stands apart from the number; a lone letter is a variable."""
    last = words.partition(" per ")[0].rpartition(" ")[2].lower()
    if last in _NO_UNITS:
        return False
    if last in _UNITS:
        return spaced or len(last) > 1
    return spaced and len(last) > 3 and last.isalpha() and words.islower()


def _canonical_unit(unit: str, power: str | None) -> str:
    unit = unit.lower()
    for word, digit in (("square ", "2"), ("sq ", "2"), ("sq. ", "2"), ("cubic ", "3")):
        if unit.startswith(word):
            unit, power = unit.removeprefix(word), digit
    unit = _SAME_UNIT.get(unit, unit)
    unit = unit.removesuffix("s") if len(unit) > 2 else unit
    return unit + (power or "").strip("^{} ")


_SAME_UNIT = {
    "inches": "inch", "feet": "ft", "foot": "ft", "meters": "m", "meter": "m", "metres": "m", "metre": "m",
    "centimeters": "cm", "centimeter": "cm", "kilometers": "km", "kilometer": "km", "miles": "mi", "mile": "mi",
    "hours": "h", "hour": "h", "hrs": "h", "hr": "h", "minutes": "min", "minute": "min", "mins": "min",
    "seconds": "s", "second": "s", "sec": "s", "secs": "s", "grams": "g", "gram": "g", "kilograms": "kg",
    "kilogram": "kg", "liters": "l", "liter": "l", "litres": "l", "litre": "l", "km/h": "kph",
}  # fmt: skip
