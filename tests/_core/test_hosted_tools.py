"""Hosted tools go by one name, and are written as each wire format calls them."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.fit import Target, fit
from llmring._core.hosted_tools import hosted, lacks, strange
from llmring._core.request import NormalRequest
from llmring._gen.hosted_tools import HOSTED, NAMES, PROTOCOLS
from llmring._gen.message import Message
from llmring._gen.tool import Tool
from llmring.exceptions import UnsupportedParameterError

OPENAI, ANTHROPIC, GOOGLE = "openai_responses", "anthropic_messages", "gemini_generate"


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
@pytest.mark.parametrize("name", sorted(NAMES))
def test_any_name_means_the_same(name: str, protocol: str) -> None:
    """Whatever a tool is called elsewhere, it becomes what the wire format calls it, or one of its own other names."""
    tool = Tool(type=name)
    wire = HOSTED[NAMES[name]].get(protocol)
    assert lacks(tool, protocol) is (wire is None)
    assert hosted(tool, protocol).type in ({wire["type"], *wire["own"]} if wire else {name})


@pytest.mark.parametrize(
    "kind, protocol, wanted",
    [
        ("web_search", ANTHROPIC, "web_search_20250305"),
        ("web_search_20260318", ANTHROPIC, "web_search_20260318"),
        ("web_search_20260318", OPENAI, "web_search"),
        ("web_search_preview", OPENAI, "web_search_preview"),
        ("web_search_preview_2025_03_11", OPENAI, "web_search_preview_2025_03_11"),
        ("web_search_preview_2025_03_11", GOOGLE, "googleSearch"),
        ("googleSearch", OPENAI, "web_search"),
        ("url_context", ANTHROPIC, "web_fetch_20250910"),
        ("code_interpreter", GOOGLE, "codeExecution"),
        ("computer_20251124", ANTHROPIC, "computer_20251124"),
        ("brand_new_20270101", ANTHROPIC, "brand_new_20270101"),
        ("web_search", "openai_chat", "web_search"),
    ],
)
def test_versions(kind: str, protocol: str, wanted: str) -> None:
    """A version that the caller chose is kept where it is from; what nobody knows is kept everywhere."""
    assert hosted(Tool(type=kind), protocol).type == wanted


def test_settings_in_their_places() -> None:
    """Settings that several have go by one name; all others are the provider's own."""
    tool = Tool(type="web_search", config={"allowed_domains": ["a.org"], "filters": {"x": 1}, "own": 2})
    assert hosted(tool, OPENAI).config == {"filters": {"x": 1}, "own": 2}
    tool = Tool(type="web_search", config={"filters": {"x": 1}, "allowed_domains": ["a.org"]})
    assert hosted(tool, OPENAI).config == {"filters": {"x": 1, "allowed_domains": ["a.org"]}}
    assert hosted(Tool(type="web_search", config={"allowed_domains": ["a.org"]}), OPENAI).config == {
        "filters": {"allowed_domains": ["a.org"]}
    }
    assert tool.config["filters"] == {"x": 1}
    search = Tool(type="file_search", config={"vector_store_ids": ["s"], "max_num_results": 3})
    assert hosted(search, GOOGLE).config == {"fileSearchStoreNames": ["s"], "topK": 3}
    assert hosted(Tool(type="code_execution"), OPENAI).config == {"container": {"type": "auto"}}
    assert hosted(Tool(type="code_execution", config={"container": "c"}), OPENAI).config == {"container": "c"}


def test_names_of_their_own() -> None:
    """A caller's name counts before the spec's."""
    assert hosted(Tool(type="text_editor"), ANTHROPIC).name == "str_replace_based_edit_tool"
    assert hosted(Tool(type="text_editor", name="mine"), ANTHROPIC).name == "mine"
    assert hosted(Tool(type="brand_new", name="mine"), ANTHROPIC).name == "mine"


def fitted(tool: Tool, protocol: str, way: Any) -> Any:
    """Fit a request with *tool* for a model of *protocol*."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), tools=(Tool(name="f"), tool), tool_choice="auto")
    return fit(request, Target(name="p:m", protocol=protocol, capabilities={}), way)


def test_what_a_provider_does_not_have() -> None:
    """It is refused by its path before anything is sent, or left out with a warning."""
    with pytest.raises(UnsupportedParameterError, match="the tool file_search") as caught:
        fitted(Tool(type="file_search"), ANTHROPIC, "error")
    assert (caught.value.path, caught.value.model) == ("tools[1]", "p:m")
    left = fitted(Tool(type="file_search"), ANTHROPIC, "warn")
    assert ([tool.name for tool in left.request.tools], left.request.tool_choice) == (["f"], "auto")
    assert left.warnings[0] == "p:m does not take the tool file_search; it was left out"
    assert not lacks(Tool(type="file_search"), "openai_chat")
    assert not lacks(Tool(name="f"), ANTHROPIC)


def test_settings_that_a_provider_does_not_have() -> None:
    """One that others have is refused by its path, or left out; one that nobody knows is sent."""
    tool = Tool(type="web_search", config={"max_uses": 3, "timeRangeFilter": {}})
    assert strange(tool, GOOGLE) == ["max_uses"]
    assert strange(tool, ANTHROPIC) == []
    assert strange(Tool(type="brand_new", config={"max_uses": 3}), GOOGLE) == []
    with pytest.raises(UnsupportedParameterError) as caught:
        fitted(tool, GOOGLE, "error")
    assert caught.value.path == "tools[1].max_uses"
    left = fitted(tool, GOOGLE, "drop")
    assert left.request.tools[1].config == {"timeRangeFilter": {}}
    assert left.warnings == ()
    assert fitted(tool, ANTHROPIC, "error").request.tools[1] is tool
