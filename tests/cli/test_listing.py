"""`llm-envs list`: every env, what it needs, and whether that is here."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint

import pytest
from calling import run

from llm_envs import registry
from llm_envs.registry import PLUGIN_GROUP, EnvRow


@pytest.fixture
def add_row(monkeypatch):
    """Adds a row for the length of a test."""

    def add(env_id, entry_point, **rest):
        monkeypatch.setitem(registry._ROWS, env_id, EnvRow(env_id, entry_point, **rest))

    return add


def test_every_env_has_a_line():
    """`list` gives a line for each id, and in a pipe no line more, whatever the width of the terminal."""
    lines = run("list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["id", *(env_row.id for env_row in registry.rows())]
    assert not any(line.endswith(" ") for line in lines)


def test_ids_of_one_class_are_told_apart():
    """An id's own defaults stand behind the card's first line."""
    assert "topics='geometry'" in run("list").stdout


def test_json_is_one_document():
    """`--json` says of each env what the table says."""
    listed = json.loads(run("list", "--json").stdout)
    assert listed["broken_plugins"] == []
    maths = next(facts for facts in listed["envs"] if facts["id"] == "llm/MathAlgebra-v0")
    assert maths["defaults"] == {"topics": "algebra"}
    assert (maths["needs"], maths["ready"]) == ([], True)


def test_what_an_env_needs_is_looked_for(add_row):
    """An extra or service that is not here has a cross, and what to do about it."""
    add_row("me/Web-v0", "llm_envs.envs.arithmetic:Arithmetic", extras=("nonesuch",))
    result = run("list")
    assert "✗ nonesuch" in result.stdout
    assert 'pip install "llm-envs[nonesuch]"' in result.stderr
    listed = json.loads(run("list", "--json").stdout)["envs"]
    assert [facts["ready"] for facts in listed if facts["id"] == "me/Web-v0"] == [False]


def test_an_env_that_cannot_be_loaded_says_why(add_row):
    """Its neighbours are listed all the same."""
    add_row("me/Lost-v0", "no_such_module:Lost")
    output = run("list").stdout
    assert "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'" in output
    assert "llm/Zebra-v0" in output


def test_a_broken_plugin_is_named(monkeypatch):
    """On stderr, and in the document."""
    points = [EntryPoint("worlds-of-mine", "no_such_module", PLUGIN_GROUP)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
    result = run("list", "--json")
    assert "worlds-of-mine" in result.stderr
    assert "worlds-of-mine" in json.loads(result.stdout)["broken_plugins"][0]


def test_a_plugins_envs_are_listed(monkeypatch):
    """Envs of other packages stand among ours."""
    points = [EntryPoint("other", "worlds", PLUGIN_GROUP)]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: points)
    assert "test/Echo-v0" in run("list").stdout
