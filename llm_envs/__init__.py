"""Gymnasium environments for LLM agents: token-level actions, verifiable rewards.

    import gymnasium as gym
    import llm_envs

    env = gym.make("llm/Math-v0")

Importing this registers the `llm/*` ids and loads no env, no tokenizer library and no torch.
"""

from llm_envs.curriculum import Curriculum
from llm_envs.env import LLMEnv, MultiTurnEnv, SingleTurnEnv
from llm_envs.errors import BadReference, InfrastructureError, LLMEnvsError
from llm_envs.registry import load_plugins, register
from llm_envs.types import Message, Part, StopReason, Task, Trajectory, Turn, Verdict

__all__ = [
    "BadReference",
    "Curriculum",
    "InfrastructureError",
    "LLMEnv",
    "LLMEnvsError",
    "Message",
    "MultiTurnEnv",
    "Part",
    "SingleTurnEnv",
    "StopReason",
    "Task",
    "Trajectory",
    "Turn",
    "Verdict",
    "load_plugins",
    "register",
]

__version__ = "0.1.0"

register("llm/Math-v0", "llm_envs.envs.math:Math")
register("llm/MathAlgebra-v0", "llm_envs.envs.math:Math", topics="algebra")
register("llm/MathArithmetic-v0", "llm_envs.envs.math:Math", topics="arithmetic")
register("llm/MathCalculus-v0", "llm_envs.envs.math:Math", topics="calculus")
register("llm/MathCombinatorics-v0", "llm_envs.envs.math:Math", topics="combinatorics")
register("llm/MathGeometry-v0", "llm_envs.envs.math:Math", topics="geometry")
register("llm/MathLinearAlgebra-v0", "llm_envs.envs.math:Math", topics="linear_algebra")
register("llm/MathLogic-v0", "llm_envs.envs.math:Math", topics="logic")
register("llm/MathNumberTheory-v0", "llm_envs.envs.math:Math", topics="number_theory")
register("llm/MathSequences-v0", "llm_envs.envs.math:Math", topics="sequences")
register("llm/MathWordProblems-v0", "llm_envs.envs.math:Math", topics="word_problems")
register("llm/MathData-v0", "llm_envs.envs.math_data:MathData")
register("llm/Arithmetic-v0", "llm_envs.envs.arithmetic:Arithmetic")
register("llm/GuessNumber-v0", "llm_envs.envs.guess_number:GuessNumber")
register("llm/Code-v0", "llm_envs.envs.code:Code")
register("llm/Search-v0", "llm_envs.envs.search:Search", extras=("tools",))
register("llm/MCP-v0", "llm_envs.envs.mcp:MCP", extras=("mcp",))
register("llm/Countdown-v0", "llm_envs.envs.puzzles:Countdown")
register("llm/Maze-v0", "llm_envs.envs.puzzles:Maze")
register("llm/Calendar-v0", "llm_envs.envs.tools:Calendar", extras=("tools",))
register("llm/Injection-v0", "llm_envs.envs.tools:Injection", extras=("tools",))
register("llm/Mail-v0", "llm_envs.envs.tools:Mail", extras=("tools",))
register("llm/Shop-v0", "llm_envs.envs.tools:Shop", extras=("tools",))
register("llm/SQL-v0", "llm_envs.envs.sql:SQL", extras=("tools",))
register("llm/Sudoku-v0", "llm_envs.envs.puzzles:Sudoku")
register("llm/Zebra-v0", "llm_envs.envs.puzzles:Zebra")
register("llm/Bank-v0", "llm_envs.envs.tools:Bank", extras=("tools",))
register("llm/Files-v0", "llm_envs.envs.tools:Files", extras=("tools",))
register("llm/Office-v0", "llm_envs.envs.tools:Office", extras=("tools",))
register("llm/Tools-v0", "llm_envs.envs.tools:Tools", extras=("tools",))
register("llm/Calc-v0", "llm_envs.envs.tools:Calc", extras=("tools",))
