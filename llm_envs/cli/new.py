"""`llm-envs new`: a small complete package with an env that works, to be made one's own.

Its files are templates in the folder `scaffold`. Nothing that exists is ever written over.
"""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

import llm_envs
from llm_envs.cli.options import as_json, print_json
from llm_envs.errors import BadOption, StorageFailed

__all__ = ["command"]

_SCAFFOLD = Path(__file__).parent / "scaffold"
_ENV_ID = re.compile(r"([A-Za-z][\w-]{0,39})/([A-Z][A-Za-z0-9]{0,39})-v(\d{1,9})", re.ASCII)
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_USED = {
    *llm_envs.__all__,
    *("Any", "Call", "ClassVar", "EnvTests", "Injected", "Scenario", "Sequence", "Tables", "TestRules", "Tool"),
    *("ToolEnvTests", "ToolError", "World", "WorldEnv"),
}
"""Names that the templates import or define."""

_NO_EXTRA = {"tests": "EnvTests", "needs": "llm-envs"}


class _Names(NamedTuple):
    """What an env is called, in each place."""

    env_id: str
    class_name: str
    module: str
    version: str


@click.command("new")
@click.argument("env_id", metavar="ENV")
@click.option("--multi-turn", is_flag=True, help="An env whose world answers.")
@click.option("--tools", is_flag=True, help="An env whose policy calls tools.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=".",
    show_default=True,
    help="Where the package's own folder is made.",
)
@as_json
def command(env_id: str, multi_turn: bool, tools: bool, folder: Path, as_json: bool) -> None:
    """Write an env to start from: a package with its module, its tests and a README.

    \b
    llm-envs new me/Riddle-v0
    llm-envs new me/TreasureHunt-v0 --multi-turn --folder ~/envs
    llm-envs new me/Library-v0 --tools

    It works as it is written: check it, play it, and make it your own. Nothing that exists is written over.
    """
    names = _names(env_id)
    target = folder.expanduser() / names.module
    _check_free(names, target)
    files = _rendered(names, "tools" if tools else "multi_turn" if multi_turn else "single_turn")
    _write(target, files)
    if as_json:
        print_json({"id": names.env_id, "folder": str(target), "files": sorted(files)})
    else:
        _tell(names, target, files)


def _names(env_id: str) -> _Names:
    match = _ENV_ID.fullmatch(env_id)
    if match is None:
        raise BadOption(
            "this is no name for an env",
            expected="namespace/Name-vN, the name in CamelCase",
            received=repr(env_id),
            next_step=f"Type llm-envs new {_suggestion(env_id)}",
        )
    namespace, class_name, version = match.groups()
    if namespace == "llm":
        raise BadOption(
            "the namespace 'llm' belongs to the suite",
            expected="a namespace of your own",
            received=repr(env_id),
            next_step=f"Type llm-envs new me/{class_name}-v{version}",
        )
    return _Names(env_id, class_name, _BOUNDARY.sub("_", class_name).lower(), version)


def _suggestion(env_id: str) -> str:
    """An id that may have been meant."""
    namespace, _, rest = env_id.rpartition("/")
    name, _, version = rest.partition("-v")
    words = re.findall(r"[A-Za-z0-9]+", name)
    camel = "".join(word[0].upper() + word[1:] for word in words).lstrip("0123456789")
    namespace = re.sub(r"[^A-Za-z0-9_-]", "", namespace).lstrip("0123456789_-")
    number = version if version.isdecimal() else "0"
    return f"{namespace or 'me'}/{camel[:1].upper() + camel[1:] or 'Riddle'}-v{number}"


def _check_free(names: _Names, target: Path) -> None:
    """Raise BadOption where the class, the module or the folder would stand in another's place."""
    if names.class_name in _USED or keyword.iskeyword(names.class_name) or keyword.iskeyword(names.module):
        raise BadOption(
            f"a class cannot be called {names.class_name} here",
            expected="a name that neither Python nor llm-envs uses",
            received=names.env_id,
            next_step=f"Type llm-envs new {names.env_id.replace('-v', 'World-v')}",
        )
    if target.exists():
        raise BadOption(
            f"{target} is there already",
            expected="a name that is free: nothing is written over",
            received=names.env_id,
            next_step="Choose another name, or another --folder.",
        )
    if importlib.util.find_spec(names.module) is not None:
        raise BadOption(
            f"a module {names.module!r} is installed already, and one of the two would hide the other",
            expected="a name that no module has",
            received=names.env_id,
            next_step=f"Type llm-envs new {names.env_id.replace('-v', 'World-v')}",
        )


def _rendered(names: _Names, kind: str) -> dict[str, str]:
    """File name to text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(  # noqa: S701 (Python and Markdown, not HTML; the names are checked)
        loader=FileSystemLoader(_SCAFFOLD), undefined=StrictUndefined, keep_trailing_newline=True
    )
    sources = {
        f"{names.module}.py": f"{kind}/env.py.jinja",
        f"test_{names.module}.py": "both/test.py.jinja",
        "README.md": "both/README.md.jinja",
        "pyproject.toml": "both/pyproject.toml.jinja",
    }
    extra = {"tests": "ToolEnvTests", "needs": "llm-envs[tools]"} if kind == "tools" else _NO_EXTRA
    return {name: templates.get_template(source).render(names._asdict(), **extra) for name, source in sources.items()}


def _write(target: Path, files: Mapping[str, str]) -> None:
    try:
        target.mkdir(parents=True)
        for name, text in files.items():
            (target / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"{target} cannot be written",
            received=str(error),
            next_step="Choose another --folder, or make room.",
        ) from error


def _tell(names: _Names, target: Path, files: Mapping[str, str]) -> None:
    click.echo(f"{target} holds {names.env_id}: {', '.join(sorted(files))}\n")
    for line in (
        f"cd {target}",
        f"llm-envs check {names.module}:{names.env_id}",
        f"llm-envs play {names.module}:{names.env_id}",
        f"llm-envs eval {names.module}:{names.env_id} --model mock:gold",
        "pytest",
    ):
        click.echo(f"  {line}")
