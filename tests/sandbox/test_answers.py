"""What is remembered of answers, and what is let go."""

from __future__ import annotations

from llm_envs.sandbox.answers import Answers

MIB = 1 << 20


def test_an_answer_is_remembered():
    """By its key."""
    answers = Answers(1)
    answers.put(b"a", b"1")
    assert answers.get(b"a") == b"1"
    assert answers.get(b"b") is None


def test_the_least_used_is_let_go_first():
    """Asking for an answer keeps it."""
    answers = Answers(1)
    for key in (b"a", b"b"):
        answers.put(key, key * (MIB * 2 // 5))
    answers.get(b"a")
    answers.put(b"c", b"c" * (MIB * 2 // 5))
    assert [answers.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]


def test_what_is_larger_than_all_room_is_not_kept():
    """Nor does it drive out the rest; nothing is kept where there is no room."""
    answers = Answers(1)
    answers.put(b"a", b"1")
    answers.put(b"b", b"x" * MIB)
    assert answers.get(b"a") == b"1"
    assert answers.get(b"b") is None
    none = Answers(0)
    none.put(b"a", b"1")
    assert none.get(b"a") is None


def test_room_is_counted_right():
    """Ten thousand answers through little room leave it as large as it was."""
    answers = Answers(0.01)
    for number in range(10_000):
        answers.put(b"%d" % number, b"x" * (number % 50))
    held = sum(len(answer) + 300 for answer in answers._held.values())
    assert answers._room == answers._capacity - held
    assert 0 <= answers._room < 400
