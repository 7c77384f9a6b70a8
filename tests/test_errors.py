"""The exception tree: its drawing is true, its messages have their parts, and it survives pickling."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import gymnasium
import pytest

from llm_envs import errors
from llm_envs.errors import LLMEnvsError, MissingExtra, did_you_mean

CLASSES = [item for item in vars(errors).values() if inspect.isclass(item) and issubclass(item, LLMEnvsError)]


def drawn():
    """The tree of the module's docstring: class name to (name of its parent, builtin it refines)."""
    tree, ancestors = {}, []
    for indent, name, builtin in re.findall(r"(?m)^    ([│├└─ ]*)([A-Z]\w+) *(?:\(([\w.]+)\))?", errors.__doc__ or ""):
        depth = len(indent) // 4
        ancestors = [*ancestors[:depth], name]
        tree[name] = (ancestors[-2] if depth else None, builtin or None)
    return tree


def test_the_drawing_names_every_class():
    """What the docstring draws is what the module has."""
    assert set(drawn()) == {error.__name__ for error in CLASSES}


def test_everything_drawn_is_public():
    """`__all__` has the whole tree."""
    assert set(drawn()) <= set(errors.__all__)


@pytest.mark.parametrize(("name", "place"), drawn().items())
def test_every_class_stands_where_it_is_drawn(name, place):
    """Each class inherits its parent in the drawing, and the builtin in brackets."""
    parent, builtin = place
    names = [base.__name__ for base in getattr(errors, name).__bases__]
    assert names[0] == (parent or "Exception")
    assert names[1:] == ([builtin.rpartition(".")[2]] if builtin else [])


def test_reset_needed_is_gymnasiums_own():
    """Code that catches Gymnasium's ResetNeeded catches ours."""
    assert issubclass(errors.ResetNeeded, gymnasium.error.ResetNeeded)


@pytest.mark.parametrize("error_class", CLASSES, ids=lambda error_class: error_class.__name__)
@pytest.mark.parametrize(
    "duplicate", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"]
)
def test_errors_survive_the_way_between_processes(error_class, duplicate):
    """A pickled error is the same error: class, every part of the message, and notes."""
    error = error_class("it broke", expected="a whole", received=["half", 1], next_step="Glue it.")
    error.add_note("seen in row 3")
    again = duplicate(error)
    assert type(again) is error_class
    assert str(again) == str(error)
    assert (again.message, again.expected, again.received, again.next_step) == (
        "it broke",
        "a whole",
        "['half', 1]",
        "Glue it.",
    )
    assert again.__notes__ == ["seen in row 3"]


def test_the_message_has_its_parts_in_order():
    """What went wrong, then expected, received, next."""
    error = LLMEnvsError("it broke", expected="a whole", received="half", next_step="Glue it.")
    assert str(error) == "it broke\n  expected: a whole\n  received: half\n  next: Glue it."


def test_parts_left_out_leave_no_line():
    """A message with nothing to add is one line."""
    assert str(LLMEnvsError("it broke")) == "it broke"


def test_what_was_received_is_clipped():
    """A huge value does not drown the message, and its size is told."""
    text = str(LLMEnvsError("it broke", received="x" * 10_000_000))
    assert len(text) < 300
    assert "10,000,000 characters" in text


def test_missing_extra_says_how_to_install_it():
    """The pip line is in the message."""
    error = MissingExtra.of("hf", "transformers", 'tokenizer="gpt2"')
    assert isinstance(error, ImportError)
    assert 'pip install "llm-envs[hf]"' in str(error)
    assert "transformers" in str(error)


@pytest.mark.parametrize(
    ("word", "known", "sentence"),
    [
        ("tokn", ["token", "delta"], "Did you mean 'token'?"),
        ("dleta", ["delta", "last", "padded"], "Did you mean 'delta'?"),
        ("xyz", ["b", "a"], "Known: a, b."),
        ("xyz", [], "Known: none."),
        ("token" * 1_000_000, ["token"], "Known: token."),
    ],
    ids=["one", "transposed", "far off", "nothing known", "huge"],
)
def test_did_you_mean(word, known, sentence):
    """The closest known word is named; without one, all that is known."""
    assert did_you_mean(word, known) == sentence
