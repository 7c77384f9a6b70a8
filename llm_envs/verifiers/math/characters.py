"""Unicode to LaTeX and ASCII, character by character: signs, scripts, vulgar fractions, digits of every alphabet.

Signs of money other than the dollar stay, they have no LaTeX of one spelling. Linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["in_latex"]

_SIGNS: Final = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "×": r"\times ", "÷": r"\div ", "·": r"\cdot ", "∙": r"\cdot ",
    "⋅": r"\cdot ", "⁄": "/", "∕": "/", "≤": r"\le ", "⩽": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ",
    "≈": r"\approx ", "≡": r"\equiv ", "∞": r"\infty ", "√": r"\sqrt ", "∛": r"\sqrt[3] ", "∜": r"\sqrt[4] ",
    "°": r"^\circ ", "∪": r"\cup ", "∩": r"\cap ", "∖": r"\setminus ", "∅": r"\emptyset ", "∈": r"\in ",
    "±": r"\pm ", "∓": r"\mp ", "…": r"\ldots ", "→": r"\to ", "∑": r"\sum ", "∏": r"\prod ", "∫": r"\int ",
    "∂": r"\partial ", "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ", "∣": "|", "′": "'",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "“": '"', "”": '"', "’": "'", "‘": "'", "。": ".", "\t": " ", "\n": " ", "\r": " ",
}  # fmt: skip
_GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
_LATEX: Final = str.maketrans(_SIGNS | {sign: f"\\{name} " for sign, name in _GREEK.items()})
_ASCII_SPACE: Final = str.maketrans("\t\n\r", "   ")

_SCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ₀₁₂₃₄₅₆₇₈₉", "0123456789+-n0123456789")
_SUPERSCRIPT: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_SUBSCRIPT: Final = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_STACKED: Final = re.compile("(?<![⁰¹²³⁴⁵⁶⁷⁸⁹])([⁰¹²³⁴⁵⁶⁷⁸⁹]++)[⁄/]([₀₁₂₃₄₅₆₇₈₉]+)")
_MARKED_DIGITS: Final = re.compile("(?:\\d[\u0304\u0305\u0307])+")
"""Digits under a line or a dot: they repeat."""
_VULGAR: Final = re.compile("[¼½¾⅐-⅞]")


def in_latex(text: str) -> str:
    """`text` with everything that LaTeX has a command for in LaTeX, and invisible characters gone."""
    if text.isascii():
        return text.translate(_ASCII_SPACE)
    text = _STACKED.sub(
        lambda stack: f"\\frac{{{stack[1].translate(_SCRIPTS)}}}{{{stack[2].translate(_SCRIPTS)}}}", text
    )
    text = _SUPERSCRIPT.sub(lambda run: f"^{{{run[0].translate(_SCRIPTS)}}}", text)
    text = _SUBSCRIPT.sub(lambda run: f"_{{{run[0].translate(_SCRIPTS)}}}", text)
    text = _MARKED_DIGITS.sub(lambda run: f"({run[0][::2]})", text)
    text = _VULGAR.sub(_vulgar, text)
    text = "".join(char for char in text.translate(_LATEX) if unicodedata.category(char) != "Cf")
    text = unicodedata.normalize("NFKC", text).translate(_LATEX)
    return "".join(str(unicodedata.digit(char)) if char.isdigit() and not char.isascii() else char for char in text)


def _vulgar(match: re.Match[str]) -> str:
    numerator, _, denominator = unicodedata.normalize("NFKC", match[0]).partition("⁄")
    return f"\\frac{{{numerator}}}{{{denominator}}}"
