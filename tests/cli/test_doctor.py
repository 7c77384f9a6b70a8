"""`llm-envs doctor`: what is here, what is not, and what to do about it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from calling import run

from llm_envs.cli import machine
from llm_envs.cli.machine import EXTRAS, extras, version_of

ROOT = Path(__file__).parents[2]


def test_the_machine_is_described():
    """Without an argument it tells versions, extras and services."""
    output = run("doctor").stdout
    assert f"gymnasium {version_of('gymnasium')}" in output
    assert all(name in output for name in ("cores", "memory", "disk", "GPU", "docker", "chromium", *extras()))


def test_the_document_names_what_is_missing(monkeypatch):
    """An extra with a package that is not installed has its pip line."""
    monkeypatch.setattr(machine, "extras", lambda: {"hf": ("no-such-package",)})
    machine.need.cache_clear()
    found = json.loads(run("doctor", "--json").stdout)
    machine.need.cache_clear()
    assert found["extras"]["hf"]["here"] is False
    assert found["extras"]["hf"]["remedy"] == 'pip install "llm-envs[hf]"'
    assert found["machine"]["cores"] >= 1


def test_a_sandbox_is_named_or_its_lack_explained(monkeypatch):
    """The strongest that works here; why not a stronger one, and what to do."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///no/such.sock")
    found = json.loads(run("doctor", "--json").stdout)["sandboxes"]
    assert list(found) == ["docker", "namespaces"]
    assert not found["docker"]["here"]
    assert "Start it" in found["docker"]["remedy"] or "pip install" in found["docker"]["remedy"]
    assert "not docker: " in run("doctor").stdout


def test_a_tokenizer_is_examined():
    """`doctor bytes` works without any extra's download."""
    result = run("doctor", "bytes")
    assert result.exit_code == 0, result.output
    assert "258" in result.stdout


def test_a_tokenizer_as_a_document():
    """`--json` gives the facts, and the turns as ids."""
    told = json.loads(run("doctor", "bytes", "--json").stdout)
    assert told["facts"]["padding"] == "<|pad|> (256)"
    assert [turn["who"] for turn in told["turns"]] == ["prompt", "policy", "env", "policy"]
    assert told["turns"][1]["ids"] == [ord("5"), 258]


def test_every_extra_says_what_it_gives():
    """No extra that users install is without a purpose."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert declared["optional-dependencies"].keys() - {"dev", "all"} == EXTRAS.keys()
