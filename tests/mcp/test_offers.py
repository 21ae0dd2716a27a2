"""What several servers offer together, what they tell by themselves, and what they ask the user."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from mcp.server.mcpserver import Context  # noqa: TC002 - the SDK reads the annotation
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import BlobResourceContents, CallToolResult, EmbeddedResource, ReadResourceResult, TextContent
from pydantic import BaseModel

from llmring import MCPError, ToolError
from llmring.mcp import Elicitation, LogMessage, MCPClient, MCPResult, Progress, SyncMCPClient
from llmring.mcp.client.results import resource_of, result_of
from llmring.mcp.client.tail import Tail
from llmring.mcp.client.tools import names, told
from llmring.schemas import AudioPart, DocumentPart, ImagePart, TextPart
from tests.mcp.leftovers import nothing_left
from tests.mcp.servers import calculator

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.extra


# --- several servers -------------------------------------------------------------------------------


async def test_tools_of_several_servers() -> None:
    """Tools carry the names of their servers, and are called by either name and the server."""
    async with MCPClient({"a": calculator(), "b": calculator()}) as client:
        assert [tool.name for tool in client.tools if tool.original_name == "add"] == ["a__add", "b__add"]
        assert (await client.call_tool("b__add", {"a": 1, "b": 1})).text == "2"
        assert (await client.call_tool("add", {"a": 1, "b": 1}, server="a")).text == "2"
        with pytest.raises(MCPError, match=r"Several servers have a tool 'add': a, b; name one by server=\."):
            await client.call_tool("add", {"a": 1, "b": 1})
        with pytest.raises(MCPError, match=r"There is no MCP server 'c'; there are a, b\."):
            await client.call_tool("add", {"a": 1, "b": 1}, server="c")


async def test_resources_and_prompts_of_several_servers() -> None:
    """What one server has is found; what several have needs a word more."""
    async with MCPClient({"a": calculator(), "b": calculator()}) as client:
        assert [(each.server, each.uri) for each in await client.list_resources()] == [
            ("a", "static://greeting"),
            ("b", "static://greeting"),
        ]
        assert [(each.server, each.template) for each in await client.list_resource_templates()] == [
            ("a", "memo://{name}"),
            ("b", "memo://{name}"),
        ]
        assert [(each.server, each.name) for each in await client.list_prompts()] == [("a", "review"), ("b", "review")]
        for uri in ("static://greeting", "memo://x"):
            with pytest.raises(MCPError, match=f"Several servers have the resource '{uri}': a, b"):
                await client.read_resource(uri)
        assert (await client.read_resource("memo://x", server="b")).text == "memo x"
        with pytest.raises(MCPError, match="Several servers have the prompt 'review': a, b"):
            await client.get_prompt("review", {"code": "x"})
        with pytest.raises(MCPError, match="No MCP server has a prompt 'revue'; there are review"):
            await client.get_prompt("revue")
        with pytest.raises(MCPError, match="No MCP server has a resource 'other://x'"):
            await client.read_resource("other://x")


async def test_resources_and_prompts_of_one_server() -> None:
    """A single server is asked for whatever is wanted, and its refusal is told."""
    async with MCPClient(calculator()) as client:
        assert (await client.read_resource("memo://x")).text == "memo x"
        (message,) = (await client.get_prompt("review", {"code": "x"})).messages
        assert (message.role, message.content) == ("user", "Review: x")
        with pytest.raises(MCPError, match="MCP server 'calc' answered an error: Unknown resource") as caught:
            await client.read_resource("other://x")
        assert caught.value.code == -32602


@pytest.mark.parametrize(
    "offers, several, named",
    [
        ([("a", "x")], False, ["x"]),
        ([("a", "x"), ("b", "x")], True, ["a__x", "b__x"]),
        ([("a b", "x/y")], True, ["a_b__x_y"]),
        ([("a", "x y"), ("a", "x.y"), ("a", "x_y")], False, ["x_y", "x_y_2", "x_y_3"]),
        ([("a__b", "c"), ("a", "b__c")], True, ["a__b__c", "a__b__c_2"]),
    ],
)
def test_names(offers: list[tuple[str, str]], several: bool, named: list[str]) -> None:  # noqa: FBT001 - a case's own value
    """Names are legal and unique whatever servers offer."""
    assert names(offers, several=several) == named


# --- what servers tell and ask ---------------------------------------------------------------------


async def test_progress_and_log(faulty: list[str]) -> None:
    """Progress and log are heard; a call's own listener comes before the client's."""
    told: list[Any] = []
    own: list[Progress] = []
    async with MCPClient(faulty, on_progress=told.append, on_log=told.append) as client:
        await client.call_tool("progress")
        assert told == [
            Progress(server="faulty", tool="progress", progress=1, total=2, message="on it"),
            Progress(server="faulty", tool="progress", progress=2, total=2, message="on it"),
            LogMessage(server="faulty", level="info", data="half way", logger="faulty"),
        ]
        await client.call_tool("progress", on_progress=own.append)
        assert [each.progress for each in own] == [1, 2]


def bob(asked: Elicitation) -> dict[str, str]:
    """Give a name."""
    return {"name": "Bob"}


def decline(asked: Elicitation) -> None:
    """Say nothing."""


async def ada(asked: Elicitation) -> dict[str, str]:
    """Give a name, asynchronously."""
    return {"name": f"Ada, asked by {asked.server}"}


@pytest.mark.parametrize(
    "elicit, answered",
    [
        (bob, {"action": "accept", "content": {"name": "Bob"}}),
        (ada, {"action": "accept", "content": {"name": "Ada, asked by faulty"}}),
        (decline, {"action": "decline"}),
        (None, {"code": -32600, "message": "Elicitation not supported"}),
    ],
    ids=["function", "coroutine function", "declined", "nobody"],
)
async def test_elicitation(faulty: list[str], elicit: Callable[[Elicitation], Any] | None, answered: dict[str, Any]) -> None:
    """What a server asks is answered by the callback, or declined; without one the server is told so."""
    async with MCPClient(faulty, elicit=elicit) as client:
        assert json.loads((await client.call_tool("ask")).text) == answered


async def test_a_page_that_a_call_needs(faulty: list[str]) -> None:
    """A tool that wants a page to be visited first is called again once it was."""
    asked: list[Elicitation] = []

    def visit(question: Elicitation) -> bool:
        asked.append(question)
        return True

    async with MCPClient(faulty, elicit=visit) as client:
        assert (await client.call_tool("page")).text == "{}"
    assert asked == [Elicitation(server="faulty", message="Pay.", url="https://pay.example/?order=1")]


@pytest.mark.parametrize("elicit", [None, decline])
async def test_a_page_that_is_not_visited(faulty: list[str], elicit: Callable[[Elicitation], Any] | None) -> None:
    """Where nobody visits it, the error tells where it is."""
    async with MCPClient(faulty, elicit=elicit) as client:
        with pytest.raises(MCPError, match=r"answered an error: Not yet \(https://pay\.example/\?order=1\)") as caught:
            await client.call_tool("page")
        assert caught.value.code == -32042


@pytest.mark.parametrize("pages", [None, "x", [], [1], [{"mode": "url"}]])
async def test_pages_that_are_none(faulty: list[str], pages: Any) -> None:
    """What a server writes in their place is left alone."""
    async with MCPClient(faulty, elicit=ada) as client:
        with pytest.raises(MCPError, match=r"answered an error: Not yet$"):
            await client.call_tool("page", {"pages": pages})


class Person(BaseModel):
    """What a tool wants to know of the user."""

    name: str


def ask() -> Elicit[Person]:
    """Ask the user for it."""
    return Elicit("Who are you?", Person)


async def test_elicitation_without_a_session() -> None:
    """In the stateless protocol a tool that needs an answer is called again with it."""
    server = calculator()
    asked: list[Elicitation] = []

    @server.tool()
    def greet(who: Annotated[Person, Resolve(ask)]) -> str:
        """Greet."""
        return f"Hello {who.name}"

    def elicit(question: Elicitation) -> dict[str, str]:
        asked.append(question)
        return {"name": "Ada"}

    async with MCPClient(server, elicit=elicit) as client:
        assert client.servers["calc"].protocol == "2026-07-28"
        assert (await client.call_tool("greet")).text == "Hello Ada"
        assert [(each.server, each.message) for each in asked] == [("calc", "Who are you?")]


async def test_tools_follow_a_server_that_tells() -> None:
    """A server of the stateless protocol that says that its tools have changed is asked for them again."""
    server = calculator()

    @server.tool()
    async def drop(ctx: Context[Any, Any]) -> str:
        """Take a tool away."""
        server.remove_tool("add")
        await ctx.notify_tools_changed()
        return "gone"

    async with MCPClient(server) as client:
        await client.call_tool("drop")
        async with asyncio.timeout(5):
            while "add" in [tool.name for tool in client.tools]:  # noqa: ASYNC110 - it comes by itself
                await asyncio.sleep(0)


async def test_tools_follow_their_server() -> None:
    """A tool that was added is there after asking; one that was taken away says so when it is called."""
    server = calculator()

    def multiply(a: int, b: int) -> int:
        return a * b

    async with MCPClient(server) as client:
        server.add_tool(multiply)
        assert "multiply" in [tool.name for tool in await client.list_tools()]
        assert (await client.call_tool("multiply", {"a": 2, "b": 3})).text == "6"
        server.remove_tool("multiply")
        with pytest.raises(MCPError, match="no longer offers the tool 'multiply'"):
            await client.call_tool("multiply", {"a": 2, "b": 3})


async def test_new_tools_are_found_when_called() -> None:
    """A tool that was added silently is found by asking again."""
    server = calculator()
    async with MCPClient(server) as client:
        server.add_tool(lambda: "new", name="fresh")
        assert (await client.call_tool("fresh")).text == "new"


async def test_results_in_this_process_are_bounded() -> None:
    """The bound on results holds for servers in this process, too."""
    async with MCPClient(calculator(), max_result_bytes=1000) as client:
        with pytest.raises(MCPError, match=r"gave a result of .* bytes, more than 1,000 \(max_result_bytes\)"):
            await client.call_tool("long", {"n": 1000})


# --- results ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, part",
    [
        ("image/png", ImagePart(data=b"abc", media_type="image/png")),
        ("audio/wav", AudioPart(data=b"abc", media_type="audio/wav")),
        ("text/csv", TextPart(text="abc")),
        ("application/pdf", DocumentPart(data=b"abc", media_type="application/pdf", name="x://y")),
        (None, DocumentPart(data=b"abc", media_type="application/octet-stream", name="x://y")),
    ],
)
def test_bytes_are_what_their_type_says(kind: str | None, part: Any) -> None:
    """The bytes of a resource become a part of their kind, be it read or embedded in a result."""
    held = BlobResourceContents(uri="x://y", blob="YWJj", mime_type=kind)
    assert resource_of(ReadResourceResult(contents=[held])).content == [part]
    assert result_of(CallToolResult(content=[EmbeddedResource(type="resource", resource=held)])).content == [part]


def test_what_a_model_is_told() -> None:
    """Texts are one text; data without content are JSON; other content stays content; failures raise."""
    texts: list[Any] = [TextPart(text="a"), TextPart(text="b")]
    image: list[Any] = [ImagePart(data=b"x", media_type="image/png")]
    assert told(MCPResult(content=texts)) == "a\nb"
    assert told(MCPResult(content=[], structured={"é": 1})) == '{"é": 1}'
    assert told(MCPResult(content=image)) == image
    with pytest.raises(ToolError, match="a\nb"):
        told(MCPResult(content=texts, is_error=True))
    with pytest.raises(ToolError, match="does not say why"):
        told(MCPResult(content=[], is_error=True))


def test_meta_is_kept() -> None:
    """What a server says beside a result is there."""
    found = CallToolResult(content=[TextContent(type="text", text="a")], _meta={"cost": 1})
    assert result_of(found).meta == {"cost": 1}


def test_last_words_are_bounded_and_clean() -> None:
    """Only the last lines are kept, each up to a length, without secrets."""
    tail = Tail(["s3cret", "s3cret-longer", "x"])
    for number in range(100):
        tail.add(b"%d s3cret-longer " % number + b"x" * 10_000)
    lines = tail.text.split("\n")
    assert len(lines) == 20
    assert lines[-1].startswith("99 *** xxx")
    assert max(map(len, lines)) == 400


# --- the blocking client ---------------------------------------------------------------------------


def test_many_threads_share_a_blocking_client() -> None:
    """Any number of threads call at once, and each gets its own answer."""
    with SyncMCPClient(calculator()) as client, ThreadPoolExecutor(8) as pool:

        def double(n: int) -> str:
            return client.call_tool("add", {"a": n, "b": n}).text

        assert list(pool.map(double, range(40))) == [str(2 * n) for n in range(40)]


def test_a_closed_blocking_client_says_so() -> None:
    """After close a client must be connected anew, and can be."""
    client = SyncMCPClient(calculator())
    with nothing_left(), client:
        tool = client.tools[0]
    with pytest.raises(MCPError, match="is not connected"):
        client.call_tool("add")
    with pytest.raises(MCPError, match="is not connected"):
        tool(a=1, b=2)
    with client:
        assert client.call_tool("add", {"a": 1, "b": 2}).text == "3"


def test_a_callback_cannot_wait_for_its_own_client(faulty: list[str]) -> None:
    """A blocking call from a callback, which could never end, is refused."""
    caught: list[MCPError] = []

    async def call_again(_: Elicitation) -> dict[str, str]:
        with pytest.raises(MCPError, match="called from one of its own callbacks") as error:
            client.call_tool("pid")
        caught.append(error.value)
        return {"name": "nobody"}

    with SyncMCPClient(faulty, elicit=call_again) as client:
        assert "nobody" in client.call_tool("ask").text
    assert len(caught) == 1


def test_a_callback_may_close_its_own_client(faulty: list[str]) -> None:
    """It is told that it cannot wait for that; the client is closed all the same, and leaves nothing."""

    async def close(_: Elicitation) -> None:
        client.close()

    with nothing_left():
        client = SyncMCPClient(faulty, elicit=close).connect()
        with pytest.raises(MCPError, match=r"was closed meanwhile|user cannot be asked"):
            client.call_tool("ask")
        client.close()


async def test_a_blocking_client_works_beside_a_loop() -> None:
    """The blocking client has a loop of its own, whatever runs in the caller's."""
    with SyncMCPClient(calculator()) as client:
        assert (await asyncio.to_thread(client.call_tool, "add", {"a": 1, "b": 2})).text == "3"
