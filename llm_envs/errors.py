"""Every error the suite raises on purpose, and nothing else.

    LLMEnvsError
    ├── UnknownEnv            (LookupError)       an id that no row of the registry has
    ├── UnknownTokenizer      (ValueError)        a name or object no chat tokenizer can be made of
    ├── TemplateRefused       (ValueError)        a chat template whose turns cannot be told apart
    ├── MissingExtra          (ImportError)       an optional dependency; the pip line is in the message
    ├── BadOption             (ValueError)        an argument outside what it may be
    ├── ContextTooSmall       (ValueError)        the prompt leaves no room for a reply
    ├── InvalidAction         (ValueError)        an action outside the action space
    ├── ResetNeeded           (gymnasium.error.ResetNeeded)  step before reset, or after the end
    ├── BadTask               (ValueError)        `sample` gave something that is not a Task
    ├── BadTool               (TypeError)         a function that cannot be offered as a tool
    ├── BadVerdict            (ValueError)        `verify` gave no number, or one out of range
    ├── BadCheckpoint         (ValueError)        a folder that holds no run to resume or evaluate
    ├── UnknownDataset        (LookupError)       no file and no Hub data set of this name
    ├── BadDataset            (ValueError)        a data set that cannot be read, or not by this layout
    ├── UnknownSuite          (LookupError)       no shipped suite and no file of this name
    ├── BadSuite              (ValueError)        a suite's file that cannot be read, or says what cannot be
    ├── UnknownModel          (LookupError)       no model that can be evaluated has this name
    ├── EndpointRefused       (PermissionError)   an endpoint that will not serve us, however often it is asked
    ├── BrokenRun             (ValueError)        a run folder that cannot be read, or is another run's
    ├── RunBusy               (BlockingIOError)   a run folder that another process is writing to
    ├── StorageFailed         (OSError)           a run folder that cannot be written
    └── InfrastructureError   (RuntimeError)      not the policy's fault: never a reward
        ├── BadReference      (ValueError)        a reference answer that the verifier cannot read
        ├── SandboxUnavailable                    no place to run untrusted programs
        ├── SandboxFailed                         a place that was lost, and another after it, while a program ran
        ├── ToolHung                              a tool that does not come back and cannot be ended
        ├── ToolServerLost                        a server of tools that cannot be started, or has gone
        ├── ModelUnavailable                      a model that gave no usable answer, however often it was asked
        ├── Outage                                a model that has answered nobody for a while
        └── WorkerLost                            a verifier process that died and could not be replaced

What a *policy* does wrong is no error at all: it is a verdict.
An error says what was expected, what came, and what to do next, and survives pickling, so that it can cross processes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import gymnasium.error

__all__ = [
    "BadCheckpoint",
    "BadDataset",
    "BadOption",
    "BadReference",
    "BadSuite",
    "BadTask",
    "BadTool",
    "BadVerdict",
    "BrokenRun",
    "ContextTooSmall",
    "EndpointRefused",
    "InfrastructureError",
    "InvalidAction",
    "LLMEnvsError",
    "MissingExtra",
    "ModelUnavailable",
    "Outage",
    "ResetNeeded",
    "RunBusy",
    "SandboxFailed",
    "SandboxUnavailable",
    "StorageFailed",
    "TemplateRefused",
    "ToolHung",
    "ToolServerLost",
    "UnknownDataset",
    "UnknownEnv",
    "UnknownModel",
    "UnknownSuite",
    "UnknownTokenizer",
    "WorkerLost",
    "did_you_mean",
]

_RECEIVED_CHARS = 200
"""A message stays readable when somebody passes a 10 MB string where a name belongs."""


class LLMEnvsError(Exception):
    """Root of the tree.

    Args:
        message: what went wrong, one sentence without a final stop.
        expected: what would have been right.
        received: what came: words as they are, anything else by its `repr`. Pass `repr(value)` where a user's value may
            be a string, so that '1' is not taken for 1.
        next_step: what to do now, an imperative sentence.
    """

    def __init__(self, message: str, *, expected: str = "", received: Any = "", next_step: str = "") -> None:
        self.message = message
        self.expected = expected
        self.received = received if isinstance(received, str) else repr(received)
        self.next_step = next_step
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.received:
            lines.append(f"  received: {_clip(self.received)}")
        if self.next_step:
            lines.append(f"  next: {self.next_step}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), self.__dict__  # the other parts and the notes are in the dict


def _clip(text: str) -> str:
    if len(text) <= _RECEIVED_CHARS:
        return text
    return f"{text[:_RECEIVED_CHARS]}... ({len(text):,} characters)"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the closest known word, or lists what is known."""
    known = sorted(known)
    close = difflib.get_close_matches(word[:_RECEIVED_CHARS], known, n=3, cutoff=0.5)
    if close:
        return "Did you mean " + " or ".join(repr(name) for name in close) + "?"
    return "Known: " + (", ".join(known) if known else "none") + "."


class UnknownEnv(LLMEnvsError, LookupError):
    """No row of the registry has this id."""


class UnknownTokenizer(LLMEnvsError, ValueError):
    """No chat tokenizer can be made of this name or object."""


class TemplateRefused(LLMEnvsError, ValueError):
    """A chat template whose turns cannot be told apart; serving it would corrupt training data."""


class MissingExtra(LLMEnvsError, ImportError):
    """An optional dependency is not installed."""

    @classmethod
    def of(cls, extra: str, package: str, purpose: str) -> MissingExtra:
        """The error for `package`, which `purpose` needs and extra `extra` brings."""
        return cls(
            f"{purpose} needs the package {package!r}, which is not installed",
            expected=f"the extra {extra!r}",
            next_step=f'pip install "llm-envs[{extra}]", or in a clone: pip install -e ".[{extra}]"',
        )


class BadOption(LLMEnvsError, ValueError):
    """An argument is outside what it may be."""


class ContextTooSmall(LLMEnvsError, ValueError):
    """The prompt leaves no room for a reply."""


class InvalidAction(LLMEnvsError, ValueError):
    """An action outside the action space."""


class ResetNeeded(LLMEnvsError, gymnasium.error.ResetNeeded):
    """`step` or `push` before `reset`, or after the episode has ended."""


class BadTask(LLMEnvsError, ValueError):
    """An env's `sample` gave something that cannot be played."""


class BadTool(LLMEnvsError, TypeError):
    """A function that cannot be offered as a tool, or that answers with what JSON cannot say."""


class BadVerdict(LLMEnvsError, ValueError):
    """An env's `verify` gave no number, or one outside the reward range."""


class BadCheckpoint(LLMEnvsError, ValueError):
    """A folder that holds no run to resume or evaluate."""


class UnknownDataset(LLMEnvsError, LookupError):
    """Neither a file nor a data set on the Hub has this name."""


class BadDataset(LLMEnvsError, ValueError):
    """A data set that cannot be read: broken rows, missing columns, no layout that is known."""


class UnknownSuite(LLMEnvsError, LookupError):
    """Neither a shipped suite nor a file has this name."""


class BadSuite(LLMEnvsError, ValueError):
    """A suite's file that cannot be read, or says what cannot be."""


class UnknownModel(LLMEnvsError, LookupError):
    """Nothing that can be evaluated has this name."""


class EndpointRefused(LLMEnvsError, PermissionError):
    """An endpoint that will not serve us, however often it is asked: wrong key, wrong address, wrong request."""


class BrokenRun(LLMEnvsError, ValueError):
    """A run folder that cannot be read, or belongs to another run or a newer version."""


class RunBusy(LLMEnvsError, BlockingIOError):
    """A run folder that another process is writing to."""


class StorageFailed(LLMEnvsError, OSError):
    """A run folder that cannot be written: a full disk, a read-only folder."""


class InfrastructureError(LLMEnvsError, RuntimeError):
    """Something other than the policy failed: the episode is truncated and stays out of the loss."""


class BadReference(InfrastructureError, ValueError):
    """A reference answer that the verifier cannot read."""


class SandboxUnavailable(InfrastructureError):
    """No place to run untrusted programs."""


class SandboxFailed(InfrastructureError):
    """What ran a program was lost, and so was what tried it again; nothing is known of the program."""


class ToolHung(InfrastructureError):
    """A tool that does not come back, and cannot be ended."""


class ToolServerLost(InfrastructureError):
    """A server of tools that cannot be started, or has gone."""


class ModelUnavailable(InfrastructureError):
    """A model gave no answer that can be used, however often it was asked."""


class Outage(InfrastructureError):
    """A model that has answered nobody for a while: the run stops, and can be resumed."""


class WorkerLost(InfrastructureError):
    """A verifier process died and could not be replaced."""
