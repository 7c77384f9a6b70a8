"""Plain data comes back as what it was, and whatever else comes is refused in time."""

from __future__ import annotations

import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.sandbox import plain

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(2**200), max_value=2**200)
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text(st.characters(codec=None, categories=None))
    | st.binary()
)
KEYS = st.recursive(ATOMS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=4)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=20,
)


def alike(one, other):
    """Equal, and of equal types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return alike(list(one.items()), list(other.items()))
    return repr(one) == repr(other) if isinstance(one, (float, complex)) else one == other


@given(VALUES)
def test_plain_data_comes_back_as_what_it_was(value):
    """Types included, however nested."""
    text = plain.dumps(value)
    assert text.isascii()
    assert "\n" not in text
    assert alike(plain.loads(text), value)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, -0.0, 10**10_000, {1: "a", "1": "b"}], ids=lambda v: ""
)
def test_what_json_cannot_say_comes_back(value):
    """Not a number, huge integers, keys that are no text."""
    back = plain.loads(plain.dumps(value))
    assert back == value if isinstance(value, int) else repr(back) == repr(value)


class Liar(int):
    """Says that it equals everything."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__

    def __int__(self):
        raise AssertionError

    __index__ = __repr__ = __str__ = __int__


class Hider(list):
    """Shows other members than it has."""

    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


class Masked:
    """Says that it is an int."""

    __class__ = int


def test_a_subclass_becomes_the_plain_value_that_it_holds():
    """None of its own methods is called."""
    value = plain.loads(plain.dumps({"liar": Liar(4), "hider": Hider([9])}))
    assert alike(value, {"liar": 4, "hider": [9]})


@pytest.mark.parametrize(("number", "plain_number"), [(np.int64(3), 3), (np.bool_(1), True), (np.float32(0.5), 0.5)])
def test_a_number_of_numpys_becomes_pythons(number, plain_number):
    """Functions return them without knowing; arrays, which nobody asked for, they do not."""
    returned = plain.loads(plain.dumps([number]))[0]
    assert returned == plain_number
    assert type(returned) is type(plain_number)
    with pytest.raises(plain.Unplain, match="a ndarray is no plain data"):
        plain.dumps(np.array([number]))


def test_a_number_that_is_longer_than_pythons_is_refused():
    """It says of itself that it is its own plain value."""
    with pytest.raises(plain.Unplain):
        plain.dumps(np.longdouble(1))


@pytest.mark.parametrize("base", [float, str, tuple, dict, set, frozenset, bytes, complex])
def test_subclasses_of_every_type_are_bared(base):
    """To the very type."""
    value = type("Own", (base,), {"__iter__": None, "__str__": None, "__len__": None})()
    assert type(plain.loads(plain.dumps(value))) is base


ITSELF: list = []
ITSELF.append(ITSELF)
SHARED: list = []
for _ in range(40):
    SHARED = [SHARED, SHARED]


@pytest.mark.parametrize(
    "value", [object(), Masked(), range(3), iter([]), len, int, ITSELF, SHARED, [[{"a": object()}]]], ids=lambda v: ""
)
def test_anything_else_is_refused(value):
    """Also what holds itself, and what shares its parts without end."""
    with pytest.raises(plain.Unplain):
        plain.dumps(value)


FORGED = {
    "no json": "{",
    "not a number": "NaN",
    "deep": "[" * 100_000,
    "deep and closed": "[" * 5_000 + "]" * 5_000,
    "two types": '{"int": "1", "str": "a"}',
    "no type": "{}",
    "unknown type": '{"object": []}',
    "unhashable": '{"set": [[]]}',
    "no pairs": '{"dict": [1]}',
    "pairs of three": '{"dict": [[1, 2, 3]]}',
    "text for pairs": '{"dict": ["ab"]}',
    "no digits": '{"int": "zz"}',
    "number for digits": '{"int": 4}',
    "many decimal digits": "1" * 100_000,
    "no base64": '{"bytes": "*"}',
    "complex of text": '{"complex": ["a", 1]}',
    "complex of three": '{"complex": [1, 2, 3]}',
    "collisions": json.dumps({"set": [{"int": hex(k * (2**61 - 1))} for k in range(5000)]}),
    "collisions of keys": json.dumps({"dict": [[{"int": hex(k * (2**61 - 1))}, 0] for k in range(5000)]}),
    "too many": json.dumps([0] * (plain.PARTS + 1)),
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_forged_texts_are_refused(text):
    """Whatever comes, it is a value or `Unplain`."""
    with pytest.raises(plain.Unplain):
        plain.loads(text)


@given(st.binary() | st.text())
def test_noise_never_does_harm(text):
    """No other error comes of it."""
    with contextlib.suppress(plain.Unplain):
        plain.loads(text)
