"""The names and signs of mathematics that are read, in LaTeX and in plain text: tables alone."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ALIASES",
    "APPLIED",
    "ARRANGED",
    "BLACKBOARD",
    "CONSTANTS",
    "COUNTS",
    "DOMAINS",
    "FUNCTIONS",
    "GREEK",
    "INVERSE",
    "MARKS",
    "RELATIONS",
    "SEVERAL",
    "SIGNS",
    "SPELT",
    "TRANSPARENT",
]

INVERSE: Final = {
    "sin": "arcsin", "cos": "arccos", "tan": "arctan", "cot": "arccot", "sec": "arcsec", "csc": "arccsc",
    "sinh": "arsinh", "cosh": "arcosh", "tanh": "artanh",
}  # fmt: skip
"""What `\\sin^{-1}` stands for, and so on."""

_PLAIN: Final = (
    "sin cos tan cot sec csc sinh cosh tanh coth sech csch cis ln log lg exp max min gcd lcm floor ceil abs arg sgn "
    "det conj erf"
)
FUNCTIONS: Final = {name: name for name in (*_PLAIN.split(), *INVERSE.values())} | {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "acot": "arccot", "tg": "tan", "ctg": "cot", "cosec": "csc",
    "arctg": "arctan", "arcctg": "arccot", "arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh",
    "asinh": "arsinh", "acosh": "arcosh", "atanh": "artanh", "Re": "re", "Im": "im", "Arg": "arg", "sign": "sgn",
    "Abs": "abs", "ceiling": "ceil", "Max": "max", "Min": "min",
    "cbrt": "cbrt", "conjugate": "conj", "factorial": "fact", "binomial": "binom", "Log": "log", "Ln": "ln",
    "Sin": "sin", "Cos": "cos", "Tan": "tan", "hcf": "gcd", "gcf": "gcd", "lcd": "lcm",
}  # fmt: skip
"""What is written, and the function that it names."""

SEVERAL: Final = frozenset({"max", "min", "gcd", "lcm"})
"""Functions of two arguments or more; `binom` has two, all others one."""

CONSTANTS: Final = {
    "pi": "pi", "infty": "inf", "infinity": "inf", "inf": "inf", "oo": "inf", "emptyset": "empty",
    "varnothing": "empty", "imath": "i",
}  # fmt: skip

GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau phi "  # noqa: SIM905 - words read best as words
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar nabla partial jmath aleph".split()
)

RELATIONS: Final = {
    "=": "=", "==": "=", "equiv": "equiv", "<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=",
    "leq": "<=", "leqslant": "<=", "leqq": "<=", ">=": ">=", "ge": ">=", "geq": ">=", "geqslant": ">=", "geqq": ">=",
    "!=": "!=", "ne": "!=", "neq": "!=", "approx": "~", "simeq": "~", "doteq": "~", "in": "in", "isin": "in",
    **{name: name for name in ("notin", "sim", "subset", "subseteq", "supset", "supseteq", "parallel", "perp", "cong")},
    "ni": "ni", "propto": "propto", "nmid": "nmid", "divides": "divides",
}  # fmt: skip
"""`equiv` is an equation unless a modulus stands behind it."""

SIGNS: Final = {
    "cdot": "*", "times": "*", "ast": "*", "star": "*", "div": "/", "pm": "pm", "mp": "mp", "lbrace": "\\{",
    "rbrace": "\\}", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "|", "lVert": "|", "rVert": "|", "mid": "|",
    "land": "and", "wedge": "and", "lor": "or", "vee": "or", "colon": ":", "prime": "'", "lbrack": "[", "rbrack": "]",
    "over": "over", "choose": "choose", "bmod": "mod", "mod": "mod", "pmod": "pmod", "cup": "cup", "cap": "cap",
    "bigcup": "cup", "bigcap": "cap", "setminus": "setminus", "backslash": "setminus", "smallsetminus": "setminus",
    "to": "to", "rightarrow": "to", "forall": "all", "cr": "\\\\", "newline": "\\\\", "tabularnewline": "\\\\",
    "lparen": "(", "rparen": ")", "hline": "", "triangle": "",
}  # fmt: skip
"""Commands that are signs; the empty sign is not read at all."""

ALIASES: Final = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom", "ldots": "dots",
    "cdots": "dots", "dotsc": "dots", "dotsb": "dots", "Real": "Re", "arccotan": "arccot", "bar": "overline",
    "intop": "int", "smallint": "int", "top": "intercal",
}  # fmt: skip

BLACKBOARD: Final = {"R": "real", "Z": "integer", "N": "natural", "Q": "rational", "C": "complex"}
"""Letters of the sets of numbers, and the constants that they are."""
DOMAINS: Final = frozenset(BLACKBOARD.values())

TRANSPARENT: Final = frozenset(
    "vec hat widehat tilde widetilde overrightarrow mathcal mathscr mathfrak mathop mathrel mathord "  # noqa: SIM905 - the same
    "overbrace".split()
)
"""Marks on a name: what is marked is the name."""

APPLIED: Final = frozenset("fghABCDEFGHKLMNPQRSTUVWXYZ")
"""Letters that name a function when names or a single number follow in parentheses: f(x), P(n), f(x, y)."""
COUNTS: Final = frozenset("CP")
"""Letters that count choices or arrangements when two numbers follow in parentheses: C(10, 3)."""
ARRANGED: Final = COUNTS | {"A"}
"""Letters that do so with two numbers as indices: C_{10}^{3}, A_5^2."""

MARKS: Final = frozenset({"circ", "rfloor", "rceil", "rangle", "dots", "intercal"})
"""Commands that begin no operand."""

SPELT: Final = (
    FUNCTIONS.keys()
    | {"pi", "sqrt", "infinity", "infty", "inf", "oo", "and", "or", "cup", "mod", "sum", "lim", "binom", "choose"}
    | {"theta", "alpha", "beta", "gamma", "delta", "lambda", "sigma", "omega", "phi", "psi", "rho", "tau", "epsilon"}
)
"""Names that plain text may hold without a backslash."""
