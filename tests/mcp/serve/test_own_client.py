"""Our client and our servers understand each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring import MCPError
from llmring.lockfile import Lockfile
from llmring.mcp import MCPClient
from llmring.mcp.serve import lockfile_server, ring_server
from tests.mcp.serve.conftest import TOKEN, serving

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.mcp import Elicitation
    from tests.mcp.serve.conftest import Watched

pytestmark = pytest.mark.extra


async def test_asks_a_ring_over_http(ring: Watched) -> None:
    """With the token in a header, as configurations of servers have it; what is wrong is told by the tool."""
    async with (
        serving(ring_server(ring)) as url,
        MCPClient({"mcpServers": {"models": {"url": url, "headers": {"Authorization": f"Bearer {TOKEN}"}}}}) as client,
    ):
        answer = await client.call_tool("chat", {"model": "fast", "prompt": "Hello"})
        refused = await client.call_tool("chat", {"model": "ghost", "prompt": "Hello"})
    assert answer.structured is not None
    assert answer.text == answer.structured["text"]
    assert refused.is_error
    assert refused.text.startswith("RequestError: model: 'ghost' is not one of")


async def test_asks_its_user_for_a_lockfile_server(bound: Path) -> None:
    """The diff comes to whoever answers for the user."""
    asked: list[str] = []

    async def elicit(question: Elicitation) -> dict[str, bool]:
        asked.append(question.message)
        return {"confirm": True}

    async with MCPClient(lockfile_server(bound), elicit=elicit) as client:
        await client.call_tool("remove_alias", {"alias": "stuck"})
        saved = await client.call_tool("save")
    assert saved.text.startswith(f"{bound} was written.")
    assert "-alias = " in asked[0]
    assert Lockfile.load(bound).get_profile().get_binding("stuck") is None


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_an_elicit_that_fails(bound: Path, mode: str, caplog: pytest.LogCaptureFixture) -> None:
    """The call fails as one, in either era; what went wrong is logged here and not told to the server."""

    async def elicit(question: Elicitation) -> dict[str, bool]:
        raise KeyError(question.server, "s3cret")

    async with MCPClient(lockfile_server(bound), elicit=elicit, mode=mode) as client:
        await client.call_tool("remove_alias", {"alias": "stuck"})
        with pytest.raises(MCPError, match="the user cannot be asked") as caught:
            await client.call_tool("save")
    assert "s3cret" not in str(caught.value)
    assert "s3cret" in caplog.text
    assert Lockfile.load(bound).get_profile().get_binding("stuck") is not None
