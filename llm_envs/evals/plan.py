"""What a run is to do: envs, a model, how many tasks and samples. Everything that could change a figure, and no more.

Two runs with equal plans play the same episodes. How fast, how patiently and how many at a time is not part of a plan,
nor are keys.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_envs.errors import BadOption, BrokenRun
from llm_envs.policies.model import Attempt, Decoding

__all__ = ["EnvPlan", "Plan"]


@dataclass(frozen=True, slots=True)
class EnvPlan:
    """One env of a run.

    Args:
        id: as registered; `module:id` imports the module first.
        options: arguments of the env.
        label: its name in the journal; the id, unless one id is evaluated with several options.
    """

    id: str
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self.id.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Plan:
    """A run, before it has happened.

    Args:
        model: its SPEC, as `llm_envs.evals.models.make_model` reads it.
        tasks: of each env.
        samples: episodes of each task.
        seed: of tasks and of whatever a model draws.
        tokenizer: that the envs are played with, token by token, where the model does not bring its own; "" for none.
        stop_when: a condition that may end the run early, as `llm_envs.evals.stopping` reads it; "" for none.
        suite: whose plan it is, such as `quick@1`; figures compare within one version of a suite. "" for none.

    Raises:
        BadOption: there is nothing to do, or two envs have one label.
    """

    envs: tuple[EnvPlan, ...]
    model: str
    tasks: int
    samples: int = 1
    seed: int = 0
    split: str = "test"
    decoding: Decoding = field(default_factory=Decoding)
    tokenizer: str = ""
    stop_when: str = ""
    suite: str = ""

    def __post_init__(self) -> None:
        for name in ("tasks", "samples"):
            if getattr(self, name) < 1:
                raise BadOption(f"{name} is out of range", expected="1 or more", received=repr(getattr(self, name)))
        labels = [env.label for env in self.envs]
        if not labels or len(set(labels)) < len(labels):
            raise BadOption(
                "the envs of a run need labels of their own",
                expected="one env or more, no label twice",
                received=labels,
                next_step="Name each env once; a suite may give labels.",
            )

    @property
    def episodes(self) -> int:
        """How many there are to play."""
        return len(self.envs) * self.tasks * self.samples

    def attempts(self) -> Iterator[Attempt]:
        """Every episode, in the order in which they are begun: all samples of a task together, envs in turn."""
        for task in range(self.tasks):
            for env in self.envs:
                for sample in range(self.samples):
                    yield Attempt(env.label, task, sample)

    def env(self, label: str) -> EnvPlan:
        """The env of that label."""
        return next(env for env in self.envs if env.label == label)

    @property
    def name(self) -> str:
        """A folder's name that every repetition of this plan gets, however many tasks and samples it plays."""
        envs = self.suite or "+".join(env.label for env in self.envs[:3]) + ("+..." if len(self.envs) > 3 else "")
        identity = json.dumps(self._identity(), sort_keys=True)
        words = re.sub(r"[^A-Za-z0-9.]+", "-", f"{envs}--{self.model}").strip("-.")[:80]
        return f"{words}--{hashlib.sha256(identity.encode()).hexdigest()[:8]}"

    def _identity(self) -> dict[str, Any]:
        plain = self.to_dict()
        del plain["tasks"], plain["samples"], plain["stop_when"]
        return plain

    def differences(self, other: Plan) -> list[str]:
        """What `other` has otherwise, one line each; how many tasks and samples is left out: those may grow."""
        mine, theirs = self._identity(), other._identity()
        return [f"{name}: {theirs[name]!r}, not {mine[name]!r}" for name in mine if mine[name] != theirs[name]]

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self), default=str))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Plan:
        """What `to_dict` gave.

        Raises:
            BrokenRun: it is no plan.
        """
        try:
            envs: Sequence[EnvPlan] = [EnvPlan(**env) for env in plain["envs"]]
            return cls(**{**plain, "envs": tuple(envs), "decoding": Decoding(**plain["decoding"])})
        except (KeyError, TypeError) as error:
            raise BrokenRun(
                "a run's plan cannot be read", expected="what Plan.to_dict gives", received=plain
            ) from error
