"""Figures as tables for people, on a terminal or in a file: `rich` draws them, plain where it cannot.

What it deliberately does not do: it works nothing out, and cuts only lists that nobody reads to their end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console, JustifyMethod
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from llm_envs.evals.compare import Comparison, EnvComparison, Flip
from llm_envs.evals.prices import Prices
from llm_envs.evals.stats.intervals import Interval
from llm_envs.evals.summary import EnvSummary, Summary
from llm_envs.evals.timing import Timing
from llm_envs.render import visible

__all__ = ["show_comparison", "show_summary"]

_MOST_ROWS = 12
"""Of one breakdown: of more, the lowest are shown; the JSON has all."""

_BAR_CHARS = 20

_SHORT_S = 0.1

_MOST_LINES = 5
"""Of what an error said."""

_WORTH_ADVICE_S = 10.0
"""Of all phases together: whoever waited less needs no advice."""

_ANY_WIDTH = 10_000
"""Columns: no row of ours is longer."""

_MOST_FLIPS = 8
"""In either direction; the JSON has all."""


def show_summary(summary: Summary, console: Console, prices: Prices | None = None) -> None:
    """Print the figures: the headline first, then each env, then where the time went."""
    say(console, str(summary.headline), "bold")
    if len(summary.envs) > 1:
        _print_table(_env_table(summary.envs), console)
    for env in summary.envs:
        _show_env(env, console, named=len(summary.envs) > 1)
    _show_timing(summary.timing, console, prices)


def show_comparison(comparison: Comparison, console: Console) -> None:
    """Print the comparison: on which tasks the runs differ, the differences, and last the sentence to quote."""
    say(console, f"first: {comparison.first}\nsecond: {comparison.second}\n", "dim")
    for env in comparison.envs:
        _show_flips(f"{env.label}: {len(env.fell):,} tasks fell from first to second", env.fell, console, "red")
        _show_flips(f"{env.label}: {len(env.rose):,} tasks rose from first to second", env.rose, console, "green")
    _print_table(_difference_table(comparison.envs), console)
    for env in comparison.envs:
        _show_left_out(env, console)
    for which, labels in (("first", comparison.only_first), ("second", comparison.only_second)):
        if labels:
            say(console, f"only in the {which}: {', '.join(labels)}", "yellow")
    say(console, f"\n{comparison.sentence}", "bold")


def _show_flips(title: str, flips: Sequence[Flip], console: Console, style: str) -> None:
    say(console, title, style)
    for flip in flips[:_MOST_FLIPS]:
        say(console, f"  {flip.task_id}  {flip.before:.3g} -> {flip.after:.3g}, sample {flip.sample}")
        say(
            console,
            f"    first:  {flip.first_line or '(nothing)'}\n    second: {flip.second_line or '(nothing)'}",
            "dim",
        )
    if len(flips) > _MOST_FLIPS:
        say(console, f"  and {len(flips) - _MOST_FLIPS:,} more: see --json")
    console.print()


def _difference_table(envs: Sequence[EnvComparison]) -> Table:
    made = table("env", "first", "second", "difference", "95% CI", "p (Holm)" if len(envs) > 1 else "p", "tasks")
    for env in envs:
        found = env.difference
        if not found.n:
            made.add_row(literal(env.label), "", "", "", "no pairs")
            continue
        means = (f"{mean:.3f}" for mean in (found.first, found.second))
        difference, _, ends = str(found).partition(" ")
        made.add_row(literal(env.label), *means, difference, ends, f"{env.p_holm:.2g}", f"{found.tasks:,}")
    return made


def _show_left_out(env: EnvComparison, console: Console) -> None:
    if env.unlike:
        say(console, f"{env.label}: pairs left out, not the same task in both runs: {env.unlike:,}", "yellow")
    if env.unpaired:
        say(console, f"{env.label}: episodes left out, scored in one run only: {env.unpaired:,}", "yellow")


def say(console: Console, text: str, style: str = "") -> None:
    """One line, not broken, whatever is in it."""
    console.print(Text(visible(text), style), soft_wrap=True)


def literal(text: str) -> Text:
    """A cell that shows what is in it, square brackets and control characters included."""
    return Text(visible(text))


def _print_table(made: Table, console: Console) -> None:
    """A table: in a narrow terminal without its bars, and rather with lines that run over than with cells cut short."""
    console.print()
    if not made.columns[-1].header and _needed(made) > console.width:
        made.columns.pop()
    made.width = max(_needed(made), min(console.width, _whole(made)))
    console.print(made, crop=False)


def _needed(made: Table) -> int:
    """Columns of the terminal that hold every cell below the first header."""
    made.columns[0].min_width = max((len(str(cell)) for cell in made.columns[0].cells), default=0)
    return _measured(made).minimum


def _whole(made: Table) -> int:
    return _measured(made).maximum


def _measured(made: Table) -> Measurement:
    wide = Console(width=_ANY_WIDTH)
    return Measurement.get(wide, wide.options, made)


def table(*columns: str, title: str = "") -> Table:
    """A table without frames; the first column is text, the others are numbers."""
    made = Table(box=None, title=title or None, title_justify="left", title_style="bold", pad_edge=False)
    for place, name in enumerate(columns):
        justify: JustifyMethod = "right" if place and name else "left"
        made.add_column(literal(name), justify=justify, header_style="dim", no_wrap=bool(place), overflow="fold")
    return made


def _env_table(envs: Iterable[EnvSummary]) -> Table:
    made = table("env", "mean", "95% CI", "scored", "errors", "bounds")
    for env in envs:
        line = env.headline
        bounds = f"{line.bounds[0]:.3f} to {line.bounds[1]:.3f}" if line.bounds and line.errors else ""
        made.add_row(literal(env.label), *_cells(line.reward), f"{line.scored:,}", f"{line.errors:,}", bounds)
    return made


def _show_env(env: EnvSummary, console: Console, *, named: bool) -> None:
    if named:
        say(console, f"\n{env.label}: {env.headline}", "bold")
    if env.correct and (env.correct.mean, env.correct.low) != (env.headline.reward.mean, env.headline.reward.low):
        say(console, f"correct {env.correct} ({env.correct.method})")
    if env.at_k:
        _print_table(_at_k_table(env.at_k), console)
    if len(env.parts) > 1:
        _print_table(_parts_table(env), console)
    for name, kinds in {"difficulty": env.difficulty, **env.tags, "stop reason": env.stop_reasons}.items():
        if len(kinds) > 1:
            _print_table(_kinds_table(name, kinds, console), console)
    counts = {"model faults, scored": env.faults, "errors, not scored": env.errors}
    notes = [f"{title}: {_listed(found)}" for title, found in counts.items() if found]
    if env.message:
        notes.append("  such as: " + "\n  ".join(env.message.splitlines()[:_MOST_LINES]))
    if notes:
        say(console, "\n" + "\n".join(notes))
    if env.different < env.headline.reward.tasks:
        say(console, f"\n{_repeated(env)}", "yellow")


def _repeated(env: EnvSummary) -> str:
    return (
        f"these are {env.different:,} different tasks, some of them repeated, which the interval takes for new ones; "
        f"-n {env.different} plays each once"
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _at_k_table(at_k: Mapping[str, Mapping[int, Interval]]) -> Table:
    made = table("of k samples", "mean", "95% CI", "tasks")
    for name, by_k in at_k.items():
        for k, interval in by_k.items():
            if k > 1 or name == "pass@k":
                made.add_row(name.removesuffix("k") + str(k), *_cells(interval), f"{interval.tasks:,}")
    return made


def _parts_table(env: EnvSummary) -> Table:
    made = table("part", "weight", "mean score", "95% CI", "n")
    for name, part in env.parts.items():
        weight = "varies" if part.weight is None else f"{part.weight:g}"
        made.add_row(literal(name), weight, *_cells(part.score), f"{part.score.n:,}")
    return made


def _kinds_table(name: str, kinds: Mapping[str, Interval], console: Console) -> Table:
    rows = list(kinds.items())
    if len(rows) > _MOST_ROWS:
        rows = sorted(rows, key=lambda row: row[1].mean)[:_MOST_ROWS]
        name += f" ({_MOST_ROWS} lowest of {len(kinds)})"
    made = table(name, "mean", "95% CI", "n", "")
    for word, interval in rows:
        made.add_row(literal(word), *_cells(interval), f"{interval.n:,}", _bar(interval, console))
    return made


def _cells(interval: Interval) -> tuple[str, str]:
    mean, _, ends = str(interval).partition(" ")
    return mean, ends


def _bar(interval: Interval, console: Console) -> Text:
    """A mean in [0, 1] as a length."""
    stroke = "=" if console.options.ascii_only else "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
    filled = round(_BAR_CHARS * min(1.0, max(0.0, interval.mean))) if interval.n else 0
    return Text((stroke * filled).ljust(_BAR_CHARS), "green")


def _show_timing(timing: Timing, console: Console, prices: Prices | None) -> None:
    if not timing.replies:
        return
    facts = [f"{timing.replies:,} replies"]
    if timing.prompt_tokens or timing.sampled_tokens:
        facts.append(f"{timing.prompt_tokens:,} tokens read, {timing.sampled_tokens:,} written")
    middle, late = timing.latency_s(50), timing.latency_s(95)
    if middle is not None and late:
        facts.append(f"latency p50 {_seconds(middle)}, p95 {_seconds(late)}")
    if timing.tries > timing.replies - timing.cached:
        facts.append(f"{timing.tries - timing.replies + timing.cached:,} tries repeated")
    if timing.cached:
        facts.append(f"{timing.cached:,} from the cache")
    if prices and (cost := prices.of(timing)):
        facts.append(f"cost {cost:,.2f}")
    dot = " / " if console.options.ascii_only else " · "
    say(console, "\n" + dot.join(facts))
    if sum(timing.phases_s.values()) < _SHORT_S:
        return
    phases, advice = ", ".join(f"{name} {_seconds(s)}" for name, s in timing.phases_s.items()), timing.advice
    worth_it = advice and sum(timing.phases_s.values()) >= _WORTH_ADVICE_S
    say(console, f"time, summed over episodes: {phases}" + (f"; {advice}" if worth_it else ""))


def _seconds(seconds: float) -> str:
    """To a tenth where that says enough, short times in milliseconds."""
    if seconds >= _SHORT_S:
        return f"{seconds:,.1f} s" if seconds >= 1 else f"{seconds:.2f} s"
    return f"{seconds * 1000:.3g} ms" if seconds else "0 s"
