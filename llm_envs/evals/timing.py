"""Where a run's time and tokens went: model, queue, env, verifier. Figures with clocks in them, kept apart from others.

Seconds of a phase are summed over episodes, of which many are open at a time: they say what a run waits for, not how
long it took.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from llm_envs.evals.prices import Prices
from llm_envs.evals.records import Episode, Reply

__all__ = ["Timing"]

_ADVICE = {
    "model": "the model's answers take the time; more questions open at a time help as long as it bears them",
    "queue": "questions wait for a place; a higher --concurrency helps if the model bears it",
    "env": "making tasks and answering turns takes the time; more --verifiers help if there are cores",
    "verifier": "judging takes the time; more --verifiers help if there are cores",
}


@dataclass(slots=True)
class Timing:
    """Tokens, tries and seconds of a run.

    Args:
        latencies_s: of replies that were asked for, tries and waiting between them included.
        cached: replies taken from the response cache.
        tries: requests that were made.
        wall_s: from the run's first start to the end of its last episode.
    """

    phases_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_ADVICE, 0.0))
    latencies_s: array[float] = field(default_factory=lambda: array("f"))
    replies: int = 0
    cached: int = 0
    tries: int = 0
    prompt_tokens: int = 0
    sampled_tokens: int = 0
    wall_s: float = 0.0

    def add(self, episode: Episode) -> None:
        """Take note of a finished episode."""
        self.phases_s["env"] += episode.env_s
        self.phases_s["verifier"] += episode.verifier_s
        self.wall_s = max(self.wall_s, episode.at_s)
        for reply in episode.replies:
            self._hear(reply)

    def _hear(self, reply: Reply) -> None:
        self.replies += 1
        self.prompt_tokens += reply.prompt_tokens or 0
        self.sampled_tokens += reply.sampled_tokens or len(reply.ids or ())
        self.phases_s["queue"] += reply.queued_s
        if reply.cached:
            self.cached += 1
            return
        self.tries += reply.tries
        self.phases_s["model"] += reply.took_s
        self.latencies_s.append(reply.took_s)

    @property
    def bottleneck(self) -> str:
        """The phase that took most; "" where nothing took any time."""
        phase = max(self.phases_s, key=self.phases_s.__getitem__)
        return phase if self.phases_s[phase] > 0 else ""

    @property
    def advice(self) -> str:
        """What the bottleneck means; "" where there is none."""
        return _ADVICE.get(self.bottleneck, "")

    def latency_s(self, percent: float) -> float | None:
        """That percentile of the latencies; None where nothing was asked."""
        return float(np.percentile(np.asarray(self.latencies_s), percent)) if self.latencies_s else None

    def to_dict(self, prices: Prices | None = None) -> dict[str, Any]:
        """Plain and JSON-serialisable; `cost` where there are prices."""
        plain: dict[str, Any] = {
            "phases_s": {name: round(seconds, 3) for name, seconds in self.phases_s.items()},
            "bottleneck": self.bottleneck,
            "latency_s": {f"p{percent}": self.latency_s(percent) for percent in (50, 95)},
            "wall_s": self.wall_s,
            "replies": self.replies,
            "cached": self.cached,
            "tries": self.tries,
            "tokens": {"prompt": self.prompt_tokens, "sampled": self.sampled_tokens},
        }
        return {**plain, "cost": round(prices.of(self), 6)} if prices else plain
