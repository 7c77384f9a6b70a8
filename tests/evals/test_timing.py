"""Where the time went: phases, latencies, tokens, cost."""

from __future__ import annotations

import pytest
from runs import make_episode, make_reply

from llm_envs.evals.prices import Prices
from llm_envs.evals.timing import Timing


def timing_of(*episodes):
    """Told these episodes."""
    timing = Timing()
    for episode in episodes:
        timing.add(episode)
    return timing


def test_phases_and_the_bottleneck():
    """Seconds of each phase add up over episodes and turns; the largest is named."""
    replies = [make_reply(took_s=0.25, queued_s=2.0), make_reply(turn=1, took_s=0.5, queued_s=1.0)]
    timing = timing_of(make_episode(env_s=0.125, verifier_s=0.25, at_s=9.0, replies=replies), make_episode(1, at_s=4.0))
    assert timing.phases_s == {"model": 1.25, "queue": 3.0, "env": 0.125, "verifier": 0.25}
    assert timing.bottleneck == "queue"
    assert "--concurrency" in timing.advice
    assert timing.wall_s == 9


def test_latencies():
    """The median and the 95th percentile are over replies that were asked for; the cache does not count."""
    replies = [make_reply(took_s=float(second)) for second in range(1, 102)] + [make_reply(took_s=0, cached=True)]
    timing = timing_of(make_episode(replies=replies))
    assert [timing.latency_s(50), timing.latency_s(95)] == [51, 96]
    assert (timing.replies, timing.cached, timing.tries) == (102, 1, 101)


def test_cost():
    """Prices are for a million tokens; where the endpoint counts none, known ids count."""
    replies = [make_reply(prompt_tokens=3_000, sampled_tokens=1_000), make_reply(ids=[1, 2, 3])]
    timing = timing_of(make_episode(replies=replies))
    assert (timing.prompt_tokens, timing.sampled_tokens) == (3_000, 1_003)
    assert timing.to_dict(Prices(prompt=10, sampled=100))["cost"] == pytest.approx(0.03 + 0.1003)
    assert "cost" not in timing.to_dict()


def test_nothing_happened():
    """No figure is made up."""
    timing = Timing()
    assert (timing.bottleneck, timing.advice, timing.latency_s(50)) == ("", "", None)
