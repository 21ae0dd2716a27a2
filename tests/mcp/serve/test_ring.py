"""A ring as a server, in process: what its tools take, give and refuse."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.exceptions import MCPError

from llmring import LLMRing
from llmring.exceptions import ConfigurationError, MissingAliasesError
from llmring.mcp.serve import ring_server
from tests.mcp.serve.conftest import ERAS
from tests.pictures import PNG
from tests.rings import lockfile, settings

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_types import CallToolResult

    from llmring.testing.simulator import Simulator
    from tests.mcp.serve.conftest import Watched

pytestmark = pytest.mark.extra


@pytest.fixture(params=ERAS)
def client(ring: Watched, request: pytest.FixtureRequest) -> Client:
    """Give a client of each era, in process, to be entered."""
    return Client(ring_server(ring), mode=request.param)


def told(result: CallToolResult) -> str:
    """Give the text of *result*."""
    return "".join(getattr(each, "text", "") for each in result.content)


async def test_lists_its_tools(client: Client) -> None:
    """Every tool has a closed schema of what it takes, and one of what it gives."""
    async with client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == {"aliases", "chat", "estimate", "embed"}
        for each in tools.values():
            Draft202012Validator.check_schema(each.input_schema)
            assert each.input_schema["additionalProperties"] is False
            assert each.output_schema is not None
        assert tools["chat"].input_schema["properties"]["model"]["enum"] == ["fast", "priced", "broken", "stuck", "stalled", "slow"]
        assert tools["embed"].input_schema["properties"]["model"]["enum"] == ["fast", "broken", "stuck", "stalled", "slow", "vectors"]


async def test_chats(client: Client) -> None:
    """The answer comes as text, and with model, tokens and cost as data."""
    async with client:
        result = await client.call_tool("chat", {"model": "priced", "prompt": "Hello", "system": "Be brief.", "max_tokens": 50})
        data: dict[str, Any] = result.structured_content
        assert not result.is_error
        assert told(result) == data["text"] != ""
        assert (data["model"], data["alias"], data["finish_reason"]) == ("openai:gpt-5.4-mini", "priced", "stop")
        assert data["usage"]["total_tokens"] > 0
        assert float(data["cost"]["total"]) > 0


async def test_hands_on_what_it_is_given(client: Client, simulator: Simulator) -> None:
    """Conversation, pictures and options reach the model."""
    async with client:
        simulator.requests.clear()
        picture = {"type": "image", "data": base64.b64encode(PNG).decode(), "mimeType": "image/png"}
        messages = [
            {"role": "user", "content": "One."},
            {"role": "assistant", "content": "Two."},
            {"role": "user", "content": [{"type": "text", "text": "Three?"}, picture]},
        ]
        result = await client.call_tool("chat", {"model": "fast", "messages": messages, "temperature": 0.5, "stop": ["END"], "seed": 3})
        assert not result.is_error, told(result)
        body = simulator.requests[-1].body
        assert [each["content"] for each in body["messages"]] == ["One.", "Two.", "Three?"]
        assert body["messages"][2]["images"] == [picture["data"]]
        assert (body["options"]["temperature"], body["options"]["stop"], body["options"]["seed"]) == (0.5, ["END"], 3)


async def test_gives_the_value_of_an_answer_in_form(client: Client) -> None:
    """With a schema, the answer's value is data too."""
    async with client:
        schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
        result = await client.call_tool("chat", {"model": "priced", "prompt": "Where?", "response_schema": schema})
        data: dict[str, Any] = result.structured_content
        assert json.loads(told(result)) == data["parsed"]
        assert isinstance(data["parsed"]["city"], str)


async def test_embeds(client: Client) -> None:
    """Texts become vectors, in the text too, for clients that know no data."""
    async with client:
        result = await client.call_tool("embed", {"model": "vectors", "input": ["a", "b"]})
        data: dict[str, Any] = result.structured_content
        assert len(data["embeddings"]) == 2
        assert json.loads(told(result)) == data


async def test_estimates_and_sends_nothing(client: Client, simulator: Simulator) -> None:
    """What a chat could cost is told; where a price is not known, that."""
    async with client:
        simulator.requests.clear()
        result = await client.call_tool("estimate", {"model": "priced", "prompt": "Hello", "max_tokens": 10})
        data: dict[str, Any] = result.structured_content
        assert 0 < float(data["lower"]) < float(data["upper"])
        assert simulator.requests == []


async def test_estimates_without_a_price(simulator: Simulator, tmp_path: Path) -> None:
    """Without a known price there is no upper bound."""
    path = lockfile(tmp_path, odd=["openai:never-heard-of"])
    with LLMRing(lockfile_path=path, **settings(simulator)) as ring:
        async with Client(ring_server(ring)) as client:
            result = await client.call_tool("estimate", {"model": "odd", "prompt": "Hello"})
    assert result.structured_content["upper"] is None
    assert result.structured_content["unknown"]


async def test_lists_its_aliases(client: Client) -> None:
    """The aliases are told by a tool, and as a resource."""
    async with client:
        data: dict[str, Any] = (await client.call_tool("aliases", {})).structured_content
        assert data["aliases"][1] == {
            "alias": "priced",
            "models": ["openai:gpt-5.4-mini"],
            "uses": "openai:gpt-5.4-mini",
            "tools": ["chat", "estimate"],
        }
        [resource] = (await client.list_resources()).resources
        read: Any = (await client.read_resource(resource.uri)).contents[0]
        assert json.loads(read.text) == data


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"model": "other", "prompt": "x"}, "model: 'other' is not one of"),
        ({"model": "ollama:qwen3:8b", "prompt": "x"}, "model: 'ollama:qwen3:8b' is not one of"),
        ({"model": "vectors", "prompt": "x"}, "model: 'vectors' is not one of"),
        ({"prompt": "x"}, "'model' is a required property"),
        ({"model": "fast", "prompt": "x", "extra_headers": {}}, "'extra_headers' was unexpected"),
        ({"model": "fast", "prompt": "x", "max_tokens": 0}, "max_tokens: 0 is less than the minimum"),
        ({"model": "fast"}, "give either prompt or messages, not neither"),
        ({"model": "fast", "prompt": "x", "messages": [{"role": "user", "content": "x"}]}, "not both"),
        (
            {"model": "fast", "messages": [{"role": "user", "content": [{"type": "document", "path": "/etc/hosts"}]}]},
            "not valid under any",
        ),
        ({"model": "fast", "messages": [{"role": "user", "content": [{"type": "image", "url": "http://x/"}]}]}, "not valid under any"),
        (
            {"model": "fast", "messages": [{"role": "user", "content": [{"type": "image", "data": "!", "mimeType": "image/png"}]}]},
            "messages[0].content[0].data is no base64",
        ),
        ({"model": "fast", "prompt": "x", "response_schema": {"$ref": "http://127.0.0.1/x"}}, "outside of the schema"),
        ({"model": "priced", "prompt": "x", "max_cost": 0.000001}, "BudgetExceededError: "),
    ],
)
async def test_refuses_before_anything_is_sent(client: Client, simulator: Simulator, arguments: dict[str, Any], says: str) -> None:
    """What is not offered, not understood or too dear is an error of the tool that names itself; no model hears of it."""
    async with client:
        simulator.requests.clear()
        result = await client.call_tool("chat", arguments)
        assert result.is_error
        assert says in told(result)
        assert result.meta is not None
        assert told(result).startswith(result.meta["llmring/error"]["type"] + ": ")
        assert simulator.requests == []


async def test_tells_what_a_provider_refused(client: Client) -> None:
    """A failed call is an error of the tool, by name and without the key."""
    async with client:
        result = await client.call_tool("chat", {"model": "broken", "prompt": "x"})
        assert result.is_error
        assert result.meta is not None
        assert result.meta["llmring/error"] == {
            "type": "ProviderAuthenticationError",
            "model": "openai:gpt-5.4-mini+fault=401",
            "status_code": 401,
        }
        assert "sk-simulated" not in result.model_dump_json()


async def test_an_unknown_tool(client: Client) -> None:
    """A tool that is not there is an error of the protocol."""
    async with client:
        with pytest.raises(MCPError, match="Unknown tool: shell; there are aliases, chat"):
            await client.call_tool("shell", {})


async def test_an_unknown_resource(client: Client) -> None:
    """So is a resource that is not there."""
    async with client:
        with pytest.raises(MCPError, match="Unknown resource"):
            await client.read_resource("file:///etc/passwd")


async def test_tells_how_it_goes(ring: Watched) -> None:
    """Who gives a progress token hears the answer as it comes, and each notification is further than the last."""
    heard: list[tuple[float, str]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message or ""))

    async with Client(ring_server(ring), mode="legacy") as client:
        result = await client.call_tool("chat", {"model": "slow", "prompt": "Hello"}, progress_callback=hear)
    assert "".join(text for _, text in heard) == told(result)
    assert len(heard) > 1
    assert [at for at, _ in heard] == sorted({at for at, _ in heard})


async def test_cancelling_the_call_cancels_the_chat(ring: Watched) -> None:
    """A client that gives up leaves no call behind."""
    async with Client(ring_server(ring), mode="legacy") as client:
        call = asyncio.create_task(client.call_tool("chat", {"model": "stuck", "prompt": "Hello"}))
        await asyncio.wait_for(ring.begun.wait(), 10)
        call.cancel()
        await asyncio.wait_for(ring.cancelled.wait(), 10)


async def test_fifty_calls_at_once(client: Client) -> None:
    """Calls do not wait for each other."""
    async with client:
        calls = [client.call_tool("chat", {"model": "fast", "prompt": f"Say {at}"}) for at in range(50)]
        answers = await asyncio.gather(*calls)
        assert not any(each.is_error for each in answers)
        assert len({told(each) for each in answers}) > 40


async def test_offers_some_aliases_alone(ring: Watched) -> None:
    """Others of the lockfile cannot be reached, and are not listed."""
    async with Client(ring_server(ring, ["priced"])) as client:
        listed: dict[str, Any] = (await client.call_tool("aliases", {})).structured_content
        assert [each["alias"] for each in listed["aliases"]] == ["priced"]
        assert {each.name for each in (await client.list_tools()).tools} == {"aliases", "chat", "estimate"}
        assert (await client.call_tool("chat", {"model": "fast", "prompt": "x"})).is_error


async def test_offers_any_model_where_allowed(ring: Watched) -> None:
    """Then ``provider:model`` is answered too, but no alias that is not offered."""
    async with Client(ring_server(ring, ["priced"], direct=True)) as client:
        answer = await client.call_tool("chat", {"model": "ollama:qwen3:8b", "prompt": "x"})
        assert answer.structured_content["model"] == "ollama:qwen3:8b"
        refused = await client.call_tool("chat", {"model": "fast", "prompt": "x"})
        assert told(refused) == "UnknownAliasError: 'fast' is not offered here; offered are: priced, or any provider:model"


async def test_one_chat_may_cost_so_much(ring: Watched) -> None:
    """The server's limit holds whatever a client asks for."""
    async with Client(ring_server(ring, max_cost=0.000001)) as client:
        for more in ({}, {"max_cost": 5}):
            result = await client.call_tool("chat", {"model": "priced", "prompt": "x", **more})
            assert told(result).startswith("BudgetExceededError: ")


async def test_a_ring_that_blocks_serves_too(simulator: Simulator, bound: Path) -> None:
    """``LLMRing`` is asked by its awaited verbs."""
    with LLMRing(lockfile_path=bound, **settings(simulator)) as ring:
        async with Client(ring_server(ring)) as client:
            assert not (await client.call_tool("chat", {"model": "fast", "prompt": "x"})).is_error
            assert not (await client.call_tool("embed", {"model": "vectors", "input": "x"})).is_error
        await ring.aclose()


def test_an_alias_that_is_not_bound(ring: Watched) -> None:
    """To offer one is a mistake that is told at once."""
    with pytest.raises(MissingAliasesError, match="missing required aliases for the MCP server: ghost"):
        ring_server(ring, ["fast", "ghost"])


def test_nothing_to_offer(ring: Watched) -> None:
    """So is to offer nothing."""
    with pytest.raises(ConfigurationError, match="there is nothing to offer"):
        ring_server(ring, [])
