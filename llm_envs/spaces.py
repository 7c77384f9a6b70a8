"""Two Gymnasium spaces that the stock ones cannot stand in for.

`Tokens` holds ragged int32 id arrays and checks them in one vectorised pass; the stock `Sequence` checks element by
element. `Text` accepts any text up to a length; the stock one enumerates its character set, which takes seconds for
Unicode.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

__all__ = ["Text", "Tokens"]

_SAMPLE_MAX = 64
"""Random samples exist to exercise code; longer ones would only make tests slow."""


class Tokens(spaces.Space[NDArray[np.int32]]):
    """Arrays of token ids: shape (n,), `min_length <= n <= max_length`, int32, each in [0, vocab_size).

    Args:
        vocab_size: every id is below it.
        max_length: longest array.
        min_length: shortest array.
        seed: for `sample`.
    """

    def __init__(
        self, vocab_size: int, max_length: int, min_length: int = 0, seed: int | np.random.Generator | None = None
    ) -> None:
        self.vocab_size = int(vocab_size)
        self.max_length = int(max_length)
        self.min_length = int(min_length)
        super().__init__(shape=None, dtype=np.int32, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """False: lengths differ."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> NDArray[np.int32]:
        """Uniform ids of a uniform length; short even where long ones are allowed. Masks are not supported."""
        if mask is not None or probability is not None:
            raise ValueError("Tokens.sample takes neither mask nor probability: ids are drawn uniformly")
        high = max(self.min_length, min(self.max_length, _SAMPLE_MAX))
        length = int(self.np_random.integers(self.min_length, high + 1))
        return self.np_random.integers(0, self.vocab_size, size=length, dtype=np.int32)

    def contains(self, x: Any) -> bool:
        """True for an int32 array of the right length whose ids are all in range."""
        if not (isinstance(x, np.ndarray) and x.ndim == 1 and x.dtype == np.int32):
            return False
        if not self.min_length <= x.size <= self.max_length:
            return False
        return x.size == 0 or int(x.view(np.uint32).max()) < self.vocab_size  # as unsigned, negative ids are huge

    def to_jsonable(self, sample_n: Iterable[NDArray[np.int32]]) -> list[list[int]]:
        """One list of ints per array."""
        return [ids.tolist() for ids in sample_n]

    def from_jsonable(self, sample_n: list[Any]) -> list[NDArray[np.int32]]:
        """The arrays again."""
        return [np.asarray(ids, np.int32) for ids in sample_n]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokens) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Tokens({self.vocab_size}, max_length={self.max_length}, min_length={self.min_length})"

    def _key(self) -> tuple[int, int, int]:
        return self.vocab_size, self.max_length, self.min_length


class Text(spaces.Space[str]):
    """Any text of at most `max_length` characters, the empty one included.

    Args:
        max_length: in characters.
        seed: for `sample`.
    """

    def __init__(self, max_length: int, seed: int | np.random.Generator | None = None) -> None:
        self.max_length = int(max_length)
        super().__init__(shape=None, dtype=str, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """False: lengths differ."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """Random printable ASCII; short even where long text is allowed. Masks are not supported."""
        if mask is not None or probability is not None:
            raise ValueError("Text.sample takes neither mask nor probability: characters are drawn uniformly")
        length = int(self.np_random.integers(0, min(self.max_length, _SAMPLE_MAX) + 1))
        return bytes(self.np_random.integers(32, 127, size=length, dtype=np.uint8)).decode("ascii")

    def contains(self, x: Any) -> bool:
        """True for a `str` that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.max_length == other.max_length

    def __hash__(self) -> int:
        return hash(("Text", self.max_length))

    def __repr__(self) -> str:
        return f"Text(max_length={self.max_length})"
