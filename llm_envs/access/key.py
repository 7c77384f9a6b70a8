"""What opens an endpoint: `LLM_ENVS_API_KEY` where it is set (to nothing, for none), else `OPENAI_API_KEY`.

A key comes from the environment alone. It goes into one header and nowhere else: no error, log, plan or journal has it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from llm_envs.errors import BadOption

__all__ = ["Key"]

_NAMES = ("LLM_ENVS_API_KEY", "OPENAI_API_KEY")
_HIDDEN = "[key]"

_WORD_CHARS = 12
"""Servers that ask for no key are given words such as EMPTY; an answer in which one comes up by chance stays whole."""


class Key:
    """A secret, and where it is from.

    Raises:
        BadOption: it holds characters that no header can.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.source = next((name for name in _NAMES if name in environment), "")
        self._secret = environment.get(self.source, "").strip()
        if not (self._secret.isascii() and (self._secret.isprintable())):
            raise BadOption(
                f"the key in {self.source} cannot be sent",
                expected="printable ASCII characters in one line",
                next_step=f"Set {self.source} again, without what a copy may have brought along.",
            )

    def __repr__(self) -> str:
        return f"Key(from {self.source})" if self._secret else "Key(none)"

    def __bool__(self) -> bool:
        return bool(self._secret)

    def __reduce__(self) -> tuple[type[Key], tuple[()]]:
        return Key, ()  # another process has an environment of its own

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries; nothing where there is no key."""
        return {"Authorization": f"Bearer {self._secret}"} if self._secret else {}

    @property
    def advice(self) -> str:
        """What to do where an endpoint does not accept it."""
        if self._secret:
            return f"Set {self.source} to a key that this endpoint knows."
        return f"Set {_NAMES[0]} (or {_NAMES[1]}) to this endpoint's key."

    def hide(self, text: str) -> str:
        """The text without the key, should a server have repeated it."""
        return text.replace(self._secret, _HIDDEN) if self._secret else text

    def hide_in(self, body: bytes) -> bytes:
        """The same, of a whole response, before any of it is cut off; a key as short as a word may stay in it."""
        is_secret = len(self._secret) >= _WORD_CHARS
        return body.replace(self._secret.encode(), _HIDDEN.encode()) if is_secret else body
