"""Our client and our servers understand each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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
