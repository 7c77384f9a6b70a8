"""`llm/SQL-v0`: its databases, its questions, its tools, and what it pays for."""

from __future__ import annotations

import random
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import gymnasium as gym
import pytest

from llm_envs import verifiers
from llm_envs.chat.calls import Call
from llm_envs.envs.sql.domains import DOMAINS, domain
from llm_envs.envs.sql.questions import LEVELS, draw_question
from llm_envs.envs.sql.world import world_of
from llm_envs.testing import ToolEnvTests
from llm_envs.types import StopReason

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
by_level = pytest.mark.parametrize("difficulty", LEVELS)


class TestConformance(ToolEnvTests):
    env_id = "llm/SQL-v0"


def opened(index=0, **options):
    """The env at one task."""
    env = gym.make("llm/SQL-v0", **options).unwrapped
    env.reset(seed=5, options={"index": index})
    return env


def say(env, reply):
    """One turn; what the world answers, or the turn where it ends the episode."""
    turn = env.push(env.chat.encode_reply(reply))
    return turn if turn.done else [m["content"] for m in env.session.messages if m["role"] == "tool"][-1]


def call(env, name, **arguments):
    """One call; what it comes to."""
    return say(env, env.chat.calling.write([Call(name, arguments)]))


def questions(count, level, first=0):
    """Some worlds with a question each."""
    for number in range(first, first + count):
        world = world_of(number)
        question = draw_question(world, level, random.Random(number))
        if question:
            yield world, question


@by_level
def test_the_oracle_is_paid(difficulty):
    """At every level it looks at the tables, tries its query and hands it in."""
    env = opened(difficulty=difficulty)
    for index in range(8):
        env.reset(seed=5, options={"index": index})
        turns = [env.push(env.chat.encode_reply(reply)) for reply in env.demonstrate(env.task)]
        assert (turns[-1].reward, turns[-1].terminated, len(turns)) == (1.0, True, 3)


@by_level
def test_hardly_any_two_tasks_are_the_same(difficulty):
    """By their words, which leave out what the rows are."""
    env = opened(difficulty=difficulty)
    words = Counter()
    for index in range(200):
        env.reset(seed=1, options={"index": index})
        words[env.task.messages[-1]["content"]] += 1
    assert len(words) >= 198


def test_every_domain_can_be_made():
    """Things come after what their keys lead to, and every world is of a known domain."""
    for name in DOMAINS:
        seen = []
        for thing in domain(name):
            seen.append(thing.one)
            assert all(field.parent in seen for field in thing.fields if field.kind == "key"), thing
    assert {world_of(seed).domain for seed in range(120)} == set(DOMAINS)


def test_worlds_keep_their_own_rules():
    """SQLite finds no broken key, and rows are those that were drawn."""
    for seed in range(60):
        world = world_of(seed)
        connection = sqlite3.connect(":memory:")
        connection.deserialize(world.database.image)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in world.tables:
            assert connection.execute(f"SELECT COUNT(*) FROM {table.name}").fetchone() == (len(table.rows),)
        connection.close()


def test_sums_do_not_depend_on_the_order_of_rows():
    """All amounts are multiples of a quarter, exact in binary."""
    for seed in range(30):
        for table in world_of(seed).tables:
            for field in table.fields:
                if field.kind == "money":
                    assert all(value * 4 == int(value * 4) for value in table.values(field))


def test_schema_says_what_columns_mean():
    """Keys, what may be NULL, and in comments what a name leaves open."""
    env = opened()
    assert call(env, "schema") == world_of(env.task.metadata["world"]).database.ddl
    said = " ".join(world_of(seed).database.ddl for seed in range(40))
    assert "REFERENCES" in said
    assert "as YYYY-MM-DD" in said
    assert "no longer be on record" in said
    assert re.search(r"CHECK \(\w+ IN \(0, 1\)\)", said)


def test_query_shows_rows_and_says_how_many():
    """NULL as NULL, and no more than forty rows."""
    env = opened()
    assert (
        call(env, "query", sql="SELECT 1 AS a, NULL AS b, 2.5 AS c, 'x' AS d")
        == "a | b | c | d\n1 | NULL | 2.5 | x\n(1 row)"
    )
    table = world_of(env.task.metadata["world"]).tables[-1].name
    shown = call(env, "query", sql=f"SELECT 1 FROM {table} a, {table} b")
    assert shown.endswith("(the first 40 rows)")
    assert len(shown.splitlines()) == 42
    assert "..." in call(env, "query", sql="SELECT printf('%500d', 1)")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM x", "E_POLICY"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SELECT randomblob(9)", "randomblob() is not allowed"),
        ("SELECT date('now')", "may not look at the clock"),
        ("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", "recursive queries"),
        ("SELECT nothing_of_this_name", "SQLite says: no such column"),
        ("", "there is no query"),
    ],
)
def test_what_is_refused_says_why(sql, said):
    """So that the policy can go on."""
    assert said in call(opened(), "query", sql=sql)


def test_a_query_without_end_is_answered():
    """By an error, within its steps; the episode goes on."""
    env = opened()
    table = world_of(env.task.metadata["world"]).tables[-1].name
    tables = ", ".join(f"{table} t{number}" for number in range(12))
    assert "E_TIMEOUT" in call(env, "query", sql=f"SELECT COUNT(*) FROM {tables}")
    turn = call(env, "submit", sql=f"SELECT COUNT(*) FROM {tables}")
    assert (turn.reward, turn.terminated, turn.info["verdict"]["status"]) == (0.0, True, "timeout")


def test_the_first_answer_counts():
    """What stands behind it in the same turn is not run."""
    env = opened()
    turn = say(
        env, env.chat.calling.write([Call("submit", {"sql": "SELECT 1"}), Call("submit", {"sql": env.task.answer})])
    )
    assert (turn.reward, turn.terminated) == (0.0, True)


def test_a_call_without_its_query_is_no_answer():
    """The episode goes on, and can still be won."""
    env = opened()
    assert "E_ARGS" in call(env, "submit")
    assert call(env, "submit", sql=env.task.answer).reward == 1.0


def test_words_are_no_answer():
    """Not even the right query."""
    env = opened()
    turn = say(env, f"The answer is: {env.task.answer}")
    assert (turn.reward, env.session.stop_reason) == (0.0, StopReason.END_OF_TURN)
    assert turn.info["verdict"]["reason"] == "no query was handed in"


def test_what_is_shown_is_no_answer():
    """The rows themselves as constants, everything at once, and all of a table are worth nothing."""
    for level in LEVELS:
        for world, question in questions(4, level):
            connection = sqlite3.connect(":memory:")
            connection.deserialize(world.database.image)
            rows = connection.execute(str(question.query)).fetchall()
            constants = " UNION ALL ".join("SELECT " + ", ".join(map(literal, row)) for row in rows[:25])
            tables = [f"SELECT * FROM {table.name}" for table in world.tables]
            everything = " UNION ALL ".join(f"SELECT {table.key} FROM {table.name}" for table in world.tables)
            for attack in (constants, *tables, everything):
                assert not judged(attack, world, question).reward, attack
            connection.close()


def literal(value):
    """As SQL writes it."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def judged(sql, world, question):
    """The verdict on a query."""
    return verifiers.sql(str(sql), str(question.query), world.database, ordered=question.ordered)


def test_random_queries_are_hardly_ever_paid():
    """Some columns of some table, perhaps with a condition of the right form."""
    rng, paid, count = random.Random(0), 0, 0
    for level in LEVELS:
        for world, question in questions(12, level, first=500):
            table = rng.choice(world.tables)
            fields = rng.sample(table.fields, 2)
            value = literal(rng.choice(table.values(fields[1]) or [0]))
            condition = f"{fields[1].name} {rng.choice('=<>')} {value}"
            sql = f"SELECT {table.key}, {fields[0].name} FROM {table.name} WHERE {condition}"
            paid += judged(sql, world, question).reward
            count += 1
    assert paid <= 0.01 * count


@by_level
def test_equal_queries_are_accepted_however_they_are_written(difficulty, monkeypatch):
    """All rewrites of some questions; `benchmarks/sql_mutants.py` has many more."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from sql_edits import REWRITES

    for world, question in questions(6, difficulty, first=900):
        for rule in REWRITES:
            rewritten = rule(question.query, world)
            assert rewritten is None or judged(rewritten, world, question).reward, f"{rule.__name__}: {rewritten}"


def test_few_wrong_queries_are_accepted():
    """The benchmark says so of some questions, and exits with 0."""
    command = [
        sys.executable,
        str(BENCHMARKS / "sql_mutants.py"),
        "--questions",
        "18",
        "--mutants",
        "4",
        "--start",
        "7",
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stdout[-3000:]
