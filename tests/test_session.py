"""The token MDP: its rules one by one, and that how ids come in makes no difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import CONTROL_STRINGS, END, SAYINGS, Odd, Scripted

from llm_envs import BadReference, InfrastructureError, StopReason, Task, Verdict
from llm_envs.chat import ByteTokenizer
from llm_envs.envs.guess_number import GuessNumber
from llm_envs.errors import BadTask, BadVerdict, ContextTooSmall, InvalidAction, ResetNeeded
from llm_envs.session import Limits, Session

CHAT = ByteTokenizer()
A = ord("a")

tokens = st.one_of(st.sampled_from([END, *b"0123456789", *b"a\n"]), st.integers(0, CHAT.vocab_size - 1))
streams = st.lists(tokens, max_size=60)
cuts = st.lists(st.integers(0, 9), max_size=30)
limits = st.fixed_dictionaries(
    {"max_new_tokens": st.integers(1, 9), "max_turns": st.integers(1, 4), "context_length": st.integers(250, 500)}
)


class World:
    """Dynamics from two values; exceptions are raised, callables called."""

    def __init__(self, answer=StopReason.END_OF_TURN, verdict=1.0):
        self.answer, self.verdict, self.heard, self.judged = answer, verdict, [], []

    def respond(self, task, reply):
        self.heard.append(reply)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def verify(self, task, reply):
        self.judged.append(reply)
        if isinstance(self.verdict, BaseException):
            raise self.verdict
        return self.verdict


def opened(world, max_new_tokens=8, max_turns=3, context_length=200, prompt="go"):
    """A session in its first turn, and the prompt's ids."""
    session = Session(CHAT, world, Limits(max_new_tokens, max_turns, context_length))
    return session, session.begin(Task(prompt=prompt, id="t"))


def played(session, ids, cuts, *, logprobs=False):
    """Push `ids` in pieces of these sizes, the rest in one; the events, one a turn that ended.

    Ids that a turn did not take go into the next push, as a rollout would do it.
    """
    events, position = [], 0
    sizes = iter(cuts)
    while position < len(ids) and not session.done:
        size = next(sizes, len(ids))
        piece = ids[position : position + size]
        turn = session.push(piece, [-0.01 * (position + i) for i in range(len(piece))] if logprobs else None)
        position += turn.consumed
        assert len(turn.ids) == len(turn.mask)
        assert turn.mask.sum() == turn.consumed
        assert turn.done == session.done
        if turn.ended:
            events.append((position, turn.reward, turn.terminated, turn.truncated, turn.info))
        else:
            assert (turn.info, turn.reward, turn.done, turn.consumed) == ({}, 0.0, False, len(piece))
    return events


def state(session):
    """All that a session holds of an episode."""
    ledger = session._ledger
    return {
        "ids": ledger.ids().tolist(),
        "mask": ledger.mask().tolist(),
        "logprobs": ledger.logprobs().tobytes(),
        "spans": session.spans,
        "messages": session.messages,
        "budget": session.budget,
        "stop_reason": session.stop_reason,
        "verdict": session.verdict and session.verdict.to_dict(),
    }


@pytest.mark.parametrize("env_class", [GuessNumber, Odd])
@given(seed=st.integers(0, 10**6), ids=streams, cuts=cuts, limits=limits, logprobs=st.booleans())
def test_the_partition_of_pushes_does_not_matter(*, env_class, seed, ids, cuts, limits, logprobs):
    """One id a push, any pieces, or all at once: the same events and the same record."""
    outcomes = []
    for sizes in ([1] * len(ids), cuts, []):
        env = env_class(**limits)
        env.reset(seed=seed)
        events = played(env.session, ids, sizes, logprobs=logprobs)
        outcomes.append((events, state(env.session)))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize("env_class", [GuessNumber, Odd])
@given(st.integers(0, 10**6), streams)
def test_the_record_is_whole(env_class, seed, ids):
    """Arrays have one length, spans tile them; the mask is True on sampled spans alone, which hold what was pushed."""
    env = env_class(max_new_tokens=6)
    prompt = env.reset(seed=seed)[0]
    events = played(env.session, ids, [], logprobs=True)
    ledger = env.session._ledger
    taken = events[-1][0] if env.session.done else len(ids)
    assert len(ledger.ids()) == len(ledger.mask()) == len(ledger.logprobs()) <= env.limits.context_length
    assert ledger.ids()[ledger.mask()].tolist() == ids[:taken]
    np.testing.assert_array_equal(ledger.logprobs()[ledger.mask()], np.float32([-0.01 * i for i in range(taken)]))
    assert not ledger.logprobs()[~ledger.mask()].any()
    edges = [0, *(span.end for span in ledger.spans)]
    assert [span.start for span in ledger.spans] == edges[:-1]
    assert edges[-1] == len(ledger)
    assert ledger.spans[0] == ("prompt", 0, len(prompt))
    for kind, start, end in ledger.spans:
        assert set(ledger.mask()[start:end]) == {kind == "sampled"}


@given(st.integers(0, 10**6), streams)
def test_a_finished_episode_is_a_trajectory(seed, ids):
    """A trajectory is there exactly when the episode is over, and repeats the record."""
    env = Odd()
    env.reset(seed=seed)
    events = played(env.session, ids, [])
    if not env.session.done:
        with pytest.raises(ResetNeeded, match="not over"):
            env.trajectory()
        return
    trajectory = env.trajectory()
    _, reward, terminated, truncated, info = events[-1]
    assert terminated != truncated
    assert trajectory.ids.tolist() == env.session.context().tolist()
    assert (trajectory.reward, trajectory.stop_reason, trajectory.turns) == (reward, info["stop_reason"], info["turn"])
    assert trajectory.turns == len(events) == sum(message["role"] == "assistant" for message in trajectory.messages)
    assert trajectory.trainable == ("infrastructure_error" not in info)
    assert (trajectory.verdict is not None) == ("verdict" in info) == trajectory.trainable
    assert trajectory.ids[: trajectory.prompt_length].tolist() == CHAT.encode_prompt(env.task.messages)
    assert all(event[1] == 0.0 and not event[2] and not event[3] for event in events[:-1])


def test_a_stop_id_ends_the_turn():
    """The world hears the turn without its stop id; what it says is judged."""
    world = World()
    session, _ = opened(world)
    turn = session.push([A, A, END])
    assert (world.heard, world.judged) == (["aa"], ["aa"])
    assert (turn.terminated, turn.truncated, turn.reward, turn.ended, turn.consumed) == (True, False, 1.0, True, 3)
    assert turn.info["stop_reason"] == "end_of_turn"


def test_an_empty_reply_is_judged():
    """The stop id alone is a turn."""
    world = World(verdict=0.0)
    session, _ = opened(world)
    assert session.push([END]).terminated
    assert world.judged == [""]


def test_ids_after_the_turn_are_not_taken():
    """`consumed` says how many were."""
    session, prompt = opened(World())
    turn = session.push([A, END, A, A])
    assert (turn.consumed, turn.ids.tolist()) == (2, [A, END])
    assert len(session.context()) == len(prompt) + 2


def test_a_turn_without_stop_stays_open():
    """Nothing is heard, nothing is judged, and the next push goes on."""
    world = World()
    session, _ = opened(world)
    turn = session.push([A])
    assert (turn.ended, turn.done, turn.info, world.heard, session.budget) == (False, False, {}, [], 7)
    session.push([END])
    assert world.heard == ["a"]


def test_pushing_nothing_changes_nothing():
    """An empty push is an empty turn."""
    session, prompt = opened(World())
    turn = session.push([])
    assert (turn.consumed, len(turn.ids), turn.ended, turn.info) == (0, 0, False, {})
    assert session.context().tolist() == prompt.tolist()


@pytest.mark.parametrize(("max_new_tokens", "context", "reason"), [(4, 99, "max_new_tokens"), (9, 4, "context_full")])
def test_a_limit_truncates_and_the_world_does_not_answer(max_new_tokens, context, reason):
    """The reply is judged as it stands; the world never hears it."""
    world = World(verdict=0.5)
    length = len(CHAT.encode_prompt(Task(prompt="go").messages))
    session, _ = opened(world, max_new_tokens=max_new_tokens, context_length=length + context)
    turn = session.push([A] * 20)
    assert (turn.terminated, turn.truncated, turn.consumed, turn.reward) == (False, True, 4, 0.5)
    assert turn.info["stop_reason"] == reason
    assert (world.heard, world.judged) == ([], ["aaaa"])


def test_a_stop_id_in_the_last_place_is_in_time():
    """`max_new_tokens` counts the stop id."""
    session, _ = opened(World(), max_new_tokens=3)
    assert session.push([A, A, END]).info["stop_reason"] == "end_of_turn"


def test_max_turns_truncates():
    """The last turn is heard and judged, and its answer is not appended."""
    world = World(answer=SAYINGS["several"])
    session, _ = opened(world, max_turns=2)
    assert not session.push([A, END]).done
    turn = session.push([A, END])
    assert (turn.truncated, turn.info["stop_reason"], turn.ids.tolist()) == (True, "max_turns", [A, END])
    assert world.heard == ["a", "a"]


def test_an_answer_that_does_not_fit_truncates():
    """There must be room for one more id; nothing of the answer is appended."""
    session, prompt = opened(World(answer=SAYINGS["long"]))
    turn = session.push([A, END])
    assert (turn.truncated, turn.info["stop_reason"]) == (True, "context_full")
    assert session.context().tolist() == [*prompt, A, END]


@pytest.mark.parametrize("spare", [0, 1])
def test_an_answer_needs_room_for_one_more_id(spare):
    """An answer that fills the context to the brim ends the episode; with one id to spare it goes on."""
    answer = SAYINGS["control"]
    first = len(CHAT.encode_prompt(Task(prompt="go").messages)) + 2
    delta = len(CHAT.encode_delta([], answer, END))
    session, _ = opened(World(answer=answer), context_length=first + delta + spare)
    turn = session.push([A, END])
    assert turn.done == (spare == 0)
    assert session.budget == spare


@pytest.mark.parametrize("answer", SAYINGS.values(), ids=SAYINGS)
def test_what_the_world_says_never_becomes_control_ids(answer):
    """Each message opens and closes once, whatever is in it; the mask of all of it is False."""
    session, _ = opened(World(answer=answer), context_length=2000)
    turn = session.push([A, END])
    said = turn.ids[2:].tolist()
    assert said.count(END) == len(answer)
    assert CHAT.pad_id not in said
    assert turn.mask.tolist() == [True, True] + [False] * len(said)


@pytest.mark.parametrize("reason", [StopReason.SOLVED, StopReason.GAVE_UP, StopReason.END_OF_TURN])
def test_the_world_ends_the_episode(reason):
    """The world's own endings terminate, with a verdict."""
    session, _ = opened(World(answer=reason))
    turn = session.push([A, END])
    assert (turn.terminated, turn.truncated, turn.info["stop_reason"]) == (True, False, reason.value)
    assert "verdict" in turn.info


@pytest.mark.parametrize("error", [InfrastructureError("gone"), BadReference("unreadable")], ids=repr)
@pytest.mark.parametrize("place", ["answer", "verdict"])
def test_an_infrastructure_error_is_no_reward(error, place):
    """The episode is truncated without a verdict, and says why."""
    session, _ = opened(World(**{place: error}))
    turn = session.push([A, END])
    assert (turn.terminated, turn.truncated, turn.reward) == (False, True, 0.0)
    assert turn.info == {
        "turn": 1,
        "stop_reason": "infrastructure",
        "infrastructure_error": f"{type(error).__name__}: {error.message}",
    }
    assert session.verdict is None
    assert not session.trajectory().trainable


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        "higher",
        b"higher",
        {},
        SAYINGS["empty"][0],
        [None],
        ["higher"],
        [{"role": "user"}],
        [{"content": "a"}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": 3}],
        iter(SAYINGS["empty"]),
        {"a": 1}.items(),
        StopReason.MAX_TURNS,
        StopReason.INFRASTRUCTURE,
        "solved",
        True,
    ],
)
def test_an_answer_of_another_kind_is_an_error(answer):
    """What is neither messages nor an ending of the world's own is a typed error, and the episode is over."""
    session, _ = opened(World(answer=answer))
    with pytest.raises(BadTask, match="next: Return one of these") as caught:
        session.push([A, END])
    assert "task 't'" in caught.value.__notes__[0]
    with pytest.raises(ResetNeeded):
        session.push([A])


@pytest.mark.parametrize(
    "verdict", [None, "1", math.nan, math.inf, [1.0], 1.5, -0.5, 10**400, Verdict(()), np.float32(0.5), True], ids=repr
)
def test_a_verdict_is_a_number_in_range(verdict):
    """Anything else is a typed error, and the episode is over; it never becomes a reward."""
    session, _ = opened(World(verdict=verdict))
    if isinstance(verdict, Verdict | np.float32 | bool):
        assert session.push([END]).reward == float(verdict.reward if isinstance(verdict, Verdict) else verdict)
        return
    with pytest.raises(BadVerdict):
        session.push([END])
    assert (session.done, session.verdict, session.trajectory().trainable) == (True, None, False)


def test_the_reward_range_is_the_worlds_own():
    """A verdict outside `reward_range` is refused, one at its edge is not."""
    for weight, fits in ((2.0, True), (2.0000001, False), (-1.0, True), (-1.1, False)):
        world = World(verdict=Verdict((Verdict.of(1.0).parts[0].__class__("correct", 1.0, weight),)))
        session = Session(CHAT, world, Limits(8, 1, 100), reward_range=(-1.0, 2.0))
        session.begin(Task(prompt="go"))
        if fits:
            assert session.push([END]).reward == weight
        else:
            with pytest.raises(BadVerdict, match=r"\[-1, 2\]"):
                session.push([END])


@pytest.mark.parametrize("error", [ZeroDivisionError("1/0"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("place", ["answer", "verdict"])
def test_any_other_exception_abandons_the_episode(error, place):
    """A bug in the world, or Ctrl-C, is raised as it is; the half-answered episode cannot go on."""
    session, _ = opened(World(**{place: error}))
    with pytest.raises(type(error)):
        session.push([A, END])
    assert session.done
    with pytest.raises(ResetNeeded):
        session.push([A])


@pytest.mark.parametrize(
    "ids",
    [
        5,
        None,
        "aa",
        "",
        [[A]],
        [[A], [A, A]],
        [A, "b"],
        [1.0],
        np.array([1.0]),
        [True],
        [-1],
        [259],
        [2**31],
        [2**63],
        [2**70],
        {A},
        [None],
        np.array(A),
        np.zeros((1, 1), int),
    ],
)
def test_what_is_no_ids_is_refused(ids):
    """A typed error, and the episode is as it was."""
    session, prompt = opened(World())
    session.push([A])
    with pytest.raises(InvalidAction, match=r"\[0, 259\)"):
        session.push(ids)
    assert session.context().tolist() == [*prompt, A]
    assert session.push([END]).done


@pytest.mark.parametrize(
    "kind", [list, tuple, np.array, lambda ids: np.array(ids, np.uint8), lambda ids: np.array(ids)[::-1]]
)
def test_ids_of_any_integer_type_are_taken(kind):
    """Lists, tuples and arrays, strided ones too."""
    session, _ = opened(World())
    assert session.push(kind([65, 66])).ids.tolist() in ([65, 66], [66, 65])


@pytest.mark.parametrize(
    "logprobs", [[], [-1.0], [-1.0] * 3, -1.0, [[-1.0, -1.0]], ["a", "b"], [[1], [1, 2]], {}], ids=repr
)
def test_logprobs_match_the_ids(logprobs):
    """One float an id, or a typed error and an unchanged episode."""
    session, prompt = opened(World())
    with pytest.raises(InvalidAction, match="logprobs"):
        session.push([A, A], logprobs)
    assert session.context().tolist() == prompt.tolist()


def test_logprobs_of_ids_not_taken_are_dropped():
    """Logprobs stay with their ids; where none were given there is nan, and 0 where the env spoke."""
    session, prompt = opened(World(answer=SAYINGS["empty"]))
    session.push([A], [-0.25])
    session.push([A])
    session.push([A, END, A], [-0.5, -0.75, -9.0])
    logprobs = session._ledger.logprobs()
    np.testing.assert_array_equal(logprobs[: len(prompt) + 4], [*np.zeros(len(prompt)), -0.25, np.nan, -0.5, -0.75])
    assert not logprobs[len(prompt) + 4 :].any()


def test_nothing_can_be_pushed_outside_an_episode():
    """Before the first one, after the end, after `close`: each says so."""
    session = Session(CHAT, World(), Limits(8, 1, 100))
    with pytest.raises(ResetNeeded, match="before reset"):
        session.push([A])
    session.begin(Task(prompt="go"))
    session.push([END])
    with pytest.raises(ResetNeeded, match="had ended \\(end_of_turn\\)"):
        session.push([A])
    session.begin(Task(prompt="go"))
    session.close()
    with pytest.raises(ResetNeeded):
        session.push([A])


def test_a_prompt_needs_room_for_a_reply():
    """A prompt that fills the context is refused, with the length that would do."""
    length = len(CHAT.encode_prompt(Task(prompt="go").messages))
    with pytest.raises(ContextTooSmall, match=f"context_length={length + 8} or more"):
        opened(World(), context_length=length)
    opened(World(), context_length=length + 1)


def test_a_session_plays_one_episode_after_the_other():
    """Nothing of an episode is left in the next."""
    session, prompt = opened(World(answer=SAYINGS["several"]))
    session.push([A, END, A])
    again = session.begin(Task(prompt="go", id="t"))
    assert again.tolist() == prompt.tolist() == session.context().tolist()
    assert (session.stop_reason, session.verdict, session.messages) == (
        None,
        None,
        ({"role": "user", "content": "go"},),
    )


def test_messages_are_the_conversation():
    """Prompt, turns as text without their stop id, answers; all of them copies."""
    answer = [{"role": "user", "content": "higher"}]
    task = Task(prompt=[{"role": "user", "content": "go"}])
    session = Session(CHAT, World(answer=answer), Limits(8, 3, 200))
    session.begin(task)
    session.push([*b"5", END])
    answer[0]["content"] = "lower"
    for message in session.messages:
        message["content"] = message["content"].upper()
    assert [message["content"] for message in session.messages] == ["go", "5", "higher"]
    assert task.messages == [{"role": "user", "content": "go"}]


@pytest.mark.parametrize(
    ("ids", "reply"),
    [
        ([0xFF, 0xC3, END], "\ufffd\ufffd"),
        ([257, 256, *b"a", END], "<|im_start|><|pad|>a"),
        ([*CONTROL_STRINGS.encode(), END], CONTROL_STRINGS),
        ([0, END], "\0"),
    ],
    ids=["invalid UTF-8", "control ids", "control strings", "zero byte"],
)
def test_every_reply_is_judged(ids, reply):
    """Malformed bytes, control ids and control strings reach the verifier as text."""
    world = World(verdict=0.0)
    session, _ = opened(world, max_new_tokens=100, context_length=300)
    assert session.push(ids).info["verdict"]["reward"] == 0.0
    assert world.judged == [reply]


class Sampled(str):
    """Text of sampled ids: whoever encodes or formats it again is about to put it into a prompt."""

    __slots__ = ()

    def encode(self, *arguments):
        raise AssertionError("text of sampled ids was encoded again")

    def __format__(self, spec):
        raise AssertionError("text of sampled ids was put into other text")


class Spy(ByteTokenizer):
    """A tokenizer whose decoded text must never come back."""

    def decode(self, ids):
        return Sampled(super().decode(ids))

    def encode_reply(self, text):
        raise AssertionError("a turn of ids was encoded")


@dataclass
class Compared(ByteTokenizer):
    """A tokenizer that is compared by value, and so cannot be hashed."""

    flavour: str = "plain"


def test_a_tokenizer_need_not_be_hashable():
    """A user's tokenizer may be any object that keeps the protocol."""
    session = Session(Compared(), World(), Limits(8, 1, 100))
    session.begin(Task(prompt="go"))
    assert session.push([A, END]).reward == 1.0


def test_stop_ids_are_shared_and_fixed():
    """Sessions of one tokenizer share the table of stop ids, which nobody can change."""
    one, other = (opened(World())[0] for _ in range(2))
    assert one.is_stop is other.is_stop
    assert np.flatnonzero(one.is_stop).tolist() == [END]
    with pytest.raises(ValueError, match="read-only"):
        one.is_stop[A] = True


def test_the_spy_would_see_it():
    """Encoding a conversation with a sampled turn in it raises."""
    with pytest.raises(AssertionError):
        Spy().encode_prompt([{"role": "assistant", "content": Spy().decode([65])}])


@pytest.mark.parametrize("env_class", [GuessNumber, Odd])
@given(st.integers(0, 10**6), streams)
def test_sampled_ids_are_never_encoded_again(env_class, seed, ids):
    """A spy tokenizer that raises on re-encoding is never hit, and the record is that of the real one."""
    states = []
    for chat in (Spy(), ByteTokenizer()):
        env = env_class(tokenizer=chat)
        env.reset(seed=seed)
        played(env.session, ids, [])
        states.append(state(env.session))
    assert states[0] == states[1]


def test_ten_megabytes_get_a_verdict():
    """A reply as long as ten million ids is cut at the limit, and judged."""
    session, _ = opened(World(verdict=0.0))
    turn = session.push(np.full(10_000_000, A, np.int32))
    assert (turn.consumed, turn.info["stop_reason"]) == (8, "max_new_tokens")


def test_a_scripted_env_plays():
    """The env that other tests script does what it is told."""
    env = Scripted(answer=StopReason.SOLVED, verdict=0.5)
    env.reset(seed=0)
    assert env.push([END]).reward == 0.5


def test_the_length_of_a_reply_is_what_was_sampled():
    """Of the turn that is judged, its stop id included; a text that nobody sampled is as long as its encoding."""
    world = World()
    session, _ = opened(world)
    lengths = []
    world.verify = lambda task, reply: lengths.append((session.length_of(reply), session.length_of("other"))) or 1.0
    assert session.length_of("aa") == len(CHAT.encode_reply("aa")) == 3
    session.push([A])
    session.push([A, END])
    assert lengths == [(3, 6)]


def test_the_limit_of_a_turn_is_what_could_be_sampled():
    """The limit of ids in a turn, or what the context leaves; it stays as ids come, and is there for the verdict."""
    world = World()
    session, prompt = opened(world, max_new_tokens=8)
    assert session.turn_limit == 8
    session.push([A])
    assert session.turn_limit == 8
    limits = []
    world.verify = lambda task, reply: limits.append(session.turn_limit) or 1.0
    session, prompt = opened(world, max_new_tokens=8, context_length=len(prompt) + 5)
    assert session.push([A] * 5).truncated
    assert limits == [5]
