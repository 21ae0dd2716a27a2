"""Prompts that surely do not fit, and those that a server cut; wishes that a model cannot heed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from llmring._core.fit import Target, fit
from llmring._core.recovery import falls_back
from llmring._core.request import NormalRequest
from llmring._core.window import Prompt, check, cut, size_of
from llmring._gen.message import DocumentPart, Message, TextPart, ToolResultPart
from llmring._gen.tool import Tool
from llmring._gen.usage import Usage
from llmring.exceptions import ContextWindowExceededError, UnsupportedParameterError


def model(**more: Any) -> Target:
    """Make a model."""
    given: dict[str, Any] = {"name": "p:m", "protocol": "openai_chat", "capabilities": {}, **more}
    return Target(**given)


def request(**more: Any) -> NormalRequest:
    """Make a request."""
    given: dict[str, Any] = {"messages": (PLAIN,), **more}
    return NormalRequest(**given)


@pytest.mark.parametrize(
    "content",
    ["x" * 801, [TextPart(text="x" * 801)], [ToolResultPart(tool_call_id="1", content="x" * 801)]],
    ids=["text", "part", "result"],
)
def test_what_cannot_fit_is_not_sent(content: Any) -> None:
    """It is an error that the next model may survive, and says how much there is."""
    asked = NormalRequest(messages=(Message(role="user", content=content),))
    with pytest.raises(ContextWindowExceededError, match="p:m takes 100 tokens, and the prompt has 801 characters") as caught:
        fit(asked, model(window=100))
    assert (caught.value.model, caught.value.status_code) == ("p:m", None)
    assert falls_back(caught.value)
    assert fit(asked, model(window=101)).request is asked
    assert fit(asked, model()).request is asked


def test_no_false_alarm() -> None:
    """Twice the usual length of a token is taken for possible."""
    check(800, "p:m", 100)
    check(10**9, "p:m", None)


@pytest.mark.parametrize(
    "extra, size",
    [({"num_ctx": 9}, 9), ({"options": {"num_ctx": 9}}, 9), ({"options": {}}, None), ({}, None), ({"num_ctx": "9", "options": 1}, None)],
)
def test_size_of(extra: dict[str, Any], size: int | None) -> None:
    """The window that is asked for, flat or among the options."""
    assert size_of(NormalRequest(messages=(), extra=extra)) == size


@pytest.mark.parametrize(
    "characters, given, size, words",
    [
        (4000, 512, 512, "did not fit num_ctx"),
        (4000, 400, 512, "about 1000 tokens did not fit num_ctx"),
        (1000, 400, 512, None),
        (80_000, 4096, None, "of a prompt of about 20000 tokens the server read 4096"),
        (8_000, 2000, None, None),
        (8_000, 0, None, None),
    ],
)
def test_notices_a_cut(characters: int, given: int, size: int | None, words: str | None) -> None:
    """By what the server counted."""
    told = cut(Prompt(characters, size), Usage(input_tokens=given))
    assert (told is None) is (words is None)
    assert (words or "") in (told or "")
    assert cut(Prompt(characters, size), None) is None
    assert cut(None, Usage(input_tokens=given)) is None


def test_looks_where_it_may_be_cut() -> None:
    """Ollama cuts, the others refuse."""
    asked = request(extra={"num_ctx": 2048})
    assert fit(asked, model(protocol="ollama_chat")).prompt == Prompt(2, 2048)
    assert fit(request(), model()).prompt is None


STRICT = Tool(name="f", strict=True)
DOCUMENT = DocumentPart(text="Grass is green.", citations=True)
PLAIN = Message(role="user", content="Hi")


@pytest.mark.parametrize(
    "ability, more, left, path",
    [
        ("strict_tools", {"tools": (Tool(name="g"), STRICT)}, {"tools": (Tool(name="g"), Tool(name="f"))}, "tools[1].strict"),
        (
            "citations",
            {"messages": (PLAIN, Message(role="user", content=[TextPart(text="?"), DOCUMENT]))},
            {"messages": (PLAIN, Message(role="user", content=[TextPart(text="?"), DocumentPart(text="Grass is green.")]))},
            "messages[1].content[1]",
        ),
    ],
)
def test_wishes(ability: str, more: dict[str, Any], left: dict[str, Any], path: str) -> None:
    """They are refused by their place, or left out."""
    asked = request(**more)
    limits = model(capabilities={ability: "unsupported"})
    with pytest.raises(UnsupportedParameterError) as caught:
        fit(asked, limits)
    assert caught.value.path == path
    fitted = fit(asked, limits, "warn")
    assert fitted.request == request(**left)
    assert len(fitted.warnings) == 1
    assert fit(fitted.request, limits).request is fitted.request
    assert fit(asked, model()).request is asked


LATER = Tool(name="f", config={"defer_loading": True, "mine": 1})


@pytest.mark.parametrize(
    "protocol, left", [("openai_chat", {"mine": 1}), ("anthropic_messages", LATER.config), ("openai_responses", LATER.config)]
)
def test_settings_of_functions(protocol: str, left: dict[str, Any]) -> None:
    """What only others know is refused by its place, or left out; what nobody knows goes out as it is."""
    asked = request(tools=(Tool(name="g"), LATER, Tool(type="web_search", config={"defer_loading": True})), options={"max_tokens": 5})
    fitted = fit(asked, model(protocol=protocol), "warn")
    assert [tool.config for tool in fitted.request.tools] == [{}, left, {"defer_loading": True}]
    if left == LATER.config:
        assert fit(asked, model(protocol=protocol)).request is asked
        return
    assert fitted.warnings == ("p:m does not take defer_loading of a function; it was left out",)
    with pytest.raises(UnsupportedParameterError) as caught:
        fit(asked, model(protocol=protocol))
    assert caught.value.path == "tools[1].defer_loading"


@pytest.mark.parametrize("protocol", ["openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat"])
def test_settings_reach_the_wire(protocol: str) -> None:
    """Beside name and schema, in every format."""
    told = import_module(f"llmring.protocols.{protocol}").encode(request(tools=(Tool(name="f", config={"mine": 1}),)), "m").body
    tool = told["tools"][0]
    assert (tool.get("function") or (tool.get("functionDeclarations") or [tool])[0])["mine"] == 1
