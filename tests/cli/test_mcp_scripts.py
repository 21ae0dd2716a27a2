"""``llmring mcp list-tools`` and the other commands for scripts: data on stdout, everything else on stderr, typed exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

pytestmark = pytest.mark.extra

SCRIPT = str(Path(__file__).with_name("stdio_server.py"))


@pytest.fixture
def mcp(llmring: Command, user: Path) -> Command:
    """Give a function that runs a command on the small server, as a configuration names it."""
    config = {"mcpServers": {"small": {"command": sys.executable, "args": [SCRIPT]}}}
    (user / "servers.json").write_text(json.dumps(config))

    def call(*arguments: str, piped: str = "") -> Outcome:
        return llmring("mcp", *arguments, "--config", "servers.json", piped=piped)

    return call


def test_lists_tools(mcp: Command) -> None:
    """A line for each, or all that is known of it as JSON."""
    assert mcp("list-tools").out.splitlines()[:2] == ["add   Adds two numbers. Whole ones.", "fail  Fails."]
    first = json.loads(mcp("list-tools", "--json").out)[0]
    assert (first["name"], first["server"], first["annotations"]) == ("add", "small", {"readOnlyHint": True})
    assert first["parameters"]["required"] == ["a", "b"]


def test_a_script_is_a_server(llmring: Command) -> None:
    """By its path."""
    assert llmring("mcp", "list-tools", "--server", SCRIPT).code == 0


def test_lists_what_can_be_read_and_written(mcp: Command) -> None:
    """Resources with templates, and prompts with their arguments."""
    assert mcp("list-resources").out == "memo://one     A memo.\nmemo://{name}  memo\n"
    assert json.loads(mcp("list-resources", "--json").out)["templates"][0]["template"] == "memo://{name}"
    assert mcp("list-prompts").out == "review code=  Asks for a review.\n"
    assert json.loads(mcp("list-prompts", "--json").out)[0]["arguments"][0]["required"] is True


@pytest.mark.parametrize(
    "arguments, piped",
    [(("a=2", "b=40"), ""), (("--args", '{"a": 2, "b": 40}'), ""), (("--args", "-"), '{"a": 2, "b": 40}'), ((), '{"a": 2, "b": 40}')],
)
def test_calls_a_tool(mcp: Command, arguments: tuple[str, ...], piped: str) -> None:
    """With arguments as words, as JSON, or from stdin."""
    assert mcp("call-tool", "add", *arguments, piped=piped) == (0, "42\n", "")


def test_a_result_can_be_json(mcp: Command) -> None:
    """Always with the same keys."""
    told = json.loads(mcp("call-tool", "add", "a=2", "b=40", "--json").out)
    assert told == {"content": [{"type": "text", "text": "42"}], "structured": None, "is_error": False}


def test_a_tool_that_fails_is_a_failure(mcp: Command) -> None:
    """In the server's words; with JSON too."""
    assert mcp("call-tool", "fail") == (1, "", "error: no way\n")
    code, out, err = mcp("call-tool", "fail", "--json")
    assert (code, err, json.loads(out)["is_error"]) == (1, "error: no way\n", True)


def test_the_last_words_of_a_server_are_told(mcp: Command) -> None:
    """One that ends in the middle of a call is named."""
    code, out, err = mcp("call-tool", "die")
    assert (code, out) == (1, "")
    assert err.startswith("error: MCP server 'small'")
    assert "the server had enough" in err


def test_a_server_that_does_not_start_is_told(llmring: Command) -> None:
    """With what it wrote."""
    program = "import sys; sys.exit('no database')"
    code, _, err = llmring("mcp", "list-tools", "--server", f'{sys.executable} -c "{program}"')
    assert code == 1
    assert "no database" in err


@pytest.mark.parametrize(
    "arguments",
    [("add", "a=two", "b=1"), ("add", "a"), ("add", "--args", "["), ("add", "a=1", "--args", "{}")],
)
def test_wrong_arguments_are_misuse(mcp: Command, arguments: tuple[str, ...]) -> None:
    """Nothing is called."""
    code, out, err = mcp("call-tool", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")


def test_a_tool_that_there_is_not_is_a_failure(mcp: Command) -> None:
    """It is named."""
    code, _, err = mcp("call-tool", "multiply")
    assert code == 1
    assert "multiply" in err


def test_a_server_has_to_be_named(llmring: Command) -> None:
    """Or a configuration."""
    told = llmring("mcp", "list-tools").err
    assert told == "error: name a server with --server, or several with --config (see: llmring mcp list-tools --help)\n"


def test_reads_and_writes(mcp: Command) -> None:
    """A resource as its text, a prompt as its messages."""
    assert mcp("read-resource", "memo://one").out == "a memo\nof two lines\n"
    assert json.loads(mcp("read-resource", "memo://one", "--json").out)["content"][0]["text"] == "a memo\nof two lines"
    assert mcp("get-prompt", "review", "code=x").out == "user: Review x.\n"
    assert json.loads(mcp("get-prompt", "review", "code=x", "--json").out)["messages"] == [{"role": "user", "content": "Review x."}]
