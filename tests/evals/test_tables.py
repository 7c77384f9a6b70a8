"""What people see of the figures."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.evals.compare import compare
from llm_envs.evals.prices import Prices
from llm_envs.evals.summary import summarise_outcomes
from llm_envs.evals.tables import show_comparison, show_summary


def shown(show, *arguments, terminal=False):
    """What is printed, 100 columns wide."""
    sink = io.StringIO()
    show(*arguments[:1], Console(file=sink, width=100, force_terminal=terminal), *arguments[1:])
    return sink.getvalue()


@pytest.fixture
def summary():
    """Of two envs, two samples a task, some errors and faults."""
    plan = make_plan(30, 2, ("llm/Math-v0", "llm/Sudoku-v0"))
    outcomes = [
        make_episode(
            a.task,
            a.sample,
            float(a.task % 4 > 0),
            a.env,
            difficulty=a.task % 2,
            tags={"family": f"family {a.task}"},
            replies=[make_reply(prompt_tokens=100, sampled_tokens=50, tries=2)],
        )
        for a in plan.attempts()
        if a.task < 29
    ]
    return summarise_outcomes(plan, [*outcomes, make_error(29)])


def test_the_headline_comes_first_and_is_not_broken(summary):
    """However narrow the terminal, it can be copied as one line."""
    assert shown(show_summary, summary).splitlines()[0] == str(summary.headline)


def test_every_figure_is_named(summary):
    """Envs, what k samples are worth, kinds of task, errors, where the time went and what it cost."""
    text = shown(show_summary, summary, Prices(prompt=1_000, sampled=0))
    expected = ["llm/Sudoku-v0", "pass@2", "pass^2", "difficulty", "errors, not scored: model: ModelUnavailable 1"]
    expected += ["latency p50 0.50 s", "116 tries repeated", "cost 11.60", "model 58.0 s"]
    assert [word for word in expected if word not in text] == []


def test_long_breakdowns_show_the_worst(summary):
    """Of thirty families the lowest twelve."""
    text = shown(show_summary, summary)
    assert "family (12 lowest of 29)" in text
    assert text.count("family 28 ") == 2
    assert "family 27 " not in text


@pytest.mark.parametrize("width", [20, 40, 60])
def test_no_cell_is_cut_short_in_a_narrow_terminal(summary, width):
    """Bars are left out first; then lines run over."""
    sink = io.StringIO()
    show_summary(summary, Console(file=sink, width=width))
    row = next(line.split() for line in sink.getvalue().splitlines() if line.startswith("family 28"))
    assert row[:2] == ["family", "28"]
    assert len(row) >= 6
    assert row[3].startswith("[")
    assert row[4].endswith("]")


def test_a_console_that_knows_ascii_alone_gets_ascii(summary):
    """No question marks stand where bars and dots would."""
    raw = io.BytesIO()
    sink = io.TextIOWrapper(raw, encoding="ascii")
    show_summary(summary, Console(file=sink, width=100))
    sink.flush()
    assert b"====" in raw.getvalue()


def test_what_an_error_said_is_shown():
    """Of the commonest kind, the first by task; an error that was overcome says nothing."""
    outcomes = [make_error(0, message="overcome"), make_episode(0), make_error(1, error="OSError", message="rare")]
    outcomes += [make_error(3, message="later"), make_error(2, message="no GPU\ntoday")]
    text = shown(show_summary, summarise_outcomes(make_plan(), outcomes))
    assert "errors, not scored: model: ModelUnavailable 2, model: OSError 1\n  such as: no GPU\n  today\n" in text


def test_repeated_tasks_are_told():
    """A small data set is played round and round; whoever reads the interval should know."""
    twice = [make_episode(task, task_id=f"line {task % 2}") for task in range(4)]
    assert "these are 2 different tasks" in shown(show_summary, summarise_outcomes(make_plan(), twice))
    once = [make_episode(task) for task in range(4)]
    assert "different tasks" not in shown(show_summary, summarise_outcomes(make_plan(), once))


def test_words_in_brackets_are_words():
    """Names of tags and their values are an author's, and no markup."""
    plan = make_plan(4)
    topics = ("[/]", "[red]", "[link=file:///x]", "plain")
    episodes = [make_episode(task, tags={"[bold]": topic}) for task, topic in enumerate(topics)]
    told = shown(show_summary, summarise_outcomes(plan, episodes))
    assert all(word in told for word in ("[bold]", *topics))


def test_plain_where_there_is_no_terminal(summary):
    """A file gets no escape codes, a terminal does."""
    assert "\x1b" not in shown(show_summary, summary)
    assert "\x1b[1m" in shown(show_summary, summary, terminal=True)


def test_a_run_of_nothing():
    """An empty run has a headline and no tables."""
    assert shown(show_summary, summarise_outcomes(make_plan(), [])).splitlines() == [
        "mean - [0.000, 1.000] 95% CI (nothing scored), 0 scored of 4 planned, 0 errors, 4 not played"
    ]


@pytest.fixture
def comparison(tmp_path):
    """Of two runs; the second says something that is no text."""
    first = [make_episode(task) for task in range(20)]
    second = [make_episode(task, reward=float(task > 11), text="\x1b[2Jgone") for task in range(19)]
    return compare(
        make_run(tmp_path / "a", make_plan(20, model="a"), first),
        make_run(tmp_path / "b", make_plan(20, model="b"), second),
    )


def test_flips_come_first_and_the_sentence_last(comparison):
    """With some of the tasks, and how many more there are."""
    lines = shown(show_comparison, comparison).splitlines()
    assert lines[-1] == comparison.sentence
    place = lines.index("llm/Math-v0: 12 tasks fell from first to second")
    assert lines[place + 1] == "  llm/Math-v0/test/0/0  1 -> 0, sample 0"
    assert "  and 4 more: see --json" in lines
    assert "llm/Math-v0: episodes left out, scored in one run only: 1" in lines


def test_replies_do_not_drive_the_terminal(comparison):
    """Escape characters of a reply are shown as pictures."""
    text = shown(show_comparison, comparison)
    assert "\x1b" not in text
    assert "␛[2Jgone" in text
