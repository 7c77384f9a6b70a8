"""Worlds: what they hold, what changed in them, and that nothing leaks."""

from __future__ import annotations

import pickle
import sqlite3
from datetime import datetime

import pytest

from llm_envs.errors import BadTask
from llm_envs.world import Change, Tables, World

SHOP = Tables(
    """
    CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL, seen TEXT);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
    """,
    volatile={"orders.seen"},
)
MORNING = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (a world has no time zone of its own)
ROWS = {"orders": [{"id": "o1", "status": "open"}, {"id": "o2", "status": "paid", "seen": "yesterday"}]}


def shop():
    """A new one."""
    return World(SHOP, ROWS, now=MORNING)


def test_a_world_holds_the_rows_it_was_built_from():
    """As dicts, columns that were left out as None."""
    assert shop().query("SELECT * FROM orders WHERE status = ?", "open") == [
        {"id": "o1", "status": "open", "seen": None}
    ]
    assert shop().one("SELECT * FROM notes") is None


def test_a_diff_shows_what_changed_and_nothing_else():
    """Rows that were changed, added and removed; volatile columns and what was changed back do not count."""
    world = shop()
    before = world.snapshot()
    world.execute("UPDATE orders SET status = 'paid', seen = 'now' WHERE id = 'o1'")
    world.execute("UPDATE orders SET seen = 'now' WHERE id = 'o2'")
    world.insert("notes", id=1, text="call back")
    assert world.diff(before) == {
        "orders": {"o1": Change({"id": "o1", "status": "open"}, {"id": "o1", "status": "paid"})},
        "notes": {1: Change(None, {"id": 1, "text": "call back"})},
    }
    world.execute("UPDATE orders SET status = 'open' WHERE id = 'o1'")
    world.execute("DELETE FROM notes")
    assert world.diff(before) == {}
    world.execute("DELETE FROM orders WHERE id = 'o2'")
    assert world.diff(before) == {"orders": {"o2": Change({"id": "o2", "status": "paid"}, None)}}


def test_a_restored_world_goes_on_as_the_first_time():
    """Rows, clock and ids."""
    world = shop()
    before = world.snapshot()
    first = (world.new_id("ord"), world.tick(60), world.execute("DELETE FROM orders"))
    world.restore(before)
    assert world.diff(before) == {}
    assert (world.new_id("ord"), world.tick(60), world.execute("DELETE FROM orders")) == first


def test_two_worlds_of_the_same_rows_know_nothing_of_each_other():
    """What is written in one is not read in the other."""
    one, other = shop(), shop()
    one.execute("DELETE FROM orders")
    assert len(other.query("SELECT * FROM orders")) == 2


def test_a_world_leaves_nothing_to_the_next_of_its_family():
    """No row, no table, and no way back into it, however often it is closed."""
    one = shop()
    one.execute("DELETE FROM orders")
    one.execute("CREATE TABLE more (id TEXT PRIMARY KEY)")
    one.close()
    one.close()
    other, third = shop(), shop()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        one.query("SELECT * FROM orders")
    other.execute("DELETE FROM orders")
    assert len(third.query("SELECT * FROM orders")) == 2
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        third.query("SELECT * FROM more")


@pytest.mark.parametrize(
    "sql", ["PRAGMA query_only = ON", "/**/ pragma case_sensitive_like = 1", "SELECT total_changes()"]
)
def test_no_tool_can_change_the_settings_that_the_next_world_would_have(sql):
    """Also not one that runs what a policy has written."""
    world = shop()
    with pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"):
        world.execute(sql)
    world.close()
    assert shop().one("SELECT 'A' LIKE 'a' AS found") == {"found": 1}


def test_tables_are_sent_to_other_processes_without_databases():
    """Also where worlds of theirs have been played: an env class may hold them."""
    shop().close()
    twin = pickle.loads(pickle.dumps(SHOP))
    assert (twin, twin.columns) == (SHOP, SHOP.columns)


def test_a_world_whose_transaction_was_ended_is_not_used_again():
    """Its rows would stay."""
    one = shop()
    one.execute("COMMIT")
    one.close()
    assert len(shop().query("SELECT * FROM orders")) == 2


@pytest.mark.parametrize("count", [1, 24, 25, 26, 60])
def test_all_rows_are_there(count):
    """Few or many, with other columns in between."""
    notes = [{"id": number, "text": str(number)} if number % 13 else {"id": number} for number in range(count)]
    rows = World(SHOP, {"notes": notes}, now=MORNING).query("SELECT * FROM notes ORDER BY id")
    assert rows == [{"id": number, "text": str(number) if number % 13 else None} for number in range(count)]


def test_a_row_without_columns_is_refused():
    """Nobody can mean it."""
    with pytest.raises(BadTask, match="notes: a row that names no column"):
        World(SHOP, {"notes": [{}]}, now=MORNING)


def fail_halfway(world):
    """Take an id and a minute, write a row, and break a rule."""
    with world.atomic():
        world.insert("notes", id=1, text=world.new_id("note"))
        world.tick(60)
        world.insert("orders", id="o3")


def test_a_step_that_fails_leaves_nothing_behind():
    """No row, no id, no minute."""
    world = shop()
    before = world.snapshot()
    with pytest.raises(sqlite3.IntegrityError):
        fail_halfway(world)
    assert world.diff(before) == {}
    assert (world.new_id("note"), world.now) == ("note-1", MORNING)


def test_rows_that_do_not_fit_are_refused():
    """With the table's name."""
    with pytest.raises(BadTask, match="a world cannot be built") as caught:
        World(SHOP, {"orders": [{"id": "o1"}]}, now=MORNING)
    assert "orders: NOT NULL constraint failed" in str(caught.value)


def test_tables_that_cannot_be_made_are_refused():
    """With SQLite's own words, and where a volatile column is misspelt."""
    with pytest.raises(BadTask, match="syntax error"):
        World(Tables("CREATE TBLE a (id TEXT PRIMARY KEY)"), {}, now=MORNING)
    with pytest.raises(BadTask, match="a volatile column is not there"):
        _ = Tables("CREATE TABLE a (id TEXT PRIMARY KEY, seen TEXT)", {"a.sen"}).lasting


def test_a_table_without_a_key_is_refused():
    """Changes are told by it."""
    with pytest.raises(BadTask, match="the table t has no primary key of one column"):
        World(Tables("CREATE TABLE t (a TEXT)"), {}, now=MORNING).snapshot()


def test_tables_of_two_families_are_one_set():
    """What both declare alike is there once; volatile columns of both stay so."""
    shared = "CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT)"
    one = Tables(f"{shared}; CREATE TABLE a (id TEXT PRIMARY KEY, seen TEXT)", volatile={"a.seen"})
    other = Tables(f"{shared}; CREATE TABLE b (id TEXT PRIMARY KEY, n INTEGER); CREATE INDEX b_n ON b (n)")
    both = one | other
    assert set(both.columns) == {"notes", "a", "b"}
    assert both.lasting["a"] == ("id",)
    world = World(both, {"notes": [{"id": "n", "text": "x"}], "b": [{"id": "b1", "n": 1}]}, now=datetime(2026, 1, 1))  # noqa: DTZ001
    before = world.snapshot()
    world.execute("UPDATE b SET n = 2")
    assert list(world.diff(before)) == ["b"]
    world.close()


def test_tables_that_two_families_declare_in_two_ways_are_refused():
    """And named."""
    one, other = (Tables(f"CREATE TABLE notes (id TEXT PRIMARY KEY, {column} TEXT)") for column in "ab")
    with pytest.raises(BadTask, match="notes"):
        _ = one | other
