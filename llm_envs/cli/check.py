"""`llm-envs check`: does an env conform, and how fast is it?"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from llm_envs.cli.exit_codes import DOES_NOT_HOLD
from llm_envs.cli.options import as_json, print_json, setting
from llm_envs.cli.terminal import mark, stdout
from llm_envs.render import visible

if TYPE_CHECKING:
    from llm_envs.testing import Finding

__all__ = ["command"]

_NUMBER = re.compile(r"\d+")

_SPEED = {
    "episodes_per_cpu_s": "episodes per CPU-second",
    "token_steps_per_cpu_s": "token steps per CPU-second",
    "reset_ms": "ms per reset",
    "verify_ms": "ms per verify",
}


@click.command("check")
@click.argument("env_id")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An argument of the env.")
@click.option("--timeout", "timeout_s", type=float, default=120.0, show_default=True, help="Seconds for one fact.")
@as_json
def command(env_id: str, settings: tuple[str, ...], timeout_s: float, as_json: bool) -> None:
    """Check that an env conforms: Gymnasium's rules, and ours; and see how fast it is.

    MODULE:ID imports the module first, from the current folder too.

    \b
    llm-envs check llm/Math-v0
    llm-envs check my_module:me/Add-v0
    llm-envs check llm/MathData-v0 --set path=my_questions.jsonl --json

    Speed is told, and never a reason to fail. Exits with 1 where a fact does not hold.
    """
    from llm_envs.testing.speed import measure_speed

    options = dict(map(setting, settings))
    console = stdout()
    told = []
    with redirect_stdout(sys.stderr):  # what an env prints is no part of what is found
        for finding in _findings(env_id, options, timeout_s):
            told.append(finding)
            if not as_json:
                _tick(console, finding)
        conforms = all(finding.outcome != "fails" for finding in told)
        speed = measure_speed(env_id, options) if conforms else {}
    if as_json:
        print_json({"id": env_id, "conforms": conforms, "facts": [asdict(found) for found in told], "speed": speed})
    else:
        _conclude(console, env_id, told, speed)
    sys.exit(0 if conforms else DOES_NOT_HOLD)


def _findings(env_id: str, options: Mapping[str, Any], timeout_s: float) -> Iterator[Finding]:
    from llm_envs.testing.elsewhere import check_elsewhere
    from llm_envs.testing.facts import check_facts

    yield from check_facts(env_id, options, deadline_s=timeout_s)
    yield check_elsewhere(env_id, options, timeout_s)


def _tick(console: Console, finding: Finding) -> None:
    tick = "[dim]-[/]" if finding.outcome == "skipped" else mark(finding.outcome == "holds")
    reason = f": {finding.explanation}" if finding.outcome == "skipped" else ""
    console.print(f"{tick} {finding.fact}{reason} [dim]{finding.seconds:.2f} s[/]", soft_wrap=True)


def _conclude(console: Console, env_id: str, told: Sequence[Finding], speed: Mapping[str, float]) -> None:
    if speed:
        console.print(
            "[dim]" + "; ".join(f"{_figure(speed[name])} {what}" for name, what in _SPEED.items()) + "[/]",
            soft_wrap=True,
        )
    failures = [finding for finding in told if finding.outcome == "fails"]
    for findings in _of_one_cause(failures):
        _explain(console, findings)
    if failures:
        verdict = f"{env_id} does not conform: {len(failures)} of {len(told)} facts do not hold"
        console.print(f"\n{verdict}", style="bold red", markup=False)
    else:
        console.print(f"{env_id} conforms", style="bold green", markup=False)


def _of_one_cause(failures: Sequence[Finding]) -> list[list[Finding]]:
    """Failures that say the same of the same line, of whatever task, stand together."""
    causes = defaultdict(list)
    for finding in failures:
        causes[_NUMBER.sub("", finding.explanation), finding.place].append(finding)
    return list(causes.values())


def _explain(console: Console, findings: Sequence[Finding]) -> None:
    first, *others = findings
    console.print(f"\n{first.fact}", style="bold")
    if others:
        _say(console, "and", f"{'; '.join(finding.fact for finding in others)}, for the same reason")
    _say(console, "seen", visible(first.explanation))
    _say(console, "where", first.place)
    _say(console, "next", first.next_step)
    _show_calls(console, first.reproduce)


def _say(console: Console, what: str, text: str) -> None:
    """Prose is folded beside its name in a terminal; in a pipe it stays one line."""
    if not text:
        return
    if not console.is_terminal:
        console.print(f"  {what:<6}{text}", markup=False, soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=8)
    grid.add_row(f"  [cyan]{what}[/]", Text(text))
    console.print(grid)


def _show_calls(console: Console, lines: Sequence[str]) -> None:
    """Never folded, so that they can be copied."""
    for number, line in enumerate(lines):
        console.print(f"  [cyan]{'' if number else 'again':<6}[/] {escape(line)}", soft_wrap=True)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
