"""The SQL verifier, row by row of its table, and what it must never do."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from llm_envs.errors import BadReference
from llm_envs.testing import check_verifier, read_rows, written_out
from llm_envs.verifiers import sql
from llm_envs.verifiers.sql.database import Database
from llm_envs.verifiers.sql.reader import Exhausted, Faulty, Reader, Refused, Steps
from llm_envs.verifiers.sql.results import same
from llm_envs.verifiers.sql.tokens import copies, tokens_of
from llm_envs.verifiers.sql.trials import trials

FOLDER = Path(__file__).parents[2] / "verifiers"
LIBRARY = (FOLDER / "sql.sql").read_text(encoding="utf-8")
ROWS = [{**row, "answer": written_out(row["answer"])} for row in read_rows(FOLDER / "sql.jsonl")]
BOOKS = "SELECT title FROM book WHERE pages > 150"


def reader():
    """Of the library."""
    database = Database.of(LIBRARY)
    return Reader([table.name for table in database.tables], database.image)


def test_every_row_of_the_table_holds():
    """In this thread and in another one; and no garbage is paid for any reference."""
    check_verifier(lambda answer, reference: sql(answer, reference, LIBRARY), ROWS)


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({(row["answer"], json.dumps(row["reference"])) for row in ROWS}) == len(ROWS)


def test_most_wrong_rows_need_more_than_one_database():
    """A good part of the table's wrong queries find in the database shown what the reference finds."""
    fooled = [
        row for row in ROWS if not row["expected"] and sql(row["answer"], row["reference"], LIBRARY, databases=0).reward
    ]
    assert len(fooled) >= 20


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM book", "PRAGMA user_version = 3", "WITH x AS (SELECT 1) UPDATE book SET pages = 1 RETURNING id"],
)
def test_nothing_is_written(query):
    """What tries to is refused, and the rows stay as they are."""
    books = reader()
    with pytest.raises(Refused):
        books.read(query, 10)
    assert books.read("SELECT COUNT(*), SUM(pages) FROM book", 10).rows == [(6, 1090)]


def test_the_database_is_locked_twice():
    """Where the authorizer did not stand in the way, SQLite itself would refuse."""
    books = reader()
    books._connection.set_authorizer(None)
    with pytest.raises(Exception, match="readonly"):
        books._connection.execute("DELETE FROM book")


def test_a_query_that_never_ends_is_stopped_soon():
    """By its steps, and it says how to do better."""
    began = time.monotonic()
    verdict = sql("SELECT COUNT(*) FROM " + ", ".join(f"book b{n}" for n in range(20)), BOOKS, LIBRARY)
    assert (verdict.reward, verdict.status) == (0.0, "timeout")
    assert "too long" in verdict.reason
    assert time.monotonic() - began < 10


def test_waiting_is_no_work():
    """On a busy machine a query takes longer, and finds the same."""
    steps = Steps(seconds=0.2)
    time.sleep(0.3)
    assert not steps.gone
    assert reader().read("SELECT count(*) FROM book", 10, steps).rows == [(6,)]


def test_steps_are_shared_by_all_databases():
    """A query that takes long everywhere is stopped once, not in each database."""
    books, steps = reader(), Steps(60_000)
    slow = "SELECT COUNT(*) FROM book a, book b, book c, book d, book e"

    def often():
        for _ in range(20):
            books.read(slow, 10, steps)

    with pytest.raises(Exhausted):
        often()
    assert books.read(slow, 10).rows == [(6**5,)]


def test_rows_are_bounded():
    """One more than asked for is noticed, and no other is fetched."""
    found = reader().read("SELECT a.id FROM book a, book b", 10)
    assert (len(found.rows), found.more) == (10, True)
    assert reader().read("SELECT id FROM book", 6).more is False


def test_a_mistake_is_named_as_sqlite_names_it():
    """So that a policy can mend it."""
    with pytest.raises(Faulty, match="no such column: titel"):
        reader().read("SELECT titel FROM book", 10)


def test_functions_of_dates_work_without_a_clock():
    """On what they are given."""
    found = reader().read("SELECT strftime('%Y', published), date(published, '+1 day') FROM book WHERE id = 2", 10)
    assert found.rows == [("2020", "2021-01-01")]


def test_readers_work_side_by_side():
    """Eight threads, each with databases of its own."""
    verdicts = []
    query = "SELECT COUNT(1) FROM loan WHERE date(taken, '+1 day') >= '2023-02-02'"
    reference = "SELECT COUNT(*) FROM loan WHERE taken >= '2023-02-01'"
    threads = [threading.Thread(target=lambda: verdicts.append(sql(query, reference, LIBRARY))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [verdict.reward for verdict in verdicts] == [1.0] * 8


def test_trials_are_the_same_every_time():
    """They depend on the database and the reference alone."""
    one, other = (trials.__wrapped__(Database.of(LIBRARY), BOOKS, 16) for _ in range(2))
    assert [trial.image for trial in one] == [trial.image for trial in other]


def test_trials_keep_the_rules_of_the_tables():
    """Declared keys lead somewhere, what must be known is known, and NULL, ties and empty tables occur."""
    database = Database.of(LIBRARY)
    books = reader()
    seen = {"dangling": 0, "unknown": 0, "nulls": 0, "ties": 0, "empty": 0}
    for trial in trials(database, BOOKS, 32):
        books.load(trial.image)
        for fact, query in {
            "dangling": "SELECT COUNT(author_id) FROM book WHERE author_id NOT IN (SELECT id FROM author)",
            "unknown": "SELECT COUNT(*) FROM book WHERE genre IS NULL",
            "nulls": "SELECT COUNT(*) FROM book WHERE price IS NULL",
            "ties": "SELECT COUNT(*) FROM book a JOIN book b ON a.price = b.price AND a.id < b.id",
            "empty": "SELECT (SELECT COUNT(*) FROM book) = 0",
        }.items():
            seen[fact] += books.read(query, 1).rows[0][0]
    assert seen["dangling"] == seen["unknown"] == 0
    assert min(seen["nulls"], seen["ties"], seen["empty"]) > 0


def test_keys_that_are_not_declared_may_dangle():
    """Where nothing forbids it, some lead nowhere."""
    script = """
        CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER);
        CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL);
        INSERT INTO a VALUES (1, 5), (2, 6), (3, 7); INSERT INTO b VALUES (1, 1), (2, 3), (3, 2);
    """
    assert sql("SELECT COUNT(*) FROM b JOIN a ON a.id = b.a_id", "SELECT COUNT(*) FROM b", script).reward == 0
    declared = script.replace("a_id INTEGER NOT NULL", "a_id INTEGER NOT NULL REFERENCES a (id)")
    assert sql("SELECT COUNT(*) FROM b JOIN a ON a.id = b.a_id", "SELECT COUNT(*) FROM b", declared).reward == 1


def test_constraints_and_keys_of_several_columns_hold():
    """CHECK, UNIQUE, composite keys, and keys of a table to itself."""
    script = """
        CREATE TABLE p (x INTEGER, y TEXT, ok INTEGER NOT NULL CHECK (ok IN (0, 1)), PRIMARY KEY (x, y));
        CREATE TABLE c (id INTEGER PRIMARY KEY, x INTEGER, y TEXT, boss INTEGER REFERENCES c (id), code TEXT UNIQUE,
            FOREIGN KEY (x, y) REFERENCES p (x, y));
        INSERT INTO p VALUES (1, 'a', 0), (2, 'b', 1); INSERT INTO c VALUES (1, 1, 'a', NULL, 'k'), (2, 2, 'b', 1, 'm');
    """
    database = Database.of(script)
    books = Reader(["p", "c"], database.image)
    for trial in trials(database, "SELECT c.id FROM c JOIN p ON p.x = c.x AND p.y = c.y WHERE p.ok = 1", 16):
        books.load(trial.image)
        lost = (
            "SELECT COUNT(*) FROM c LEFT JOIN p ON p.x = c.x AND p.y = c.y WHERE c.x + c.y IS NOT NULL AND p.x IS NULL"
        )
        assert books.read(lost, 1).rows == [(0,)]
        assert books.read("SELECT COUNT(boss) FROM c WHERE boss NOT IN (SELECT id FROM c)", 1).rows == [(0,)]
        assert books.read("SELECT COUNT(*) FROM p WHERE ok NOT IN (0, 1)", 1).rows == [(0,)]


@pytest.mark.parametrize(
    ("reference", "script"),
    [
        ("SELECT nothing FROM book", LIBRARY),
        ("DELETE FROM book", LIBRARY),
        (BOOKS, "CREATE TABLE book (title"),
        ("SELECT 1; SELECT 2", LIBRARY),
    ],
)
def test_what_cannot_be_a_reference_is_refused(reference, script):
    """The author is told; no policy is judged by it."""
    with pytest.raises(BadReference):
        sql(BOOKS, reference, script)


def test_rows_that_break_a_rule_are_refused():
    """They are the author's mistake, and nothing is left out in silence."""
    database = Database("CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER NOT NULL)", {"a": [(1, None)]})
    with pytest.raises(BadReference, match="NOT NULL"):
        sql("SELECT 1", "SELECT x FROM a", database)


@pytest.mark.parametrize(
    ("one", "other", "ordered", "equal"),
    [
        ([(1, "a"), (2, "b")], [(2, "b"), (1, "a")], False, True),
        ([(1, "a"), (2, "b")], [(2, "b"), (1, "a")], True, False),
        ([(1,), (1,), (2,)], [(1,), (2,), (2,)], False, False),
        ([(0.1 + 0.2,)], [(0.3,)], False, True),
        ([(1,)], [(1.0,)], True, True),
        ([("1",)], [(1,)], False, False),
        ([(None,)], [("",)], False, False),
        ([(None,)], [(0,)], True, False),
        ([(b"a",)], [("a",)], False, False),
        ([(10**15,)], [(10**15 + 1,)], True, False),
        ([(0.30000000001, 1), (0.3, 2)], [(0.3, 1), (0.30000000001, 2)], False, True),
        ([(1, 2)], [(1,)], False, False),
        ([], [], True, True),
    ],
)
def test_results_are_compared_by_value(one, other, ordered, equal):
    """Order where asked, repeats always, numbers within a tolerance, types strictly."""
    assert same(one, other, ordered=ordered, tolerance=1e-6) is equal


def test_copies_of_subqueries_are_counted():
    """As SQLite makes them: those inside of others once more."""
    once = "WITH a AS (SELECT 1 x), b AS (SELECT * FROM a, a) SELECT * FROM b, b"
    assert copies(tokens_of(once), 1000) >= 6
    assert copies(tokens_of("SELECT 1"), 1000) == 0
    chain = ", ".join(f"a{n} AS MATERIALIZED (SELECT * FROM a{n - 1}, a{n - 1} AS x)" for n in range(1, 40))
    assert copies(tokens_of(f"WITH a0 (x) AS (SELECT 1), {chain} SELECT 1 FROM a39"), 1000) == 1001
