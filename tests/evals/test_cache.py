"""The cache: nothing is asked twice, nothing is confused, and no reply is lost when the file fails."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import warnings

import pytest
from models import tiny_model
from speakers import Speaker, gold

from llm_envs import Task
from llm_envs.errors import ModelUnavailable, StorageFailed
from llm_envs.evals import cache
from llm_envs.evals.cache import Cached, CacheOff, Replies, identity, question
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Attempt, Completion, Decoding, Query
from llm_envs.registry import row
from llm_envs.trainers.learner import without_bars

ENVS = (EnvPlan("llm/GuessNumber-v0", {"difficulty": 2}), EnvPlan("llm/Arithmetic-v0"))
KEY = b"k" * 32


def played(path, model, file, *, decoding=None, seed=0, samples=2, who="me"):
    """The outcomes of a run with a cache, by attempt."""
    decoding = decoding or Decoding()
    plan = Plan(ENVS, "gold", 4, samples, seed=seed, decoding=decoding)
    cached = Cached(model, file, who, decoding)
    asyncio.run(Engine(RunFolder.create(path, plan), cached).run())
    return {outcome.attempt: outcome for outcome in RunFolder.open(path).outcomes()}


def query(prompt="1+1=?", sample=0, turn=0, seed=0, **task):
    """A question on a fresh episode."""
    env = row("llm/Arithmetic-v0").make(split="test")
    env.reset(seed=0)
    env.session.begin(Task(prompt=prompt, answer=2, **task))
    return Query(env, Attempt("llm/Arithmetic-v0", 0, sample), turn, seed)


def test_a_second_run_asks_nothing(tmp_path):
    """Replies and rewards are the same, and the journal says where they come from."""
    model = Speaker(gold)
    first = played(tmp_path / "a", model, tmp_path / "c.sqlite")
    asked = model.asked.total()
    second = played(tmp_path / "b", model, tmp_path / "c.sqlite")
    assert model.asked.total() == asked
    for attempt, outcome in first.items():
        assert outcome.reward == second[attempt].reward == 1.0
        assert [reply.text for reply in outcome.replies] == [reply.text for reply in second[attempt].replies]
    flags = [{reply.cached for outcome in run.values() for reply in outcome.replies} for run in (first, second)]
    assert flags == [{False}, {True}]


def test_more_samples_ask_for_what_is_new(tmp_path):
    """Samples of a task are different questions."""
    model = Speaker(gold)
    played(tmp_path / "a", model, tmp_path / "c.sqlite", samples=2)
    played(tmp_path / "b", model, tmp_path / "c.sqlite", samples=3)
    assert set(model.asked.values()) == {1}


@pytest.mark.parametrize(
    "other", [{"who": "you"}, {"seed": 1}, {"decoding": Decoding(temperature=0.5)}], ids=lambda other: next(iter(other))
)
def test_another_model_seed_or_decoding_is_another_question(tmp_path, other):
    """The first run's answers are not for them."""
    model = Speaker(gold)
    played(tmp_path / "a", model, tmp_path / "c.sqlite")
    before = model.asked.total()
    played(tmp_path / "b", model, tmp_path / "c.sqlite", **other)
    assert model.asked.total() > before


def test_questions_are_told_apart_by_everything_that_matters():
    """What is shown, tools, attempt, turn, seed, level: tasks that look alike are independent draws."""
    tool = {"type": "function", "function": {"name": "look"}}
    queries = [query(), query("1+2=?"), query(sample=1), query(turn=1), query(seed=1), query(tools=(tool,))]
    keys = [question(asked, level, "m", Decoding()) for asked in queries for level in ("turn", "token")]
    keys += [question(query(), "turn", "m", Decoding(extra={"top_k": 3}))]
    assert len(set(keys)) == len(keys)
    elsewhere = query()._replace(attempt=Attempt("llm/Arithmetic-v0", 7, 0))
    assert question(elsewhere, "turn", "m", Decoding()) not in keys
    assert question(query(), "turn", "m", Decoding()) == keys[0]


def test_room_for_fewer_tokens_is_another_question():
    """At the token level a reply ends where the env's limit is."""
    asked = [row("llm/Arithmetic-v0").make(split="test", max_new_tokens=limit) for limit in (8, 9)]
    for env in asked:
        env.reset(seed=0)
    queries = [Query(env, Attempt("e", 0, 0), 0, 0) for env in asked]
    assert len({question(q, "token", "m", Decoding()) for q in queries}) == 2
    assert len({question(q, "turn", "m", Decoding()) for q in queries}) == 1


def test_a_completion_comes_back_as_it_was(tmp_path):
    """Ids, log-probabilities, how it ended and what was counted; nobody was asked, and no time passed."""
    kept = Completion("é\ud800\x00", [1, 258], [-0.25, -1e-9], "length", 12, 2, tries=3, took_s=1.5)
    replies = Replies(tmp_path / "c.sqlite")
    replies.put(KEY, kept)
    found = replies.get(KEY)
    replies.close()
    assert (found.text, found.ids, found.logprobs, found.finish) == (kept.text, kept.ids, kept.logprobs, kept.finish)
    assert (found.prompt_tokens, found.sampled_tokens) == (12, 2)
    assert (found.tries, found.took_s, found.cached) == (0, 0.0, True)


def test_the_first_answer_stands(tmp_path):
    """Two processes that ask at the same time agree afterwards."""
    replies = Replies(tmp_path / "c.sqlite")
    replies.put(KEY, Completion("first"))
    replies.put(KEY, Completion("second"))
    assert replies.get(KEY).text == "first"
    replies.close()


def test_what_another_version_kept_is_asked_again(tmp_path):
    """A row that cannot be read is no answer."""
    replies = Replies(tmp_path / "c.sqlite")
    for row_text in ('{"text": "a", "mood": "good"}', "not json", '{"ids": [1]}', "[]"):
        replies._file.execute("INSERT OR REPLACE INTO reply VALUES (?, ?)", (KEY, row_text))
        assert replies.get(KEY) is None
    replies.close()


def test_a_token_level_model_is_cached_with_its_ids(tmp_path):
    """A real one: the second run holds the same ids and log-probabilities, and samples nothing."""
    with without_bars():
        tiny_model().save_pretrained(tmp_path / "tiny")
    runs = []
    for name in "ab":
        model = make_model(f"hf:{tmp_path / 'tiny'}", Decoding(max_tokens=8))
        runs.append(played(tmp_path / name, model, tmp_path / "c.sqlite", decoding=Decoding(max_tokens=8)))
    for attempt, outcome in runs[0].items():
        for old, new in zip(outcome.replies, runs[1][attempt].replies, strict=True):
            assert (old.ids, old.logprobs) == (new.ids, new.logprobs)
            assert (old.cached, new.cached) == (False, True)


def test_what_failed_is_not_kept(tmp_path):
    """An error is no answer: the next run asks again."""

    def say(asked):
        if failing:
            raise ModelUnavailable("not now")
        return gold(asked)

    model, failing = Speaker(say), True
    played(tmp_path / "a", model, tmp_path / "c.sqlite")
    failing = False
    found = played(tmp_path / "a", model, tmp_path / "c.sqlite")
    assert all(outcome.reward == 1.0 for outcome in found.values())


# The file fails


def asked(file, prepare, questions=3):
    """What a cached model says when `prepare(file of answers)` has done something to it, and what was warned of."""

    async def run():
        model = Cached(Speaker(lambda q: f"{q.messages[0]['content']} {q.turn}"), file, "m", Decoding())
        await model.open()
        prepare(model._replies)
        try:
            return [await model.reply(query(turn=turn)) for turn in range(questions)]
        finally:
            await model.close()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        said = asyncio.run(run())
    assert [completion.text for completion in said] == [f"1+1=? {turn}" for turn in range(questions)]
    return [str(warning.message) for warning in caught if warning.category is CacheOff]


def test_a_cache_that_works_warns_of_nothing(tmp_path):
    """Of course."""
    assert asked(tmp_path / "c.sqlite", lambda replies: None) == []


def test_a_full_disk_costs_no_reply(tmp_path):
    """One warning, then no further use of the file."""

    def fill(replies):
        (pages,) = replies._file.execute("PRAGMA page_count").fetchone()
        replies._file.execute(f"PRAGMA max_page_count={pages}")

    replies = Replies(tmp_path / "c.sqlite")
    for number in range(40):
        replies.put(number.to_bytes(32, "big"), Completion("x" * 4000))
    replies.close()
    assert asked(tmp_path / "c.sqlite", fill, questions=60) == [
        f"the cache {tmp_path / 'c.sqlite'} is not used any more: database or disk is full"
    ]


def test_a_file_that_somebody_holds_costs_no_reply(tmp_path, monkeypatch):
    """Who locks it for longer than the patience lasts is left with it."""
    monkeypatch.setattr(cache, "_PATIENCE_S", 0.05)
    other = sqlite3.connect(tmp_path / "c.sqlite", isolation_level=None)
    (message,) = asked(tmp_path / "c.sqlite", lambda replies: other.execute("BEGIN EXCLUSIVE"))
    other.close()
    assert "locked" in message


def test_a_damaged_file_costs_no_reply(tmp_path):
    """Pages overwritten while it is open."""
    replies = Replies(tmp_path / "c.sqlite")
    replies.put(KEY, Completion("x"))
    replies.close()

    def damage(replies):
        size = (tmp_path / "c.sqlite").stat().st_size
        with (tmp_path / "c.sqlite").open("r+b") as file:
            file.write(os.urandom(size))

    (message,) = asked(tmp_path / "c.sqlite", damage)
    assert "not used any more" in message


def test_a_file_that_is_none_is_refused_at_once(tmp_path):
    """Before anybody is asked; it stays as it is."""
    (tmp_path / "notes.txt").write_text("my notes, no database\n" * 100)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for name in ("notes.txt", "folder", "file/c.sqlite"):
        with pytest.raises(StorageFailed, match="cannot be used as a cache"):
            Replies(tmp_path / name)
    assert (tmp_path / "notes.txt").read_text().startswith("my notes")


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    """Rather than filled with what that version cannot read."""
    file = sqlite3.connect(tmp_path / "c.sqlite")
    file.execute("PRAGMA user_version=99")
    file.close()
    with pytest.raises(StorageFailed, match="newer llm-envs"):
        Replies(tmp_path / "c.sqlite")


WRITER = """
import sys
from pathlib import Path
from llm_envs.evals.cache import Replies
from llm_envs.policies.model import Completion
replies = Replies(Path(sys.argv[1]))
for number in range(100):
    replies.put(f"{sys.argv[2]} {number}".encode(), Completion(f"{sys.argv[2]} {number}"))
    replies.put(b"the same", Completion(sys.argv[2]))
replies.close()
"""


def test_several_processes_write_at_a_time(tmp_path):
    """Nothing is lost, and all agree on what they all asked."""
    path = tmp_path / "c.sqlite"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path, str(writer)]) for writer in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    replies = Replies(path)
    for writer in range(3):
        for number in range(100):
            assert replies.get(f"{writer} {number}".encode()).text == f"{writer} {number}"
    assert replies.get(b"the same").text in set("012")
    replies.close()


# Identity


def test_other_weights_are_another_model(tmp_path):
    """A folder that is trained on has another identity afterwards; names elsewhere are what they are."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"one")
    before = identity(f"hf:{folder}")
    assert before == identity(f"hf:{folder}") != identity(f"vllm:{folder}")
    (folder / "model.safetensors").write_bytes(b"three")
    assert identity(f"hf:{folder}") != before
    assert identity("http://host/v1#model") == "http://host/v1#model"
    assert "someone/no-such-model" in identity("hf:someone/no-such-model")


def test_other_code_is_another_model(tmp_path, monkeypatch):
    """A function's module is looked at."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_cached_model.py").write_text("def f(messages): return 'a'\n")
    before = identity("python:my_cached_model:f")
    (tmp_path / "my_cached_model.py").write_text("def f(messages): return 'bb'\n")
    assert identity("python:my_cached_model:f") != before


def test_a_cache_that_was_never_opened_can_be_closed(tmp_path):
    """A run that turns out to be complete asks nobody."""
    asyncio.run(Cached(make_model("mock:gold"), tmp_path / "c.sqlite", "m", Decoding()).close())
    assert not (tmp_path / "c.sqlite").exists()
