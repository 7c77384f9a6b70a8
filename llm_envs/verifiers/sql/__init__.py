"""Do two SQL queries mean the same? Judged by what they find in many small databases, not by how they are written.

verify      `sql`, the verdict
database    tables, their columns and keys, and the rows that are shown
trials      small random databases of the same tables, chosen for one reference
results     whether two results are the same
reader      a database that can only be read, within limits
tokens      the words of a query

`sql` here is the function; the package is imported first and its name bound anew in `llm_envs.verifiers`.
"""
