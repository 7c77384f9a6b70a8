"""BM25 over texts held in memory: postings in NumPy, ties broken by the text's place.

A word t that f of a page's l words are, and n of N texts hold, adds to a text's score

    ln(1 + (N - n + 0.5) / (n + 0.5)) * f * (k1 + 1) / (f + k1 * (1 - b + b * l / mean(l)))

Sources: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), section 3.4, with k1 =
1.2 and b = 0.75, within the ranges that they recommend; the weight of a word is Robertson's and Sparck Jones's (1976),
with one added inside the logarithm, as Lucene has it, so that no word counts against a text.

What a posting adds is computed once, as a whole number. Sums of whole numbers do not depend on their order, so the same
words in another order give the same ranking on every machine. A text's place stands in the lowest digits of its score
and breaks ties there: the k largest numbers are the answer, and no two are equal.

It deliberately does not stem, drop stop words, correct spelling, or look at the order of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

__all__ = ["BM25", "words_of"]

K1 = 1.2
B = 0.75

_STEPS = 1 << 16
"""Whole numbers to a unit of score: two texts that differ by less are ties."""

_QUERY_WORDS = 256
"""Of a query that are looked up."""

_BLOCKS = 128
"""Among whose best scores the k best are sought, before single scores are; several times the k that is usual."""

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case, without accents."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return _WORD.findall(text.lower())


class BM25:
    """An index over texts, which keep their places.

    Args:
        texts: what is searched, N of them.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        words_N = [words_of(text) for text in texts]
        self._size = len(words_N)
        numbers: dict[str, int] = {}
        of_words = np.fromiter((numbers.setdefault(w, len(numbers)) for w in chain.from_iterable(words_N)), np.int64)
        lengths_N = np.fromiter(map(len, words_N), np.int64, self._size)
        self._numbers = numbers
        self._ties_M = np.full(-(-self._size // _BLOCKS) * _BLOCKS, -1)  # M: N rounded up to whole blocks
        self._ties_M[: self._size] = np.arange(self._size - 1, -1, -1)
        self._place(of_words, lengths_N)

    def _place(self, of_words: NDArray[np.int64], lengths_N: NDArray[np.int64]) -> None:
        """Sort all postings by word, then by page, and compute what each adds."""
        pages = np.repeat(np.arange(self._size), lengths_N)
        keys, counts = np.unique(of_words * max(self._size, 1) + pages, return_counts=True)
        words_P, self._pages_P = np.divmod(keys, max(self._size, 1))
        held = np.bincount(words_P, minlength=len(self._numbers))
        self._starts = [0, *np.cumsum(held).tolist()]
        rarity = np.log1p((self._size - held + 0.5) / (held + 0.5))
        norm_N = K1 * (1 - B + B * lengths_N / max(lengths_N.mean() if self._size else 1.0, 1.0))
        added = rarity[words_P] * counts * (K1 + 1) / (counts + norm_N[self._pages_P])
        self._added_P = np.maximum(np.rint(added * _STEPS).astype(np.int64), 1) * self._size

    def search(self, query: str, k: int) -> list[int]:
        """Places of the k best texts, best first, fewer where fewer share a word with the query."""
        scores_M = self._ties_M.copy()
        for word in dict.fromkeys(words_of(query)[:_QUERY_WORDS]):
            number = self._numbers.get(word)
            if number is not None:
                start, end = self._starts[number], self._starts[number + 1]
                scores_M[self._pages_P[start:end]] += self._added_P[start:end]
        best = np.sort(scores_M[scores_M >= self._bound(scores_M, k)])[::-1][:k]
        found: Sequence[int] = best.tolist()
        return [self._size - 1 - score % self._size for score in found]

    def _bound(self, scores_M: NDArray[np.int64], k: int) -> int:
        """At least k scores reach it, where so many texts share a word with the query; not many more do.

        Of the k best blocks each holds a score that is at least the k-th best block's best.
        """
        if k > _BLOCKS or not self._size:
            return self._size
        best_of_blocks = scores_M.reshape(_BLOCKS, -1).max(axis=1)
        best_of_blocks.sort()
        return max(self._size, int(best_of_blocks[-k]))
