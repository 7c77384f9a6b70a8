"""The journal: what was written is read, whatever happens to the process or the disk."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.errors import BrokenRun, RunBusy, StorageFailed
from llm_envs.evals.journal import Journal, encode, read_records

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5)


@given(RECORDS)
def test_records_come_back_as_they_were_written(tmp_path_factory, records):
    """Any JSON, any text, lone surrogates included, in order."""
    path = tmp_path_factory.mktemp("run") / "journal.log"
    with Journal(path) as journal:
        for record in records:
            journal.write(record)
    assert list(read_records(path)) == records


@given(st.data())
def test_a_torn_tail_is_cut_off_and_everything_before_it_stands(tmp_path_factory, data):
    """A file cut at any byte holds exactly the records that were whole, and can be appended to."""
    path = tmp_path_factory.mktemp("run") / "journal.log"
    records = [{"n": n, "text": "x" * n} for n in range(5)]
    lines = [encode(record) for record in records]
    length = data.draw(st.integers(0, sum(map(len, lines))))
    path.write_bytes(b"".join(lines)[:length])
    whole = max(n for n in range(6) if sum(map(len, lines[:n])) <= length)
    assert list(read_records(path)) == records[:whole]
    with Journal(path) as journal:
        journal.write({"later": True})
    assert list(read_records(path)) == [*records[:whole], {"later": True}]


@pytest.mark.parametrize("where", [0, 3, 12, 30])
def test_damage_before_the_end_is_named_and_nothing_is_cut(tmp_path, where):
    """A flipped byte in an early record is no torn tail: the file stays as it is."""
    path = tmp_path / "journal.log"
    content = bytearray(encode({"a": "b" * 20}) + encode({"c": 1}))
    content[where] ^= 1
    path.write_bytes(content)
    with pytest.raises(BrokenRun, match="line 1"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_second_writer_is_turned_away(tmp_path):
    """Two processes, or two engines of one process, cannot write to one run."""
    path = tmp_path / "journal.log"
    with Journal(path), pytest.raises(RunBusy, match="another process"):
        Journal(path)
    Journal(path).close()


def test_what_a_killed_process_has_written_is_there(tmp_path):
    """SIGKILL takes nothing that `write` has returned from."""
    path = tmp_path / "journal.log"
    code = (
        "import sys\nfrom pathlib import Path\nfrom llm_envs.evals.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for n in range(10**9):\n    journal.write({'n': n})\n    print(n, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(300)]
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().splitlines()]
    found = [record["n"] for record in read_records(path)]
    assert found[: len(told)] == told
    assert found == list(range(len(found)))


def test_a_full_disk_is_named_and_leaves_the_journal_as_it_was(tmp_path):
    """A record that does not fit is not half written, and can be written later."""
    path = tmp_path / "journal.log"
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom llm_envs.errors import StorageFailed\n"
        "from llm_envs.evals.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\njournal.write({'n': 0})\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (journal.length + 100, hard))\n"
        "try:\n    journal.write({'text': 'x' * 1000})\nexcept StorageFailed as error:\n    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))\njournal.write({'n': 1})\n"
    )
    told = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    assert "Make room" in told
    assert list(read_records(path)) == [{"n": 0}, {"n": 1}]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    """A folder in the place of the file, or a missing folder, is a typed error."""
    (tmp_path / "journal.log").mkdir()
    for path in (tmp_path / "journal.log", tmp_path / "missing" / "journal.log"):
        with pytest.raises(StorageFailed, match="--folder"):
            Journal(path)


def test_it_can_be_read_while_it_is_written(tmp_path):
    """A reader sees whole records only."""
    path = tmp_path / "journal.log"
    with Journal(path) as journal:
        journal.write({"n": 0})
        with path.open("ab") as file:
            file.write(b"0badc0de {half")
        assert list(read_records(path)) == [{"n": 0}]
    os.truncate(path, 0)
