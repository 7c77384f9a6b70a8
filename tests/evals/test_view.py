"""The live view as a server: whom it answers, what it serves, and what it learns while a run goes on."""

from __future__ import annotations

import http.client
import json
import zlib
from contextlib import contextmanager
from threading import Thread

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run, records_of

from llm_envs.errors import BadOption, BrokenRun
from llm_envs.evals.folder import RunFolder, about_run, write_about
from llm_envs.evals.journal import Journal
from llm_envs.evals.view import Viewer


@contextmanager
def viewing(path):
    """A viewer that serves."""
    viewer = Viewer(path)
    thread = Thread(target=viewer.serve)
    thread.start()
    try:
        yield viewer
    finally:
        viewer.stop()
        thread.join()
        viewer.close()


def ask(viewer, path, *, token=None, host=None):
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", viewer.port, timeout=20)
    joint = "&" if "?" in path else "?"
    headers = {"Host": host} if host else {}
    connection.request("GET", f"{path}{joint}token={viewer.token if token is None else token}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def index(viewer, after=0, prefix="/"):
    """What the page asks for first, and again."""
    return json.loads(ask(viewer, f"{prefix}index?after={after}")[2])


@pytest.fixture
def folder(tmp_path):
    """A run with one of three episodes played."""
    return make_run(tmp_path / "run", make_plan(3), [make_episode(0)])


def test_the_page_is_served_under_its_policy(folder):
    """HTML that may ask this server alone, and that nobody frames or caches."""
    with viewing(folder.path) as viewer:
        status, headers, body = ask(viewer, "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"connect-src &#x27;self&#x27;" in body
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/index", "/chunk/0", "/file/run.json"])
def test_without_the_token_there_is_nothing(folder, path):
    """Neither the page nor data."""
    with viewing(folder.path) as viewer:
        assert ask(viewer, path, token="wrong")[0] == 403
        assert ask(viewer, path, token="")[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example"])
def test_other_host_names_are_refused(folder, host):
    """A page that has its own name resolve to this machine learns nothing, token or not."""
    with viewing(folder.path) as viewer:
        assert ask(viewer, "/index", host=host)[0] == 403
        assert ask(viewer, "/index", host=f"localhost:{viewer.port}")[0] == 200


def test_it_listens_on_loopback_alone(folder):
    """No other machine can reach it."""
    with viewing(folder.path) as viewer:
        assert viewer._server.server_address[0] == "127.0.0.1"


def test_new_episodes_come_without_the_old(folder):
    """Rows from where one was; an error that an episode overcomes is gone; transcripts come in a chunk of their own."""
    with viewing(folder.path) as viewer, Journal(folder.journal) as journal:
        assert index(viewer)["columns"]["rows"] == 1
        for record in records_of(make_error(1)):
            journal.write(record)
        assert [error["task"] for error in index(viewer, 1)["errors"]] == [1]
        for record in records_of(make_episode(1, reward=0.5)):
            journal.write(record)
        found = index(viewer, 1)
        assert (found["errors"], found["columns"]["rows"], found["columns"]["after"]) == ([], 2, 1)
        assert found["columns"]["numbers"]["reward"] == 0.5
        assert found["chunks"] == [0, 1]
        chunk = json.loads(zlib.decompress(ask(viewer, "/chunk/1")[2]))
        assert chunk[0]["messages"][1]["content"] == "\\boxed{7}"


def test_replies_are_joined_across_looks(folder):
    """A reply read at one look belongs to the episode read at the next."""
    reply, episode = records_of(make_episode(2, text="late"))
    with viewing(folder.path) as viewer, Journal(folder.journal) as journal:
        journal.write(reply)
        assert index(viewer)["columns"]["rows"] == 1
        journal.write(episode)
        index(viewer)
        assert json.loads(zlib.decompress(ask(viewer, "/chunk/1")[2]))[0]["messages"][-1]["content"] == "late"


def test_figures_are_those_of_the_summary(folder):
    """With an interval, from the same code as summary.json."""
    with viewing(folder.path) as viewer:
        assert index(viewer)["summary"]["scored"] == 1


def test_a_run_that_went_back_is_read_anew(tmp_path):
    """Training that resumes from a checkpoint drops episodes; the page is told by a new generation."""
    write_about(tmp_path, about_run("training", config={}))
    with Journal(RunFolder.open(tmp_path).journal) as journal, viewing(tmp_path) as viewer:
        journal.write({"kind": "step", "step": 1})
        for record in records_of(make_episode(0, step=2)):
            journal.write(record)
        assert index(viewer)["columns"]["rows"] == 1
        journal.rewind(lambda record: record["kind"] == "step")
        found = index(viewer, 1)
        assert (found["generation"], found["columns"]["rows"]) == (1, 0)


def test_files_of_the_run_are_served_and_no_others(folder, tmp_path):
    """Images as images; anything else to be saved, and unable to run; nothing outside the folder."""
    (folder.path / "files").mkdir()
    (folder.path / "files" / "shot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder.path / "files" / "page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "secret").write_text("secret")
    with viewing(folder.path) as viewer:
        status, headers, _ = ask(viewer, "/file/files/shot.png")
        assert (status, headers["Content-Type"]) == (200, "image/png")
        _, headers, _ = ask(viewer, "/file/files/page.html")
        assert (headers["Content-Type"], headers["Content-Disposition"]) == ("application/octet-stream", "attachment")
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        for path in (
            "/file/../secret",
            "/file/%2e%2e/secret",
            "/file//etc/passwd",
            "/file/%00",
            "/file/%ff",
            "/file/%2fetc%2fpasswd",
        ):
            assert ask(viewer, path)[0] == 404


@pytest.mark.parametrize("path", ["/chunk/9", "/chunk/-1", "/chunk/x", "/chunk/", "/nothing", "/run/run/"])
def test_what_is_not_there_is_not_found(folder, path):
    """404, whatever is asked."""
    with viewing(folder.path) as viewer:
        assert ask(viewer, path)[0] == 404


def test_a_folder_of_runs_is_a_list(folder, tmp_path):
    """Each run with what it is, and below its name everything that a run serves."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "newer").mkdir()
    (tmp_path / "newer" / "run.json").write_text('{"format": 99}')
    with viewing(tmp_path) as viewer:
        runs = json.loads(ask(viewer, "/index")[2])["runs"]
        assert {run["name"] for run in runs} == {"run", "newer"}
        [run] = [run for run in runs if run["name"] == "run"]
        assert (run["kind"], run["envs"], run["model"], run["size"]) == ("evaluation", "llm/Math-v0", "mock:gold", "3")
        assert index(viewer, prefix="/run/run/")["columns"]["rows"] == 1
        assert ask(viewer, "/run/run/")[0] == 200
        assert ask(viewer, "/run/notes/")[0] == 404
        assert ask(viewer, "/run/../run/")[0] == 404
        assert ask(viewer, "/run/newer/index")[0] == 500


def test_a_damaged_journal_is_told(folder):
    """As text, while the server lives on."""
    damaged = folder.journal.read_bytes().replace(b"boxed", b"bOxed")
    folder.journal.write_bytes(damaged + damaged)
    with viewing(folder.path) as viewer:
        status, _, body = ask(viewer, "/index")
        assert (status, b"damaged in line 1" in body) == (500, True)
        assert ask(viewer, "/")[0] == 200


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    """BrokenRun, before anything is served."""
    with pytest.raises(BrokenRun, match="there is no folder"):
        Viewer(tmp_path / "nowhere")


def test_a_port_that_is_taken_is_told(folder):
    """BadOption says what to do."""
    with viewing(folder.path) as viewer, pytest.raises(BadOption, match=f"port {viewer.port} cannot be used"):
        Viewer(folder.path, viewer.port)


def test_long_answers_are_whole(folder):
    """A transcript of a megabyte arrives as it is."""
    with viewing(folder.path) as viewer, Journal(folder.journal) as journal:
        for record in records_of(make_episode(1, replies=[make_reply("x" * 1_000_000)])):
            journal.write(record)
        index(viewer)
        assert len(json.loads(zlib.decompress(ask(viewer, "/chunk/0")[2]))[1]["messages"][1]["content"]) == 1_000_000
