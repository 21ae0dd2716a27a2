"""The last words of a server, without what is secret."""

from __future__ import annotations

import pytest

from llmring.mcp.client.tail import Tail

pytestmark = pytest.mark.extra

SECRET = "s3cret-" + "a" * 93


@pytest.mark.parametrize("times", [1, 8, 100])
def test_no_half_of_a_secret_is_kept(times: int) -> None:
    """A line is cut once its secrets are out, wherever they stand."""
    tail = Tail([SECRET])
    tail.add(b"#" * 50 + SECRET.encode() * times)
    assert tail.text == ("#" * 50 + "***" * times)[:400]
