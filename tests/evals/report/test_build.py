"""report.html as a file: what is in it, what never is, and what it costs to make."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib

import pytest
from runs import make_episode, make_error, make_plan, make_reply, make_run

from llm_envs.errors import StorageFailed
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.plan import EnvPlan
from llm_envs.evals.report import build
from llm_envs.evals.summary import summarise


def block(path, name):
    """What a data block of the page holds."""
    found = re.search(rf'id="{name}">([^<]*)<', path.read_text(encoding="utf-8"))
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


def report(folder, plan, outcomes, **more):
    """The report of a made-up run."""
    return build(make_run(folder, plan, outcomes), **more)


def test_columns_hold_a_value_for_each_episode(tmp_path):
    """Rewards, tags, tokens and times stand by column, in the order in which episodes ended."""
    outcomes = [make_episode(1, reward=0.25, tags={"topic": "algebra"}, difficulty=3), make_episode(0, env_s=0.25)]
    columns = block(report(tmp_path, make_plan(), outcomes), "run-index")["columns"]
    assert columns["numbers"]["task"] == [1, 0]
    assert columns["numbers"]["reward"] == [0.25, 1]
    assert columns["numbers"]["difficulty"] == [3, None]
    assert columns["numbers"]["took"] == [0.5, 0.75]
    assert columns["tags"]["topic"] == {"names": ["algebra"], "codes": [0, -1]}


def test_what_nobody_has_clocked_took_no_known_time(tmp_path):
    """Training keeps no clocks: that is not zero seconds."""
    unclocked = make_episode(step=1, replies=[make_reply(took_s=0.0)])
    assert block(report(tmp_path, make_plan(), [unclocked]), "run-index")["columns"]["numbers"]["took"] is None


def test_a_column_of_one_value_is_told_once(tmp_path):
    """No list of a hundred equal numbers."""
    index = block(report(tmp_path, make_plan(100), map(make_episode, range(100))), "run-index")
    assert index["columns"]["numbers"]["reward"] == 1
    assert index["columns"]["words"]["env"] == {"names": ["llm/Math-v0"], "codes": 0}


def test_transcripts_come_in_chunks(tmp_path):
    """Some hundreds to a chunk; the index says which row each begins with."""
    path = report(tmp_path, make_plan(600), map(make_episode, range(600)))
    firsts = block(path, "run-index")["chunks"]
    assert len(firsts) == 3
    last = block(path, "run-2")
    assert firsts[2] + len(last) == 600
    assert last[-1]["messages"][0]["content"] == "Question 599 of llm/Math-v0?"


def test_a_large_transcript_closes_its_chunk(tmp_path):
    """Opening one episode never unpacks many megabytes of others."""
    text = "x" * 700_000
    path = report(tmp_path, make_plan(4), (make_episode(task, text=text) for task in range(4)))
    assert block(path, "run-index")["chunks"] == [0, 2]


def test_an_episode_overcomes_an_earlier_error(tmp_path):
    """Only attempts that came to nothing are shown as errors."""
    outcomes = [make_error(0), make_error(1), make_episode(0)]
    index = block(report(tmp_path, make_plan(2), outcomes), "run-index")
    assert [error["task"] for error in index["errors"]] == [1]
    assert index["columns"]["rows"] == 1


def test_numbers_that_json_does_not_know_are_left_out(tmp_path):
    """A logprob that nobody knows is null."""
    episode = make_episode(replies=[make_reply("7", ids=[55, 258], logprobs=[float("nan"), -0.5])])
    tokens = block(report(tmp_path, make_plan(), [episode]), "run-0")[0]["tokens"]
    assert tokens[0]["logprobs"] == [None, -0.5]


def test_token_texts_come_from_the_tokenizer_that_fits(tmp_path):
    """Bytes where bytes say what the reply says; no texts where nothing does."""
    fits = make_episode(0, ids=[[257, 104]], replies=[make_reply("é7", ids=[0xC3, 0xA9, 55, 258])])
    assert block(report(tmp_path / "a", make_plan(), [fits]), "run-0")[0]["tokens"] == [
        {"kind": "prompt", "ids": [257, 104], "texts": ["<|im_start|>", "h"]},
        {
            "kind": "policy",
            "ids": [0xC3, 0xA9, 55, 258],
            "texts": ["\\xc3", "\\xa9", "7", "<|im_end|>"],
            "logprobs": None,
            "entropies": None,
            "advantages": None,
        },
    ]
    foreign = make_episode(0, replies=[make_reply("seven", ids=[9821])])
    assert block(report(tmp_path / "b", make_plan(), [foreign]), "run-0")[0]["tokens"][0]["texts"] is None


def test_small_images_are_inside_and_other_files_linked(tmp_path):
    """An image is one by its bytes; nothing outside the folder is shown."""
    (tmp_path / "run" / "files").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n secret")
    files = [{"name": name, "path": name, "turn": 0} for name in ("files/a.png", "files/b.png", "files/c d.html")]
    files.append({"name": "out", "path": "../secret.png", "turn": None})
    run = make_run(tmp_path / "other", make_plan(), [make_episode(files=files)])
    folder = RunFolder(tmp_path / "run", run.about)
    run.journal.rename(folder.journal)
    (folder.path / "files/a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder.path / "files/b.png").write_bytes(b"<svg onload=alert(1)>")
    (folder.path / "files/c d.html").write_text("<script>alert(1)</script>")
    assert block(build(folder), "run-0")[0]["files"] == [
        {"name": "files/a.png", "turn": 0, "data": "data:image/png;base64,iVBORw0KGgo="},
        {"name": "files/b.png", "turn": 0, "href": "files/b.png"},
        {"name": "files/c d.html", "turn": 0, "href": "files/c%20d.html"},
        {"name": "out", "turn": None},
    ]


def test_keys_stay_out(tmp_path):
    """What is named like a password, or stands before the host of an address, is not written."""
    env = EnvPlan("llm/Math-v0", {"api_key": "sk-very-secret", "limit": 3})
    plan = make_plan(model="http://me:hunter2@host/v1#m")
    folder = make_run(tmp_path, plan, [])
    folder = RunFolder(
        tmp_path, {**folder.about, "plan": {**plan.to_dict(), "envs": [{"id": env.id, "options": dict(env.options)}]}}
    )
    about = json.dumps(block(build(folder), "run-index")["about"])
    assert "sk-very-secret" not in about
    assert "hunter2" not in about
    assert "http://host/v1#m" in about


def test_what_training_has_logged_is_shown(tmp_path):
    """metrics.csv goes into the page."""
    folder = make_run(tmp_path, make_plan(), [make_episode(step=1)])
    (tmp_path / "metrics.csv").write_text("step,loss\n1,0.5\n2,nan\n")
    assert block(build(folder), "run-index")["metrics"] == {"step": [1.0, 2.0], "loss": [0.5, None]}


def test_the_policy_names_script_and_style_by_hash(tmp_path):
    """Nothing else may run, be fetched or become markup; the hashes are those of what is there."""
    text = report(tmp_path, make_plan(), [make_episode()]).read_text(encoding="utf-8")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind, tag in (("script", "script"), ("style", "style")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_nothing_of_an_episode_stands_readable_in_the_file(tmp_path):
    """Texts are compressed and in base64: there is nothing to escape."""
    episode = make_episode(text="</script><script>alert(1)</script>", tags={"</script>": "<b>"})
    text = report(tmp_path, make_plan(model="mock:</script><b>"), [episode]).read_text(encoding="utf-8")
    assert "alert(1)" not in text
    assert "<b>" not in text


def test_a_summary_at_hand_makes_the_same_page(tmp_path):
    """As the one that is worked out."""
    run = make_run(tmp_path, make_plan(40), map(make_episode, range(40)))
    page = build(run).read_bytes()
    assert build(run, summary=summarise(run)).read_bytes() == page


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    """StorageFailed, and no half a file."""
    folder = make_run(tmp_path / "run", make_plan(), [make_episode()])
    (folder.path / "report.html").mkdir()
    with pytest.raises(StorageFailed, match=r"report\.html cannot be written"):
        build(folder)
    assert not list(folder.path.glob(".report*"))


def test_an_empty_run_has_a_report(tmp_path):
    """No journal at all is no error: nothing has ended yet."""
    folder = RunFolder.create(tmp_path, make_plan())
    assert block(build(folder), "run-index")["columns"]["rows"] == 0
