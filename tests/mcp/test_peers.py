"""Both clients against servers that no one here wrote: npm's over stdio and HTTP, PyPI's over stdio."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmring.mcp import Elicitation, MCPClient, Progress, SyncMCPClient
from llmring.schemas import DocumentPart, ImagePart, TextPart
from tests.mcp.peers import installed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

pytestmark = pytest.mark.extra


@pytest.fixture(scope="session")
def npm() -> Path:
    """Install npm's servers, unless they are there from before."""
    return installed()


class Heard:
    """A user who answers every question, and notes what was told."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.asked: list[Elicitation] = []
        self.progress: list[Progress] = []

    def elicit(self, asked: Elicitation) -> dict[str, Any]:
        """Answer a form."""
        self.asked.append(asked)
        return {"name": "Ada"}


@pytest.fixture(scope="module")
def heard() -> Heard:
    """Give the user of the module's clients."""
    return Heard()


@pytest.fixture(scope="module")
def everything(npm: Path, heard: Heard, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncMCPClient]:
    """Connect once to server-everything, server-filesystem and mcp-server-time, over stdio."""
    root = tmp_path_factory.mktemp("root")
    (root / "note.txt").write_text("a note\n")
    servers = {
        "everything": npm / "server-everything" / "dist" / "index.js",
        "files": ["node", str(npm / "server-filesystem" / "dist" / "index.js"), str(root)],
        "time": [sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC"],
    }
    with SyncMCPClient(servers, elicit=heard.elicit, on_progress=heard.progress.append) as client:
        yield client


@pytest.fixture(scope="module")
def note(everything: SyncMCPClient) -> str:
    """Give the path of the file that server-filesystem may read."""
    allowed = everything.call_tool("list_allowed_directories", server="files").text
    return f"{allowed.rpartition(chr(10))[2]}/note.txt"


@contextmanager
def listening(npm: Path, transport: str) -> Generator[str]:
    """Run server-everything over HTTP and give its address."""
    script, preload = npm / "server-everything" / "dist" / "index.js", Path(__file__).with_name("loopback.cjs")
    command = ["node", "--require", str(preload), str(script), transport]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            port = next(line.removeprefix("port ").strip() for line in process.stdout if line.startswith("port "))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


# --- stdio -----------------------------------------------------------------------------------------


def test_both_eras_are_spoken(everything: SyncMCPClient) -> None:
    """Servers of npm speak the handshake, one of PyPI the stateless protocol."""
    spoken = {name: server.protocol for name, server in everything.servers.items()}
    assert spoken == {"everything": "2025-11-25", "files": "2025-11-25", "time": "2026-07-28"}


def test_tools_are_named_after_their_servers(everything: SyncMCPClient) -> None:
    """With several servers each tool carries the name of its own."""
    names = {tool.name for tool in everything.tools}
    assert {"everything__echo", "everything__get-sum", "files__read_text_file", "time__convert_time"} <= names


def test_texts(everything: SyncMCPClient) -> None:
    """A tool gives its text."""
    echo = next(tool for tool in everything.tools if tool.original_name == "echo")
    assert echo(message="hi") == "Echo: hi"


def test_images(everything: SyncMCPClient) -> None:
    """An image comes as a part, between texts."""
    content = everything.call_tool("get-tiny-image").content
    assert [type(part) for part in content] == [TextPart, ImagePart, TextPart]
    assert isinstance(image := content[1], ImagePart)
    assert image.data is not None
    assert (image.data[:8], image.media_type) == (b"\x89PNG\r\n\x1a\n", "image/png")


def test_structured_results(everything: SyncMCPClient) -> None:
    """Data come as data."""
    found = everything.call_tool("get-structured-content", {"location": "New York"})
    assert set(found.structured) == {"temperature", "conditions", "humidity"}


@pytest.mark.parametrize("kind", ["Text", "Blob"])
def test_embedded_resources(everything: SyncMCPClient, kind: str) -> None:
    """A resource in a result is its text."""
    found = everything.call_tool("get-resource-reference", {"resourceType": kind, "resourceId": 1})
    assert "Resource 1: This is a" in found.text
    assert not any(isinstance(part, DocumentPart) for part in found.content)


def test_links_to_resources(everything: SyncMCPClient) -> None:
    """A link is told as text, with its address."""
    assert "demo://resource/dynamic/text/2" in everything.call_tool("get-resource-links", {"count": 2}).text


def test_progress(everything: SyncMCPClient, heard: Heard) -> None:
    """Progress is heard while a call goes on."""
    heard.progress.clear()
    everything.call_tool("trigger-long-running-operation", {"duration": 0.03, "steps": 3})
    assert [(each.server, each.progress, each.total) for each in heard.progress] == [("everything", at, 3.0) for at in (1.0, 2.0, 3.0)]


def test_elicitation(everything: SyncMCPClient, heard: Heard) -> None:
    """A server's question reaches the user, and the answer the server."""
    heard.asked.clear()
    found = everything.call_tool("trigger-elicitation-request")
    assert "- Name: Ada" in found.text
    (asked,) = heard.asked
    assert (asked.server, asked.url) == ("everything", None)
    assert asked.schema is not None
    assert "name" in asked.schema["properties"]


def test_resources(everything: SyncMCPClient) -> None:
    """Resources are listed and read, also those that a template describes."""
    assert "architecture.md" in [each.name for each in everything.list_resources()]
    (first, _) = everything.list_resource_templates()
    assert everything.read_resource(first.template.replace("{resourceId}", "7")).text.startswith("Resource 7: ")


def test_prompts(everything: SyncMCPClient) -> None:
    """Prompts are listed and written."""
    listed = {prompt.name: prompt for prompt in everything.list_prompts()}
    assert [(each.name, each.required) for each in listed["args-prompt"].arguments] == [("city", True), ("state", False)]
    (message,) = everything.get_prompt("args-prompt", {"city": "Oslo"}).messages
    assert (message.role, message.content) == ("user", "What's weather in Oslo?")


def test_keys_of_this_process_stay_here(everything: SyncMCPClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's environment holds what it needs to run, and nothing else of ours."""
    assert "PYTEST_CURRENT_TEST" not in everything.call_tool("get-env").text


def test_files(everything: SyncMCPClient, note: str) -> None:
    """server-filesystem reads what it may."""
    assert everything.call_tool("read_text_file", {"path": note}).text == "a note\n"


def test_refusals(everything: SyncMCPClient) -> None:
    """server-filesystem refuses what it may not, and says so in a result."""
    found = everything.call_tool("read_text_file", {"path": "/etc/hostname"})
    assert (found.is_error, "Access denied" in found.text) == (True, True)


def test_time(everything: SyncMCPClient) -> None:
    """mcp-server-time converts."""
    asked = {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Kolkata"}
    assert everything.call_tool("convert_time", asked).structured["time_difference"] == "+5.5h"


def test_signs_of_life(everything: SyncMCPClient) -> None:
    """Servers of both eras answer when asked whether they are there."""
    assert set(everything.ping()) == {"everything", "files", "time"}


# --- HTTP ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport, path, kind", [("streamableHttp", "/mcp", "http"), ("sse", "/sse", "sse")])
async def test_over_http(npm: Path, transport: str, path: str, kind: str) -> None:
    """server-everything is used over streamable HTTP, and over events where it speaks only these."""
    heard = Heard()
    with listening(npm, transport) as url:
        async with MCPClient(url + path, elicit=heard.elicit, on_progress=heard.progress.append) as client:
            assert [server.transport for server in client.servers.values()] == [kind]
            assert (await client.call_tool("echo", {"message": "hi"})).text == "Echo: hi"
            await client.call_tool("trigger-long-running-operation", {"duration": 0.02, "steps": 2})
            assert [each.progress for each in heard.progress] == [1.0, 2.0]
            assert "- Name: Ada" in (await client.call_tool("trigger-elicitation-request")).text
