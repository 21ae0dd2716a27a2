"""Tools and tool choices in every style, each as what it means."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from llmring._core.tools import choice_of, tool_list
from llmring._gen.tool import Tool
from llmring.exceptions import InvalidMessageError

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
MARK = {"type": "ephemeral"}
FORMAT = {"type": "grammar", "syntax": "lark", "definition": "start: /x/"}
WEATHER = Tool(name="weather", description="Tell it.", parameters=SCHEMA)

STYLES: list[tuple[Any, Tool]] = [
    (WEATHER, WEATHER),
    ({"type": "function", "function": {"name": "weather", "description": "Tell it.", "parameters": SCHEMA}}, WEATHER),
    (MappingProxyType({"type": "function", "function": {"name": "weather", "description": "Tell it.", "parameters": SCHEMA}}), WEATHER),
    ({"function": MappingProxyType({"name": "weather", "description": "Tell it.", "parameters": SCHEMA})}, WEATHER),
    ({"type": "function", "name": "weather", "description": "Tell it.", "parameters": SCHEMA}, WEATHER),
    ({"name": "weather", "description": "Tell it.", "input_schema": SCHEMA}, WEATHER),
    ({"type": "custom", "name": "weather", "description": "Tell it.", "input_schema": SCHEMA}, WEATHER),
    ({"name": "weather", "description": "Tell it.", "parameters": MappingProxyType(SCHEMA)}, WEATHER),
    ({"type": "function", "function": {"name": "now"}}, Tool(name="now")),
    (
        {"type": "function", "function": {"name": "now", "parameters": SCHEMA, "strict": True}},
        Tool(name="now", parameters=SCHEMA, strict=True),
    ),
    (
        {"type": "function", "function": {"name": "now", "parameters": SCHEMA}, "strict": False},
        Tool(name="now", parameters=SCHEMA, strict=False),
    ),
    (
        {"type": "function", "function": {"name": "now", "parameters": SCHEMA, "defer_loading": True}, "mine": None},
        Tool(name="now", parameters=SCHEMA, config={"defer_loading": True, "mine": None}),
    ),
    ({"name": "now", "input_schema": SCHEMA, "input_examples": [{}]}, Tool(name="now", parameters=SCHEMA, config={"input_examples": [{}]})),
    ({"type": "function", "function": {"name": "now"}, "cache_control": MARK}, Tool(name="now", cache_control=MARK)),
    (
        {"type": "custom", "custom": {"name": "write", "description": "Free text.", "format": FORMAT}},
        Tool(type="custom", name="write", description="Free text.", config={"format": FORMAT}),
    ),
    ({"type": "custom", "name": "write", "format": FORMAT}, Tool(type="custom", name="write", config={"format": FORMAT})),
    ({"type": "web_search"}, Tool(type="web_search")),
    (
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 5, "cache_control": MARK},
        Tool(type="web_search_20250305", name="web_search", config={"max_uses": 5}, cache_control=MARK),
    ),
]


@pytest.mark.parametrize("written, meant", STYLES)
def test_understands(written: Any, meant: Tool) -> None:
    """OpenAI's shapes, Anthropic's, and hosted tools by their types."""
    assert tool_list([written]) == (meant,)
    assert tool_list((meant,)) == (meant,)


def test_no_tools() -> None:
    """Neither none nor an empty list."""
    assert tool_list(None) == tool_list([]) == ()


def test_plain_functions_are_whole_and_their_own() -> None:
    """Made past ``__init__``, they differ in nothing from others, and share no settings."""
    one, other = tool_list([{"type": "function", "function": {"name": name, "parameters": {}}} for name in "ab"])
    assert one == Tool(name="a", parameters={})
    assert one.to_dict() == Tool(name="a", parameters={}).to_dict()
    assert one.config is not other.config


FAULTS: list[tuple[Any, str, str]] = [
    (5, "tools", "must be a list of tools, not int"),
    ("weather", "tools", "must be a list of tools, not str"),
    ({"type": "web_search"}, "tools", "must be a list of tools, not dict"),
    ({WEATHER.name}, "tools", "must be a list of tools, not set"),
    ([WEATHER, WEATHER], "tools", "has two tools named 'weather'"),
    ([None], "tools[0]", "must be a Tool, a function or a mapping with name and parameters, not null"),
    ([WEATHER, 5], "tools[1]", "must be a Tool, a function or a mapping with name and parameters, not int"),
    ([{}], "tools[0].type", "is missing; a function is {'type': 'function', 'function': {…}}"),
    ([{"type": ""}], "tools[0].type", "is missing"),
    ([{"type": 5}], "tools[0].type", "is missing"),
    ([{"type": "function"}], "tools[0].name", "is missing; every function and tool of yours has a name"),
    ([{"type": "function", "function": {}}], "tools[0].function.name", "is missing"),
    ([{"type": "function", "function": {"name": 5}}], "tools[0].function.name", "must be a string, not int"),
    ([{"type": "function", "function": 5}], "tools[0].function", "must be an object with a name, not int"),
    ([{"name": "f", "description": 5}], "tools[0].description", "must be a string, not int"),
    ([{"type": "function", "function": {"name": "f", "parameters": 5}}], "tools[0].function.parameters", "must be an object, not int"),
    ([{"name": "f", "input_schema": []}], "tools[0].input_schema", "must be an object, not list"),
    (
        [{"type": "function", "function": {"name": "f", "parameters": {}, "strict": "yes"}}],
        "tools[0].function.strict",
        "must be true or false",
    ),
    ([{"type": "function", "function": {"name": "f"}, "strict": 1}], "tools[0].strict", "must be true or false, not int"),
    ([{"name": "f", "parameters": {}, "cache_control": 5}], "tools[0].cache_control", "must be an object, not int"),
    ([{"type": "custom"}], "tools[0].name", "is missing"),
    ([{"type": "custom", "custom": 5}], "tools[0].custom", "must be an object with a name, not int"),
    ([{"type": "custom", "custom": {}}], "tools[0].custom.name", "is missing"),
    ([{"type": "web_search", "name": 5}], "tools[0].name", "must be a string, not int"),
    ([Tool()], "tools[0].name", "is missing"),
    ([Tool(name="f", parameters=5)], "tools[0].parameters", "must be an object or null, not int"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("written, path, said", FAULTS)
def test_tells_faults_by_path(written: Any, path: str, said: str) -> None:
    """The place and what is wrong there."""
    with pytest.raises(InvalidMessageError) as caught:
        tool_list(written)
    assert caught.value.path == path
    assert f"{path} {said}" in caught.value.message


@pytest.mark.parametrize(
    "written, meant",
    [
        (None, (None, None)),
        ("auto", ("auto", None)),
        ({"type": "auto"}, ("auto", None)),
        ("none", ("none", None)),
        ({"type": "none"}, ("none", None)),
        ("required", ("required", None)),
        ("any", ("required", None)),
        ({"type": "any", "disable_parallel_tool_use": True}, ("required", None)),
        ({"type": "function", "function": {"name": "weather"}}, ("function", "weather")),
        ({"type": "function", "name": "weather"}, ("function", "weather")),
        ({"type": "tool", "name": "weather"}, ("function", "weather")),
        ({"type": "custom", "custom": {"name": "weather"}}, ("function", "weather")),
        ({"type": "custom", "name": "weather"}, ("function", "weather")),
    ],
)
def test_understands_choices(written: Any, meant: Any) -> None:
    """OpenAI's words and Anthropic's."""
    assert choice_of(written, (WEATHER,)) == meant


@pytest.mark.parametrize(
    "written, tools, said",
    [
        ("required", (), "asks for a call, but there are no tools"),
        ({"type": "tool", "name": "wether"}, (WEATHER,), "names 'wether', but the tools are weather"),
        ({"type": "tool", "name": "wether"}, (), "names 'wether', but the tools are none"),
        ("always", (WEATHER,), "must be 'auto', 'none', 'required' or {'type': 'function', 'function': {'name': …}}, not 'always'"),
        ({"type": "function"}, (WEATHER,), "must be 'auto'"),
        (5, (WEATHER,), "must be 'auto'"),
    ],
)
def test_refuses_choices(written: Any, tools: tuple[Tool, ...], said: str) -> None:
    """What is no choice, or none of these tools."""
    with pytest.raises(InvalidMessageError, match=r"^tool_choice ") as caught:
        choice_of(written, tools)
    assert said in caught.value.message
    assert caught.value.path == "tool_choice"


def test_a_hosted_tool_may_have_any_name() -> None:
    """It does not always tell its own."""
    assert choice_of({"type": "tool", "name": "web_search"}, (Tool(type="web_search"),)) == ("function", "web_search")
