"""``llmring mcp serve`` as a program: who starts it, what it writes where, and what ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from llmring.cli.edge import run
from tests.cli.conftest import INTERRUPTIBLE, KEY, VARIABLES
from tests.mcp.serve.conftest import ERAS

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from llmring.testing.simulator import Simulator

pytestmark = pytest.mark.extra

SERVE = [sys.executable, "-c", INTERRUPTIBLE, "mcp", "serve"]
OFFER = ["--aliases", "fast,priced", "--max-cost", "0.01"]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
STUCK = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "chat", "arguments": {"model": "stuck", "prompt": "x"}}}
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-m", "llmring", "mcp", "serve", "ring"], stdin=subprocess.PIPE)
print("started", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def environment(simulator: Simulator, bound: Path) -> dict[str, str]:
    """Give the environment of a user whose every provider is the simulator."""
    addresses = {VARIABLES[provider]: url for provider, url in simulator.urls.items()}
    return {**os.environ, **addresses, "OPENAI_API_KEY": KEY, "LLMRING_LOCKFILE_PATH": str(bound)}


class Program:
    """A server as a process, spoken to by hand."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        """Start it."""
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen([*SERVE, *arguments], env=environment, text=True, **pipes)

    def say(self, *messages: dict[str, Any]) -> None:
        """Send *messages*."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(json.dumps(each) + "\n" for each in messages))
        self.process.stdin.flush()

    def hear(self) -> Any:
        """Read one message."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def told(self) -> str:
        """Read one line of stderr."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self, *, by: int | None = None) -> tuple[int, str, str]:
        """Send the signal, or close its stdin, and give code, stdout and stderr."""
        if by is not None:
            self.process.send_signal(by)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err

    def __enter__(self) -> Self:
        """Hand out the program."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End it, should it still run."""
        self.process.kill()
        self.process.communicate()


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_starts_it(environment: dict[str, str], era: str) -> None:
    """The official client of either era talks to it over stdin and stdout."""
    server = StdioServerParameters(command=SERVE[0], args=[*SERVE[1:], "ring", *OFFER], env=environment)
    async with Client(server, mode=era) as client:
        assert {each.name for each in (await client.list_tools()).tools} == {"aliases", "chat", "estimate", "embed"}
        result = await client.call_tool("chat", {"model": "priced", "prompt": "Hello", "max_tokens": 50})
        refused = await client.call_tool("chat", {"model": "stuck", "prompt": "Hello"})
        dear: Any = await client.call_tool("chat", {"model": "priced", "prompt": "Hello"})
    assert result.structured_content["model"] == "openai:gpt-5.4-mini"
    assert refused.is_error
    assert dear.content[0].text.startswith("BudgetExceededError: ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, None])
def test_what_ends_it(environment: dict[str, str], number: int | None) -> None:
    """A signal, or a client that leaves, is a clean end, whatever is under way; stdout has the protocol alone."""
    with Program(environment, "ring") as program:
        program.say(HELLO)
        assert program.hear()["result"]["serverInfo"]["name"] == "llmring"
        program.say(READY, STUCK)
        code, out, err = program.end(by=number)
    assert (code, err) == (0, "")
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())


def test_nothing_is_left_when_its_client_is_killed(environment: dict[str, str]) -> None:
    """A server whose client is gone is gone, too: the pipe that it holds is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
        out, err = parent.communicate(timeout=60)
    assert (out, err) == (b"", b"")


async def test_over_http(environment: dict[str, str]) -> None:
    """It says where it is and, once, the token that it has made; a call is answered with it alone; a signal ends it."""
    with Program(environment, "ring", "--http", "0") as program:
        [url] = re.findall(r"serving at (http://127\.0\.0\.1:\d+/mcp); Ctrl-C ends\n", program.told())
        [token] = re.findall(r"bearer token, for this run alone: (\S{43}) \(LLMRING_MCP_TOKEN sets one\)\n", program.told())
        async with (
            httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}) as http,
            Client(streamable_http_client(url, http_client=http), mode="legacy") as client,
        ):
            assert not (await client.call_tool("chat", {"model": "fast", "prompt": "Hello"})).is_error
            code, out, err = program.end(by=signal.SIGTERM)  # while the client's own stream is open
    assert (code, out, err) == (0, "", "stopped\n")


async def test_a_second_signal_does_not_wait(environment: dict[str, str]) -> None:
    """The first one waits for what is under way, and says so."""
    heard = asyncio.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.set()

    with Program({**environment, "LLMRING_MCP_TOKEN": "mine"}, "ring", "--http", "0") as program:
        [url] = re.findall(r"http://\S+/mcp", program.told())
        async with (
            httpx2.AsyncClient(headers={"authorization": "Bearer mine"}) as http,
            Client(streamable_http_client(url, http_client=http), mode="2026-07-28") as client,
        ):
            call = asyncio.create_task(client.call_tool("chat", {"model": "stalled", "prompt": "Hello"}, progress_callback=hear))
            await asyncio.wait_for(heard.wait(), 60)
            program.process.send_signal(signal.SIGINT)
            told = program.told()
            code, out, err = program.end(by=signal.SIGINT)
            with contextlib.suppress(MCPError):  # whichever is quicker, the answer or the end
                assert (await call).is_error
    assert told == "ending; calls that are still answered: 1; Ctrl-C once more does not wait for them\n"
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted"


def test_a_token_of_ones_own_is_not_shown(environment: dict[str, str]) -> None:
    """Where the user has set one, only they know it."""
    with Program({**environment, "MINE": "a-secret-of-mine"}, "lockfile", "--http", "0", "--token-env", "MINE") as program:
        told = program.told()
        code, out, err = program.end(by=signal.SIGINT)
    assert told.startswith("serving at http://")
    assert (code, out, err) == (0, "", "stopped\n")


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["ring", "--http", "0.0.0.0:0"], "error: 0.0.0.0 is reached from other machines: set a token in LLMRING_MCP_TOKEN"),
        (["ring", "--http", "somewhere"], "error: 'somewhere' is no address to listen at; write [HOST:]PORT"),
        (["ring", "--aliases", "fast,ghost"], "error: Lockfile missing required aliases for the MCP server: ghost."),
        (["ring", "--aliases", ","], "error: there is nothing to offer"),
        (["ring", "--max-cost", "0"], "error: Invalid value for '--max-cost'"),
        (["ring", "--lockfile", "ghost.lock"], "error: "),
    ],
)
def test_what_cannot_be_served(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """It is told before anything is served."""
    monkeypatch.setenv("LLMRING_LOCKFILE_PATH", environment["LLMRING_LOCKFILE_PATH"])
    code = run(["mcp", "serve", *arguments])
    out, err = capsys.readouterr()
    assert (code != 0, out) == (True, "")
    assert err.startswith(says)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is told, with the line that installs it."""
    for name in [each for each in sys.modules if each.startswith("llmring.mcp.serve") or each == "llmring.cli.mcp_serve"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    assert run(["mcp", "serve", "ring"]) == 1
    assert capsys.readouterr().err == 'error: serving over MCP needs mcp.server, of the extra mcp: pip install "llmring[mcp]"\n'
