"""The nouns of policies."""

from __future__ import annotations

import pytest

from llm_envs.errors import BadOption
from llm_envs.policies.policy import Sampling


@pytest.mark.parametrize("temperature", [-1.0, float("nan")])
def test_temperature_is_checked(temperature):
    """A temperature below 0 is a user's mistake."""
    with pytest.raises(BadOption, match="temperature"):
        Sampling(temperature=temperature)
