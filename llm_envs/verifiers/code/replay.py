"""Runs in a box: tests that call functions which are not there, with answers that were fetched before.

The tests are the author's; the functions are stubs. A stub answers with what the candidate has answered in its own box,
call by call, in order; where no answer is left the tests are stopped, and say which call they stand at. Then they are
run once more with guesses in place of answers and no assertion that fails, to learn of the calls to come, most of which
do not depend on answers. So a test program of a hundred assertions needs no hundred rounds, but two.

Whatever comes from guessing is a proposal: it is compared with what the tests really ask for.

Standard library alone, and nothing of this package: this very source runs in the box.
"""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

__all__ = ["in_one_box", "replay"]

MOST_CALLS: Final = 2_000
"""Guessed at; tests that never end with guesses must end."""

_SEED: Final = 20_260_101
"""Tests that draw at random must draw the same each time they are run."""

Call = tuple[str, list[Any], dict[str, Any]]
Answer = Sequence[Any]
"""("value", what was returned, the arguments as they were left) or ("error", its name, what it was made of)."""


class CandidateError(Exception):
    """What a candidate raises that Python does not know."""


class Stopped(BaseException):
    """No answer is left; tests that catch exceptions do not catch this."""


class NotPlain(BaseException):
    """The tests pass what cannot be sent to another box."""


def replay(
    setup: str, tests: str, names: list[str], calls: list[Call], answers: list[Answer], *, guess: bool
) -> tuple[str, list[Call], list[Call], str]:
    """How the tests go.

    Args:
        setup: what is run before the functions are put in their places.
        names: of the functions.
        calls, answers: what the candidate was asked, and its answers; no more of these than calls.

    Returns:
        "passed", "failed" (an assertion, or what the tests cannot deal with), "raised" (by the candidate), "asks" (an
        answer is missing), "not plain" or "broken"; the calls made, the last one unanswered where an answer is missing;
        further calls guessed at; and words on what went wrong.
    """
    lacking = _unbound(setup + "\n" + tests, names)
    if lacking:
        return "broken", [], [], lacking
    play = _Play(calls, answers)
    how, words = play.run(setup, tests, names)
    guessed: list[Call] = []
    if how == "asks" and guess:
        scout = _Play(calls, answers, guessing=True)
        scout.run(setup, tests, names)
        guessed = scout.made[len(play.made) :]
    return how, play.made, guessed, words


def in_one_box(program: str, setup: str, tests: str, names: list[str]) -> tuple[str, str]:
    """How the tests go with the candidate beside them, who may do with them what it likes."""
    space: dict[str, Any] = {"__name__": "tests"}
    exec(setup, space)  # noqa: S102 - what a sandbox is for
    candidate: dict[str, Any] = {"__name__": "solution"}
    exec(program, candidate)  # noqa: S102 - the same
    space.update({name: value for name, value in candidate.items() if not name.startswith("__")})
    missing = [name for name in names if name not in candidate]
    if missing:
        return "raised", f"NameError: name {missing[0]!r} is not defined"
    return _outcome(tests, space)


class _Play:
    """One run of the tests."""

    def __init__(self, calls: list[Call], answers: list[Answer], *, guessing: bool = False) -> None:
        self._calls = calls
        self._answers = answers
        self._guessing = guessing
        self.made: list[Call] = []
        self.raised: BaseException | None = None
        self.halted: BaseException | None = None

    def run(self, setup: str, tests: str, names: list[str]) -> tuple[str, str]:
        random.seed(_SEED)
        space: dict[str, Any] = {"__name__": "tests"}
        how, words = _outcome(setup, space)
        if how != "passed":
            return "broken", words
        space.update({name: self._stub(name) for name in names})
        return _outcome(_lenient(tests) if self._guessing else tests, space, self)

    def _stub(self, name: str) -> Callable[..., Any]:
        def stub(*args: Any, **kwargs: Any) -> Any:
            if self.halted is not None:
                raise self.halted
            try:
                return self._answered((name, [_plain(arg) for arg in args], _plain(kwargs)), args)
            except (Stopped, NotPlain) as error:
                self.halted = error
                raise

        stub.__name__ = stub.__qualname__ = name
        return stub

    def _answered(self, call: Call, args: tuple[Any, ...]) -> Any:
        number = len(self.made)
        self.made.append(call)
        known = number < len(self._answers) and _same(call, self._calls[number])
        if not known and self._guessing and number < MOST_CALLS:
            self._answers = self._answers[:number]
            return _Guess()
        if not known:
            raise Stopped
        kind, first, second = self._answers[number]
        if kind == "error":
            self.raised = _error(first, second)
            raise self.raised
        for arg, left in zip(args, second, strict=False):
            _become(arg, left)
        return first


def _same(one: Any, other: Any) -> bool:
    """Whether a function could tell no difference: types count, and so does the order of a dict."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return _same([*one.items()], [*other.items()])
    return one == other or repr(one) == repr(other)


def _outcome(source: str | ast.Module, space: dict[str, Any], play: _Play | None = None) -> tuple[str, str]:
    """Run a text; "passed" where it comes to its end."""
    how, words = "passed", ""
    try:
        exec(compile(source, "tests", "exec"), space)  # noqa: S102 - what a sandbox is for
    except BaseException as error:  # noqa: BLE001 - tests may end in any way
        how, words = "raised" if play is not None and error is play.raised else "failed", _words(error)
    if play is None or play.halted is None:
        return how, words
    return ("asks", "") if isinstance(play.halted, Stopped) else ("not plain", str(play.halted))


def _unbound(source: str, names: list[str]) -> str:
    """What is wrong with a text before it runs: no Python, or names that nothing in it binds. "" where nothing is.

    Found here, it is the author's mistake for certain; a NameError later may be an answer's doing.
    """
    try:
        nodes = [*ast.walk(ast.parse(source))]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _words(error)
    bound = {*names, *dir(builtins), "__name__", "__builtins__"}
    for node in nodes:
        bound.update(_bound_by(node))
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return "" if "*" in bound else ", ".join(f"{name!r} is not defined" for name in sorted(used - bound))


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.MatchMapping):
        return [node.rest or ""]
    found = getattr(node, "name", None) or getattr(node, "arg", None)
    return [found] if isinstance(found, str) else []


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


def _error(name: str, parts: Sequence[Any]) -> Exception:
    """A builtin exception as itself, any other as `CandidateError`."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(*parts)
        except TypeError:
            pass  # such as UnicodeDecodeError, which is not made of words alone
    return CandidateError(name, *parts)


def _plain(value: Any) -> Any:
    """A copy of what the tests pass, in plain types."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return value
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    for kind in (list, tuple, set, frozenset):
        if isinstance(value, kind):
            return kind(map(_plain, value))
    raise Stopped if isinstance(value, _Guess) else NotPlain(f"a {type(value).__name__} is no plain data")


def _become(mine: Any, left: Any) -> Any:
    """What stands where `mine` stood once a candidate has left it so; containers stay the ones they were."""
    if isinstance(mine, list) and isinstance(left, list):
        mine[:] = [_become(a, b) for a, b in zip(mine, left, strict=False)] + left[len(mine) :]
    elif isinstance(mine, dict) and isinstance(left, dict):
        items = {key: _become(mine.get(key), item) for key, item in left.items()}
        mine.clear()
        mine.update(items)
    elif isinstance(mine, set) and isinstance(left, set):
        mine.clear()
        mine.update(left)
    else:
        return left
    return mine


def _lenient(tests: str) -> ast.Module:
    """The same tests, in which no assertion fails."""
    tree = ast.parse(tests)
    _Lenient().visit(tree)
    return ast.fix_missing_locations(tree)


class _Lenient(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
        attempt = ast.Try([ast.Expr(node.test)], [handler], [], [])
        return ast.copy_location(attempt, node)


class _Guess:
    """Stands for an answer that is not known: bears with whatever is done to it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter(())


def _itself(self: _Guess, *_: Any) -> _Guess:
    return self


_KEPT: Final = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
_GIVEN: Final[dict[str, Any]] = {"len": 0, "int": 0, "index": 0, "float": 0.0, "complex": 0j, "hash": 0, "str": "?"}
for _name in [*_KEPT, *(f"r{name}" for name in _KEPT), "neg", "pos", "abs", "invert", "getitem", "round", "divmod"]:
    setattr(_Guess, f"__{_name}__", _itself)
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "bool", "contains"):
    setattr(_Guess, f"__{_name}__", lambda *_: True)
for _name, _value in _GIVEN.items():
    setattr(_Guess, f"__{_name}__", lambda *_, value=_value: value)
