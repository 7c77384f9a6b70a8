"""One row an episode, typed, with infrastructure errors as rows without a reward."""

from __future__ import annotations

import json
import sys

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.errors import MissingExtra
from llm_envs.evals.export import export, parquet

pyarrow = pytest.importorskip("pyarrow")


def table(run):
    """The exported table."""
    from pyarrow.parquet import read_table

    return read_table(export(run, "parquet").path)


def test_a_row_says_everything_of_an_episode(tmp_path):
    """Messages are structs, parts and tags maps, tokens lists; counts are summed over the turns."""
    replies = [
        make_reply("b", ids=[5, 6], logprobs=[-0.5, float("nan")], prompt_tokens=3, sampled_tokens=2),
        make_reply("d", turn=1, ids=[7], prompt_tokens=6, sampled_tokens=1, finish="length"),
    ]
    said = [[{"role": "user", "content": "a"}], [{"role": "tool", "content": "c", "name": "shell"}]]
    episode = make_episode(
        3, 1, 0.25, said=said, replies=replies, ids=[[1, 2], [3]], turns=2, difficulty=4, tags={"topic": "sets"}
    )
    (row,) = table(make_run(tmp_path, make_plan(), [episode])).to_pylist()
    assert (row["env"], row["task"], row["sample"], row["outcome"], row["reward"]) == (
        "llm/Math-v0",
        3,
        1,
        "scored",
        0.25,
    )
    assert [(m["role"], m["content"], m["name"]) for m in row["messages"]] == [
        ("user", "a", None),
        ("assistant", "b", None),
        ("tool", "c", "shell"),
        ("assistant", "d", None),
    ]
    assert row["parts"] == [("correct", {"score": 0.25, "weight": 1.0, "kind": "correct"})]
    assert (row["tags"], row["difficulty"], row["fault"]) == ([("topic", "sets")], 4, "cut off")
    assert (row["prompt_tokens"], row["sampled_tokens"], row["model_s"]) == (9, 3, 1.0)
    assert [reply["ids"] for reply in row["replies"]] == [[5, 6], [7]]
    assert row["replies"][0]["logprobs"][0] == -0.5
    assert row["env_ids"] == [[1, 2], [3]]


def test_infrastructure_errors_are_rows_without_a_reward(tmp_path):
    """Errors that a later try overcame are not."""
    outcomes = [make_error(0), make_error(1, message="gone"), make_episode(0, reward=1.0)]
    rows = table(make_run(tmp_path, make_plan(), outcomes)).to_pylist()
    assert [(row["task"], row["outcome"], row["reward"], row["error_message"]) for row in rows] == [
        (0, "scored", 1.0, None),
        (1, "error", None, "gone"),
    ]


def test_long_runs_are_written_in_row_groups(tmp_path, monkeypatch):
    """A group ends after so many rows, or after so much text; columns keep their types where a group has no value."""
    from pyarrow.parquet import ParquetFile

    monkeypatch.setattr(parquet, "_ROWS", 3)
    monkeypatch.setattr(parquet, "_CHARS", 10_000)
    episodes = [make_episode(n) for n in range(7)] + [make_episode(n, text="x" * 6_000) for n in range(7, 10)]
    file = ParquetFile(export(make_run(tmp_path, make_plan(tasks=10), episodes), "parquet").path)
    groups = file.metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [3, 3, 3, 1]
    assert file.schema_arrow.field("difficulty").type == pyarrow.int64()


def test_the_run_is_described_in_the_file(tmp_path):
    """The plan travels in the metadata, the model in a column."""
    found = table(make_run(tmp_path, make_plan(model="mock:noop"), [make_episode()]))
    assert json.loads(found.schema.metadata[b"llm_envs"])["plan"]["model"] == "mock:noop"
    assert found["model"].to_pylist() == ["mock:noop"]


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    """The pip line is in the message, and nothing is written."""
    run = make_run(tmp_path, make_plan(), [make_episode()])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[data\]"):
        export(run, "parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.log", "run.json"]
