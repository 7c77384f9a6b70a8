"""Addresses are recognised, and those that hold a secret are refused without repeating it."""

from __future__ import annotations

import pytest

from llm_envs.access import checked_address
from llm_envs.errors import BadOption
from llm_envs.policies.endpoint import Endpoint


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/v1", "https://api.openai.com/v1", "http://[::1]:80/v1"])
def test_an_address_stays_as_it_is(address):
    """But for slashes at its end."""
    assert checked_address(address) == checked_address(address + "/") == address


@pytest.mark.parametrize(
    "address", ["", "localhost:8000/v1", "ftp://host/v1", "http://", "http://host:99999/v1", "http://host/v1#model"]
)
def test_what_is_no_address_is_refused(address):
    """With how one looks."""
    with pytest.raises(BadOption, match="http://host:port/v1"):
        checked_address(address)


@pytest.mark.parametrize(
    "address", ["https://user:S3CRET@host/v1", "https://S3CRET@host/v1", "https://host/v1?api_key=S3CRET"]
)
def test_a_key_inside_an_address_is_refused(address):
    """The error tells where it belongs, and does not say it again."""
    with pytest.raises(BadOption, match="LLM_ENVS_API_KEY") as caught:
        Endpoint(address, "model")
    assert "S3CRET" not in repr(vars(caught.value)) + str(caught.value)
