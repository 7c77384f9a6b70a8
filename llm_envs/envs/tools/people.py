"""Who lives in a world, and what its rows are called: names and ids, drawn in bulk."""

from __future__ import annotations

import numpy as np

__all__ = ["FIRST_NAMES", "LAST_NAMES", "full_names", "ids"]

# fmt: off
FIRST_NAMES = (
    "Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Gao", "Hana", "Ivan", "Jun", "Kira", "Liam", "Mona", "Nils",
    "Olga", "Pia", "Quinn", "Rosa", "Sami", "Tara", "Uma", "Vera", "Wim", "Xenia", "Yara", "Zeno", "Arno", "Bella",
    "Carl", "Dina", "Emil", "Fay", "Gita", "Hugo", "Ines", "Jonas", "Lena", "Milo", "Nora", "Otto",
)
LAST_NAMES = (
    "Abara", "Brandt", "Castro", "Dube", "Egger", "Fonseca", "Gruber", "Haddad", "Ito", "Jensen", "Kowal", "Lopez",
    "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Sato", "Tanaka", "Ueda", "Vidal", "Weiss", "Xu",
    "Yilmaz", "Zuber", "Amsel", "Berg", "Conti", "Dahl", "Endo", "Fiala", "Grau", "Holm", "Iversen", "Jonker",
    "Keller", "Lund", "Maier", "Nagy",
)
# fmt: on


def full_names(rng: np.random.Generator, count: int) -> list[str]:
    """Names of which no two share the first or the last one.

    Args:
        count: 40 at most.
    """
    firsts, lasts = rng.permutation(len(FIRST_NAMES))[:count], rng.permutation(len(LAST_NAMES))[:count]
    return [f"{FIRST_NAMES[first]} {LAST_NAMES[last]}" for first, last in zip(firsts, lasts, strict=True)]


def ids(rng: np.random.Generator, prefix: str, count: int) -> list[str]:
    """Different ids of three digits, such as `ord-417`, in no order.

    Args:
        count: 900 at most.
    """
    return [f"{prefix}-{number}" for number in (rng.permutation(900)[:count] + 100).tolist()]
