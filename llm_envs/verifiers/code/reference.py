"""What a program is judged by: its tests, how they are compared, and what it may use. It never enters a sandbox.

A reference is plain data, so that tasks can be kept as JSON:

    {"tests": [{"stdin": "1 2", "stdout": "3"}, {"stdin": "5 5", "stdout": "10"}]}
    {"function": "add", "tests": [{"args": [1, 2], "value": 3}], "checker": "json"}
    {"function": "sort", "tests": [{"args": [[2, 1]], "left": [[1, 2]]}]}
    {"function": "add", "asserts": "assert add(1, 2) == 3"}

What a mapping says of a test: `stdin` and `stdout`; or `args`, `kwargs`, and `value` or `left` or both, which are what
is to be returned, and what the positional arguments are to be afterwards.

Tests may be a program themselves, such as those of HumanEval and MBPP; see `asserts`. Their entries are `asserts`, the
source, `function` or `functions`, `setup` and `one_box`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_envs.errors import BadOption, BadReference, did_you_mean
from llm_envs.sandbox.languages import LANGUAGES
from llm_envs.sandbox.program import Given, Invocation, Limits, Stdin
from llm_envs.sandbox.result import NO_VALUE, TestRun
from llm_envs.verifiers.code.asserts import Asserts
from llm_envs.verifiers.code.checker import Checker
from llm_envs.verifiers.code.values import MAX_DEPTH, depth_of

__all__ = ["CodeReference", "CodeTest"]

_OF_ASSERTS = ("asserts", "functions", "setup", "one_box")
_OF_REFERENCE = ("tests", "function", "checker", "language", "limits", "files", *_OF_ASSERTS)
_OF_STDIN = ("stdin", "stdout")
_OF_CALL = ("function", "args", "kwargs", "value", "left")


@dataclass(frozen=True, slots=True)
class CodeTest:
    """What a program is given, and what it is to do then.

    Args:
        given: what goes into the sandbox.
        expected: what is to be printed, or returned; NO_VALUE where anything may be returned.
        left: what the positional arguments are to be afterwards; None where they may be anything.
    """

    given: Given
    expected: Any
    left: tuple[Any, ...] | None = None

    def is_passed(self, run: TestRun, checker: Checker) -> bool:
        """Whether a run that ended well did what was expected; never asked of a custom checker."""
        if isinstance(self.given, Stdin):
            return checker.accepts_output(run.stdout, self.expected)
        returned = self.expected is NO_VALUE or checker.accepts_value(run.value, self.expected)
        return returned and (self.left is None or checker.accepts_value(run.args, self.left))


@dataclass(frozen=True, slots=True)
class CodeReference:
    """What programs for one task are judged by.

    Args:
        tests: empty where there are `asserts`, and nowhere else.
        files: what programs find in their working folder.

    Raises:
        BadReference: there are no tests, or one that the checker cannot judge.
    """

    tests: tuple[CodeTest, ...]
    checker: Checker = field(default_factory=Checker)
    language: str = "python"
    limits: Limits = field(default_factory=Limits)
    files: Mapping[str, bytes] = field(default_factory=dict)
    asserts: Asserts | None = None

    def __post_init__(self) -> None:
        if bool(self.tests) == bool(self.asserts):
            raise BadReference(
                "a reference has no tests, or of two kinds",
                expected="a list of tests that is not empty, or a program of `asserts`",
                received=f"{len(self.tests)} tests",
            )
        if self.language not in LANGUAGES:
            raise BadReference(
                "there is no such language",
                expected="one of " + ", ".join(LANGUAGES),
                received=repr(self.language),
                next_step=did_you_mean(str(self.language), LANGUAGES),
            )
        if self.asserts:
            _require_python(self.language)
        for number, test in enumerate(self.tests):
            _check(test, self.checker, self.language, number)

    @classmethod
    def of(cls, said: CodeReference | Mapping[str, Any]) -> CodeReference:
        """A reference from plain data, as the head of this module shows it.

        Raises:
            BadReference: it cannot be read.
        """
        if isinstance(said, cls):
            return said
        if not isinstance(said, Mapping):
            raise BadReference("the reference of a program is no mapping", received=repr(said))
        _known(said, _OF_REFERENCE, "a reference")
        tests = said.get("tests", ())
        if not isinstance(tests, Sequence) or isinstance(tests, str):
            raise BadReference("the tests of a reference are no list", received=repr(tests))
        return cls(
            tuple(_test(test, said.get("function")) for test in tests),
            Checker.of(said.get("checker")),
            said.get("language", "python"),
            _limits(said.get("limits", {})),
            said.get("files", {}),
            _asserts(said),
        )


def _known(said: Mapping[str, Any], names: Collection[str], what: str) -> None:
    if unknown := [str(name) for name in said if name not in names]:
        raise BadReference(
            f"{what} has no such entry",
            expected="some of " + ", ".join(names),
            received=", ".join(unknown),
            next_step=did_you_mean(unknown[0], names),
        )


def _asserts(said: Mapping[str, Any]) -> Asserts | None:
    if "asserts" not in said:
        _known({name: None for name in said if name in _OF_ASSERTS}, (), "a reference without `asserts`")
        return None
    functions = said.get("functions", (said.get("function"),))
    texts = [said["asserts"], said.get("setup", ""), *functions]
    if not all(isinstance(text, str) for text in texts):
        raise BadReference("tests that assert, their setup and the names of functions are texts", received=repr(texts))
    return Asserts(said["asserts"], tuple(functions), said.get("setup", ""), bool(said.get("one_box", False)))


def _require_python(language: str) -> None:
    if language != "python":
        raise BadReference("functions are called in Python alone", expected="tests of stdin", received=language)


def _limits(said: Limits | Mapping[str, Any]) -> Limits:
    try:
        return said if isinstance(said, Limits) else Limits(**said)
    except (TypeError, BadOption) as fault:
        raise BadReference("the limits of a reference cannot be read", received=f"{said!r}: {fault}") from fault


def _test(said: CodeTest | Mapping[str, Any], function: str | None) -> CodeTest:
    if isinstance(said, CodeTest):
        return said
    if not isinstance(said, Mapping):
        raise BadReference("a test is no mapping", received=repr(said))
    if "stdin" in said or "stdout" in said:
        _known(said, _OF_STDIN, "a test that reads standard input")
        return CodeTest(Stdin(said.get("stdin", "")), said.get("stdout"))
    _known(said, _OF_CALL, "a test that calls a function")
    return _call(said, said.get("function", function))


def _call(said: Mapping[str, Any], function: Any) -> CodeTest:
    args, kwargs, left = said.get("args", ()), said.get("kwargs", {}), said.get("left")
    if not (isinstance(function, str) and function):
        raise BadReference("a test names no function to call", received=repr(said))
    if not (
        isinstance(args, (list, tuple)) and isinstance(kwargs, Mapping) and isinstance(left, (list, tuple, type(None)))
    ):
        raise BadReference("the arguments of a test are no list, or no mapping", received=repr(said))
    given = Invocation(function, tuple(args), dict(kwargs))
    return CodeTest(given, said.get("value", NO_VALUE), None if left is None else tuple(left))


def _check(test: CodeTest, checker: Checker, language: str, number: int) -> None:
    """Refuse a test that could not be judged, or that everything would pass."""
    if isinstance(test.given, Stdin):
        checker.require(str)
        if not (isinstance(test.expected, str) and isinstance(test.given.text, str)):
            raise BadReference(f"test {number} does not say in text what is read and printed", received=repr(test))
        return
    checker.require(object)
    _require_python(language)
    if test.expected is NO_VALUE and test.left is None:
        raise BadReference(
            f"test {number} expects nothing",
            expected="a `value`, or the arguments as they are `left`",
            received=test.given,
        )
    expected = [None if test.expected is NO_VALUE else test.expected, test.left]
    depth = depth_of([*expected, list(test.given.args), dict(test.given.kwargs)])
    if depth is None or depth > MAX_DEPTH:
        raise BadReference(
            f"test {number} gives or expects what is not plain",
            expected=f"numbers, texts, bytes, None, and lists, tuples, dicts and sets of them, {MAX_DEPTH} deep",
            received=repr(test),
        )
