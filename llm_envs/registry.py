"""One row per env id: where its code is, its defaults, and what it needs beyond the core.

Rows hold strings, so that listing envs imports none of them. Gymnasium's own registry gets every row as well:
`gym.make`, `gym.make_vec` and `gym.spec` work as for any env. Gymnasium 1.x loads no plug-ins by itself; envs of
other packages come in through the entry-point group `llm_envs.envs` and `load_plugins`.
"""

from __future__ import annotations

import importlib
import inspect
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import gymnasium
from gymnasium.envs import registration
from gymnasium.envs.registration import parse_env_id

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, LLMEnvsError, UnknownEnv, did_you_mean

__all__ = ["EnvRow", "load_plugins", "register", "row", "rows"]

PLUGIN_GROUP = "llm_envs.envs"
_VECTOR_ENTRY_POINT = "llm_envs.vector:LLMVectorEnv"

EnvClass = TypeVar("EnvClass", bound=type[LLMEnv])


@dataclass(frozen=True, slots=True)
class EnvRow:
    """One registered env.

    Args:
        entry_point: the env class, or `"module:Class"`.
        defaults: arguments that `gym.make` may override.
        extras: optional dependencies without which it does not run.
    """

    id: str
    entry_point: str | type[LLMEnv]
    defaults: dict[str, Any] = field(default_factory=dict)
    extras: tuple[str, ...] = ()

    def load(self) -> type[LLMEnv]:
        """The env class.

        Raises:
            ImportError: its module, or what that needs, is not there.
            BadOption: its module has no class of that name.
        """
        if not isinstance(self.entry_point, str):
            return self.entry_point
        module, _, name = self.entry_point.partition(":")
        found: type[LLMEnv] | None = getattr(importlib.import_module(module), name, None)
        if found is None:
            raise BadOption(
                f"the entry point of {self.id!r} names no class",
                expected="module:Class",
                received=self.entry_point,
                next_step=f"Define {name} in {module}, or register the class where it is.",
            )
        return found

    def make(self, **options: Any) -> LLMEnv:
        """One env of this row, without Gymnasium's wrappers."""
        return self.load()(**{**self.defaults, "env_id": self.id, **options})


_ROWS: dict[str, EnvRow] = {}


def register(
    env_id: str, entry_point: str | None = None, *, extras: tuple[str, ...] = (), **defaults: Any
) -> Callable[[EnvClass], EnvClass]:
    """Register an env, as a class decorator or by its entry point.

        @llm_envs.register("me/Add-v0")
        class Add(llm_envs.SingleTurnEnv): ...

        llm_envs.register("me/Add-v0", "my_package.add:Add", max_new_tokens=64)

    Args:
        env_id: `namespace/Name-vN`; the version rises when rewards can change.
        entry_point: `"module:Class"`; leave it out to decorate a class.
        extras: names of the optional dependencies it needs.
        defaults: arguments that `gym.make` may override.

    Raises:
        BadOption: the id has no namespace or no version, or is another env's; or what is decorated is no env class.
    """
    _check_id(env_id)
    if entry_point is not None:
        _add(EnvRow(env_id, entry_point, defaults, extras))

    def decorate(env_class: EnvClass) -> EnvClass:
        _check_class(env_class)
        _add(EnvRow(env_id, env_class, defaults, extras))
        return env_class

    return decorate


def row(env_id: str) -> EnvRow:
    """The row of that id; `module:id` imports the module first, as `gym.make` does.

    Raises:
        UnknownEnv: there is none; the closest ids are named.
    """
    module, _, name = env_id.rpartition(":")
    if module:
        _import(module)
    if name in _ROWS:
        return _ROWS[name]
    raise UnknownEnv(
        f"there is no env {name!r}",
        expected="a registered id",
        received=repr(env_id),
        next_step=_nearest(module, name),
    )


def _nearest(module: str, name: str) -> str:
    if not module:
        return f"{did_you_mean(name, _ROWS)} An env of your own: 'my_module:{name}' imports my_module first."
    namespace = name.partition("/")[0] + "/"
    if not any(env_id.startswith(namespace) for env_id in _ROWS):
        return f"{module} registers no env of {namespace}: write @llm_envs.register({name!r}) above the class."
    return did_you_mean(name, _ROWS)


def rows() -> list[EnvRow]:
    """All rows, by id."""
    return [_ROWS[env_id] for env_id in sorted(_ROWS)]


def load_plugins() -> list[str]:
    """Import the envs of other installed packages; names of the plug-ins loaded.

    A plug-in is an entry point of group `llm_envs.envs` that names a module which registers envs, or a function
    which does. One that fails is reported by a warning and does not keep the others from loading.
    """
    from importlib.metadata import entry_points  # it loads email, zipfile and urllib

    loaded = []
    for entry_point in entry_points(group=PLUGIN_GROUP):
        try:
            plugin = entry_point.load()
            if callable(plugin):
                plugin()
        except Exception as error:  # noqa: BLE001 (one broken plug-in must not take the others along)
            warnings.warn(f"plug-in {entry_point.name!r} ({entry_point.value}) failed to load: {error!r}", stacklevel=2)
        else:
            loaded.append(entry_point.name)
    return loaded


def _import(module: str) -> None:
    try:
        importlib.import_module(module)
    except LLMEnvsError:
        raise
    except ImportError as error:
        raise UnknownEnv(
            f"the module {module!r} cannot be imported",
            expected="a module that registers envs",
            received=f"{error}{_place(error)}",
            next_step=_remedy(module, error),
        ) from error
    except Exception as error:
        raise UnknownEnv(
            f"the module {module!r} fails while it is imported",
            expected="a module that registers envs",
            received=f"{type(error).__name__}: {error}{_place(error)}",
            next_step="Repair that line.",
        ) from error


def _remedy(module: str, error: ImportError) -> str:
    if error.name and not f"{module}.".startswith(f"{error.name}."):
        return f"Install {error.name}, or repair that line."
    return "Check its spelling, and that it can be imported from the current folder."


def _place(error: Exception) -> str:
    """Where an error of a user's module came from; a misspelt module has no place."""
    if isinstance(error, SyntaxError):
        return ""  # its text names the file and the line
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)[1:] if not frame.filename.startswith("<")]
    frames = [frame for frame in frames if frame.filename != importlib.__file__]
    return f" ({frames[-1].filename}, line {frames[-1].lineno}: {frames[-1].line})" if frames else ""


def _add(env_row: EnvRow) -> None:
    held = _ROWS.get(env_row.id, env_row)
    if _name_of(held.entry_point) != _name_of(env_row.entry_point):
        raise BadOption(
            f"the id {env_row.id!r} is taken",
            expected="an id of its own for every env",
            received=f"{_name_of(env_row.entry_point)}, while it belongs to {_name_of(held.entry_point)}",
            next_step="Choose another name, or raise the version.",
        )
    _ROWS[env_row.id] = env_row
    registration.registry.pop(env_row.id, None)  # a cell of a notebook that runs again replaces its own env
    gymnasium.register(
        id=env_row.id,
        entry_point=env_row.entry_point,  # type: ignore[arg-type]  # 1.x's protocol for creators leaves out classes
        vector_entry_point=_VECTOR_ENTRY_POINT,
        kwargs={**env_row.defaults, "env_id": env_row.id},
    )


def _name_of(entry_point: str | type[LLMEnv]) -> str:
    return entry_point if isinstance(entry_point, str) else f"{entry_point.__module__}:{entry_point.__qualname__}"


def _check_id(env_id: str) -> None:
    try:
        namespace, _, version = parse_env_id(env_id)
    except (gymnasium.error.Error, TypeError):
        namespace = version = None
    if namespace is None or version is None:
        raise BadOption(
            "this is no env id",
            expected="namespace/Name-vN",
            received=repr(env_id),
            next_step='Write @llm_envs.register("me/Add-v0") above the class.',
        )


def _check_class(env_class: type[LLMEnv]) -> None:
    if not (isinstance(env_class, type) and issubclass(env_class, LLMEnv)):
        raise BadOption(
            "this is no env class",
            expected="a subclass of SingleTurnEnv or MultiTurnEnv",
            received=repr(env_class),
            next_step="Inherit one of them.",
        )
    parameters = inspect.signature(env_class.__init__).parameters.values()
    if not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters):
        raise BadOption(
            f"the constructor of {env_class.__name__} does not take what every env takes",
            expected="def __init__(self, *, mine=1, **options) with super().__init__(**options)",
            received=f"def __init__{inspect.signature(env_class.__init__)}",
            next_step="Add **options and hand them on: tokenizer, obs, split and others travel in them.",
        )
    if missing := sorted(env_class.__abstractmethods__):
        raise BadOption(
            f"{env_class.__name__} is not complete",
            expected="a class with sample and verify, and respond where the world answers",
            received=f"no {', no '.join(missing)}",
            next_step=f"Write {env_class.__name__}.{missing[0]}(...).",
        )
