"""`llm/Files-v0`: paths in one spelling, what its tools keep, and what its rules say."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from drawn import at_tasks

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.files.disk import drawn
from llm_envs.envs.tools.files.paths import joined, normal, split, within
from llm_envs.envs.tools.files.requests import REFUSALS
from llm_envs.envs.tools.files.service import TABLES, TOOLS, tidied
from llm_envs.tools import ToolError
from llm_envs.verifiers.state import state
from llm_envs.world import World

NOW = datetime.fromisoformat("2026-03-02T09:00")
CALL = {one.name: one for one in TOOLS}


def entry(path, content=None, *, owner="ada", locked=0):
    """A row; a folder where there is no content."""
    folder, name = split(path)
    kind = "folder" if content is None else "file"
    row = {"id": path, "folder": folder, "name": name, "kind": kind, "content": content or "", "owner": owner}
    return row | {"locked": locked, "modified": "2026-01-01"}


ENTRIES = [
    *map(entry, ("/", "/notes", "/archive", "/notes/deep")),
    entry("/notes/a.txt", "one\ntwo\n"),
    entry("/notes/b.txt", "two\n", owner="ben"),
    entry("/notes/deep/c.md", "x = 1\nx = 11"),
    entry("/notes/kept.txt", "kept\n", locked=1),
]


def opened():
    """A small disk."""
    return World(TABLES, {"entries": ENTRIES, "login": [{"id": "login", "user": "ada"}]}, now=NOW)


def refused(code, tool, world, /, **arguments):
    """The words with which a tool says no."""
    with pytest.raises(ToolError) as caught:
        CALL[tool](world, **arguments)
    assert caught.value.code == code
    return caught.value.message


def at(world, path):
    """The row there."""
    return world.one("SELECT * FROM entries WHERE id = ?", path)


@pytest.mark.parametrize(
    ("path", "spelling"),
    [
        ("/", "/"),
        ("", "/"),
        ("notes", "/notes"),
        ("/notes/", "/notes"),
        ("//notes///a.txt", "/notes/a.txt"),
        ("/notes/./a.txt", "/notes/a.txt"),
        ("/notes/../archive", "/archive"),
        ("/notes/deep/../../archive/.", "/archive"),
        (" /notes/.hidden ", "/notes/.hidden"),
        ("/a b/c+d-e_f.tar.gz", "/a b/c+d-e_f.tar.gz"),
    ],
)
def test_a_path_has_one_spelling(path, spelling):
    """Which is its own."""
    assert normal(path) == spelling
    assert normal(spelling) == spelling


@pytest.mark.parametrize("path", ["..", "/..", "/notes/../..", "../notes", "/../notes/../notes"])
def test_nothing_is_above_the_root(path):
    """Not for a moment on the way either."""
    with pytest.raises(ToolError, match="nothing is above the root") as caught:
        normal(path)
    assert caught.value.code == "E_POLICY"


@pytest.mark.parametrize("path", ["/a\nb", "/a\x00", "/...", "/a*", "/~", "/" + "a" * 65, "/a/" * 100, "/ä", "/\ud800"])
def test_not_everything_is_a_name(path):
    """Plain letters, digits and a few signs, and not too many."""
    with pytest.raises(ToolError) as caught:
        normal(path)
    assert caught.value.code == "E_ARGS"


def test_paths_come_apart_and_together():
    """The root is a folder without a name."""
    assert split("/notes/deep/c.md") == ("/notes/deep", "c.md")
    assert split("/notes") == ("/", "notes")
    assert split("/") == ("/", "")
    assert joined("/", "notes") == "/notes"
    assert joined("/notes", "a.txt") == "/notes/a.txt"
    assert within("/notes/deep/c.md", "/notes")
    assert within("/notes", "/")
    assert not within("/notes", "/notes")
    assert not within("/notes2/a", "/notes")


def test_listings_tell_what_rules_are_about():
    """Size, day, owner, lock; of one folder only."""
    rows = CALL["list_folder"](opened(), path="/notes/")
    assert sorted(row["name"] for row in rows) == ["a.txt", "b.txt", "deep", "kept.txt"]
    file = next(row for row in rows if row["name"] == "a.txt")
    told = {"kind": "file", "size": 8, "modified": "2026-01-01", "owner": "ada", "locked": False}
    assert file == {"name": "a.txt", **told}
    assert {row["name"] for row in CALL["list_folder"](opened(), path="/")} == {"notes", "archive"}
    refused("E_NOT_FOUND", "list_folder", opened(), path="/none")
    refused("E_PRECONDITION", "list_folder", opened(), path="/notes/a.txt")


def test_names_and_lines_are_found_at_any_depth():
    """And in nothing beside."""
    world = opened()
    assert [row["path"] for row in CALL["find"](world, folder="/", pattern="*.md")] == ["/notes/deep/c.md"]
    assert [row["path"] for row in CALL["find"](world, folder="/notes", pattern="?.txt")] == [
        "/notes/a.txt",
        "/notes/b.txt",
    ]
    assert CALL["find"](world, folder="/archive", pattern="*") == []
    assert CALL["grep"](world, folder="/", text="two") == ["/notes/a.txt:2:two", "/notes/b.txt:1:two"]
    refused("E_ARGS", "find", world, folder="/", pattern="*" * 9)
    refused("E_ARGS", "grep", world, folder="/", text="")


def test_files_are_written_and_made():
    """By who is there, today."""
    world = opened()
    CALL["write_file"](world, path="/notes/a.txt", content="new")
    assert at(world, "/notes/a.txt")["content"] == "new"
    CALL["write_file"](world, path="/archive/../notes/n.txt", content="n")
    made = at(world, "/notes/n.txt")
    assert (made["owner"], made["modified"], made["folder"]) == ("ada", "2026-03-02", "/notes")
    refused("E_NOT_FOUND", "write_file", world, path="/none/n.txt", content="n")
    refused("E_PRECONDITION", "write_file", world, path="/notes", content="n")
    refused("E_PRECONDITION", "write_file", world, path="/notes/a.txt/n", content="n")


def test_lines_are_added_as_lines():
    """Whether or not the file ends with a line break."""
    world = opened()
    for path in ("/notes/a.txt", "/notes/deep/c.md"):
        CALL["append_line"](world, path=path, line="end")
    assert at(world, "/notes/a.txt")["content"] == "one\ntwo\nend\n"
    assert at(world, "/notes/deep/c.md")["content"] == "x = 1\nx = 11\nend\n"


def test_texts_are_replaced_wherever_they_stand():
    """And the answer says how often."""
    world = opened()
    assert CALL["replace_text"](world, path="/notes/deep/c.md", old="x = 1", new="y = 2")["replaced"] == 2
    assert at(world, "/notes/deep/c.md")["content"] == "y = 2\ny = 21"
    refused("E_PRECONDITION", "replace_text", world, path="/notes/a.txt", old="three", new="")
    refused("E_PRECONDITION", "replace_text", world, path="/notes/a.txt", old="", new="x")


def test_files_are_moved_to_paths_and_into_folders():
    """With owner and day; what was there is gone."""
    world = opened()
    assert CALL["move"](world, source="/notes/a.txt", target="/archive") == {"path": "/archive/a.txt"}
    assert at(world, "/notes/a.txt") is None
    assert at(world, "/archive/a.txt")["modified"] == "2026-01-01"
    CALL["move"](world, source="/archive/a.txt", target="/notes/b.txt")
    assert at(world, "/notes/b.txt")["content"] == "one\ntwo\n"
    refused("E_PRECONDITION", "move", world, source="/notes/b.txt", target="/notes")
    refused("E_PRECONDITION", "move", world, source="/notes/deep", target="/archive")
    refused("E_NOT_FOUND", "move", world, source="/notes/b.txt", target="/none/b.txt")
    refused("E_PRECONDITION", "copy", world, source="/notes/b.txt", target="/notes/b.txt")


def test_it_does_not_matter_how_a_file_came_where_it_is():
    """Moved, or copied and deleted."""
    moved, copied = opened(), opened()
    before = moved.snapshot(), copied.snapshot()
    CALL["move"](moved, source="/notes/a.txt", target="/archive/z.txt")
    CALL["copy"](copied, source="/notes/a.txt", target="/archive/z.txt")
    CALL["delete"](copied, path="/notes/a.txt")
    done, wanted = copied.diff(before[1]), moved.diff(before[0])
    assert state(done, wanted, TABLES).reward == 1.0
    CALL["move"](copied, source="/archive/z.txt", target="/archive/y.txt")
    assert state(copied.diff(before[1]), wanted, TABLES).reward == 0.0


def test_folders_are_made_and_deleted_when_empty():
    """And never the root."""
    world = opened()
    CALL["make_folder"](world, path="/archive/new")
    assert at(world, "/archive/new")["kind"] == "folder"
    refused("E_PRECONDITION", "make_folder", world, path="/archive/new/")
    refused("E_NOT_FOUND", "make_folder", world, path="/x/y")
    refused("E_PRECONDITION", "delete", world, path="/notes")
    refused("E_PRECONDITION", "delete", world, path="/")
    CALL["delete"](world, path="/archive/new")
    CALL["delete"](world, path="/archive")
    assert at(world, "/archive") is None


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("write_file", {"path": "/notes/kept.txt", "content": ""}),
        ("append_line", {"path": "/notes/kept.txt", "line": ""}),
        ("replace_text", {"path": "/notes/kept.txt", "old": "kept", "new": ""}),
        ("delete", {"path": "/notes/kept.txt"}),
        ("move", {"source": "/notes/kept.txt", "target": "/archive"}),
        ("move", {"source": "/notes/a.txt", "target": "/notes/kept.txt"}),
        ("copy", {"source": "/notes/a.txt", "target": "/notes/kept.txt"}),
    ],
)
def test_locks_hold(tool, arguments):
    """Until somebody unlocks the file."""
    world = opened()
    assert "is locked" in refused("E_POLICY", tool, world, **arguments)
    CALL["set_lock"](world, path="/notes/kept.txt", locked=False)
    CALL[tool](world, **arguments)


def test_there_is_room_for_so_much():
    """In a file, and on the disk."""
    world = opened()
    refused("E_PRECONDITION", "write_file", world, path="/notes/a.txt", content="x" * 4_001)
    refused("E_PRECONDITION", "append_line", world, path="/notes/a.txt", line="x" * 4_000)
    refused("E_PRECONDITION", "replace_text", world, path="/notes/a.txt", old="o", new="x" * 10**6)
    refused("E_ARGS", "write_file", world, path="/notes/a.txt", content="\x00")
    for number in range(200 - len(ENTRIES)):
        CALL["write_file"](world, path=f"/archive/{number}", content="")
    refused("E_PRECONDITION", "write_file", world, path="/archive/more", content="")


def test_blanks_at_ends_do_not_count():
    """Those at beginnings do."""
    assert tidied("a \nb\n\n") == tidied("a\r\nb") == "a\nb"
    assert tidied(" a\n\nb") == " a\n\nb"


def drawn_tasks(count, **options):
    """An env at its tasks, one after the other."""
    return at_tasks("llm/Files-v0", count, seed=11, **options)


def test_each_rule_is_met_alone_and_rarely():
    """No rule is worth guessing: none is against more than 4% of the tasks."""
    refusals = Counter(env.task.metadata["goal"].refusal for env in drawn_tasks(900))
    del refusals[""]
    assert set(refusals) == set(REFUSALS)
    assert max(refusals.values()) < 0.04 * 900


@pytest.mark.parametrize("rule", REFUSALS)
def test_a_refused_request_breaks_one_rule(rule):
    """The one that is wanted."""
    disks = [drawn(Chance(np.random.default_rng(seed)), NOW) for seed in range(30)]
    found = [scenario for disk in disks if (scenario := REFUSALS[rule](disk))]
    assert len(found) >= 5
    assert {scenario.refusal for scenario in found} == {rule}


def test_every_path_of_a_disk_is_normal_and_in_a_folder():
    """Of which each is there."""
    for seed in range(30):
        disk = drawn(Chance(np.random.default_rng(seed)), NOW)
        paths = {row["id"]: row for row in disk.entries}
        assert len(paths) == len(disk.entries)
        for path, row in paths.items():
            assert normal(path) == path
            assert split(path) == (row["folder"], row["name"])
            assert paths[row["folder"]]["kind"] == "folder"


def test_calls_by_chance_leave_a_whole_tree():
    """Every file is in a folder that is there, under its own path."""
    rng = np.random.default_rng(3)
    for env in drawn_tasks(20):
        paths = [row["id"] for row in env.task.metadata["scenario"].rows["entries"]]
        for _ in range(24):
            source, target = rng.choice(paths, 2).tolist()
            calls = [
                Call("move", {"source": source, "target": target}),
                Call("copy", {"source": source, "target": f"{target}x"}),
                Call("delete", {"path": source}),
                Call("make_folder", {"path": f"{source}/new"}),
            ]
            env.push(env.chat.encode_reply(env.chat.calling.write([calls[rng.integers(4)]])))
        rows = {row["id"]: row for row in env.world.query("SELECT * FROM entries")}
        for path, row in rows.items():
            assert split(path) == (row["folder"], row["name"])
            assert rows[row["folder"]]["kind"] == "folder"
