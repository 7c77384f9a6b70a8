"""Solve tasks again, from their text alone.

One module a topic of `llm/Math-v0`, and one a puzzle. The solvers know nothing of how a problem was made: SymPy solves
what it can, the rest is counted out by brute force.
"""
