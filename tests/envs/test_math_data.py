"""`llm/MathData-v0`: what it makes of data sets, sound and broken, and in which order it asks their questions."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import re
import sys
import warnings

import gymnasium as gym
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs import verifiers
from llm_envs.envs.math_data import MathData, dataset, files, hub, progress
from llm_envs.envs.math_data.layouts import Columns
from llm_envs.envs.math_data.order import position
from llm_envs.errors import BadDataset, BadOption, ContextTooSmall, MissingExtra, UnknownDataset
from llm_envs.testing import EnvTests

SAMPLES = ("sample/gsm8k", "sample/math", "sample/aime", "sample/amc")
GSM8K = {"question": "What is 2 + 3?", "answer": "Two and three are <<2+3=5>>5.\n#### 5"}
MATH = {"problem": "What is 2 + 3?", "solution": "It is $\\boxed{5}$.", "level": "Level 1", "type": "Algebra"}


class TestMathData(EnvTests):
    env_id = "llm/MathData-v0"


class TestMathDataWithRubric(EnvTests):
    env_id = "llm/MathData-v0"
    options = {"path": "sample/math", "whole": True, "rubric": {"format": 0.1, "partial": 0.2}}  # noqa: RUF012 (as declared)

    test_seeds_and_splits_give_other_tasks = None  # `whole` gives every split the same questions


def written(tmp_path, rows, name="data.jsonl"):
    """A JSONL file of these rows; texts are written as they are."""
    path = tmp_path / name
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def made(path, **options):
    """The env of a file, all its rows."""
    return gym.make("llm/MathData-v0", path=path, whole=True, **options).unwrapped


def only(env):
    """The task of an env that has one."""
    assert len(env.problems) == 1
    env.reset(seed=0)
    return env.task


# Layouts


@pytest.mark.parametrize("path", SAMPLES)
def test_samples_are_right(path):
    """Every row of every bundled sample is read without a warning, its demonstration is right and a guess is not."""
    env = made(path)
    assert len(env.problems) >= 8
    for index in range(len(env.problems)):
        env.reset(seed=0, options={"index": index})
        (reply,) = env.demonstrate(env.task)
        assert env.verify(env.task, reply).reward == 1.0, env.task
        assert env.verify(env.task, "\\boxed{-7777}").reward == 0.0


def test_the_calculations_of_the_sample_are_right():
    """The notes between << and >> of the sample in GSM8K's layout say what is true."""
    rows = (dataset._SAMPLES / "gsm8k.jsonl").read_text(encoding="utf-8")
    notes = re.findall(r"<<([\d+*/.() -]+)=(-?[\d.]+)>>", rows)
    assert len(notes) > 50
    assert all(verifiers.math(value, calculation).correct for calculation, value in notes)


ASKED = "2 + 3?"
CHOICE = "2 + 3?\n(A) 4\n(B) 5\nAnswer with the letter of the right choice."
TWO_BOXES = "\\boxed{4}, no: \\boxed{\\frac{10}{2}}"
NAMED = {"question": "q", "answer": "a"}


@pytest.mark.parametrize(
    ("row", "options", "expected"),
    [
        (GSM8K, {}, ("What is 2 + 3?", "5", "Two and three are 5.")),
        (GSM8K | {"answer": "#### 1,234"}, {}, ("What is 2 + 3?", "1,234", None)),
        (MATH, {}, ("What is 2 + 3?", "5", "It is $5$.")),
        (MATH | {"answer": "5"}, {}, ("What is 2 + 3?", "5", "It is $5$.")),
        (MATH | {"solution": TWO_BOXES}, {}, ("What is 2 + 3?", "\\frac{10}{2}", "4, no: \\frac{10}{2}")),
        (
            MATH | {"solution": "<think>4?</think> \\fbox{x} \\boxed{5}, cut: \\boxed{"},
            {},
            (f"What is {ASKED}", "5", "4? x 5, cut: {"),
        ),
        ({"problem": ASKED, "answer": "005"}, {}, (ASKED, "005", None)),
        ({"problem": ASKED, "answer": 5}, {}, (ASKED, "5", None)),
        ({"problem": ASKED, "answer": 5.0}, {}, (ASKED, "5", None)),
        ({"problem": ASKED, "answer": 2.5}, {}, (ASKED, "2.5", None)),
        ({"ID": "x", "Problem": ASKED, "Solution": "Five.", "Answer": 5}, {}, (ASKED, "5", "Five.")),
        ({"prompt": ASKED, "answer": "5"}, {}, (ASKED, "5", None)),
        ({"question": ASKED, "final_answer": "5"}, {}, (ASKED, "5", None)),
        ({"problem": ASKED, "generated_solution": "Six.", "expected_answer": "5"}, {}, (ASKED, "5", None)),
        ({"q": ASKED, "a": "5", "how": "Five."}, {**NAMED, "solution": "how"}, (ASKED, "5", "Five.")),
        ({"q": ASKED, "a": "#### 5"}, NAMED, (ASKED, "5", None)),
        ({"q": ASKED, "a": "It is 5. #### 5"}, {**NAMED, "layout": "gsm8k"}, (ASKED, "5", "It is 5.")),
        ({"question": ASKED, "response": "\\boxed{5}"}, {"solution": "response"}, (ASKED, "5", "5")),
        ({"problem": ASKED, "choices": ["4", "5"], "answer": "B"}, {}, (CHOICE, "B", None)),
        ({"problem": ASKED, "options": {"A": "4", "B": "5"}, "answer": "(b)"}, {}, (CHOICE, "B", None)),
        ({"problem": ASKED, "choices": ["(A) 4", "(B) 5"], "answer": "B."}, {}, (CHOICE, "B", None)),
        ({"problem": ASKED, "choices": ["4", "5"], "answer": "5"}, {"layout": "aime"}, (ASKED, "5", None)),
    ],
)
def test_layouts(tmp_path, row, options, expected):
    """Question, answer and solution are found where each layout has them, and the demonstration is right."""
    env = made(written(tmp_path, [row]), **options)
    task = only(env)
    question, answer, solution = expected
    assert task.prompt == f"{question}\n\nPut the final answer in \\boxed{{}}."
    assert (task.answer, task.metadata.get("solution")) == (answer, solution)
    assert env.verify(task, *env.demonstrate(task)).reward == 1.0


def test_a_solution_that_fits_no_turn_is_left_out(tmp_path):
    """A demonstration cut off in the middle would teach to leave questions unanswered."""
    row = MATH | {"solution": f"{'Well. ' * 50}\\boxed{{5}}"}
    for limit, words in ((400, "Well. Well."), (100, "The answer is 5.")):
        for rubric in (None, {"format": 0.1}):
            env = made(written(tmp_path, [row]), max_new_tokens=limit, rubric=rubric)
            (reply,) = env.demonstrate(only(env))
            assert words in reply
            assert env.push(env.chat.encode_reply(reply)).reward == 1.0


@pytest.mark.parametrize("value", [True, False, "NaN", "Infinity", [5], {"is": 5}, None, "", " "], ids=str)
def test_what_is_no_answer(tmp_path, value):
    """Neither truth values nor what is no number, nor lists."""
    row = json.dumps({"problem": ASKED, "answer": value}).replace('"NaN"', "NaN").replace('"Infinity"', "Infinity")
    with pytest.raises(BadDataset, match="line 1: it has no text in 'answer'"):
        made(written(tmp_path, [row]))


def test_metadata_says_where_a_question_comes_from(tmp_path):
    """File, line, level and subject travel with the task, and its id finds it again."""
    task = only(made(written(tmp_path, ["", MATH])))
    assert task.id == "llm/MathData-v0/train/data.jsonl/line-2"
    assert task.metadata == {
        "source": "data.jsonl",
        "place": "line 2",
        "solution": "It is $5$.",
        "level": "Level 1",
        "type": "Algebra",
    }


# Files


def test_the_same_rows_in_every_kind_of_file(tmp_path):
    """JSONL, JSON, CSV and parquet give the same problems."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{"problem": f"What is {i} + 1?", "answer": str(i + 1), "level": "1"} for i in range(20)]
    written(tmp_path, rows)
    (tmp_path / "data.json").write_text(json.dumps(rows))
    with (tmp_path / "data.csv").open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "data.parquet")
    read = [
        [problem._replace(place="") for problem in made(tmp_path / f"data{suffix}").problems]
        for suffix in files.SUFFIXES
    ]
    assert len(read) == 4
    assert read[0] == read[1] == read[2] == read[3]


def test_a_file_is_read_once(tmp_path, monkeypatch):
    """The rows of a vector env share their problems; a file that has changed is read again."""
    path = written(tmp_path, [GSM8K])
    envs = gym.make_vec("llm/MathData-v0", num_envs=4, path=path, whole=True)
    assert len({id(env.problems) for env in envs.envs}) == 1
    written(tmp_path, [GSM8K, GSM8K | {"question": "And what is 1 + 4?"}])
    assert len(made(path).problems) == 2


def test_loading_shows_how_far_it_is_only_where_it_takes_long(tmp_path, monkeypatch, capsys):
    """A bar stands on a terminal once patience is over, and nowhere before; the rows are the same."""
    rows = [files.Row(f"line {i}", {}) for i in range(2500)]
    assert list(progress.watched(iter(rows), "reading", 2500, lambda: 7)) == rows
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "PATIENCE_S", 0.0)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert list(progress.watched(iter(rows), "reading", 2500, lambda: 7)) == rows
    assert "reading" in capsys.readouterr().err


# Splits and order


def test_a_hash_deals_rows_without_a_split(tmp_path):
    """Every row is in one split, about a tenth in each small one, and a row stays where it is when others come."""
    rows = [{"problem": f"What is {i} + 1?", "answer": i + 1} for i in range(1000)]
    path = written(tmp_path, rows)
    dealt = {split: MathData(path=path, split=split).problems for split in ("train", "validation", "test")}
    questions = {split: {problem.question for problem in problems} for split, problems in dealt.items()}
    assert sum(map(len, dealt.values())) == len(set().union(*questions.values())) == 1000
    assert 60 < len(dealt["test"]) < 140
    assert 60 < len(dealt["validation"]) < 140
    half = MathData(path=written(tmp_path, rows[::2], "half.jsonl"), split="test").problems
    assert {problem.question for problem in half} < questions["test"]


def test_a_column_says_the_split(tmp_path):
    """Its usual short names are understood."""
    names = ("train", "dev", "val", "validation", "test", "TEST")
    rows = [MATH | {"problem": f"{i} + 0?", "split": name} for i, name in enumerate(names)]
    counts = [
        len(MathData(path=written(tmp_path, rows), split=split).problems) for split in ("train", "validation", "test")
    ]
    assert counts == [1, 3, 2]


@given(st.integers(1, 40), st.integers(0, 2**130), st.integers(0, 200), st.sampled_from(("train", "test")))
def test_a_pass_and_a_sweep_meet_every_problem_once(count, seed, index, split):
    """Of n problems: n indices of a seed from a multiple of n on are a permutation, and so are n seeds in a row."""
    first = index - index % count
    assert {position("me", split, count, seed, first + i) for i in range(count)} == set(range(count))
    assert {position("me", split, count, seed + i, index) for i in range(count)} == set(range(count))


def test_passes_and_seeds_have_orders_of_their_own():
    """Neither the next pass nor the next seed repeats an order, shifted or not, beyond chance."""
    orders = [
        [position("me", "train", 1000, seed, first + i) for i in range(1000)] for seed in (0, 1) for first in (0, 1000)
    ]
    for i, one in enumerate(orders):
        for other in orders[:i]:
            for shift in range(3):
                assert sum(a == b for a, b in zip(one, other[shift:], strict=False)) < 10


def test_an_epoch_of_the_env_meets_every_row(tmp_path):
    """`reset` after `reset` asks every question before it asks one again."""
    env = made("sample")
    env.reset(seed=5)
    ids = [env.task.id, *(env.reset()[1]["task_id"] for _ in range(2 * len(env.problems) - 1))]
    assert len(set(ids[:30])) == len(set(ids[30:])) == len(env.problems) == 30
    assert ids[:30] != ids[30:]


# What cannot be read


def test_unreadable_answers_are_left_out_and_named(tmp_path):
    """A warning counts the rows, and gives line and reason of the first few; the others are played."""
    bad = [
        {"question": "a?", "answer": "no hashes"},
        {"question": "b?", "answer": "#### "},
        {"question": "c?", "answer": "#### 1/0"},
        {"question": None, "answer": "#### 5"},
        {"answer": "#### 5"},
        {"question": "\ud800", "answer": "#### 5"},
        {"question": "d?", "answer": f"#### {'word ' * 1000}"},
    ]
    path = written(tmp_path, [GSM8K, *bad])
    with pytest.warns(UserWarning, match="7 of 8 rows are left out") as caught:
        env = made(path)
    assert [problem.place for problem in env.problems] == ["line 1"]
    message = str(caught[0].message)
    assert message.startswith(str(path))
    assert "line 2: its 'answer' does not end in #### and the answer" in message
    assert "line 4: the reference cannot be read: it divides by zero" in message
    assert message.endswith("and 2 more")


def test_repeated_questions_are_named_and_kept(tmp_path):
    """With those that contradict each other."""
    rows = [GSM8K, GSM8K, GSM8K | {"answer": "#### 6"}]
    with pytest.warns(
        UserWarning, match="more than once\n- line 2 repeats line 1\n- line 3 repeats line 1, and has another"
    ):
        assert len(made(written(tmp_path, rows)).problems) == 3


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([GSM8K, '{"question": "a?", '], {}, "data.jsonl: line 2 is broken: no JSON"),
        ([GSM8K, "[1, 2]"], {}, "line 2 is broken: a row is an object with named values, and this is a list"),
        ([GSM8K, "7"], {}, "this is a number"),
        (["[" * 100_000], {}, "line 1 is broken"),
        (['{"question": "?", "answer": ' + "9" * 5000 + "}"], {}, "line 1 is broken"),
        ([], {}, "data.jsonl: the data set is empty"),
        (["", ""], {}, "the data set is empty"),
        ([{"text": "?", "label": 5}], {}, "there is no column 'question'"),
        ([{"question": "?", "label": 5}], {}, "there is no column 'answer'"),
        ([{"question": "?", "label": 5}], {"answer": "labels"}, "Did you mean 'label'"),
        ([GSM8K], {"question": "qestion"}, "Did you mean 'question'"),
        ([GSM8K], {"layout": "amc"}, "there is no column 'choices'"),
        ([MATH], {"layout": "aime"}, "there is no column 'answer'"),
        ([{"question": "?", "answer": "1/0"}], {}, "(?s)no row .* can be asked.*line 1: .*divides by zero"),
        ([MATH | {"solution": "Five."}], {}, "(?s)no row .*has no answer in .boxed"),
        ([{"problem": "?", "choices": ["1", "2"], "answer": "C"}], {}, "none of the letters A to B"),
        ([{"problem": "?", "choices": "12", "answer": "A"}], {}, "no list of 2 to 10 choices"),
        ([{"problem": "?", "choices": {"text": ["1"], "label": ["A"]}, "answer": "A"}], {}, "nor named A, B"),
        ([{"problem": "?", "choices": ["1", "\ud800"], "answer": "A"}], {}, "holds half a character"),
        ([MATH | {"split": "holdout"}], {}, "its split 'holdout' is none of"),
        ([MATH | {"split": "holdout"}] * 3, {}, "(?s)no row .*its split 'holdout' is none of.*; and 2 more"),
    ],
    ids=lambda value: "" if isinstance(value, list) else None,
)
def test_broken_files_are_refused(tmp_path, rows, options, words):
    """When the env is made, by an error that names the file, and the line where there is one."""
    path = written(tmp_path, rows)
    with pytest.raises(BadDataset, match=words) as caught:
        made(path, **options)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("data.jsonl", b'{"question": "\xff"}', "(?s)line 1 is broken: .*can't decode.*UTF-8"),
        ("data.json", b'{"rows": []}', "no list of rows"),
        ("data.json", b"[]", "the data set is empty"),
        ("data.json", b'[\n{"problem": "?"\n"answer": 5}]', "line 3 is broken: no JSON"),
        ("data.json", b'{"problem": "?"}\n{"problem": "!"}', "(?s)line 2 is broken: no JSON.*name it .jsonl"),
        ("data.json", b"[1]", "item 1 is broken"),
        ("data.csv", b"problem,answer\n2 + 3?,5,6\n", "line 2 is broken: it has another number of fields"),
        ("data.csv", b"problem,answer\n2 + 3?\n", "line 2 is broken: it has another number of fields"),
        ("data.csv", b'problem,answer\n2 + 3?,5\n"2 + 4?,6\n', "line 3 is broken|line 4 is broken"),
        ("data.csv", b"problem,answer\n\xff,5\n", "(?s)the file is broken: .*can't decode.*UTF-8"),
        ("data.csv", b"problem;answer\n2 + 3?;5\n", "not separated by commas"),
        ("data.csv", b"", "the data set is empty"),
        ("data.txt", b"2 + 3?", "a file of another kind"),
        ("data.parquet", b"PAR1", "row 1 is broken"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_broken_bytes_are_refused(tmp_path, name, content, words):
    """In every kind of file."""
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadDataset, match=words):
        made(path)


def test_a_parquet_file_cut_short_is_refused(tmp_path):
    """By an error of ours, whatever pyarrow calls it."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "data.parquet"
    parquet.write_table(pyarrow.Table.from_pylist([{"problem": f"{i}?", "answer": i} for i in range(2000)]), path)
    whole = path.read_bytes()
    for end in (len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:end] + whole[-8:])
        with pytest.raises(BadDataset, match=r"data.parquet: row 1 is broken"):
            made(path)


odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.text(max_size=2), max_size=3),
    st.sampled_from(["#### 5", "\\boxed{5}", "\\boxed{", "<think>", "1/0", "A", "\ud800", "x" * 5000]),
)
odd_columns = st.sampled_from(["question", "problem", "answer", "solution", "choices", "split", "level", ""])


@given(st.lists(st.dictionaries(odd_columns, odd_values, max_size=5), max_size=4))
def test_whatever_the_rows_errors_are_typed_and_oracles_right(tmp_path_factory, rows):
    """Odd values in odd columns: an error of ours, or an env whose demonstrations are paid in full."""
    path = written(tmp_path_factory.mktemp("odd"), rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that rows are left out
        try:
            env = made(path, context_length=2**16)
        except BadDataset:
            return
    for index in range(len(env.problems)):
        env.reset(seed=0, options={"index": index})
        assert env.push(env.chat.encode_reply(*env.demonstrate(env.task))).reward == 1.0


@given(st.integers(0, 2**32), st.sampled_from(["gsm8k.jsonl", "aime.csv", "amc.json"]))
def test_whatever_happens_to_a_file_errors_are_typed(tmp_path_factory, seed, name):
    """Bytes changed, cut out and put in: an error of ours, or an env."""
    rng = random.Random(seed)
    content = bytearray((dataset._SAMPLES / name).read_bytes())
    for _ in range(rng.choice((1, 2, 20))):
        place = rng.randrange(len(content))
        content[place : place + rng.randrange(9)] = rng.choices(b'"\\{}[],\n\r:# \x00\xff7', k=rng.randrange(4))
    path = tmp_path_factory.mktemp("changed") / name
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that rows are left out
        with contextlib.suppress(BadDataset):
            made(path)


def test_a_missing_file_is_told_with_what_lies_beside_it(tmp_path):
    """And a folder with what is in it."""
    written(tmp_path, [GSM8K], "train.jsonl")
    with pytest.raises(UnknownDataset, match=r"(?s)there is no file .*Did you mean 'train.jsonl'"):
        made(tmp_path / "trian.jsonl")
    with pytest.raises(BadDataset, match=r"(?s)is a folder.*train.jsonl"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"path": None}, BadOption, "path is no path"),
        ({"path": 7}, BadOption, "path is no path"),
        ({"path": "x" * 5000}, UnknownDataset, "the path cannot be looked up"),
        ({"question": 7}, BadOption, "this is no name"),
        ({"solution": ["a"]}, BadOption, "this is no name"),
        ({"path": "nothing"}, UnknownDataset, "no file, and no name on the Hub"),
        ({"layout": "gsm"}, BadOption, "Did you mean 'gsm8k'"),
        ({"name": "main"}, BadOption, "for data sets on the Hub"),
        ({"paths": "x"}, BadOption, "Did you mean 'path'"),
        ({"path": "sample/mth"}, UnknownDataset, "(?s)no sample 'sample/mth'.*Did you mean 'sample/math'"),
        ({"path": "sample/aime", "split": "test"}, BadOption, "(?s)no problem of split 'test'.*whole=True"),
        ({"rubric": {"format": 1}}, BadOption, r"a number in \[0, 0.5\)"),
        ({"context_length": 100}, ContextTooSmall, "the question at line 2 of gsm8k.jsonl leaves no room"),
        ({"difficulty": 1}, BadOption, "no difficulty"),
    ],
    ids=str,
)
def test_bad_options_are_refused(options, error, words):
    """When the env is made, not at the thousandth step."""
    with pytest.raises(error, match=words):
        gym.make("llm/MathData-v0", **options)


# The Hub


def test_rows_of_the_hub_know_their_split(tmp_path, monkeypatch):
    """`datasets` itself loads a folder of that name; its splits are those of the env."""
    pytest.importorskip("datasets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "me" / "set"
    folder.mkdir(parents=True)
    written(folder, [GSM8K | {"question": f"{i}?"} for i in range(5)], "train.jsonl")
    written(folder, [GSM8K | {"question": f"and {i}?"} for i in range(2)], "test.jsonl")
    source = dataset.Source("me/set", None, None, None, None, Columns())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, of multiprocessing and files left open
        problems = dataset.load(source, None)
    assert [problem.place for problem in problems] == [
        *(f"train row {i}" for i in range(1, 6)),
        "test row 1",
        "test row 2",
    ]
    assert [problem.question for problem in dataset.load(source, "test")] == ["and 0?", "and 1?"]
    with pytest.raises(BadOption, match=r"(?s)no problem of split 'validation'.*'test', 'train'"):
        dataset.load(source, "validation")


def test_what_the_hub_does_not_have_is_told_in_its_words(monkeypatch):
    """No network is an error that says so, when the env is made."""
    datasets = pytest.importorskip("datasets")

    def unreachable(path, name, revision):
        raise ConnectionError("the Hub cannot be reached")

    monkeypatch.setattr(datasets, "load_dataset", unreachable)
    with pytest.raises(UnknownDataset, match=r"(?s)'openai/gsm8k' cannot be loaded.*the Hub cannot be reached"):
        made("openai/gsm8k", name="main")


@pytest.mark.parametrize(("package", "path"), [("pyarrow", "data.parquet"), ("datasets", "openai/gsm8k")])
def test_missing_packages_are_named(tmp_path, monkeypatch, package, path):
    """With the line that installs them."""
    (tmp_path / "data.parquet").write_bytes(b"PAR1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf'(?s)needs the package {package!r}.*pip install "llm-envs\[data\]"'):
        made(path)


def test_hub_names_are_names():
    """What is none is not looked up."""
    with pytest.raises(UnknownDataset, match="no name on the Hub"):
        hub.read("a b/c", None, None)


def test_paths_may_be_paths(tmp_path, monkeypatch):
    """`~` is the home folder, and a Path is as good as a text."""
    monkeypatch.setenv("HOME", str(tmp_path))
    path = written(tmp_path, [GSM8K])
    assert len(made(path).problems) == len(made(os.fspath(path)).problems) == len(made("~/data.jsonl").problems) == 1
