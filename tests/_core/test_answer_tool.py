"""Answers asked for as the arguments of a tool, where a model has tools but no schemas."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.fit import Fitted, Target, fit
from llmring._core.reasoning import Thinking
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import Message
from llmring._gen.tool import Tool

HI = Message(role="user", content="Hi")
TEXT = {"type": "string"}
PLACE = {"type": "object", "properties": {"city": TEXT}, "required": ["city"]}
NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "name": TEXT}, "required": ["name"]}
RECURSIVE = {"$ref": "#/$defs/node", "$defs": {"node": NODE}}
ABLE = {"tools": "native", "tool_choice": "native", "structured": "emulated", "json_mode": "native", "reasoning": "native"}
CALLED = {"response_format": None, "tool_choice": "function"}


def target(protocol: str = "openai_chat", **more: Any) -> Target:
    """Make a model that calls tools, and cannot be held to a schema."""
    able: Any = {**ABLE, **more.pop("able", {})}
    return Target(name="p:m", protocol=protocol, capabilities=able, max_output=5, **more)


def asked(schema: dict[str, Any] | None = None, **more: Any) -> NormalRequest:
    """Ask for an answer that fits *schema*."""
    wanted = ResponseFormat(kind="json_schema", name=more.pop("name", "place"), schema=PLACE if schema is None else schema)
    given: dict[str, Any] = {"messages": (HI,), "response_format": wanted, **more}
    return NormalRequest(**given)


def way(fitted: Fitted) -> str:
    """Say how the form is asked for."""
    request = fitted.request
    if fitted.by_call:
        assert request.tool_name == request.tools[0].name
        assert (request.response_format, request.tool_choice, len(request.tools)) == (None, "function", 1)
        assert request.messages == (HI,)
        return "call"
    assert "JSON Schema" in str(request.messages[0].content)
    return "words" if request.response_format is None else request.response_format.kind


def test_the_arguments_are_the_answer() -> None:
    """The one tool there is takes what was asked for, and must be called."""
    fitted = fit(asked(), target())
    assert way(fitted) == "call"
    assert fitted.request.tools == (Tool(name="place", description="Give the answer.", parameters=PLACE),)
    assert fitted.warnings == ()
    assert fit(fitted.request, target()).request == fitted.request


@pytest.mark.parametrize(
    "schema, parameters",
    [
        ({"properties": {"a": TEXT}}, {"properties": {"a": TEXT}, "type": "object"}),
        ({"type": "array", "items": TEXT}, {"type": "object", "properties": {"value": {"type": "array", "items": TEXT}}}),
        (RECURSIVE, {**NODE, "$defs": {"node": NODE}}),
    ],
)
def test_arguments_are_an_object(schema: dict[str, Any], parameters: dict[str, Any]) -> None:
    """What is none is put into one; a reference is looked up."""
    fitted = fit(asked(schema), target())
    assert way(fitted) == "call"
    told = fitted.request.tools[0].parameters
    assert told is not None
    assert {key: told[key] for key in parameters} == parameters


@pytest.mark.parametrize("schema", [{}, {"enum": [1, 2]}, {"type": "object", "anyOf": [PLACE, NODE]}])
def test_some_shapes_are_no_arguments(schema: dict[str, Any]) -> None:
    """They are put into words."""
    assert way(fit(asked(schema), target(able={"json_mode": "emulated"}))) == "words"


def test_any_object_is_no_form_of_arguments() -> None:
    """JSON mode asks for it where there is one, words do elsewhere."""
    wanted = NormalRequest(messages=(HI,), response_format=ResponseFormat(kind="json_object"))
    assert fit(wanted, target()).request is wanted
    told = fit(wanted, target(able={"json_mode": "emulated"}))
    assert not told.by_call
    assert "one JSON object only" in str(told.request.messages[0].content)


def test_names_that_tools_cannot_have() -> None:
    """They become ones that they can."""
    assert fit(asked(name="a place!" + "x" * 80), target()).request.tool_name == "a_place_" + "x" * 56


def test_what_is_said_of_the_form_is_said_of_the_tool() -> None:
    """A description goes along."""
    wanted = ResponseFormat(kind="json_schema", schema=PLACE, description="Where it is.")
    assert fit(NormalRequest(messages=(HI,), response_format=wanted), target()).request.tools[0].description == "Where it is."


@pytest.mark.parametrize(
    "limits, request_",
    [
        (target(able={"tools": "emulated"}), asked()),
        (target(able={"tool_choice": "unsupported"}), asked()),
        (target(forced_tools=False), asked()),
        (target(), asked(tools=(Tool(name="mine", parameters=PLACE),))),
        (target(thinking=Thinking(efforts=("low",))), asked(options={"reasoning": "low"})),
        (target(), asked(extra={"thinking": {"type": "enabled"}})),
        (target(quirks={"reasoning_style": "thinking"}), asked()),
    ],
)
def test_words_where_no_call_is_sure(limits: Target, request_: NormalRequest) -> None:
    """Where nothing can be forced, something else may be called, or the model thinks; JSON mode helps where there is one."""
    assert way(fit(request_, limits)) == ("words" if request_.tools else "json_object")


@pytest.mark.parametrize(
    "limits, request_",
    [
        (target(quirks={"reasoning_style": "thinking"}), asked(options={"reasoning": "none"})),
        (target(quirks={"reasoning_style": "thinking"}, able={"reasoning": "unsupported"}), asked()),
        (target(thinking=Thinking(efforts=("low",))), asked()),
    ],
)
def test_calls_where_it_does_not_think(limits: Target, request_: NormalRequest) -> None:
    """Models that think until told not to are told, or are known not to."""
    assert way(fit(request_, limits)) == "call"


def test_what_a_dialect_cannot_say_a_tool_can() -> None:
    """A schema that holds itself is too much for Anthropic's schemas, not for its tools."""
    limits = target("anthropic_messages", able={"structured": "native"})
    fitted = fit(asked(RECURSIVE), limits)
    assert way(fitted) == "call"
    assert "response_format is asked for as a tool's arguments, for " in fitted.warnings[0]
    thinking = fit(asked(RECURSIVE, options={"reasoning": 2000, "max_tokens": 4000}), limits)
    assert way(thinking) == "words"
    assert "response_format is asked for in words, for " in thinking.warnings[0]


@pytest.mark.parametrize(
    "reasoning, thinking, forced", [(None, True, False), ("none", True, True), (None, False, True), ("high", False, False)]
)
def test_choices_of_models_that_think_until_told_not_to(reasoning: str | None, thinking: bool, forced: bool) -> None:  # noqa: FBT001
    """They take a forced choice only while they do not think."""
    limits = target(quirks={"reasoning_style": "thinking"}, thinking=Thinking(efforts=("high",), toggle=True) if thinking else None)
    options = {} if reasoning is None else {"reasoning": reasoning}
    request = NormalRequest(messages=(HI,), tools=(Tool(name="f"),), tool_choice="required", options=options)
    fitted = fit(request, limits, "warn")
    assert fitted.request.tool_choice == ("required" if forced else None)
