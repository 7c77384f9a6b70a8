"""Solve the problems of `llm/Math-v0` again, from their text alone: one module a topic.

The solvers know nothing of how a problem was made: SymPy solves what it can, the rest is counted out by brute force.
"""
