"""Plain data between a host and the untrusted program in its box: no objects, no code, and no surprises.

None, bool, int, float, complex, str, bytes, list, tuple, dict, set and frozenset come back as exactly what they were:
a tuple stays a tuple, 1 is not True, a key need not be a string, an int may have any size. An instance of a subclass
becomes the plain value it holds, and none of its own methods is called for that: an int that says it equals
everything arrives as an int. A number of numpy's becomes Python's. Anything else is `Unplain`.

The reader's side trusts nothing: whatever text it gets, it gives a value or raises `Unplain`, in time that grows with
the length of the text. The other side is a program that may be lying, so no more can be promised of what comes than
that it is plain.

Standard library alone, and nothing of this package: this very source runs in the box as well.

Covered: nan and infinities; lone surrogates; values that hold themselves; values that share parts without end
(refused by their size); keys made to collide, which would cost a reader quadratic time; nesting made to overflow a
reader's stack; digits made to take long.

Not covered: whether two names shared one list, order within a set, `-0.0` as an imaginary part's sign written by hand.
"""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

__all__ = ["DEPTH", "PARTS", "Json", "Unplain", "decode", "dumps", "encode", "loads"]

DEPTH: Final = 100
"""Nesting that no answer needs more of; readers in C and Python must not run out of stack."""

PARTS: Final = 1_000_000
"""Values within a value. A list of lists of itself thirty times over would otherwise be written out a billion times."""

_EXACT: Final = 2**53
"""Integers below are read by every JSON reader; longer ones are written in base 16, which reads in linear time."""

_ALIKE: Final = 64
"""Members of one set or dict that may share a hash. In honest data two or three do, as -1 and -2."""

Json = Any
"""What `json` writes: the types of JSON cannot be spelt in less."""


class Unplain(ValueError):
    """A value that is not plain data, or a text that does not stand for any."""


def dumps(value: Any) -> str:
    """A value as one line of ASCII.

    Raises:
        Unplain: it holds something else than plain data, or is too deep or too large.
    """
    return json.dumps(encode(value), separators=(",", ":"), allow_nan=False)


def loads(text: str | bytes) -> Any:
    """The value that a text of `dumps` stands for; the text may be forged.

    Raises:
        Unplain: it stands for none.
    """
    try:
        return decode(json.loads(text, parse_constant=_no_constant))
    except Unplain:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unplain(f"not a line of plain data ({type(error).__name__})") from None


def encode(value: Any) -> Json:
    """A value as what `json` can write, to be put into a larger message.

    Raises:
        Unplain: it holds something else than plain data, or is too deep or too large.
    """
    return _Writer().write(value, DEPTH)


def decode(data: Json) -> Any:
    """The value that `encode` has made this of; it may be forged.

    Raises:
        Unplain: it has not.
    """
    return _Reader().read(data, DEPTH)


class _Budget:
    """Depth and number of parts are bounded, whichever way data goes."""

    def __init__(self) -> None:
        self._parts = 0

    def _spend(self, depth: int) -> None:
        self._parts += 1
        if depth < 0:
            raise Unplain(f"nested deeper than {DEPTH}")
        if self._parts > PARTS:
            raise Unplain(f"more than {PARTS:,} parts")


class _Writer(_Budget):
    """Python to JSON."""

    def write(self, value: Any, depth: int) -> Json:
        self._spend(depth)
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if -_EXACT < value < _EXACT else {"int": hex(value)}
        if kind is float:
            return value if value - value == 0.0 else {"float": repr(value)}
        if kind is list:
            return self._all(value, depth)
        return self._tagged(value, kind, depth)

    def _tagged(self, value: Any, kind: type, depth: int) -> Json:
        if kind in {tuple, set, frozenset}:
            return {kind.__name__: self._all(value, depth)}
        if kind is dict:
            return {"dict": [[self.write(key, depth - 1), self.write(held, depth - 1)] for key, held in value.items()]}
        if kind is bytes:
            return {"bytes": base64.b64encode(value).decode("ascii")}
        if kind is complex:
            return {"complex": [self.write(value.real, depth - 1), self.write(value.imag, depth - 1)]}
        return self.write(_bare(value), depth - 1)

    def _all(self, values: Iterable[Any], depth: int) -> list[Json]:
        return [self.write(value, depth - 1) for value in values]


_BARE: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (int, int.__int__),
    (float, float.__float__),
    (str, str.__str__),
    (list, lambda value: list(list.__iter__(value))),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: frozenset(frozenset.__iter__(value))),
    (bytes, lambda value: bytes.__getitem__(value, slice(None))),
    (complex, lambda value: complex(_REAL(value), _IMAGINARY(value))),
)
"""By type, how to take the plain value out of a subclass's instance: by the type's own method, never the subclass's."""

_REAL: Final[Callable[[complex], float]] = complex.__dict__["real"].__get__
_IMAGINARY: Final[Callable[[complex], float]] = complex.__dict__["imag"].__get__


def _bare(value: Any) -> Any:
    kind = type(value)
    for plain, take in _BARE:
        if plain in type.__dict__["__mro__"].__get__(kind):
            return take(value)
    number: Any = getattr(sys.modules.get("numpy"), "generic", ())
    if isinstance(value, number):
        return value.item()
    raise Unplain(f"a {type.__dict__['__name__'].__get__(kind)} is no plain data")


class _Reader(_Budget):
    """JSON to Python."""

    def read(self, data: Json, depth: int) -> Any:
        self._spend(depth)
        if data is None or isinstance(data, (bool, int, str, float)):
            return data
        if isinstance(data, list):
            return self._all(data, depth)
        if not isinstance(data, dict) or len(data) != 1:
            raise Unplain("neither a plain value nor one with its type's name")
        ((name, held),) = data.items()
        try:
            return self._typed(name, held, depth)
        except Unplain:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            raise Unplain(f"no {name}: {error}") from None

    def _typed(self, name: str, held: Json, depth: int) -> Any:
        if name in _WRITTEN:
            return _WRITTEN[name](_text(held))
        if name == "dict":
            return self._dict(held, depth)
        members = self._all(held, depth)
        if name in _MADE:
            return _MADE[name](members)
        raise Unplain(f"{name[:20]!r} is no type of plain data")

    def _dict(self, held: Json, depth: int) -> dict[Any, Any]:
        pairs = [self._all(pair, depth) for pair in held]
        _hashed([key for key, _ in pairs])
        return {key: value for key, value in pairs}  # noqa: C416 - `dict` would take a pair that is text

    def _all(self, held: Json, depth: int) -> list[Any]:
        if not isinstance(held, list):
            raise Unplain("no list where one must be")
        return [self.read(data, depth - 1) for data in held]


def _hashed(members: list[Any]) -> list[Any]:
    """Members that can be put into a table without it getting slow."""
    alike = Counter(map(hash, members))
    if alike and max(alike.values()) > _ALIKE:
        raise Unplain(f"more than {_ALIKE} keys of the same hash")
    return members


_WRITTEN: Final[dict[str, Callable[[str], Any]]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "bytes": lambda text: base64.b64decode(text, validate=True),
}
_MADE: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "tuple": tuple,
    "set": lambda members: set(_hashed(members)),
    "frozenset": lambda members: frozenset(_hashed(members)),
    "complex": lambda members: complex(*members),
}
"""By the type's name, how it is made: of a text, or of its members."""


def _text(held: Json) -> str:
    if not isinstance(held, str):
        raise Unplain("no text where one must be")
    return held


def _no_constant(name: str) -> None:
    raise Unplain(f"{name} is no JSON")
