"""`llm/Search-v0`: questions that an encyclopedia answers, one module a step.

names         made-up names
relations     what is told of whom, and the words for it
encyclopedia  subjects, dated pages, and what holds
pages         the pages' texts
questions     questions with one answer each
bm25          the index
engines       the same by other packages
library       pages that can be searched and opened
corpus        pages and questions of a user's own
env           the env
"""

from llm_envs.envs.search.env import Search

__all__ = ["Search"]
