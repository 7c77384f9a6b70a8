"""Envs whose policy acts on a world by tools. Each module is one family, and is imported where it is asked for.

world_env   what all worlds share: a rehearsed plan, and a verdict on what really changed
scenario    what a task of a world is
stage       where it is played
people      names and ids of what lives in worlds, drawn in bulk
lookup      one row of a world, or words about what is not there
chance      choices, drawn in bulk
drawing     scenarios, drawn until a world has what is asked about
mixture     tasks of other envs with tools, one of them drawn for each task
env         `llm/Tools-v0`, a mixture of the families below
talk        what users of families tell when asked
bank        `llm/Bank-v0`
calc        `llm/Calc-v0`; `arithmetic` works out what its calculator is given
calendar    `llm/Calendar-v0`
files       `llm/Files-v0`
injection   `llm/Injection-v0`: jobs of the others, among records that try to hijack the agent
mail        `llm/Mail-v0`
office      `llm/Office-v0`
shop        `llm/Shop-v0`
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_envs.envs.tools.bank import Bank
    from llm_envs.envs.tools.calc import Calc
    from llm_envs.envs.tools.calendar import Calendar
    from llm_envs.envs.tools.env import Tools
    from llm_envs.envs.tools.files import Files
    from llm_envs.envs.tools.injection import Injection
    from llm_envs.envs.tools.mail import Mail
    from llm_envs.envs.tools.office import Office
    from llm_envs.envs.tools.scenario import Scenario, refuse, submit
    from llm_envs.envs.tools.shop import Shop
    from llm_envs.envs.tools.world_env import WorldEnv

_HOMES = {
    "Bank": "bank",
    "Calc": "calc",
    "Calendar": "calendar",
    "Files": "files",
    "Injection": "injection",
    "Mail": "mail",
    "Office": "office",
    "Scenario": "scenario",
    "Shop": "shop",
    "Tools": "env",
    "WorldEnv": "world_env",
    "refuse": "scenario",
    "submit": "scenario",
}
"""In which module a family's env is, and what envs of one's own are made of."""

__all__ = [
    "Bank",
    "Calc",
    "Calendar",
    "Files",
    "Injection",
    "Mail",
    "Office",
    "Scenario",
    "Shop",
    "Tools",
    "WorldEnv",
    "refuse",
    "submit",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
