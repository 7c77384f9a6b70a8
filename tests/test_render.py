"""An episode as a person reads it: everything is there, and nothing in it drives the terminal."""

from __future__ import annotations

import pytest
from worlds import END, Echo, Scripted

from llm_envs import InfrastructureError, Verdict
from llm_envs.envs.guess_number import GuessNumber
from llm_envs.render import transcript


def shown(env, **options):
    """The transcript without colour."""
    return transcript(env.session, colour=False, **options)


def test_who_said_what_is_all_there():
    """Prompt, turns, answers, verdict, in order."""
    env = GuessNumber(difficulty=0)
    env.reset(seed=0)
    wrong = env.task.answer % 4 + 1
    for guess in (wrong, env.task.answer):
        env.push(env.chat.encode_reply(str(guess)))
    text = shown(env)
    places = [text.index(part) for part in ("I think of a number", f"{wrong}<|im_end|>", "left.", "[reward 1 = ")]
    assert places == sorted(places)
    assert text.replace("\n", "").startswith(env.chat.decode(env.context()).replace("\n", ""))


def test_speakers_have_colours_and_the_verdict_too():
    """Four styles; without colour there is no escape code."""
    env = Scripted(answer=[{"role": "user", "content": "more"}], max_turns=2)
    env.reset(seed=0)
    env.push([65, END])
    env.push([65, END])
    coloured = transcript(env.session)
    assert all(code in coloured for code in ("\x1b[2m", "\x1b[1;32m", "\x1b[36m", "\x1b[1;33m"))
    assert "\x1b" not in shown(env)


def test_what_is_pending_is_shown():
    """Tokens of an unfinished turn are part of the rendering, which commits nothing."""
    env = Echo(render_mode="ansi")
    env.reset(seed=0)
    env.step(ord("q"))
    assert "q" in env.render().rpartition("assistant")[2]
    assert env.budget == 15
    assert env.step(END)[2]


@pytest.mark.parametrize(
    ("said", "picture"),
    [
        (b"\x1b[2J\x1b]0;title\x07", "\u241b[2J\u241b]0;title\u2407"),
        (b"\r\x08\x00", "\u240d\u2408\u2400"),
        ("\u202e\u2066".encode(), "\ufffd\ufffd"),
        ("\x9b2J".encode(), "\ufffd2J"),
        (b"a\tb\nc", "a       b\nc"),
        (b"[bold red]markup[/] :smile:", "[bold red]markup[/] :smile:"),
    ],
    ids=["escape", "carriage return", "right to left", "C1", "tab and newline", "markup"],
)
def test_a_policy_cannot_drive_the_terminal(said, picture):
    """Control characters are shown, not sent; markup is text; from turns, pending tokens and verdicts alike."""
    env = Scripted(verdict=lambda: Verdict.of(0.0, f"heard {said.decode()}"), max_new_tokens=100)
    env.reset(seed=0)
    assert picture in shown(env, pending=said.decode()).expandtabs()
    env.push([*said, END])
    assert shown(env).count(picture) >= 2 - (b"\t" in said)
    assert not set(shown(env)) & {chr(code) for code in (*range(9), *range(11, 32), *range(0x7F, 0xA0), 0x202E, 0x2066)}


def test_an_episode_without_verdict_says_so():
    """Infrastructure errors leave none."""
    env = Scripted(verdict=InfrastructureError("gone"))
    env.reset(seed=0)
    env.push([END])
    assert "[no verdict: infrastructure]" in shown(env)


def test_lines_are_not_broken():
    """A long line stays one line: what is shown can be copied."""
    env = Scripted(prompt="word " * 90)
    env.reset(seed=0)
    assert "word " * 90 in shown(env)


def test_a_transcript_can_start_later():
    """Human rendering shows each part once."""
    env = Scripted()
    prompt = env.reset(seed=0)[0]
    env.push([*b"said", END])
    assert shown(env, start=len(prompt)).startswith("said<|im_end|>\n[reward 1")


def test_human_rendering_prints_as_the_episode_goes(capsys):
    """The prompt at reset, each turn when it ends, everything once; `render` gives None."""
    env = GuessNumber(render_mode="human", difficulty=0)
    env.reset(seed=0)
    assert "I think of a number" in capsys.readouterr().out
    wrong = env.task.answer % 4 + 1
    for token in env.chat.encode_reply(str(wrong)):
        assert capsys.readouterr().out == ""
        env.step(token)
    out = capsys.readouterr().out
    assert "left." in out
    assert "I think" not in out
    assert env.render() is None


def test_no_render_mode_renders_nothing(capsys):
    """Silence by default."""
    env = Echo()
    env.reset(seed=0)
    env.push([END])
    assert env.render() is None
    assert capsys.readouterr().out == ""
