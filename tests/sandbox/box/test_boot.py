"""A bare Python becomes a box by what it is sent."""

from __future__ import annotations

import ast
import sys

import pytest

from llm_envs.sandbox.box import sources


@pytest.mark.parametrize("name", sources())
def test_a_box_needs_nothing_but_python(name):
    """Every module that is sent imports the standard library, and what is sent."""
    for node in ast.walk(ast.parse(sources()[name])):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for imported in names:
            assert imported in sources() or imported.partition(".")[0] in sys.stdlib_module_names


def test_one_box_answers_many_requests(box):
    """Each program finds nothing of the one before."""
    assert box.run("secret = 1; print('secret' in globals())")["stdout"] == "True\n"
    assert box.run("print('secret' in globals())")["stdout"] == "False\n"


def test_a_box_that_fails_says_so(box):
    """Nothing is claimed of the program then, and the next request is answered."""
    answer = box.answer("", language="latin")
    assert "latin" in answer["failed"]
    assert not answer["clean"]
    assert box.run("print(1)")["stdout"] == "1\n"
