"""`llm/SQL-v0`: questions about databases, answered by queries.

domains      what databases are about
world        one database: tables and rows from a seed
query        queries as trees
clauses      conditions, as trees and in words
questions    questions of six levels
env          the env and its tools
"""

from llm_envs.envs.sql.env import SQL

__all__ = ["SQL"]
