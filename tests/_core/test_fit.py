"""Requests fitted to what a model can take: refused, adapted or dropped, and the same again when fitted again."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.fit import Fitted, OnUnsupported, Target, fit
from llmring._core.fitting import NEEDS
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import (
    AudioPart,
    DocumentPart,
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from llmring._gen.parameters import EXTRA, KNOWN
from llmring._gen.tool import Tool
from llmring.exceptions import UnsupportedParameterError
from tests.models import model

HI = Message(role="user", content="Hi")
OWN = Tool(name="f")
HOSTED = Tool(type="web_search")
SCHEMA = {"type": "object"}


def request(**more: Any) -> NormalRequest:
    """Make a request."""
    given: dict[str, Any] = {"messages": (HI,), **more}
    return NormalRequest(**given)


def target(protocol: str = "openai_chat", most: int | None = None, **capabilities: Any) -> Target:
    """Make a model."""
    able: Any = capabilities
    return Target(name="p:m", protocol=protocol, capabilities=able, max_output=most)


def model_with(ability: str, support: Any) -> Target:
    """Make a model of which one ability is known."""
    able: Any = {ability: support}
    return Target(name="p:m", protocol="openai_chat", capabilities=able)


def test_what_fits_stays_as_it_is() -> None:
    """The very same request."""
    asked = request(options={"temperature": 1, "stop": ["x"]}, tools=(OWN,), tool_choice="required", extra={"mine": 1, "verbosity": "low"})
    assert fit(asked, target(stop=4, temperature="native")).request is asked


REFUSED: list[tuple[dict[str, Any], Target, str, str, dict[str, Any]]] = [
    ({"options": {"cache": True}}, target("ollama_chat"), "cache", "cache", {"options": {}}),
    ({"options": {"temperature": 0, "seed": 1}}, target(temperature="unsupported"), "temperature", "temperature", {"options": {"seed": 1}}),
    ({"options": {"presence_penalty": 1}}, target(penalties="unsupported"), "presence_penalty", "presence_penalty", {"options": {}}),
    ({"options": {"stop": list("abc")}}, target(stop=2), "stop", "stop", {"options": {}}),
    ({"options": {"n": 9}}, target(n=8), "n", "n", {"options": {}}),
    ({"extra": {"safety_settings": [], "mine": 1}}, target(), "safety_settings", "extra_params.safety_settings", {"extra": {"mine": 1}}),
    (
        {"tools": (OWN,), "tool_choice": "function", "tool_name": "f", "options": {"parallel_tool_calls": True}},
        target(tools="unsupported"),
        "tools",
        "tools",
        {"tools": (), "tool_choice": None, "tool_name": None, "options": {}},
    ),
    (
        {"tools": (OWN, HOSTED), "tool_choice": "required"},
        target(hosted_tools="unsupported"),
        "the tool web_search",
        "tools[1]",
        {"tools": (OWN,)},
    ),
    (
        {"tools": (HOSTED,), "tool_choice": "required"},
        target(hosted_tools="unsupported"),
        "the tool web_search",
        "tools[0]",
        {"tools": (), "tool_choice": None},
    ),
    (
        {"tools": (OWN,), "tool_choice": "function", "tool_name": "f"},
        target(tool_choice="unsupported"),
        "tool_choice",
        "tool_choice",
        {"tool_choice": None, "tool_name": None},
    ),
]


@pytest.mark.parametrize("asked, limits, name, path, left", REFUSED)
def test_what_does_not_fit(asked: dict[str, Any], limits: Target, name: str, path: str, left: dict[str, Any]) -> None:
    """Is refused with its name and path, or left out with or without a word."""
    with pytest.raises(UnsupportedParameterError, match="p:m does not take") as caught:
        fit(request(**asked), limits)
    assert (caught.value.parameter, caught.value.model, caught.value.path) == (name, "p:m", path)
    assert name in caught.value.message
    warned, dropped = fit(request(**asked), limits, "warn"), fit(request(**asked), limits, "drop")
    assert warned.request == dropped.request == request(**{**asked, **left})
    assert len(warned.warnings) == 1
    assert name in warned.warnings[0]
    assert dropped.warnings == ()


def test_says_how_many_would_do() -> None:
    """Where only the number is too great."""
    with pytest.raises(UnsupportedParameterError, match="p:m does not take more than 2 of stop; leave it out"):
        fit(request(options={"stop": ["a", "b", "c"]}), target(stop=2))


@pytest.mark.parametrize("stop", ["abc", ["a", "b"]])
def test_one_text_counts_once(stop: Any) -> None:
    """However long it is."""
    assert fit(request(options={"stop": stop}), target(stop=2)).warnings == ()


def test_choosing_freely_needs_no_ability() -> None:
    """``auto`` is what happens anyway."""
    asked = request(tools=(OWN,), tool_choice="auto")
    assert fit(asked, target(tool_choice="unsupported", hosted_tools="unsupported")).request is asked


CONTENT: list[tuple[Part, str]] = [
    (ImagePart(url="u"), "vision"),
    (AudioPart(data=b"x"), "audio_input"),
    (VideoPart(url="u"), "video_input"),
    (FilePart(file_id="f"), "files"),
    (DocumentPart(url="u"), "pdf"),
    (DocumentPart(text="words"), "text_document"),
]


@pytest.mark.parametrize("part, ability", CONTENT)
@pytest.mark.parametrize("on_unsupported", ["error", "warn", "drop"])
def test_content_is_never_dropped(part: Part, ability: str, on_unsupported: OnUnsupported) -> None:
    """It is refused by its path, also inside a tool's result."""
    plain = Message(role="user", content=[TextPart(text="See:"), part])
    inside = Message(role="user", content=[ToolResultPart(tool_call_id="1", content="x"), ToolResultPart(tool_call_id="2", content=[part])])
    for turn, path in ((plain, "messages[1].content[1]"), (inside, "messages[1].content[1].content[0]")):
        asked = request(messages=(HI, turn))
        assert fit(asked, target("gemini_generate"), on_unsupported).request is asked
        with pytest.raises(UnsupportedParameterError, match=rf"p:m does not take {part.type} content \(messages\[1\]") as caught:
            fit(asked, model_with(ability, "unsupported"), on_unsupported)
        assert (caught.value.path, caught.value.parameter) == (path, part.type)


def test_other_parts_need_nothing() -> None:
    """Thoughts, say, of a model before."""
    asked = request(messages=(Message(role="assistant", content=[ReasoningPart(text="hm")]), Message(role="assistant")))
    assert fit(asked, target()).request is asked


@pytest.mark.parametrize("most, sent, warned", [(8192, 8192, False), (None, 4096, True)])
def test_anthropic_is_given_a_limit(most: int | None, sent: int, warned: bool) -> None:  # noqa: FBT001
    """The model's own, or one that suits all of them."""
    fitted = fit(request(), target("anthropic_messages", most=most))
    assert fitted.request.options == {"max_tokens": sent}
    assert bool(fitted.warnings) is warned
    own = request(options={"max_tokens": 5})
    assert fit(own, target("anthropic_messages")) == Fitted(own)


@pytest.mark.parametrize(
    "wanted, ability, words",
    [
        (ResponseFormat(kind="json_object"), "json_mode", "Answer with one JSON object only"),
        (ResponseFormat(kind="json_schema", schema=SCHEMA), "structured", '{"type": "object"}'),
    ],
)
def test_a_form_is_put_into_words(wanted: ResponseFormat, ability: str, words: str) -> None:
    """Where the model cannot be held to it."""
    asked = request(response_format=wanted)
    assert fit(asked, model_with(ability, "native")).request is asked
    assert fit(asked, target()).request is asked
    fitted = fit(asked, model_with(ability, "emulated")).request
    assert fitted.response_format is None
    assert words in str(fitted.messages[0].content)
    assert (fitted.messages[0].role, fitted.messages[1:]) == ("system", (HI,))
    with pytest.raises(UnsupportedParameterError, match="does not take response_format"):
        fit(asked, model_with(ability, "unsupported"))
    assert fit(asked, model_with(ability, "unsupported"), "warn").request == request()


def test_the_dialect_goes_along() -> None:
    """Encoding looks at nothing but the request."""
    limits = Target(name="p:m", protocol="openai_chat", capabilities={}, quirks={"max_tokens_field": "max_tokens"})
    assert fit(request(), limits).request.quirks == {"max_tokens_field": "max_tokens"}


abilities = sorted({*NEEDS.values(), "tools", "tool_choice", "hosted_tools", "structured", "json_mode"})
OPTIONS = sorted({name for known in KNOWN.values() for name in known} - {"tools"})
KEYS = sorted({key for known in EXTRA.values() for key in known})
caches = (
    st.booleans()
    | st.sampled_from(["5m", "2h", "3d"])
    | st.fixed_dictionaries({}, optional=dict.fromkeys(("ttl", "key", "name"), st.just("9h")))
)
values = {
    "stop": st.lists(st.text(max_size=2), max_size=4) | st.text(max_size=3),
    "n": st.integers(1, 9),
    "cache": caches,
    "metadata": st.just({"a": "b"}),
}
requests = st.builds(
    NormalRequest,
    messages=st.lists(model(Message), min_size=1, max_size=2).map(tuple),
    options=st.fixed_dictionaries({}, optional={name: values.get(name, st.just(1)) for name in OPTIONS}),
    tools=st.lists(st.sampled_from([OWN, HOSTED]), max_size=2).map(tuple),
    tool_choice=st.sampled_from([None, "auto", "none", "required"]),
    response_format=st.sampled_from([None, ResponseFormat(kind="json_object"), ResponseFormat(kind="json_schema", schema=SCHEMA)]),
    extra=st.dictionaries(st.sampled_from(["mine", *KEYS]), st.just(1), max_size=3),
)
targets = st.builds(
    Target,
    name=st.just("p:m"),
    protocol=st.sampled_from(sorted(KNOWN)),
    capabilities=st.dictionaries(st.sampled_from(abilities), st.sampled_from(["native", "emulated", "unsupported", 2]), max_size=6),
    max_output=st.none() | st.just(100),
    quirks=st.dictionaries(st.just("q"), st.booleans()),
)


@given(requests, targets, st.sampled_from(get_args(OnUnsupported)))
def test_fitting_twice_changes_nothing(asked: NormalRequest, limits: Target, on_unsupported: OnUnsupported) -> None:
    """What fits is left as it is, whatever was done before to make it so."""
    try:
        once = fit(asked, limits, on_unsupported).request
    except UnsupportedParameterError:
        return
    again = fit(once, limits, "error")
    assert again.request is once
    assert again.warnings == ()
