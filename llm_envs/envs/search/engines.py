"""What may find the pages: our own BM25, bm25s or Tantivy (extra `search`), all with the same words.

Tantivy and bm25s are for large corpora of one's own; which pages they rank how may change with their versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from llm_envs.envs.search.bm25 import BM25, K1, B, words_of
from llm_envs.envs.search.library import Index
from llm_envs.errors import BadOption, MissingExtra, did_you_mean

__all__ = ["ENGINES", "engine_of"]


class Bm25s:
    """The package bm25s: scores of all texts by a sparse matrix; equal ones in the texts' order."""

    def __init__(self, texts: list[str]) -> None:
        import bm25s

        self._retriever: Any = bm25s.BM25(k1=K1, b=B, method="lucene")
        self._size = len(texts)
        self._retriever.index([words_of(text) for text in texts], show_progress=False)

    def search(self, query: str, k: int) -> list[int]:
        """Places of the k best texts, best first."""
        known = [word for word in words_of(query) if word in self._retriever.vocab_dict]
        if not known:
            return []
        scores_N = self._retriever.get_scores(known)
        first = max(self._size - k, 0)
        near = np.flatnonzero(scores_N >= max(np.partition(scores_N, first)[first], np.finfo(np.float32).tiny))
        order = np.lexsort((near, -scores_N[near]))[:k]
        found: list[int] = near[order].tolist()
        return found


class Tantivy:
    """The package tantivy: an inverted index in memory, filled by one thread so that ties keep the texts' order."""

    def __init__(self, texts: list[str]) -> None:
        import tantivy

        builder = tantivy.SchemaBuilder()
        builder.add_text_field("words", stored=False)
        builder.add_unsigned_field("place", stored=True)
        self._index: Any = tantivy.Index(builder.build())
        writer = self._index.writer(num_threads=1)
        for place, text in enumerate(texts):
            writer.add_document(tantivy.Document(words=" ".join(words_of(text)), place=place))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher: Any = self._index.searcher()

    def search(self, query: str, k: int) -> list[int]:
        """Places of the k best texts, best first."""
        words = " ".join(f'"{word}"' for word in words_of(query))
        if not words:
            return []
        hits = self._searcher.search(self._index.parse_query(words, ["words"]), k).hits
        return [self._searcher.doc(address)["place"][0] for _, address in hits]


ENGINES: dict[str, Callable[[list[str]], Index]] = {"own": BM25, "bm25s": Bm25s, "tantivy": Tantivy}


def engine_of(name: str) -> Callable[[list[str]], Index]:
    """The engine of that name.

    Raises:
        BadOption: there is none.
        MissingExtra: its package is not installed.
    """
    if name not in ENGINES:
        raise BadOption(
            "unknown engine",
            expected=f"engine= one of {', '.join(map(repr, ENGINES))}",
            received=repr(name),
            next_step=did_you_mean(str(name), ENGINES),
        )
    if name != "own":
        try:
            __import__(name)
        except ImportError as error:
            raise MissingExtra.of("search", name, f"engine={name!r}") from error
    return ENGINES[name]
