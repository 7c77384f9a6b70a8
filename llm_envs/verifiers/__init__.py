"""Verifiers: an answer and a reference in, a Verdict out. One file or folder is one verifier.

`math`, `sql` and `code` here are the functions. The packages of these names are imported first and their names bound
anew, so `from llm_envs.verifiers.math.parser import parse` keeps working beside `verifiers.math(reply, answer)`.
"""

from llm_envs.verifiers.code.reference import CodeReference
from llm_envs.verifiers.code.verify import code
from llm_envs.verifiers.countdown import countdown
from llm_envs.verifiers.entity import entity
from llm_envs.verifiers.format import think_and_box
from llm_envs.verifiers.math.partial import math_partial
from llm_envs.verifiers.math.reference import read_reference as math_reference
from llm_envs.verifiers.math.verify import close, math, math_async, math_many
from llm_envs.verifiers.rubric import Quality, Rubric, Sampled
from llm_envs.verifiers.sql.verify import sql
from llm_envs.verifiers.state import row_f1, state
from llm_envs.verifiers.table import table
from llm_envs.verifiers.value import value

__all__ = [
    "CodeReference",
    "Quality",
    "Rubric",
    "Sampled",
    "close",
    "code",
    "countdown",
    "entity",
    "math",
    "math_async",
    "math_many",
    "math_partial",
    "math_reference",
    "row_f1",
    "sql",
    "state",
    "table",
    "think_and_box",
    "value",
]
