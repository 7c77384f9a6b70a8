"""Puzzles: hard to solve, easy to check.

sudoku      `llm/Sudoku-v0`; `board` solves boards and digs givens out
countdown   `llm/Countdown-v0`
maze        `llm/Maze-v0`; `labyrinth` carves mazes and finds the best moves
zebra       `llm/Zebra-v0`; `street` draws conclusions from clues, `people` says them in English
puzzle      what those of one question and one answer share
"""

from llm_envs.envs.puzzles.countdown import Countdown
from llm_envs.envs.puzzles.maze import Maze
from llm_envs.envs.puzzles.sudoku import Sudoku
from llm_envs.envs.puzzles.zebra import Zebra

__all__ = ["Countdown", "Maze", "Sudoku", "Zebra"]
