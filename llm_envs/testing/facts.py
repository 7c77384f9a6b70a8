"""The facts of `EnvTests` run one after the other, each with what came of it: `llm-envs check` and `check_env`.

A fact that does not hold is explained by what was seen, the line of the env that it came from, what to do, and calls
that show it again. The calls are read from the failure's own stack: which env was at which seed, and what was said.

What this deliberately does not do: judge speed.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any, Literal

import gymnasium

from llm_envs.env import LLMEnv
from llm_envs.errors import BadReference, InfrastructureError, LLMEnvsError, MissingExtra
from llm_envs.registry import row
from llm_envs.testing.conformance import GARBAGE, EnvTests, NotJudged
from llm_envs.testing.tools import ToolEnvTests

__all__ = ["Finding", "check_env", "check_facts", "explain"]

Outcome = Literal["holds", "fails", "skipped"]

_TOLD_CHARS = 1_000
"""Of a failure; whole observations would bury the sentence that matters."""

_GYMNASIUM_ADDS = " was raised from the environment creator for "
"""What `gym.make` appends to errors of constructors: the id and all arguments."""

_TOOL_ENV = "llm_envs.tools.env"
"""By name: it needs an extra, and whoever inherits from it has loaded it."""

_OURS = (LLMEnv.__module__, _TOOL_ENV)
_ORACLE = "test_the_oracle_is_paid_in_full"

_ADVICE: dict[str, str] = {
    "test_tasks_can_be_drawn": "Repair `sample`, or the constructor.",
    "test_every_episode_ends": "End it: return StopReason.SOLVED or GAVE_UP from `respond`, or lower `max_turns`.",
    "test_gymnasium_finds_no_fault": "Do what Gymnasium's message says.",
    "test_equal_seeds_give_equal_episodes": "Draw everything from the rng that `sample` is given: no `random`, no "
    "clock, no order of a set.",
    "test_seeds_and_splits_give_other_tasks": "Draw the task from the rng that `sample` is given, and make enough "
    "different tasks.",
    "test_index_pins_a_task": "Draw everything from the rng that `sample` is given, and keep nothing from task to "
    "task.",
    _ORACLE: "Let `demonstrate` say what `verify` pays in full, and nothing after the episode's end.",
    "test_doing_nothing_is_not_paid": "Return 0 from `verify` where the reply holds no answer.",
    "test_garbage_is_judged_and_not_paid": "Judge every text: return 0 from `verify` for what is no answer, and raise "
    "for nothing that a model may write.",
    "test_repeating_the_prompt_is_not_paid": r"Look for the answer in a marked place, such as \boxed{}, or compare "
    "the whole reply.",
    "test_steps_equal_pushes": "Set up the state of an episode in `begin`, from the task alone.",
    "test_observations_add_up_to_the_context": "Override none of the methods that Gymnasium calls.",
    "test_info_is_plain": "Keep clocks, counters and objects out of verdicts: numbers and text that the episode alone "
    "decides.",
    "test_global_random_state_is_untouched": "Draw from the rng that `sample` is given, or from one made in `begin`.",
    "test_the_vector_env_gives_the_same_stream": "Keep all state on `self`: no class attributes, no module globals.",
    "test_spam_is_not_paid": "Judge what changed against exactly what should have, and read the answer as a whole: one "
    "that holds everything is wrong.",
    "test_random_calls_are_hardly_ever_paid": "Ask for more than a word of the question: a number, an id, or a change "
    "that a policy must find out.",
    "test_no_tool_crashes": "Raise ToolError(code, message) for whatever a policy may do wrong, and repair the rest.",
    "test_a_group_of_equal_seeds_is_isolated": "Build the world in `open_world`, from the task alone, and let tools "
    "write nowhere else.",
    "test_a_turn_that_is_cut_off_runs_nothing": "Run tools in `respond` alone, which is not called for such a turn.",
    "test_control_strings_in_results_stay_text": "Answer calls by messages of the role `tool`; see llm-envs doctor.",
}
"""By fact: what usually mends an env of which it does not hold."""

_ABOUT_RAISING = ("test_garbage_is_judged_and_not_paid", "test_no_tool_crashes")


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of checking one fact.

    Args:
        fact: a short sentence.
        outcome: `skipped` where the env has nothing to check it by.
        seconds: how long that took.
        explanation: what was seen instead.
        place: the line of the env that it came from, where there is one.
        next_step: what to do.
        reproduce: lines of Python that show it again.
    """

    fact: str
    outcome: Outcome
    seconds: float
    explanation: str = ""
    place: str = ""
    next_step: str = ""
    reproduce: tuple[str, ...] = field(default=())


class _TookTooLong(KeyboardInterrupt):
    """What nobody takes for a fault of the reply, or of a tool: neither an env's own `except Exception` nor ours."""


def check_env(env_id: str, **options: Any) -> None:
    """Check every fact of `EnvTests` about one env.

    Args:
        env_id: a registered id.
        options: arguments for `gym.make`.

    Raises:
        UnknownEnv: no env of this suite has that id.
        AssertionError: some facts do not hold; all of them are named.
    """
    findings = check_facts(env_id, options)
    failures = [f"{finding.fact}: {finding.explanation}" for finding in findings if finding.outcome == "fails"]
    if failures:
        raise AssertionError(f"{env_id} does not conform:\n- " + "\n- ".join(failures))


def check_facts(
    env_id: str, options: Mapping[str, Any] | None = None, *, deadline_s: float | None = None
) -> Iterator[Finding]:
    """Check the facts one by one; one that fails does not keep the others from being checked.

    Args:
        options: arguments for `gym.make`.
        deadline_s: of one fact; heeded in the main thread, where the system has interval timers.

    Raises:
        UnknownEnv: no env of this suite has that id.
        InfrastructureError: a sandbox, a browser: nothing is known about the env.
        MissingExtra: the env needs what is not installed.
    """
    env_class = row(env_id).load()
    kind = _tests_of(env_class)
    suite = type("_Facts", (kind,), {"env_id": env_id, "options": dict(options or {})})()
    for name in (name for base in reversed(kind.__mro__) for name in vars(base) if name.startswith("test_")):
        yield _check(suite, name, env_class, deadline_s)


def _tests_of(env_class: type[LLMEnv]) -> type[EnvTests]:
    """Envs with tools have facts of their own."""
    return ToolEnvTests if any(base.__module__ == _TOOL_ENV for base in env_class.__mro__) else EnvTests


def _check(suite: EnvTests, name: str, env_class: type[LLMEnv], deadline_s: float | None) -> Finding:
    fact = name.removeprefix("test_").replace("_", " ")
    started = time.perf_counter()
    error = _as_raised(_error_of(suite, name, deadline_s))
    seconds = time.perf_counter() - started
    if error is not None:
        place = _place(error, env_class)
        advice = _advice(error, name, raised=bool(place))
        return Finding(fact, "fails", seconds, explain(error), place, advice, tuple(_lines(error, suite)))
    if name == _ORACLE and not suite.has_oracle():
        return Finding(fact, "skipped", seconds, "this env has no oracle: `demonstrate` is not overridden")
    return Finding(fact, "holds", seconds)


def _error_of(suite: EnvTests, name: str, deadline_s: float | None) -> BaseException | None:
    """What the fact raised, if it raised anything."""
    try:
        with warnings.catch_warnings(), _no_log_of_tools(), _alarm(deadline_s):
            warnings.simplefilter("ignore")
            getattr(suite, name)()
    except BadReference as error:
        return error
    except (InfrastructureError, MissingExtra):
        raise
    except (Exception, _TookTooLong) as error:  # noqa: BLE001 (every fault of an env is a finding)
        return error
    return None


def _as_raised(error: BaseException | None) -> BaseException | None:
    """The error of a constructor, where Gymnasium has raised one of its words and its type."""
    inner = error.__context__ if error and _GYMNASIUM_ADDS in str(error) else None
    return inner if isinstance(inner, LLMEnvsError) else error


def _advice(error: BaseException, name: str, *, raised: bool) -> str:
    """What to do; an author's own line that has raised is more to the point than the fact that it broke first."""
    if isinstance(error, _TookTooLong):
        return "Let it end soon, whatever the reply; with --timeout it may take longer."
    if isinstance(error, NotJudged):
        return "Give `verify` a reference that its verifier can read, and start the services that it needs."
    if isinstance(error, LLMEnvsError) and error.next_step:
        return error.next_step
    if raised and not isinstance(error, AssertionError) and name not in _ABOUT_RAISING:
        return "Repair that line."
    return _ADVICE.get(name, "")


def explain(error: BaseException) -> str:
    """An error in one sentence, short enough to read."""
    if isinstance(error, LLMEnvsError):
        received = f", received {error.received}" if error.received else ""
        expected = f": expected {error.expected}{received}" if error.expected else received
        return f"{error.message}{expected}"[:_TOLD_CHARS]
    kind = "" if isinstance(error, (AssertionError, _TookTooLong)) else f"{type(error).__name__}: "
    return f"{kind}{str(error).partition(_GYMNASIUM_ADDS)[0]}"[:_TOLD_CHARS]


def _place(error: BaseException, env_class: type[LLMEnv]) -> str:
    """The innermost line of the env's own code on the failure's stack."""
    files = {
        inspect.getfile(base) for base in env_class.__mro__ if issubclass(base, LLMEnv) and base.__module__ not in _OURS
    }
    files |= _files_of_tools(env_class)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in files:
            return f"{frame.filename}, line {frame.lineno}, in {frame.name}: {frame.line}"
    return ""


def _files_of_tools(env_class: type[LLMEnv]) -> set[str]:
    tools = getattr(env_class, "tools", ())
    functions = [getattr(one, "function", one) for one in tools] if isinstance(tools, (list, tuple)) else []
    return {one.__code__.co_filename for one in functions if inspect.isfunction(one)}


def _lines(error: BaseException, suite: EnvTests) -> Iterator[str]:
    """Python that does again what the fact was doing when it failed."""
    options = "".join(f", {name}={value!r}" for name, value in suite.options.items())
    yield "import gymnasium as gym, llm_envs.testing"
    yield f'env = gym.make({suite.env_id!r}{options}, action="turn", obs="text")'
    calls = list(_calls_of(error.__traceback__))
    envs = [env for _, scope in calls for env in _envs_in(scope)]
    seed = envs[-1]._seed if envs else None  # noqa: SLF001 (envs of other people may have a `seed` of their own)
    if seed is None:
        yield "print(env.reset(seed=7), env.reset(seed=7))"
        return
    env = envs[-1]
    pinned = f', options={{"index": {env.index}}}' if env.index else ""
    split = f'  # made with split="{env.split}"' if env.split != "train" else ""
    yield f"env.reset(seed={seed}{pinned}){split}"
    if "reset" not in [name for name, _ in calls]:
        yield from _steps(_replies_of(env, [scope for _, scope in calls]))


def _calls_of(stack: TracebackType | None) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name and the local variables of each call on a failure's stack, outermost first."""
    while stack is not None:
        yield stack.tb_frame.f_code.co_name, stack.tb_frame.f_locals
        stack = stack.tb_next


def _envs_in(scope: Mapping[str, Any]) -> Iterator[LLMEnv]:
    for name in ("env", "pushed", "self"):
        found = scope.get(name)
        inner = found.unwrapped if isinstance(found, gymnasium.Env) else found
        if isinstance(inner, LLMEnv):
            yield inner


def _replies_of(env: LLMEnv, scopes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was said to the env; garbage as it was given, because no tokenizer brings all of it back."""
    garbage = [scope["reply"] for scope in scopes if scope.get("reply") in GARBAGE]
    return garbage[:1] or [message["content"] for message in env.session.messages if message["role"] == "assistant"]


def _steps(replies: Sequence[str]) -> Iterator[str]:
    if len(replies) > 1 and len(set(replies)) == 1:
        yield f"for _ in range({len(replies)}): env.step({replies[0]!r})"
        return
    for reply in replies:
        if reply in GARBAGE and len(repr(reply)) > 80:
            yield f"env.step(llm_envs.testing.GARBAGE[{GARBAGE.index(reply)}])"
        else:
            yield f"env.step({reply!r})"


@contextlib.contextmanager
def _no_log_of_tools() -> Iterator[None]:
    """A fact of its own tells of a tool that crashes, and not once for each call."""
    log = logging.getLogger("llm_envs.tools")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


@contextlib.contextmanager
def _alarm(deadline_s: float | None) -> Iterator[None]:
    """Raise _TookTooLong in what runs longer, again and again until it ends."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if deadline_s is None or not in_main_thread or sys.platform == "win32":
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TookTooLong(f"it was not done after {deadline_s:g} s")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, deadline_s, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, previous)
