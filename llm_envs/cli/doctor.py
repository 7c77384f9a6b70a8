"""`llm-envs doctor`: what this machine can do, or whether a tokenizer can be served."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

import llm_envs
from llm_envs.cli.hardware import machine, torch
from llm_envs.cli.machine import EXTRAS, SERVICES, chromium, docker_version, extras, need, version_of
from llm_envs.cli.options import as_json, print_json
from llm_envs.cli.terminal import mark, print_table, stdout

__all__ = ["command"]

_CORE = ("gymnasium", "numpy", "sympy", "jinja2", "click", "rich")


@click.command("doctor")
@click.argument("tokenizer", required=False)
@as_json
def command(tokenizer: str | None, as_json: bool) -> None:
    """See what this machine has and lacks; or examine a tokenizer's chat template, and show how turns are cut.

    TOKENIZER is `bytes`, a local folder, or a Hub name.

    \b
    llm-envs doctor
    llm-envs doctor bytes
    llm-envs doctor Qwen/Qwen3-0.6B --json
    """
    if tokenizer is not None:
        _examine(tokenizer, as_json)
    elif as_json:
        print_json(_findings())
    else:
        _show(_findings())


def _examine(tokenizer: str, as_json: bool) -> None:
    from llm_envs.chat.doctor import describe, report

    if as_json:
        print_json(describe(tokenizer))
    else:
        report(tokenizer, stdout())


def _findings() -> dict[str, Any]:
    return {
        "llm_envs": llm_envs.__version__,
        "machine": machine(),
        "torch": torch(),
        "packages": {name: version_of(name) for name in _packages()},
        "extras": {name: {**asdict(need(name)), "missing": _missing(name)} for name in extras()},
        "services": {
            "docker engine": {**asdict(need("docker engine")), "version": docker_version()},
            "chromium": {**asdict(need("chromium")), "path": chromium()},
        },
        "sandboxes": _sandboxes(),
    }


def _sandboxes() -> dict[str, dict[str, Any]]:
    """Where programs of a model can run, strongest first."""
    from llm_envs.sandbox.selection import survey

    return {
        name: {
            "here": error is None,
            "reason": error.message if error else "",
            "remedy": error.next_step if error else "",
        }
        for name, error in survey().items()
    }


def _packages() -> list[str]:
    return list(dict.fromkeys([*_CORE, *(package for name in extras() for package in _brought(name))]))


def _brought(extra: str) -> tuple[str, ...]:
    return extras()[extra]


def _missing(extra: str) -> list[str]:
    return [package for package in _brought(extra) if version_of(package) is None]


def _show(findings: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    facts = Table(box=None, show_header=False)
    for what, found in _machine_lines(findings):
        facts.add_row(what, escape(found))
    print_table(facts)
    click.echo()
    things = Table("", "", "found", "for", box=None)
    things.columns[2].overflow = "fold"
    for row in _thing_rows(findings):
        things.add_row(*row)
    print_table(things)
    _show_remedies(findings)


def _machine_lines(findings: Mapping[str, Any]) -> list[tuple[str, str]]:
    here, packages = findings["machine"], findings["packages"]
    memory = f"{here['memory_gib']} GiB, {here['memory_free_gib']} free" if here["memory_gib"] else "unknown"
    return [
        ("llm-envs", findings["llm_envs"]),
        ("Python", f"{here['python']} on {here['system']}"),
        ("core", ", ".join(f"{name} {packages[name]}" for name in _CORE)),
        ("cores", str(here["cores"])),
        ("memory", memory),
        ("disk", f"{here['disk_free_gib']} GiB free here"),
        ("GPU", _gpus(findings["torch"])),
        ("sandbox", _sandbox(findings["sandboxes"])),
    ]


def _gpus(found: Mapping[str, Any]) -> str:
    if found["fault"]:
        return f"unknown: torch {found['version']} cannot be imported: {found['fault']}"
    if found["version"] is None:
        return "unknown without torch"
    names = ", ".join(f"{gpu['name']} ({gpu['memory_gib']} GiB)" for gpu in found["gpus"])
    return f"{names}, CUDA {found['cuda']}" if names else f"none that torch {found['version']} can use"


def _sandbox(found: Mapping[str, Any]) -> str:
    """The one that programs will run in, and why not a stronger one."""
    stronger = list(itertools.takewhile(lambda name: not found[name]["here"], found))
    best = next((name for name in found if found[name]["here"]), "none")
    return "; ".join([best, *(f"not {name}: {found[name]['reason']}" for name in stronger)])


def _thing_rows(findings: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    versions = findings["packages"]
    rows = []
    for name in findings["extras"]:
        found = ", ".join(f"{package} {versions[package] or '[red]missing[/]'}" for package in _brought(name))
        rows.append((mark(need(name).here), name, found, EXTRAS.get(name, "")))
    for name, service in (("docker engine", docker_version()), ("chromium", chromium())):
        rows.append((mark(service is not None), name, service or "[red]missing[/]", SERVICES[name][0]))
    return rows


def _show_remedies(findings: Mapping[str, Any]) -> None:
    from rich.markup import escape

    remedies = {name: need(name).remedy for name in (*findings["extras"], *SERVICES) if not need(name).here}
    for name, remedy in remedies.items():
        stdout().print(f"\n{name}: [bold]{escape(remedy)}[/]", end="", soft_wrap=True)
    click.echo("\n" if remedies else "\nNothing is missing.")
