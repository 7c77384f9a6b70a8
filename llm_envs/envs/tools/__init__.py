"""Envs whose policy acts on a world by tools. Each module is one family.

calc        `llm/Calc-v0`; `arithmetic` works out what its calculator is given
"""

from llm_envs.envs.tools.calc import Calc

__all__ = ["Calc"]
