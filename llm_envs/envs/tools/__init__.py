"""Envs whose policy acts on a world by tools. Each module is one family.

scenario    what all worlds share: a rehearsed plan, and a verdict on what really changed
people      names and ids of what lives in worlds, drawn in bulk
lookup      one row of a world, or words about what is not there
chance      choices, drawn in bulk
drawing     scenarios, drawn until a world has what is asked about
bank        `llm/Bank-v0`
calc        `llm/Calc-v0`; `arithmetic` works out what its calculator is given
calendar    `llm/Calendar-v0`
files       `llm/Files-v0`
injection   `llm/Injection-v0`: jobs of the others, among records that try to hijack the agent
mail        `llm/Mail-v0`
shop        `llm/Shop-v0`
"""

from llm_envs.envs.tools.bank import Bank
from llm_envs.envs.tools.calc import Calc
from llm_envs.envs.tools.calendar import Calendar
from llm_envs.envs.tools.files import Files
from llm_envs.envs.tools.injection import Injection
from llm_envs.envs.tools.mail import Mail
from llm_envs.envs.tools.shop import Shop

__all__ = ["Bank", "Calc", "Calendar", "Files", "Injection", "Mail", "Shop"]
