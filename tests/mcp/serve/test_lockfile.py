"""The tools over a lockfile as a server: nothing is written that the client's user has not seen and confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ElicitRequestFormParams, ElicitResult

from llmring.lockfile import Lockfile
from llmring.mcp.serve import lockfile_server
from tests.mcp.serve.conftest import ERAS, TOKEN, serving
from tests.rings import lockfile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp.client import ClientRequestContext
    from mcp_types import CallToolResult, ElicitRequestParams, InputResponses

pytestmark = pytest.mark.extra

WORDS = {"profile": "default", "alias": "fast", "models": ["openai:gpt-5.4-mini"]}


class User:
    """Who sits behind a client, and answers what they are asked."""

    def __init__(self, *, action: Any = "accept", confirm: Any = True) -> None:
        """Answer always so."""
        self._answer = ElicitResult(action=action, content={"confirm": confirm} if action == "accept" else None)
        self.asked: list[str] = []
        self.meanwhile: Callable[[], Any] = lambda: None

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        """Answer one question."""
        assert isinstance(params, ElicitRequestFormParams)
        self.asked.append(params.message)
        self.meanwhile()
        return self._answer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write a lockfile with a comment."""
    path = lockfile(tmp_path, fast=["ollama:qwen3:8b"])
    path.write_text("# ours\n" + path.read_text())
    return path


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest) -> str:
    """Give each era."""
    return request.param


def told(result: CallToolResult) -> str:
    """Give the text of *result*."""
    return "".join(getattr(each, "text", "") for each in result.content)


def text(path: Path) -> str:
    """Read the lockfile."""
    return path.read_text()


def models(path: Path, alias: str) -> tuple[str, ...]:
    """Read what *alias* is bound to."""
    binding = Lockfile.load(path).get_profile().get_binding(alias)
    return () if binding is None else binding.models


async def change_and_save(client: Client, **more: Any) -> CallToolResult:
    """Bind another model and ask to save."""
    changed = await client.call_tool("set_alias", {"alias": "fast", "models": ["openai:gpt-5.4-mini"]})
    assert not changed.is_error, told(changed)
    return await client.call_tool("save", {"summary": "Quicker.", **more})


async def test_what_the_user_confirms_is_written(path: Path, era: str) -> None:
    """They are shown what it is for, and the whole diff; comments stay."""
    user = User()
    async with Client(lockfile_server(path), mode=era, elicitation_callback=user) as client:
        result = await change_and_save(client)
    assert result.structured_content["saved"] is True
    assert models(path, "fast") == ("openai:gpt-5.4-mini",)
    assert text(path).startswith("# ours\n")
    [question] = user.asked
    assert question.startswith(f"Write {path}?\nQuicker.\n")
    assert "-models = ['ollama:qwen3:8b']" in question
    assert "+models = [" in question


@pytest.mark.parametrize(
    "answer, why",
    [
        ({"action": "decline"}, "the user declined"),
        ({"action": "cancel"}, "the user did not decide"),
        ({"confirm": False}, "the user declined"),
        ({"confirm": "true"}, "the user declined"),
    ],
)
async def test_anything_else_writes_nothing(path: Path, era: str, answer: dict[str, Any], why: str) -> None:
    """Only a yes is one."""
    before = text(path)
    async with Client(lockfile_server(path), mode=era, elicitation_callback=User(**answer)) as client:
        result = await change_and_save(client)
        assert result.structured_content["saved"] is False
        assert told(result).startswith(f"{why}; nothing was written")
        kept: Any = (await client.call_tool("diff", {})).structured_content
    assert kept["unsaved_changes"] == 1
    assert text(path) == before


async def test_a_client_that_cannot_ask_gets_the_diff(path: Path, era: str) -> None:
    """And hears how it could be written."""
    before = text(path)
    async with Client(lockfile_server(path), mode=era) as client:
        result = await change_and_save(client, code="0" * 16)
    assert result.is_error
    assert "llmring lock chat" in told(result)
    assert "--allow-save" in told(result)
    assert "+models = [" in told(result)
    assert text(path) == before


async def test_a_client_that_cannot_ask_may_be_allowed(path: Path, era: str) -> None:
    """Then the first call gives the diff and a code, and a second one with the code writes; any other code does not."""
    before = text(path)
    async with Client(lockfile_server(path, allow_save=True), mode=era) as client:
        first = await change_and_save(client)
        wrong = await client.call_tool("save", {"code": "0" * 16})
        assert text(path) == before
        second = await client.call_tool("save", {"code": first.structured_content["code"]})
    assert [each.structured_content["saved"] for each in (first, wrong, second)] == [False, False, True]
    assert text(path) != before


async def test_a_code_holds_for_its_diff_alone(path: Path) -> None:
    """A draft that went on since needs to be shown again."""
    before = text(path)
    async with Client(lockfile_server(path, allow_save=True)) as client:
        first = await change_and_save(client)
        await client.call_tool("set_alias", {"alias": "other", "models": ["openai:gpt-5.4-mini"]})
        second = await client.call_tool("save", {"code": first.structured_content["code"]})
    assert second.structured_content["saved"] is False
    assert "other" in second.structured_content["diff"]
    assert text(path) == before


async def test_a_file_that_changes_while_the_user_thinks(path: Path, era: str) -> None:
    """It is never overwritten by what they were not shown."""
    user = User()
    theirs = text(path) + '\n[[profiles.default.bindings]]\nalias = "theirs"\nmodels = ["ollama:llama3.2"]\n'
    user.meanwhile = lambda: path.write_text(theirs)
    async with Client(lockfile_server(path), mode=era, elicitation_callback=user) as client:
        result = await change_and_save(client)
    assert models(path, "theirs") == ("ollama:llama3.2",)
    if era == "legacy":
        assert "was changed by somebody else; nothing was written" in told(result)
        assert text(path) == theirs
    else:  # the second call has seen the change, and asked anew about all of it
        assert len(user.asked) == 2
        assert "theirs" in user.asked[1]


async def test_an_answer_to_another_question_does_not_count(path: Path) -> None:
    """Nor does one that the server has not asked for: what it gives along is sealed."""
    before = text(path)
    async with Client(lockfile_server(path), mode="2026-07-28", elicitation_callback=User()) as client:
        await client.call_tool("set_alias", {"alias": "fast", "models": ["openai:gpt-5.4-mini"]})
        answers: InputResponses = {"confirm": ElicitResult(action="accept", content={"confirm": True})}
        with pytest.raises(MCPError, match="Invalid or expired requestState"):
            await client.session.call_tool("save", {}, input_responses=answers, request_state="made up", allow_input_required=True)
        asked: Any = await client.session.call_tool("save", {}, input_responses=answers, allow_input_required=True)
        assert asked.result_type == "input_required"
    assert text(path) == before


async def test_nothing_to_save(path: Path, era: str) -> None:
    """A draft that says what the file says is not asked about."""
    user = User()
    async with Client(lockfile_server(path), mode=era, elicitation_callback=user) as client:
        result = await client.call_tool("save", {})
    assert (result.structured_content["saved"], user.asked) == (False, [])


async def test_looking_alone(path: Path) -> None:
    """With ``read_only`` no tool changes anything, not even the draft."""
    async with Client(lockfile_server(path, read_only=True)) as client:
        tools = (await client.list_tools()).tools
        shown: Any = (await client.call_tool("show_lockfile", {})).structured_content
        with pytest.raises(MCPError, match="Unknown tool: set_alias"):
            await client.call_tool("set_alias", {"alias": "fast", "models": ["openai:gpt-5.4-mini"]})
    assert {each.name for each in tools} == {
        "show_lockfile",
        "list_models",
        "describe_model",
        "recommend_models",
        "estimate_monthly_cost",
        "check",
    }
    assert all(each.annotations is not None and each.annotations.read_only_hint for each in tools)
    assert [each["alias"] for each in shown["aliases"]] == ["fast"]


async def test_describes_its_tools(path: Path) -> None:
    """What advice says of its functions is what clients read; proposing is not among them, saving is."""
    async with Client(lockfile_server(path)) as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}
    assert "propose_save" not in tools
    assert tools["save"].annotations is not None
    assert tools["save"].annotations.destructive_hint
    assert tools["set_alias"].input_schema["required"] == ["alias", "models"]
    assert all(each.description for each in tools.values())


@pytest.mark.parametrize(
    "name, arguments, says",
    [
        ("remove_alias", {"alias": "ghost"}, "UnknownAliasError: "),
        ("set_alias", {"alias": "fast"}, "'models' is a required property"),
        ("set_alias", {"alias": "fast", "models": "x"}, "models: 'x' is not of type 'array'"),
        ("estimate_monthly_cost", {"calls_per_month": -1, "input_tokens": 1, "output_tokens": 1, "alias": "fast"}, "RequestError: "),
    ],
)
async def test_what_is_wrong_is_told(path: Path, name: str, arguments: dict[str, Any], says: str) -> None:
    """It is an error of the tool, for the model to read."""
    async with Client(lockfile_server(path)) as client:
        result = await client.call_tool(name, arguments)
    assert result.is_error
    assert says in told(result)


async def test_saves_over_http(path: Path, era: str) -> None:
    """The user is asked over HTTP too."""
    user = User()
    async with (
        serving(lockfile_server(path)) as url,
        httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode=era, elicitation_callback=user) as client,
    ):
        result = await change_and_save(client)
    assert result.structured_content["saved"] is True
    assert len(user.asked) == 1
