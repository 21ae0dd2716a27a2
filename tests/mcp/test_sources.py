"""Servers are found however they are written: commands, scripts, addresses, configurations."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from llmring import ConfigurationError
from llmring.mcp import MCPClient
from llmring.mcp.client.places import Address, Command, InProcess
from llmring.mcp.client.sources import read
from tests.mcp.servers import calculator

pytestmark = pytest.mark.extra


@pytest.fixture(autouse=True)
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a Python and a Node script."""
    for name in ("server.py", "server.js", "with space.py", "tool"):
        (tmp_path / name).touch()
    (tmp_path / "pkg" / "dist").mkdir(parents=True)
    (tmp_path / "pkg" / "dist" / "index.js").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "given, name, words",
    [
        ("npx -y @modelcontextprotocol/server-everything@1.0 stdio", "server-everything", ["npx", "-y"]),
        ("uvx mcp-server-time --local-timezone UTC", "mcp-server-time", ["uvx", "mcp-server-time"]),
        ("uv run server.py", "server", ["uv", "run", "server.py"]),
        ("python -m some_server", "some_server", ["python", "-m", "some_server"]),
        ("python -c 'pass'", "python", ["python", "-c", "pass"]),
        ("docker run -i --rm mcp/time", "time", ["docker", "run"]),
        ("my-server --flag 'two words'", "my-server", ["my-server", "--flag", "two words"]),
        (["my-server", "two words"], "my-server", ["my-server", "two words"]),
        ("stdio://my-server --flag", "my-server", ["my-server", "--flag"]),
        ("stdio://server.py", "server", [sys.executable, "server.py"]),
        ("server.py", "server", [sys.executable, "server.py"]),
        ("./server.js", "server", ["node", "server.js"]),
        ("with space.py", "with space", [sys.executable, "with space.py"]),
        (Path("pkg/dist/index.js"), "pkg", ["node", "pkg/dist/index.js"]),
    ],
)
def test_commands_and_scripts(given: Any, name: str, words: list[str]) -> None:
    """A command is run as it is, a script by its language; the name is that of what is run."""
    (found,) = read([given])
    assert isinstance(found, Command)
    assert found.name == name
    assert [found.command, *found.args][: len(words)] == words


def test_addresses() -> None:
    """An address is named after its host."""
    assert read(["https://mcp.example.com/mcp", "http://localhost:8000/mcp"]) == [
        Address("mcp.example.com", "https://mcp.example.com/mcp"),
        Address("localhost-8000", "http://localhost:8000/mcp"),
    ]


def test_servers_in_this_process() -> None:
    """A server object of the SDK is taken as it is."""
    server = calculator("sums")
    assert read([server]) == [InProcess("sums", server)]


def test_names_are_made_unique() -> None:
    """Two servers of one name are kept apart."""
    assert [source.name for source in read(["server.py", "server.js", "server.py"])] == ["server", "server-2", "server-3"]


@pytest.mark.parametrize(
    "given, words",
    [
        ((), "needs a server"),
        ((" ",), "is empty"),
        (("missing.py",), "There is no MCP server at 'missing.py'"),
        ((Path("nowhere"),), "There is no MCP server at 'nowhere'"),
        (("ftp://host/x",), "ftp:// is no way to an MCP server"),
        (("http:///mcp",), "needs http:// or https:// and a host"),
        (("http://host:port/mcp",), "cannot be read"),
        (("say 'hello",), "cannot be read: No closing quotation"),
        ((list[str](),), "is a list of texts"),
        (([1, 2],), "is a list of texts"),
        ((5,), "A int is no MCP server"),
        (({"a": 5},), "A int is no MCP server"),
        (("missing.json",), "cannot be read: No such file"),
    ],
)
def test_what_is_no_server(given: tuple[Any, ...], words: str) -> None:
    """What cannot be a server is refused before anything is started, and the error says why."""
    with pytest.raises(ConfigurationError, match=words):
        MCPClient(*given)


@pytest.mark.parametrize("bounds", [{"timeout": 0}, {"connect_timeout": -1.0}, {"max_result_bytes": True}, {"timeout": float("nan")}])
def test_bounds_are_checked(bounds: dict[str, Any]) -> None:
    """A bound that is none is refused, by its name."""
    (name,) = bounds
    with pytest.raises(ConfigurationError, match=f"{name} must be a number above 0"):
        MCPClient("server.py", **bounds)


def test_callbacks_are_checked() -> None:
    """A callback that cannot be called is refused."""
    with pytest.raises(ConfigurationError, match="elicit must be a function, not 'yes'"):
        MCPClient("server.py", elicit="yes")  # pyright: ignore[reportArgumentType]


# --- configurations --------------------------------------------------------------------------------

CLAUDE = {
    "mcpServers": {
        "files": {
            "command": "npx",
            "args": ["-y", "server-filesystem", "${HOME}"],
            "env": {"TOKEN": "${env:TOKEN}", "MODE": "${MODE:-safe}"},
        },
        "remote": {"type": "http", "url": "https://${HOST_OF}/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
        "events": {"type": "sse", "url": "https://example.com/sse"},
        "off": {"command": "never", "disabled": True},
    }
}
CODE = """{
  // as VS Code writes it
  "servers": {
    "time": {"type": "stdio", "command": "uvx", "args": ["mcp-server-time", "http://not.a/comment"], "cwd": "${workspaceFolder}",},
  },
}"""


def test_claude_and_cursor(scripts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration of Claude Desktop and Cursor is read, and its variables filled."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("TOKEN", "s3cret")
    monkeypatch.setenv("HOST_OF", "mcp.example.com")
    (scripts / "mcp.json").write_text(json.dumps(CLAUDE))
    found = read(["mcp.json"])
    assert found == [
        Command("files", "npx", ("-y", "server-filesystem", "/home/ada"), {"TOKEN": "s3cret", "MODE": "safe"}),
        Address("remote", "https://mcp.example.com/mcp", {"Authorization": "Bearer s3cret"}),
        Address("events", "https://example.com/sse", {}, "sse"),
    ]
    assert read([CLAUDE]) == found
    assert "s3cret" not in repr(found)


def test_code(scripts: Path) -> None:
    """The configuration of VS Code is read, comments and all."""
    (scripts / "mcp.json").write_text(CODE)
    assert read([Path("mcp.json")]) == [Command("time", "uvx", ("mcp-server-time", "http://not.a/comment"), {}, str(scripts))]


def test_servers_by_name() -> None:
    """Servers of all kinds can be given names."""
    server = calculator()
    assert read([{"one": "server.py", "two": server, "three": {"url": "http://localhost/mcp"}}]) == [
        Command("one", sys.executable, ("server.py",)),
        InProcess("two", server),
        Address("three", "http://localhost/mcp"),
    ]


def test_one_entry() -> None:
    """A single entry needs no name."""
    assert read([{"command": ["my-server", "--flag"]}]) == [Command("my-server", "my-server", ("--flag",))]


@pytest.mark.parametrize(
    "entry, words",
    [
        ({}, "MCP server 'x': command is missing"),
        ({"command": ""}, "command is missing"),
        ({"command": "a", "args": "b"}, "args must be a list"),
        ({"command": "a", "env": ["b"]}, "env must be an object"),
        ({"command": "a", "type": "carrier pigeon"}, "type is 'carrier pigeon'; it can be stdio, http or sse"),
        ({"command": "a", "args": ["${NOT_SET_ANYWHERE}"]}, "args uses .*, but NOT_SET_ANYWHERE is not set"),
        ({"command": "a", "args": ["${input:key}"]}, "args uses .*, which only the editor"),
        ({"url": "ftp://host"}, "The address of MCP server 'x' needs http"),
    ],
)
def test_faulty_entries(entry: dict[str, Any], words: str) -> None:
    """An entry that cannot be used is refused, with the server's name and the key."""
    with pytest.raises(ConfigurationError, match=words):
        read([{"mcpServers": {"x": entry}}])


@pytest.mark.parametrize("text, words", [("{", "is no JSON"), ("[]", "must be an object"), ('{"other": 1}', "has no mcpServers")])
def test_faulty_files(scripts: Path, text: str, words: str) -> None:
    """A file that is no configuration is refused."""
    (scripts / "mcp.json").write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        read(["mcp.json"])


def test_the_secrets_of_an_address() -> None:
    """What is sent as headers, query or password is not shown, be it told in whole or without the name before it."""
    entry = {"url": "https://ada:passw0rd@example.com/mcp?key=s%2Fcret&n=1", "headers": {"Authorization": "Bearer t0ken"}}
    (found,) = read([{"shop": entry}])
    assert set(found.secrets) == {"Bearer t0ken", "t0ken", "s/cret", "1", "key=s%2Fcret&n=1", "passw0rd"}
