"""The list of what no process in a container may ask of the kernel."""

from __future__ import annotations

import json

from llm_envs.sandbox.docker.seccomp import DENIED, profile


def test_every_call_is_named_once():
    """In one group alone."""
    names = [name for group in DENIED.values() for name in group.split()]
    assert len(names) == len(set(names))


def test_each_kind_of_namespace_is_denied_by_itself():
    """A rule for each flag: an engine takes several conditions of one rule as all together."""
    rules = [rule for rule in json.loads(profile())["syscalls"] if rule["names"] == ["clone"]]
    assert len(rules) == 8
    assert all(rule["args"][0]["value"] == rule["args"][0]["valueTwo"] for rule in rules)
