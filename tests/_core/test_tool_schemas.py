"""Tools that others wrote are brought into what each provider takes, and only those; what cannot be is refused by name and origin."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from hypothesis import given

from llmring._core.fit import fit
from llmring._core.fitting import Target
from llmring._core.request import NormalRequest
from llmring.exceptions import UnsupportedParameterError
from llmring.schemas import Message, Tool
from tests._core.test_schema_tidy import SCHEMAS

PROTOCOLS = ["openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat"]
EVERY = pytest.mark.parametrize("protocol", PROTOCOLS)
STRICT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


def tool(parameters: Any, name: str = "look", **more: Any) -> Tool:
    """Describe a tool as a server does."""
    return attrs.evolve(Tool(name=name, origin="the MCP server eyes", **more), parameters=parameters)


def fitted(protocol: str, *tools: Tool, on_unsupported: Any = "error", **more: Any) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Fit *tools*, and give what became of them with the warnings."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), tools=tools, **more)
    done = fit(request, Target(name="p:m", protocol=protocol, capabilities={}, max_output=9), on_unsupported)
    return done.request.tools, done.warnings


def schema_of(protocol: str, parameters: Any) -> tuple[Any, tuple[str, ...]]:
    """Give what *parameters* become, and what is lost."""
    (made,), warnings = fitted(protocol, tool(parameters))
    return made.parameters, warnings


@EVERY
def test_the_callers_own_are_left_alone(protocol: str) -> None:
    """A schema without an origin goes out as it is."""
    odd = Tool(name="3 odd", parameters={"anyOf": [{"type": "strange"}], "properties": {"a b": True}})
    (made,), warnings = fitted(protocol, odd)
    assert made is odd
    assert warnings == ()


@EVERY
@pytest.mark.parametrize("parameters", [None, {}, {"type": "object"}, {"$schema": "http://json-schema.org/draft-07/schema#"}], ids=str)
def test_nothing_to_give(protocol: str, parameters: Any) -> None:
    """A tool without arguments takes an object without any."""
    assert schema_of(protocol, parameters) == ({"type": "object", "properties": {}}, ())


@EVERY
def test_plain_schemas_lose_nothing(protocol: str) -> None:
    """What all providers take arrives everywhere."""
    assert schema_of(protocol, STRICT) == (STRICT, ())


@EVERY
def test_references(protocol: str) -> None:
    """Definitions come along, also those of a root that refers to one."""
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    made, warnings = schema_of(protocol, {"definitions": {"place": place}, "properties": {"at": {"$ref": "#/definitions/place"}}})
    assert made["properties"] == {"at": {"$ref": "#/$defs/place"}}
    assert made["$defs"] == {"place": place}
    made, _ = schema_of(protocol, {"$defs": {"place": place}, "$ref": "#/$defs/place"})
    assert made["properties"] == place["properties"]
    assert warnings == ()


@EVERY
def test_unions_at_the_root(protocol: str) -> None:
    """They become one object of all their keys; it requires what all members do."""
    by_id = {"properties": {"id": {"type": "string"}, "all": {}}, "required": ["id", "all"]}
    by_name = {"properties": {"name": {"type": "string"}, "all": {}}, "required": ["name", "all"]}
    made, warnings = schema_of(protocol, {"type": "object", "anyOf": [by_id, by_name]})
    assert sorted(made["properties"]) == ["all", "id", "name"]
    assert (made["type"], made["required"]) == ("object", ["all"])
    assert "anyOf" not in made
    assert "the schema of the tool look of the MCP server eyes says less: the whole: anyOf is told by one object" in warnings[0]
    made, warnings = schema_of(protocol, {"allOf": [by_id, by_name], "required": ["more"], "properties": {"more": {}}})
    assert made["required"] == ["more", "id", "all", "name"]
    assert warnings == ()
    made, _ = schema_of(protocol, {"oneOf": [by_id, {}], "not": {}})
    assert "required" not in made
    assert "not" not in made


@EVERY
def test_what_is_no_object(protocol: str) -> None:
    """A tool whose arguments are none is refused by name and origin before anything is sent; or left out, with a warning."""
    with pytest.raises(UnsupportedParameterError, match=r"the tool look of the MCP server eyes \(its arguments are no object\)") as caught:
        fitted(protocol, tool(STRICT, "good"), tool({"type": "array"}))
    assert caught.value.path == "tools[1]"
    kept, warnings = fitted(protocol, tool(STRICT, "good"), tool({"type": "array"}), on_unsupported="warn")
    assert [each.name for each in kept] == ["good"]
    assert any("the MCP server eyes" in warning for warning in warnings)
    assert schema_of(protocol, {"type": ["object", "null"]})[0]["type"] == "object"


def test_choices_of_what_was_left_out() -> None:
    """Nobody is forced to call a tool that is not there."""
    request: dict[str, Any] = {"tool_choice": "function", "tool_name": "look", "on_unsupported": "warn"}
    kept, _ = fitted("openai_chat", tool({"type": "array"}), **request)
    assert kept == ()
    kept, _ = fitted("openai_chat", tool(STRICT, "good"), tool({"type": "array"}), **request)
    assert [each.name for each in kept] == ["good"]


@pytest.mark.parametrize(
    "protocol, name", [("openai_chat", "look at"), ("anthropic_messages", "a.b"), ("gemini_generate", "3d"), ("openai_responses", "x" * 65)]
)
def test_names_that_a_provider_refuses(protocol: str, name: str) -> None:
    """They are told before anything is sent."""
    with pytest.raises(UnsupportedParameterError, match="the MCP server eyes"):
        fitted(protocol, tool(STRICT, name))


def test_what_is_no_json() -> None:
    """It cannot be sent to anyone."""
    with pytest.raises(UnsupportedParameterError, match="is no JSON"):
        fitted("openai_chat", tool({"properties": {"a": {"default": object()}}}))


# --- single providers --------------------------------------------------------------------------------


def test_lists_for_openai() -> None:
    """It wants to know what a list holds."""
    lists = {"properties": {"a": {"type": "array"}, "b": {"type": ["array", "null"]}, "c": {"type": "array", "items": {"enum": ["array"]}}}}
    made, warnings = schema_of("openai_chat", lists)
    assert made["properties"]["a"] == {"type": "array", "items": {}}
    assert made["properties"]["b"]["items"] == {}
    assert made["properties"]["c"] == lists["properties"]["c"]
    assert warnings == ()


def test_keys_for_anthropic() -> None:
    """It restricts what arguments are called, and nobody can call them otherwise."""
    with pytest.raises(UnsupportedParameterError, match=r"an argument called '\$filter'"):
        fitted("anthropic_messages", tool({"properties": {"$filter": {}}}))
    assert schema_of("openai_chat", {"properties": {"$filter": {}}})[0]["properties"] == {"$filter": {}}


def test_keywords_for_gemini() -> None:
    """What it does not understand is told in words; it requires only what is described, and offers nothing empty."""
    made, warnings = schema_of(
        "gemini_generate",
        {
            "properties": {
                "a": {"type": "string", "pattern": "^a"},
                "b": {"enum": ["", "x"]},
                "c": {"enum": [""]},
                "d": {"anyOf": [{"const": 1}]},
            },
            "required": ["a", "gone"],
        },
    )
    assert made["properties"] == {
        "a": {"type": "string", "description": "{pattern: ^a}"},
        "b": {"enum": ["x"]},
        "c": {"enum": [""]},
        "d": {"anyOf": [{"enum": [1]}]},
    }
    assert made["required"] == ["a"]
    assert warnings[0].endswith("says less: a: pattern is told in words only")


def test_many_losses_are_told_shortly() -> None:
    """The first ones are named, the others counted."""
    properties = {name: {"type": "string", "pattern": "^a"} for name in "abcde"}
    _, warnings = schema_of("gemini_generate", {"properties": properties})
    assert warnings[0].endswith("c: pattern is told in words only and 2 more")


@pytest.mark.parametrize("protocol", ["openai_chat", "openai_responses", "anthropic_messages"])
def test_strictness(protocol: str) -> None:
    """It is asked for where the schema allows it, and given up with a warning where not."""
    (made,), warnings = fitted(protocol, tool(STRICT, strict=True))
    assert (made.strict, warnings) == (True, ())
    several: list[dict[str, Any]] = [{"properties": {"a": {}}}, {"properties": {"a": {"type": "string"}}}]
    for loose in several:
        (made,), warnings = fitted(protocol, tool(loose, strict=True))
        assert made.strict is None
        assert "is not strict, for its schema cannot be" in warnings[-1]


@EVERY
def test_hosted_tools_have_no_schema(protocol: str) -> None:
    """An origin means nothing there."""
    hosted = Tool(type="web_search", origin="the MCP server eyes")
    kept, _ = fitted(protocol, hosted, on_unsupported="drop")
    assert all(each is hosted for each in kept)


@EVERY
@given(SCHEMAS)
def test_whatever_a_server_writes(protocol: str, anything: Any) -> None:
    """It is an object for the provider, shallow enough for its parser, or it is refused."""
    try:
        made, _ = schema_of(protocol, anything)
    except UnsupportedParameterError:
        return
    assert made["type"] == "object"
    assert isinstance(made["properties"], dict)
    assert json.dumps(made)
