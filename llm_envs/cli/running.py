"""What `llm-envs eval` and `llm-envs bench` share: the options of a run, how it is carried out, and how it ends."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_envs.cli.exit_codes import DOES_NOT_HOLD, INFRASTRUCTURE, INTERRUPTED
from llm_envs.cli.options import as_json, print_json
from llm_envs.errors import LLMEnvsError, Outage

if TYPE_CHECKING:
    from llm_envs.evals.engine import Settings
    from llm_envs.evals.plan import Plan
    from llm_envs.evals.prices import Prices
    from llm_envs.evals.sitting import Sitting
    from llm_envs.policies.model import Model

__all__ = ["carry_out", "model_options", "run_options"]

_RUNS = Path("runs")
_SPEC = "http://HOST/v1#MODEL, hf:PATH, vllm:PATH, mock:NAME, python:MODULE:FUNCTION, or human."

_PLAYED = {"token": "token by token", "turn": "turn by turn"}

_COUNT, _PRICE, _SHARE = click.IntRange(min=1), click.FloatRange(min=0), click.FloatRange(0, 1)
_SECONDS = click.FloatRange(min=0, min_open=True)

_OBJECTS_TO_COLLECT = 10_000
"""A run makes many objects and hardly any cycles: Python looks for these at every 700 otherwise."""

Function = Callable[..., Any]


def _all_of(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


model_options = _all_of(
    click.option("--model", "-m", required=True, metavar="SPEC", help=_SPEC),
    click.option("--tokenizer", metavar="PATH", help="Of an endpoint's model: play token by token.  [turn by turn]"),
    click.option("--device", default="cpu", show_default=True, help="For hf:, cpu or cuda; vllm: has its own."),
    click.option("--cache", type=click.Path(path_type=Path), metavar="FILE", help="Answers, to be shared by runs."),
)
"""What is evaluated."""

run_options = _all_of(
    click.option("--folder", type=click.Path(path_type=Path), help="Where the run is kept.  [runs/<its plan>]"),
    click.option("--concurrency", type=_COUNT, default=64, show_default=True, help="Questions open at a time."),
    click.option("--verifiers", type=_COUNT, default=8, show_default=True, help="Envs at work at a time."),
    click.option("--limit", "limits", multiple=True, metavar="NAME=N", help="Sandboxes or browsers at a time."),
    click.option(
        "--timeout", "timeout_s", type=_SECONDS, default=600.0, show_default=True, help="Seconds, of a request."
    ),
    click.option("--stop-when", metavar="RULE", help='End early: "ci<0.02", by an interval that may be watched.'),
    click.option("--fail-below", type=float, metavar="MEAN", help="Exit with 1 where the mean is lower."),
    click.option("--max-errors", type=_SHARE, default=0.01, show_default=True, help="Share; with more, exit with 3."),
    click.option("--price", nargs=2, type=_PRICE, metavar="IN OUT", help="Of a million tokens read, and written."),
    click.option("--report/--no-report", "reports", default=True, show_default=True, help="Write report.html."),
    as_json,
)
"""How a run is carried out; nothing that could change a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """What `model_options` and `run_options` were given."""

    tokenizer: str | None
    device: str
    cache: Path | None
    folder: Path | None
    concurrency: int
    verifiers: int
    limits: tuple[str, ...]
    timeout_s: float
    stop_when: str | None
    fail_below: float | None
    max_errors: float
    price: tuple[float, float] | None
    reports: bool
    as_json: bool

    @property
    def prices(self) -> Prices | None:
        """What tokens cost, where that was said."""
        from llm_envs.evals.prices import Prices

        return Prices(*self.price) if self.price else None

    def of(self, plan: Plan) -> Plan:
        """The plan, with what the options add to it."""
        return replace(plan, stop_when=self.stop_when or "", tokenizer=self.tokenizer or "")

    def model(self, plan: Plan) -> Model:
        """What the plan names, behind the cache where one is wanted."""
        from llm_envs.evals.cache import Cached, identity
        from llm_envs.evals.models import make_model

        model = make_model(
            plan.model,
            plan.decoding,
            concurrency=self.concurrency,
            timeout_s=self.timeout_s,
            tokenizer=self.tokenizer,
            device=self.device,
        )
        return Cached(model, self.cache, identity(plan.model), plan.decoding) if self.cache else model

    def settings(self, *, person: bool) -> Settings:
        """How many at a time, and how patiently; a person is asked one by one, in order, without a deadline."""
        from llm_envs.evals.engine import Settings

        usual = Settings()
        return Settings(
            concurrency=1 if person else self.concurrency,
            verifiers=1 if person else self.verifiers,
            resources={**usual.resources, **dict(map(_limit, self.limits))},
            reply_timeout_s=math.inf if person else usual.reply_timeout_s,
        )


def carry_out(plan: Plan, **options: Any) -> None:
    """Run `plan` with what `model_options` and `run_options` were given, show what came of it, and exit."""
    gc.set_threshold(_OBJECTS_TO_COLLECT, *gc.get_threshold()[1:])
    wishes = _Wishes(**options)
    sitting = _sit(wishes.of(plan), wishes)
    if wishes.reports:
        from llm_envs.evals.report import build

        build(sitting.folder, summary=sitting.summary)
    if wishes.as_json:
        timing = sitting.summary.timing.to_dict(wishes.prices)
        about = {"folder": str(sitting.folder.path), "level": sitting.level}
        print_json({**about, **sitting.summary.to_dict(), "timing": timing})
    else:
        _show(sitting, wishes)
    sys.exit(_exit_code(sitting, wishes))


def _sit(plan: Plan, wishes: _Wishes) -> Sitting:
    from rich.console import Console

    from llm_envs.evals.sitting import evaluate

    path, person = wishes.folder or _RUNS / plan.name, plan.model == "human"
    model, settings = wishes.model(plan), wishes.settings(person=person)
    journal = path / "journal.log"
    before = journal.stat().st_size if journal.is_file() else 0
    try:
        return evaluate(plan, path, model, settings, console=Console(stderr=True, quiet=person), prices=wishes.prices)
    except (LLMEnvsError, KeyboardInterrupt) as error:
        if _has_answers(journal, before):
            click.echo(f"What was answered so far is kept in {path}; the same command goes on from there.", err=True)
        if person and isinstance(error, Outage):
            sys.exit(INTERRUPTED)
        raise


def _has_answers(journal: Path, since: int) -> bool:
    """Some were written behind byte `since`."""
    if not journal.is_file():
        return False
    with journal.open("rb") as lines:
        lines.seek(since)
        return any(b'"kind":"reply"' in line for line in lines)


def _show(sitting: Sitting, wishes: _Wishes) -> None:
    from rich.console import Console

    from llm_envs.evals.tables import show_summary

    show_summary(sitting.summary, Console(), wishes.prices)
    path, played = sitting.folder.path, _PLAYED[sitting.level]
    report = f"; to look at: {path / 'report.html'}" if wishes.reports else ""
    click.echo(f"\nplayed {played}, kept in {path}{report}")


def _exit_code(sitting: Sitting, wishes: _Wishes) -> int:
    headline, max_errors, fail_below = sitting.summary.headline, wishes.max_errors, wishes.fail_below
    if sitting.interrupted and not sitting.complete:
        click.echo("Interrupted; the same command goes on from here.", err=True)
        return INTERRUPTED
    if headline.errors > max_errors * headline.planned:
        click.echo(
            f"Infrastructure has failed {headline.errors} of {headline.planned} episodes, more than --max-errors "
            f"{max_errors:g}. The same command tries them again.",
            err=True,
        )
        return INFRASTRUCTURE
    if fail_below is not None and not headline.reward.mean >= fail_below:
        click.echo(f"The mean {headline.reward.mean:.3f} is below --fail-below {fail_below:g}.", err=True)
        return DOES_NOT_HOLD
    return 0


def _limit(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not count.isdigit():
        raise click.BadParameter(f"{text!r} is not NAME=N, such as sandbox=4", param_hint="--limit")
    return name, int(count)
