"""How many queries does the index of `llm/Search-v0` answer in a CPU-second, and how many do packages for the same?

    python benchmarks/bm25.py            # ours; bm25s and tantivy where they are installed (extra `search`)

The texts are the pages of one encyclopedia, the queries are titles of its pages and its questions: names are rare
words, questions have common ones too. All take the ten best, one query at a time; bm25s also takes all at once. One
thread each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec

import click
import gymnasium as gym
from publishing import Job, Row, best_rate, publish, run

import llm_envs  # noqa: F401 (registers the env)
from llm_envs.envs.search.bm25 import K1, B, words_of
from llm_envs.envs.search.engines import ENGINES

TARGET = 10_000
K = 10
QUERIES = 1_000


def workload() -> tuple[list[str], dict[str, list[str]]]:
    """The texts, and queries by what they are."""
    env = gym.make("llm/Search-v0", action="turn", encyclopedias=1).unwrapped
    env.reset(seed=0)
    library = env.desk.library
    questions = []
    for index in range(QUERIES):
        env.reset(options={"index": index})
        questions.append(env.task.prompt.partition("Question: ")[2])
    texts = [library.whole(number) for number in range(len(library.headings))]
    return texts, {"a title": [heading.title for heading in library.headings[:QUERIES]], "a question": questions}


def engine_rows(name: str, *, budget_s: float, rounds: int) -> list[Row]:
    """One query at a time, as the env asks them."""
    texts, kinds = workload()
    index = ENGINES[name](texts)
    rows = []
    for kind, queries in kinds.items():
        rate = best_rate(partial(ask_all, index.search, queries), budget_s=budget_s, rounds=rounds)
        ours = name == "own"
        who = "llm-envs" if ours else f"{name} {version(name)}, as engine={name!r}"
        words = sum(len(words_of(query)) for query in queries) / len(queries)
        note = f"{words:.1f} words, {len(texts):,} pages, k={K}"
        rows.append(Row(f"query, {kind}", who, rate, ours=ours, target=TARGET if ours else None, note=note))
    return rows


def ask_all(search: Callable[[str, int], Sequence[int]], queries: Sequence[str]) -> int:
    """Put all queries."""
    for query in queries:
        search(query, K)
    return len(queries)


def bm25s_rows(*, budget_s: float, rounds: int) -> list[Row]:
    """The package by its own call, all queries at once, words given."""
    import bm25s

    texts, kinds = workload()
    retriever = bm25s.BM25(k1=K1, b=B, method="lucene")
    retriever.index([words_of(text) for text in texts], show_progress=False)
    rows = []
    for kind, queries in kinds.items():
        words = [words_of(query) for query in queries]

        def work(words: list[list[str]] = words) -> int:
            retriever.retrieve(words, k=K, show_progress=False, n_threads=0)
            return len(words)

        who = f"bm25s {version('bm25s')}, {len(queries):,} at once"
        note = "queries come as words; ties in no order"
        rows.append(Row(f"query, {kind}", who, best_rate(work, budget_s=budget_s, rounds=rounds), note=note))
    return rows


@click.command()
@click.option("--quick", is_flag=True, help="Shorter rounds: rough figures.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--write", is_flag=True, help="Renew this script's section of RESULTS.md.")
def main(*, quick: bool, as_json: bool, write: bool) -> None:
    """Measure our index, and the packages that are installed."""
    effort = {"budget_s": 0.2 if quick else 2.0, "rounds": 1 if quick else 5}
    names = [name for name in ENGINES if name == "own" or find_spec(name)]
    jobs: list[Job] = [(name, partial(engine_rows, name, **effort)) for name in names]
    if "bm25s" in names:
        jobs.append(("bm25s, at once", partial(bm25s_rows, **effort)))
    publish(run(jobs), "The index of llm/Search-v0", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
