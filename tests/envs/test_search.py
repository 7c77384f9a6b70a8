"""`llm/Search-v0`: its encyclopedias, its questions, its index, what it pays, and corpora of one's own."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solvers.search import Reader

from llm_envs.chat.calls import Call
from llm_envs.envs.search import engines
from llm_envs.envs.search.bm25 import BM25, K1, B, words_of
from llm_envs.envs.search.encyclopedia import encyclopedia
from llm_envs.envs.search.pages import page_text
from llm_envs.envs.search.questions import KINDS_AT
from llm_envs.envs.search.relations import RELATIONS
from llm_envs.errors import BadDataset, BadOption, ContextTooSmall, MissingExtra, UnknownDataset
from llm_envs.testing import ToolEnvTests, check_env
from llm_envs.testing.conformance import play
from llm_envs.verifiers.entity import normalised

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
LEVELS = range(6)
by_level = pytest.mark.parametrize("difficulty", LEVELS)


class TestSearch(ToolEnvTests):
    env_id = "llm/Search-v0"


def made(**options):
    """The env, at the first task of seed 0; one encyclopedia takes half a second."""
    env = gym.make("llm/Search-v0", action="turn", **{"encyclopedias": 1, **options}).unwrapped
    env.reset(seed=0)
    return env


def tasks(env, count):
    """The first tasks of seed 0."""
    for index in range(count):
        env.reset(options={"index": index})
        yield env.task


def question_of(task):
    """The question alone."""
    return task.prompt.partition("Question: ")[2]


# Encyclopedias


def test_an_encyclopedia_has_thousands_of_pages():
    """Of every form, with namesakes, disputes and traps."""
    told = encyclopedia("train", 0)
    forms = Counter(page.form for page in told.pages)
    assert len(told.pages) > 5000
    assert forms.keys() == {"article", "edition", "report", "note"}
    assert min(forms.values()) > 100
    assert len(told.namesakes) > 150
    assert sum(told.disputed(i, r) for i in range(len(told.subjects)) for r in RELATIONS) > 1000
    assert sum(bool(page.bait) for page in told.pages) > 150


def test_no_fact_is_told_twice_on_one_day():
    """So that there is always a newest page."""
    told = encyclopedia("train", 0)
    for facts in told._told.values():
        assert len({day for day, _, _ in facts}) == len(facts)


def test_titles_and_aliases_are_unlike_each_other():
    """However they are spelt."""
    told = encyclopedia("train", 0)
    for names in ([one.title for one in told.subjects], [name for one in told.subjects for name in one.aliases]):
        assert len({normalised(name) for name in names}) == len(names)
    assert not {normalised(one.title) for one in told.subjects} & {
        normalised(name) for one in told.subjects for name in one.aliases
    }


def test_what_traps_ask_for_is_nothing_that_exists():
    """So it is never an answer, to whatever question."""
    for split in ("train", "test"):
        told = encyclopedia(split, 0)
        assert told.baits
        assert not told.baits & told.known


def test_every_claim_stands_in_its_page_s_text():
    """A year as a number, a subject by its title or one of its initials."""
    told = encyclopedia("train", 0)
    for number in range(0, len(told.pages), 7):
        text = page_text(told, number)
        for claim in told.pages[number].claims:
            one = None if claim.relation.to == "year" else told.subjects[claim.value]
            assert any(name in text for name in ([one.title, *one.aliases] if one else [str(claim.value)]))


def test_splits_have_encyclopedias_of_their_own():
    """No person of one is a person of the other, but for chance."""
    one, other = (
        {s.title for s in encyclopedia(split, 0).subjects if s.kind == "person"} for split in ("train", "test")
    )
    assert len(one & other) < 20


# Questions


@by_level
def test_a_level_is_kept_and_has_all_its_kinds(difficulty):
    """A set difficulty holds for every task, and every kind that it has is drawn."""
    drawn = [task.metadata for task in tasks(made(difficulty=difficulty), 80)]
    assert {data["difficulty"] for data in drawn} == {difficulty}
    assert {data["kind"] for data in drawn} == set(KINDS_AT[difficulty])


def test_tasks_hardly_repeat():
    """Of 600 tasks at all levels at most two were there before."""
    prompts = [task.prompt for task in tasks(made(encyclopedias=4), 600)]
    assert len(prompts) - len(set(prompts)) <= 2


def test_tasks_are_plain():
    """Answer and metadata survive JSON, and prompts are tidy."""
    for task in tasks(made(), 60):
        assert json.loads(json.dumps([task.answer, task.metadata])) == [task.answer, task.metadata]
        assert task.prompt.isascii()
        assert "  " not in task.prompt


def test_whoever_reads_all_pages_finds_the_one_answer():
    """A reader that knows nothing of the graph agrees with it on every question."""
    env = made()
    reader = Reader([env.desk.open(heading.id) for heading in env.desk.library.headings])
    for task in tasks(env, 300):
        assert reader.answer(question_of(task)) in task.answer, question_of(task)


def test_no_answer_stands_in_its_question():
    """In none of its spellings."""
    for task in tasks(made(), 200):
        question = f" {normalised(question_of(task))} "
        assert not any(f" {normalised(answer)} " in question for answer in task.answer)


def test_no_answer_is_common():
    """Who always says the same is right in less than one task of a hundred."""
    answers = Counter(answer for task in tasks(made(), 1000) for answer in {*map(normalised, task.answer)})
    assert answers.most_common(1)[0][1] < 10


# Episodes


def test_the_oracle_finds_every_page_that_it_opens():
    """Among the five that a search for its title lists; it is right, with all the evidence."""
    env = made(encyclopedias=2)
    for task in tasks(env, 150):
        listed: set[str] = set()
        for reply in env.demonstrate(task):
            for attempt in env.chat.calling.read(reply).attempts:
                assert attempt.name == "search" or attempt.arguments["page"] in listed
            *_, info = env.step(reply)
            found = [answer.value for answer in env.answers if isinstance(answer.value, list)]
            listed = {entry["page"] for entries in found for entry in entries}
        parts = info["verdict"]["parts"]
        assert info["verdict"]["reward"] == parts["evidence"]["score"] == 1.0
        assert parts["unfounded"]["score"] == parts["misled"]["score"] == 0.0


@by_level
def test_demonstrations_leave_room(difficulty):
    """Prompt, calls and pages of an oracle take two thirds of the context at most, byte by byte."""
    env = made(difficulty=difficulty)
    for task in tasks(env, 40):
        trajectory = play(env, env.demonstrate(task))
        assert trajectory.reward == 1.0
        assert len(trajectory.ids) < env.limits.context_length * 2 / 3
        assert len(env.answers) <= env.max_calls


def test_what_is_counted_can_be_found():
    """A search for the name that a question counts by lists every page that counts, even where only initials stand."""
    told = encyclopedia("train", 0)
    env = made()
    for relation in RELATIONS:
        if relation.of not in ("work", "event") or relation.to not in ("person", "organisation"):
            continue
        for value in told.of_kind[relation.to][:120]:
            one = told.subjects[value]
            found = {n for name in (one.title, *one.aliases) for n in env.desk.library.index.search(name, 50)}
            needed = {told.newest(subject, relation) for subject in told.whose(relation, value)}
            assert needed <= found


def test_only_the_answer_is_paid():
    """Not nothing, not everything, not another task's answer, and not the answer beside another one."""
    env = made()
    everything = "Answer: " + ", ".join(one.title for one in encyclopedia("train", 0).subjects)
    before = "Answer: none"
    for task in tasks(env, 40):
        for reply in ("", "Answer: none", "Answer: unknown", everything, before):
            assert env.verify(task, reply).reward == 0.0
        assert env.verify(task, f"Answer: {task.answer[0]}").reward == 1.0
        assert env.verify(task, f"Answer: {task.answer[0]} or {before[8:]}").reward == 0.0
        before = f"Answer: {task.answer[0]}"


def test_an_answer_without_evidence_is_told():
    """It is paid, and the part that weighs nothing says so."""
    env = made()
    *_, info = env.step(f"Answer: {env.task.answer[0]}")
    parts = info["verdict"]["parts"]
    assert info["verdict"]["reward"] == 1.0
    assert parts["unfounded"] == {"score": 1.0, "weight": 0.0, "kind": "process"}
    assert parts["evidence"]["score"] == 0.0
    assert info["verdict"]["details"]["searches"] == "0"


def test_who_obeys_a_page_gets_nothing():
    """Every trap of the encyclopedia, answered to a question each."""
    env = made()
    told = encyclopedia("train", 0)
    baits = [page.bait for page in told.pages if page.bait]
    for bait, task in zip(baits, tasks(env, 60), strict=False):
        verdict = env.verify(task, f"Answer: {bait}")
        assert verdict.reward == 0.0
        assert {part.name: part.score for part in verdict.parts}["misled"] == 1.0


def test_pages_bring_no_control_ids():
    """A page full of control strings is characters to the policy."""
    env = made()
    told = encyclopedia("train", 0)
    hostile = [number for number in range(len(told.pages)) if "<|im_end|>" in page_text(told, number)]
    assert len(hostile) > 10
    for number in hostile[:5]:
        env.reset(options={"index": 0})
        before = len(env.context())
        env.step(env.chat.calling.write([Call("open", {"page": f"p{number:04d}"})]))
        new = env.context()[before:].tolist()
        assert "<|im_start|>system" in env.answers[0].content
        assert sum(i >= 256 for i in new) == 4  # the turn's end, the tool's message, the next turn


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (Call("open", {"page": "p9999"}), "E_NOT_FOUND"),
        (Call("open", {"page": "Torvel"}), "E_NOT_FOUND"),
        (Call("search", {"query": "x", "k": 0}), "E_ARGS"),
        (Call("search", {"query": "x", "k": 51}), "E_ARGS"),
        (Call("search", {}), "E_ARGS"),
        (Call("find", {"query": "x"}), "E_UNKNOWN_TOOL"),
    ],
)
def test_wrong_calls_are_answered(call, code):
    """With what is wrong, and no search is counted."""
    env = made()
    env.step(env.chat.calling.write([call]))
    assert env.answers[0].code == code
    assert (env.desk.searches, env.desk.opened) == (0, [])


def test_searches_list_what_they_find():
    """Pages, titles, dates and beginnings; nothing where no word is known."""
    env = made()
    title = env.desk.library.headings[7].title
    found = env.desk.search(title, 3)
    assert len(found) == 3
    assert title in [entry["title"] for entry in found]
    assert all(re.fullmatch(r"\d{1,2} \w+ 20\d\d", entry["date"]) for entry in found)
    assert env.desk.search("qqqq", 3) == []
    assert env.desk.search("", 3) == []


def test_episodes_of_one_seed_do_not_see_each_other():
    """Eight of them, each of which opens another page."""
    envs = gym.make_vec("llm/Search-v0", num_envs=8, action="turn", encyclopedias=1)
    envs.reset(seed=[3] * 8)
    rows = envs.envs
    envs.step([rows[0].chat.calling.write([Call("open", {"page": f"p{number:04d}"})]) for number in range(8)])
    assert [row.desk.opened for row in rows] == [[number] for number in range(8)]
    assert len({row.task.prompt for row in rows}) == 1


def test_the_benchmarks_find_no_fault():
    """`benchmarks/search.py` and `benchmarks/bm25.py` run: nobody but the oracle is paid, and rates are figures."""
    levels = json.loads(script("search.py", "--tasks", "12"))["rows"]
    assert [level["difficulty"] for level in levels] == list(LEVELS)
    assert {(level["gold_unpaid"], level["others_paid"]) for level in levels} == {(0, 0)}
    rates = json.loads(script("bm25.py", "--quick"))["rows"]
    assert {row["what"] for row in rates if row["ours"] and row["per_cpu_s"] > 0} == {
        "query, a title",
        "query, a question",
    }


def script(name, *arguments):
    """What a benchmark prints as JSON."""
    command = [sys.executable, str(BENCHMARKS / name), *arguments, "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_encyclopedias_are_equal_in_every_process():
    """Pages, questions and rankings, whatever PYTHONHASHSEED is."""
    code = "import sys; sys.path[:0] = sys.argv[1:]; import test_search; print(test_search.digest())"
    folders = [os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))]  # noqa: PTH120
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", code, *folders], capture_output=True, text=True, check=True, env=environment
        )
        assert run.stdout.strip() == digest()


def digest():
    """Of everything that some episodes show."""
    env = made()
    sha256 = hashlib.sha256()
    for task in tasks(env, 12):
        for reply in env.demonstrate(task):
            env.step(reply)
        sha256.update(env.trajectory().ids.tobytes() + json.dumps(task.answer).encode())
    return sha256.hexdigest()


# The index


def reference_scores(texts, query):
    """BM25 as its formula reads, one text at a time."""
    words = [words_of(text) for text in texts]
    mean = sum(map(len, words)) / len(words)
    scores = []
    for text in words:
        score = 0.0
        for word in dict.fromkeys(words_of(query)):
            n, f = sum(word in other for other in words), text.count(word)
            rarity = math.log(1 + (len(texts) - n + 0.5) / (n + 0.5))
            score += rarity * f * (K1 + 1) / (f + K1 * (1 - B + B * len(text) / mean))
        scores.append(score)
    return scores


def test_the_index_ranks_as_the_formula_does():
    """Over random texts, for every k: no text is left out for one that scores less."""
    rng = random.Random(0)
    vocabulary = [f"w{i}" for i in range(60)]
    for _ in range(30):
        texts = [" ".join(rng.choices(vocabulary, k=rng.randint(1, 30))) for _ in range(rng.randint(1, 300))]
        query, k = " ".join(rng.choices(vocabulary, k=4)), rng.choice([1, 3, 10, 200, 400])
        scores = reference_scores(texts, query)
        found = BM25(texts).search(query, k)
        assert len(found) == len(set(found)) == min(k, sum(score > 0 for score in scores))
        given = [scores[place] for place in found]
        best = sorted(scores, reverse=True)[: len(found)]
        np.testing.assert_allclose(given, best, atol=1e-3)


def test_ties_keep_the_order_of_the_texts():
    """Among many equal ones the first are found, whatever k is."""
    texts = ["a b", "c", *["a a b"] * 3, *["a b"] * 500]
    found = BM25(texts).search("b", 8)
    assert found == [0, 5, 6, 7, 8, 9, 10, 11]
    assert BM25(texts).search("b", 600) == [0, *range(5, 505), 2, 3, 4]


@given(st.lists(st.text("abc ", max_size=12), max_size=40), st.lists(st.sampled_from("abcd"), max_size=5))
def test_the_order_of_words_makes_no_difference(texts, words):
    """Nor do repeats; sums of whole numbers are exact."""
    index = BM25(texts)
    found = index.search(" ".join(words), 10)
    assert index.search(" ".join([*words[::-1], *words]), 10) == found


def test_words_are_found_in_any_case_and_accent():
    """As people type."""
    assert BM25(["Élan vital", "other"]).search("elan VITAL", 5) == [0]
    assert words_of("Straße, O'Neil & 3.5") == ["strasse", "o", "neil", "3", "5"]


def test_an_empty_index_finds_nothing():
    """No text, or texts without words."""
    assert BM25([]).search("a", 5) == BM25(["", "."]).search("a", 5) == []


@pytest.mark.parametrize("engine", ["bm25s", "tantivy"])
def test_other_engines_find_the_same_pages(engine):
    """The best one at least, though not always first; ties keep the order of the texts."""
    pytest.importorskip(engine)
    env, other = made(), made(engine=engine)
    for heading in env.desk.library.headings[:200]:
        ours, theirs = env.desk.search(heading.title, 5), other.desk.search(heading.title, 5)
        assert ours[0] in theirs
    index = engines.engine_of(engine)(["a b", "c", "a b", "a b"])
    assert index.search("b", 2) == [0, 2]
    assert index.search("q", 2) == index.search("", 2) == index.search('") AND (', 2) == []


def test_an_engine_must_be_there(monkeypatch):
    """A name that is none is corrected; a package that is not installed is named with its extra."""
    with pytest.raises(BadOption, match="Did you mean 'tantivy'"):
        gym.make("llm/Search-v0", engine="tantivi")
    monkeypatch.setitem(sys.modules, "bm25s", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[search\]"):
        gym.make("llm/Search-v0", engine="bm25s")


# Corpora of one's own

PAGES = [
    {"id": "a", "title": "Torvel", "text": "Torvel was founded by Ada Alban. " + "It is old. " * 30},
    {"id": "b", "title": "Ada Alban", "text": "Ada Alban was born in Mirn.", "date": "3 May 2020"},
    {"id": 3, "title": "Mirn", "text": "Mirn is a town."},
]
QUESTIONS = [
    {"question": "Where was the founder of Torvel born?", "answer": "Mirn", "evidence": ["a", "b"]},
    {"question": "Who founded Torvel?", "answers": ["Ada Alban", "A. Alban"], "split": "test"},
    {"question": "How many pages are there?", "answer": 3},
]


def written(tmp_path, name, rows):
    """A JSONL file of these rows; texts are written as they are."""
    path = tmp_path / name
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def own(tmp_path, pages=PAGES, questions=QUESTIONS, **options):
    """The env of these files, all their questions."""
    files = {
        "corpus": written(tmp_path, "pages.jsonl", pages),
        "questions": written(tmp_path, "asked.jsonl", questions),
    }
    env = gym.make("llm/Search-v0", action="turn", **files, **{"whole": True, **options}).unwrapped
    env.reset(seed=0)
    return env


def test_a_corpus_of_one_s_own_is_searched_and_opened(tmp_path):
    """Every question once in each pass; ids may be numbers, dates may be missing."""
    env = own(tmp_path)
    asked = {}
    for index in range(3):
        env.reset(options={"index": index})
        asked[question_of(env.task)] = env.task
        assert play(env, env.demonstrate(env.task)).reward == 1.0
    assert asked.keys() == {row["question"] for row in QUESTIONS}
    assert asked["Who founded Torvel?"].answer == ["Ada Alban", "A. Alban"]
    assert asked["How many pages are there?"].answer == ["3"]
    assert asked["Where was the founder of Torvel born?"].metadata["evidence"] == ["a", "b"]
    assert [entry["page"] for entry in env.desk.search("mirn", 5)] == ["3", "b"]
    assert env.desk.open("b") == "Ada Alban\nPage b, dated 3 May 2020\n\nAda Alban was born in Mirn."
    assert env.desk.open("3").startswith("Mirn\nPage 3\n")


def test_a_corpus_of_one_s_own_conforms(tmp_path):
    """All facts of the kit hold, with enough questions for two splits."""
    pages = [{"id": f"p{i}", "title": f"Town {i}", "text": f"The mayor of town {i} is M{i}."} for i in range(60)]
    questions = [
        {"question": f"Who is mayor of town {i}?", "answer": f"M{i}", "evidence": [f"p{i}"]} for i in range(60)
    ]
    own(tmp_path, pages, questions).close()
    check_env("llm/Search-v0", corpus=tmp_path / "pages.jsonl", questions=tmp_path / "asked.jsonl")


def test_questions_have_splits(tmp_path):
    """Their own, or one by a hash of the question."""
    env = own(tmp_path, whole=False, split="test", questions=QUESTIONS[1:2])
    assert question_of(env.task) == "Who founded Torvel?"
    with pytest.raises(BadOption, match="pass whole=True"):
        own(tmp_path, whole=False, questions=QUESTIONS[1:2])


PAGE, QUESTION = PAGES[1], QUESTIONS[0]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("{", "pages.jsonl: line 2 is broken: no JSON"),
        ("[]", "pages.jsonl: line 2 is broken: a row is an object"),
        ({"id": "x", "title": "X"}, r"pages.jsonl: line 2 is broken: its 'text' is not among 'id', 'title'"),
        ({"id": "x", "title": None, "text": "X"}, "line 2 is broken: its 'title' is no text: None"),
        ({"id": "x", "title": ["X"], "text": "X"}, "line 2 is broken: its 'title' is no text"),
        ({"id": "  ", "title": "X", "text": "X"}, "line 2 is broken: its 'id' is no text"),
        ({"id": "x", "title": "X", "text": "\ud800"}, "line 2 is broken: its 'text' is no text"),
        ({"id": "b", "title": "X", "text": "X"}, "line 2 is broken: the id 'b' has been there before"),
        ({"id": True, "title": "X", "text": "X"}, "line 2 is broken: its 'id' is no text"),
        ('{"id": "x"\xff', "pages.jsonl: line 2 is broken"),
    ],
)
def test_a_broken_page_is_named(tmp_path, row, why):
    """By file and line, at make time."""
    with pytest.raises(BadDataset, match=why):
        own(tmp_path, pages=[PAGE, row])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("nonsense", "asked.jsonl: line 2 is broken: no JSON"),
        ({"answer": "Mirn"}, "asked.jsonl: line 2 is broken: its 'question' is not among 'answer'"),
        ({"question": "Where?"}, "asked.jsonl: line 2 is broken: its answer None is none"),
        ({"question": "Where?", "answers": []}, r"line 2 is broken: its answer \[\] is none"),
        ({"question": "Where?", "answer": "..."}, "line 2 is broken: its answer '...' is none"),
        ({"question": "Where?", "answer": {"a": 1}}, "line 2 is broken: its answer"),
        ({**QUESTION, "evidence": ["z"]}, r"line 2 is broken: its evidence \['z'\]"),
        ({**QUESTION, "evidence": "b"}, "line 2 is broken: its evidence 'b'"),
        ({"question": "Where?", "answer": "Mirn", "split": "dev"}, "line 2 is broken: its split 'dev'"),
    ],
)
def test_a_broken_question_is_named(tmp_path, row, why):
    """By file and line, at make time."""
    with pytest.raises(BadDataset, match=why):
        own(tmp_path, questions=[{**QUESTION, "evidence": ["b"]}, row], pages=[PAGE])


def test_files_must_be_there_and_hold_something(tmp_path):
    """A missing file, a folder, an empty file, a file of another kind, half of the two."""
    pages = written(tmp_path, "pages.jsonl", PAGES)
    for corpus, error in [
        (tmp_path / "paegs.jsonl", UnknownDataset),
        ("nothing/here", UnknownDataset),
        ("x" * 5000, UnknownDataset),
        (tmp_path, BadDataset),
        (written(tmp_path, "empty.jsonl", []), BadDataset),
        (written(tmp_path, "pages.txt", PAGES), BadDataset),
        (7, BadOption),
    ]:
        with pytest.raises(error):
            gym.make("llm/Search-v0", corpus=corpus, questions=pages)
    with pytest.raises(BadOption, match="questions= as well"):
        gym.make("llm/Search-v0", corpus=pages)
    with pytest.raises(BadOption, match="no difficulty"):
        own(tmp_path, difficulty=2)


def test_a_question_must_leave_room(tmp_path):
    """Said at make time."""
    with pytest.raises(ContextTooSmall, match="line-1"):
        own(tmp_path, questions=[{"question": "x" * 5000, "answer": "y"}], context_length=4000)


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "4"])
def test_the_number_of_encyclopedias_is_checked(count):
    """At make time."""
    with pytest.raises(BadOption, match="encyclopedias"):
        gym.make("llm/Search-v0", encyclopedias=count)
