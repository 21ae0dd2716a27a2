"""Conversations that no single capability stands for: roles, turns, tool results, odd texts, and the ways in which answers end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from llmring.schemas import ReasoningPart
from tests.scenarios.abilities import ASKED, CITY, WEATHER
from tests.scenarios.scenario import Talk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Protocol

CALLED: Final = {"role": "assistant", "tool_calls": [{"id": "call_1", "name": "weather", "arguments": {"city": "Paris"}}]}
CALLED_TWICE: Final = {
    "role": "assistant",
    "content": "I will look.",
    "tool_calls": [*CALLED["tool_calls"], {"id": "call_2", "name": "weather", "arguments": {"city": "Rome"}}],
}
RESULT: Final = {"role": "tool", "tool_call_id": "call_1", "content": "Sunny, 21 degrees"}
SECOND: Final = {"role": "tool", "tool_call_id": "call_2", "content": '{"sky": "grey", "degrees": 12}'}
ODD: Final = 'Say "naïve café", 日本語, 🐈‍⬛, \\ and a line separator (\u2028) again.\n\ttabbed: yes'
NESTED: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "stops": {"type": "array", "items": {"$ref": "#/$defs/stop"}},
        "kind": {"type": "string", "enum": ["rail", "road"]},
    },
    "required": ["name", "stops", "kind"],
    "additionalProperties": False,
    "$defs": {"stop": {"type": "object", "properties": CITY["properties"], "required": ["city"], "additionalProperties": False}},
}
SIGNATURE: Final = "b3BhcXVlIHRvIGFsbCBidXQgdGhlIHByb3ZpZGVy"

TALKS: Final[Mapping[str, Talk]] = {
    "answer": Talk(),
    "system": Talk(messages=[{"role": "system", "content": "Answer like a pirate."}, {"role": "user", "content": "Hello"}]),
    "developer": Talk(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": "Never mention the weather."},
            {"role": "user", "content": "How was your day?"},
        ]
    ),
    "history": Talk(
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "I am Ada."},
            {"role": "assistant", "content": "Hello, Ada."},
            {"role": "user", "content": "Who am I?"},
        ],
        stream=True,
    ),
    "odd_text": Talk(messages=ODD, simulate="say=na%C3%AFve %E2%80%A8 %F0%9F%90%88 \\ %22quoted%22%0A%0Adata: x", stream=True),
    "long_answer": Talk(messages="Tell me a long story.", simulate="words=120", stream=True, whole=False),
    "empty_answer": Talk(simulate="say=", stream=True, simulated=True),
    "length": Talk(messages="Tell me a long story.", options={"max_tokens": 20}, stream=True),
    "refusal": Talk(simulate="finish=refusal", stream=True, simulated=True),
    "content_filter": Talk(simulate="finish=content_filter", stream=True, simulated=True),
    "tool_result": Talk(
        messages=[{"role": "user", "content": ASKED}, CALLED, RESULT], options={"tools": [WEATHER]}, stream=True, shows=("tools",)
    ),
    "tool_results": Talk(
        messages=[{"role": "user", "content": "What is the weather in Paris and in Rome?"}, CALLED_TWICE, RESULT, SECOND],
        options={"tools": [WEATHER]},
        shows=("tools",),
    ),
    "several_calls": Talk(
        messages="What is the weather in Paris, Rome and Oslo?",
        options={"tools": [WEATHER]},
        simulate="calls=3",
        stream=True,
        shows=("tools",),
    ),
    "call_without_arguments": Talk(
        messages="What time is it?",
        options={"tools": [{"type": "function", "function": {"name": "now", "description": "Tell the time."}}]},
        stream=True,
        shows=("tools",),
    ),
    "chosen_tool": Talk(
        messages=ASKED,
        options={"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "weather"}}},
        stream=True,
        shows=("tools", "tool_choice"),
    ),
    "no_tool": Talk(messages=ASKED, options={"tools": [WEATHER], "tool_choice": "none"}, shows=("tools", "tool_choice")),
    "one_tool_at_a_time": Talk(
        messages=ASKED, options={"tools": [WEATHER], "parallel_tool_calls": False}, shows=("tools", "parallel_tools")
    ),
    "nested_form": Talk(
        messages="Describe the line from Paris to Rome.",
        options={"response_format": {"type": "json_schema", "json_schema": {"name": "line", "schema": NESTED}}},
        shows=("structured",),
    ),
    "reasoning_budget": Talk(options={"reasoning": 2048, "max_tokens": 4000}, model="budget", shows=("reasoning",)),
    "reasoned_call": Talk(
        messages=ASKED,
        options={"tools": [WEATHER], "reasoning": "low", "max_tokens": 3000},
        model="reasoning",
        stream=True,
        shows=("tools", "reasoning"),
    ),
    "no_reasoning": Talk(options={"reasoning": "none"}, model="stopping", shows=("reasoning",)),
}

_THOUGHTS: Final[Mapping[Protocol, ReasoningPart]] = {
    "anthropic_messages": ReasoningPart(text="Let me look.", signature=SIGNATURE, protocol="anthropic_messages"),
    "openai_responses": ReasoningPart(text="Let me look.", id="rs_1", data=SIGNATURE, protocol="openai_responses"),
    "ollama_chat": ReasoningPart(text="Let me look."),
}

OWN: Final[Mapping[Protocol, Mapping[str, Talk]]] = {
    protocol: {
        "reasoning_kept": Talk(
            messages=[{"role": "user", "content": ASKED}, {**CALLED, "content": [thought]}, RESULT],
            options={"tools": [WEATHER]},
            model="reasoning",
            simulated=True,
            shows=("tools", "reasoning"),
        )
    }
    for protocol, thought in _THOUGHTS.items()
}
"""What only one protocol has words for."""
