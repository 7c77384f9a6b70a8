"""A suite: envs with their options and labels, how many tasks and samples of each, seed, split, and token budgets.

    name = "mine"
    version = 1                          # rises with every change: figures compare within one version
    about = "What it measures."
    tasks = 20                           # of each env
    samples = 4                          # of each task;  1 where it is left out
    seed = 0                             # 0 where it is left out
    split = "test"                       # so where it is left out

    [decoding]                           # what is left out is left to the model
    max_tokens = 4096

    [[env]]
    id = "llm/Sudoku-v0"                 # or "my_module:me/Add-v0"
    label = "sudoku"                     # the id where it is left out
    options = { max_turns = 1 }
    each = { difficulty = [0, 2, 4] }    # one env for each value, labelled sudoku-0, sudoku-2, sudoku-4

What is wrong in a file is told with its line. TOML readers give no lines for keys, so they are looked for in the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

from llm_envs.errors import BadOption, BadSuite, LLMEnvsError, MissingExtra, UnknownSuite, did_you_mean
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Decoding
from llm_envs.registry import row
from llm_envs.tasks import SPLITS

__all__ = ["Suite", "load_suite", "shipped_suites"]

_FIELDS = {"name": str, "version": int, "about": str, "tasks": int, "samples": int, "seed": int, "split": str}
_OF_SUITE: Mapping[str, type] = {**_FIELDS, "decoding": dict, "env": list}
_OF_DECODING: Mapping[str, type] = {"temperature": float, "top_p": float, "max_tokens": int, "extra": dict}
_OF_ENV: Mapping[str, type] = {"id": str, "label": str, "options": dict, "each": dict}
_NEEDED = ("name", "version", "tasks", "env")
_WORDS = {str: "a text", int: "a whole number", float: "a number", dict: "a table", list: "a list of tables, [[env]]"}


@dataclass(frozen=True, slots=True)
class Suite:
    """A named list of envs with everything pinned that could change a figure.

    Args:
        version: rises with every change; figures compare within one version.
        tasks: of each env.
    """

    name: str
    version: int
    envs: tuple[EnvPlan, ...]
    tasks: int
    about: str = ""
    samples: int = 1
    seed: int = 0
    split: str = "test"
    decoding: Decoding = field(default_factory=Decoding)

    def plan(self, model: str, **changes: Any) -> Plan:
        """What a model is to do; a plan says of which suite and version it is.

        Args:
            model: its SPEC.
            changes: fields of the plan that are to be otherwise. The plan then says that it is the suite's no more.
        """
        plan = Plan(self.envs, model, self.tasks, self.samples, self.seed, self.split, self.decoding)
        changed = {name: value for name, value in changes.items() if value != getattr(plan, name)}
        title = f"{self.name}@{self.version}"
        return replace(plan, **changed, suite=f"{title} changed" if changed else title)


def shipped_suites() -> list[Suite]:
    """Those that come with the package, by name."""
    return [_read(text, f"{name}.toml") for name, text in sorted(_shipped().items())]


def load_suite(name: str) -> Suite:
    """The suite of that name, or of that file, with every env tried out.

    Raises:
        UnknownSuite: neither a shipped suite nor a file.
        BadSuite: the file cannot be read, or says what cannot be; its line is told.
        MissingExtra: an env needs a package that is not installed.
    """
    path = Path(name)
    known = _shipped()
    if name in known:
        text, place = known[name], f"{name}.toml"
    elif path.suffix == ".toml" and path.is_file():
        text, place = _text(path), name
    else:
        raise UnknownSuite(
            f"there is no suite {name!r}",
            expected=f"one of {', '.join(known)}, or a TOML file",
            received=name,
            next_step=f"{did_you_mean(name, known)} A suite of your own is a file such as my_suite.toml.",
        )
    suite = _read(text, place)
    for env, number in zip(suite.envs, _numbers(text), strict=True):
        _try(env, suite, _Place(place, text, f"env {number}", number))
    return suite


def _shipped() -> dict[str, str]:
    """Texts of the package's own suites, by name."""
    found = [file for file in files("llm_envs.evals.suites").iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file.read_text(encoding="utf-8") for file in found}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSuite(
            f"{path} cannot be read",
            expected="a TOML file in UTF-8",
            received=f"{type(error).__name__}: {error}",
            next_step="Check its permissions and its encoding.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A part of a suite's file, for messages.

    Args:
        part: its name for people; "" for the top.
        number: of the `[[env]]`, from 1; 0 elsewhere.
    """

    file: str
    text: str
    part: str = ""
    number: int = 0

    def error(self, what: str, key: str = "", **parts: Any) -> BadSuite:
        """The error for a key here."""
        where = f"{self.file}, line {self._line(key)}{f', {self.part}' if self.part else ''}"
        return BadSuite(f"{where}: {what}", **parts)

    def _line(self, key: str) -> int:
        """Where the key stands, or else where its part begins."""
        lines = self.text.splitlines()
        first, last = self._section(lines)
        wanted = re.compile(rf"(^|[\s{{,.])[\"']?{re.escape(key)}[\"']?\s*[=.]")
        found = (number for number in range(first, last) if key and wanted.search(lines[number]))
        return next(found, first) + 1

    def _section(self, lines: list[str]) -> tuple[int, int]:
        """First line of the part, and the one behind its last."""
        heads = {number: found[1] for number, line in enumerate(lines) if (found := _HEAD.match(line))}
        if self.number:
            mine = [number for number, head in heads.items() if head == "env"][self.number - 1 : self.number]
        else:
            mine = [number for number, head in heads.items() if head == self.part]
        first = mine[0] if mine else 0
        later = (number for number, head in heads.items() if number > first or not self.part)
        return first, next(later, len(lines))


_HEAD = re.compile(r"^\s*\[{1,2}\s*(env|decoding)\s*\]{1,2}\s*(#.*)?$")


def _read(text: str, file: str) -> Suite:
    top = _Place(file, text)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSuite(
            f"{file} is no TOML",
            expected="a suite such as `llm_envs/evals/suites/quick.toml`",
            received=str(error),
            next_step="Correct that line.",
        ) from error
    _check_keys(found, _OF_SUITE, top)
    for name in _NEEDED:
        if found.get(name) in (None, "", []):
            raise top.error(f"{name!r} is missing", expected=_WORDS[_OF_SUITE[name]], next_step=f"Add {name} = ....")
    decoding = _decoding(found.get("decoding", {}), _Place(file, text, "decoding"))
    suite = Suite(
        **{name: value for name, value in found.items() if name in _FIELDS},
        envs=tuple(_envs(found["env"], file, text)),
        decoding=decoding,
    )
    _check_plan(suite, top)
    return suite


def _check_keys(table: Mapping[str, Any], known: Mapping[str, type], place: _Place) -> None:
    for name, value in table.items():
        if name not in known:
            raise place.error(
                f"unknown field {name!r}",
                name,
                expected=", ".join(known),
                received=f"{name} = {value!r}",
                next_step=did_you_mean(name, known),
            )
        wanted = (int, float) if known[name] is float else known[name]
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise place.error(
                f"{name!r} is not {_WORDS[known[name]]}", name, expected=_WORDS[known[name]], received=repr(value)
            )


def _decoding(table: Mapping[str, Any], place: _Place) -> Decoding:
    _check_keys(table, _OF_DECODING, place)
    try:
        return Decoding(**table)
    except BadOption as error:
        key = error.message.split()[0]
        raise place.error(error.message, key, expected=error.expected, received=error.received) from error


def _envs(tables: list[Any], file: str, text: str) -> Iterator[EnvPlan]:
    labels: set[str] = set()
    for number, table in enumerate(tables, 1):
        place = _Place(file, text, f"env {number}", number)
        if not isinstance(table, dict):
            raise place.error("this is no table", expected="[[env]] with an id", received=repr(table))
        _check_keys(table, _OF_ENV, place)
        if "id" not in table:
            raise place.error("'id' is missing", expected="a registered id", next_step='Add id = "llm/Math-v0".')
        for env in _each(table, place):
            if env.label in labels:
                raise place.error(
                    f"the label {env.label!r} is given twice",
                    "label" if "label" in table else "id",
                    expected="a label of its own for every env",
                    received=env.label,
                    next_step='Add another label = "...".',
                )
            labels.add(env.label)
            yield env


def _each(table: Mapping[str, Any], place: _Place) -> Iterator[EnvPlan]:
    """One env, or one for each combination of the values of `each`."""
    each = table.get("each", {})
    for name, values in each.items():
        if not (isinstance(values, list) and values):
            raise place.error(
                f"{name!r} of 'each' is no list", name, expected="such as difficulty = [0, 2, 4]", received=repr(values)
            )
    for values in product(*each.values()):
        env = EnvPlan(table["id"], {**table.get("options", {}), **dict(zip(each, values, strict=True))})
        label = table.get("label", env.label)
        yield replace(env, label="-".join([label, *map(str, values)]))


def _numbers(text: str) -> list[int]:
    """For each env of the suite, the number of its `[[env]]`."""
    tables = tomllib.loads(text)["env"]
    counts = [len(list(product(*table.get("each", {}).values()))) for table in tables]
    return [number for number, count in enumerate(counts, 1) for _ in range(count)]


def _check_plan(suite: Suite, place: _Place) -> None:
    """Refuse numbers that no run can have."""
    for name, least in (("version", 1), ("tasks", 1), ("samples", 1), ("seed", 0)):
        if getattr(suite, name) < least:
            raise place.error(
                f"{name!r} is out of range", name, expected=f"{least} or more", received=repr(getattr(suite, name))
            )
    if suite.split not in SPLITS:
        raise place.error(
            f"unknown split {suite.split!r}",
            "split",
            expected=", ".join(SPLITS),
            received=repr(suite.split),
            next_step=did_you_mean(suite.split, SPLITS),
        )
    if not re.fullmatch(r"[A-Za-z0-9._-]+", suite.name):
        raise place.error(
            "the name cannot be part of a folder's",
            "name",
            expected="letters, digits, . _ -",
            received=repr(suite.name),
        )


def _try(env: EnvPlan, suite: Suite, place: _Place) -> None:
    """Make the env once, so that a mistyped option is told now, and where it stands."""
    try:
        row(env.id).make(split=suite.split, **env.options).close()
    except MissingExtra:
        raise
    except LLMEnvsError as error:
        key = next((name for name in env.options if repr(name) in error.message or name in error.message.split()), "id")
        raise place.error(
            error.message, key, expected=error.expected, received=error.received, next_step=error.next_step
        ) from error
