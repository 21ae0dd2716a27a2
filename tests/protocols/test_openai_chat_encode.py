"""Requests become chat completions bodies, by each provider's dialect."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from llmring._core.http import HttpReply
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import (
    AudioPart,
    DocumentPart,
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolResultPart,
    VideoPart,
)
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols import openai_chat

PNG = b"\x89PNG\r\n\x1a\n"
HI = Message(role="user", content="Hi")


def body(*messages: Message, **told: Any) -> dict[str, Any]:
    """Encode *messages*, by default a greeting."""
    call = openai_chat.encode(NormalRequest(messages=messages or (HI,), **told), "m")
    assert (call.method, call.path) == ("POST", "/chat/completions")
    assert isinstance(call.body, dict)
    json.dumps(call.body)
    return call.body


def turns(*messages: Message, **quirks: Any) -> list[dict[str, Any]]:
    """Give the encoded messages."""
    return body(*messages, quirks=quirks)["messages"]


def user(*parts: Part) -> list[dict[str, Any]]:
    """Give the encoded parts of a user's message."""
    return turns(Message(role="user", content=list(parts)))[0]["content"]


def answer(**message: Any) -> Message:
    """Give the turn of a decoded answer."""
    raw = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    turn = openai_chat.decode(HttpReply(200, {}, raw)).message
    assert turn is not None
    return turn


# --- conversations -------------------------------------------------------------------------------


def test_plain_turns_are_plain() -> None:
    """Role and text, and a name where there is one."""
    assert turns(Message(role="system", content="Be kind"), Message(role="user", content="Hi", name="Ann"), Message(role="user")) == [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "Hi", "name": "Ann"},
        {"role": "user", "content": ""},
    ]


@pytest.mark.parametrize("quirks,role", [({}, "developer"), ({"developer_role": "system"}, "system")])
def test_developers_speak_under_the_providers_role(quirks: dict[str, Any], role: str) -> None:
    """Most compatible servers know no developer."""
    assert turns(Message(role="developer", content="Be kind"), **quirks)[0]["role"] == role


def test_tool_calls_and_results() -> None:
    """Arguments go as text, results by the id of the call."""
    calls = [
        ToolCall(id="a", name="f", arguments={"x": 1}),
        ToolCall(id="b", name="g", arguments=""),
        ToolCall(id="c", name="sql", arguments="select 1", kind="custom"),
    ]
    assert turns(
        Message(role="assistant", tool_calls=calls, name="bot"),
        Message(role="tool", tool_call_id="a", content="1", name="f"),
        Message(role="tool", tool_call_id="b", content=[TextPart(text="2")]),
        Message(role="tool", tool_call_id="c"),
    ) == [
        {
            "role": "assistant",
            "content": None,
            "name": "bot",
            "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
                {"id": "c", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "2"}]},
        {"role": "tool", "tool_call_id": "c", "content": ""},
    ]


def test_results_inside_a_message_become_turns_of_their_own() -> None:
    """As Anthropic's users write them; what else is said follows as the user's."""
    results: list[Part] = [ToolResultPart(tool_call_id="a", content="1"), ToolResultPart(tool_call_id="b", content="2")]
    wanted = [{"role": "tool", "tool_call_id": "a", "content": "1"}, {"role": "tool", "tool_call_id": "b", "content": "2"}]
    assert turns(Message(role="user", content=results)) == wanted
    for role in ("user", "tool"):
        said = turns(Message(role=role, content=[*results, TextPart(text="And?")]))
        assert said == [*wanted, {"role": "user", "content": [{"type": "text", "text": "And?"}]}]


def test_a_result_without_its_call_is_refused() -> None:
    """The error names the place."""
    with pytest.raises(InvalidMessageError) as caught:
        turns(HI, Message(role="tool", content="1"))
    assert caught.value.path == "messages[1].tool_call_id"


def test_a_result_takes_text_alone() -> None:
    """An image in it has no place."""
    with pytest.raises(UnsupportedParameterError) as caught:
        turns(Message(role="tool", tool_call_id="a", content=[ImagePart(url="u")]))
    assert (caught.value.path, caught.value.parameter, caught.value.model) == ("messages[0].content[0]", "image", "m")


# --- the assistant's turns -----------------------------------------------------------------------


def test_an_assistants_parts_are_put_at_their_places() -> None:
    """Text stays text, refusals and sound stand beside it, another provider's blocks are left out."""
    assert turns(Message(role="assistant", content=[TextPart(text="A")]))[0]["content"] == "A"
    assert turns(
        Message(
            role="assistant",
            content=[
                TextPart(text="A"),
                TextPart(text="B"),
                RefusalPart(refusal="no"),
                AudioPart(file_id="s"),
                OpaquePart(protocol="anthropic_messages", data={"type": "x"}),
                OpaquePart(protocol="openai_chat", data={"type": "y"}),
            ],
        )
    ) == [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}, {"type": "y"}],
            "refusal": "no",
            "audio": {"id": "s"},
        }
    ]


def test_an_assistant_shows_no_image() -> None:
    """There is no place for one."""
    with pytest.raises(UnsupportedParameterError, match="image"):
        turns(Message(role="assistant", content=[ImagePart(url="u")]))


@pytest.mark.parametrize(
    "message",
    [
        {"content": "4", "reasoning": "2+2"},
        {"content": "4", "reasoning_content": "2+2"},
        {"content": None, "reasoning": "2+2", "reasoning_details": [{"type": "reasoning.text", "text": "2+2", "signature": "s"}]},
        {"content": "4", "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]},
        {"content": "4", "extra_content": {"google": {"thought_signature": "s"}}},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "So"}]}, {"type": "text", "text": "4"}]},
    ],
)
def test_reasoning_goes_back_as_it_came(message: dict[str, Any]) -> None:
    """A decoded turn encodes to what the server sent."""
    assert turns(answer(**message)) == [{"role": "assistant", **message}]


def test_reasoning_that_another_minted_is_left_out() -> None:
    """Unsigned thoughts go where the provider has a field for them; some providers take none back."""
    minted = ReasoningPart(text="Hm", signature="s", protocol="anthropic_messages")
    assert turns(Message(role="assistant", content=[minted, TextPart(text="4")])) == [{"role": "assistant", "content": "4"}]
    plain = Message(role="assistant", content=[ReasoningPart(text="Hm"), TextPart(text="4")])
    assert turns(plain) == [{"role": "assistant", "content": "4"}]
    assert turns(plain, reasoning_field="reasoning_content")[0]["reasoning_content"] == "Hm"
    assert turns(answer(content="4", reasoning="Hm"), reasoning_back=False) == [{"role": "assistant", "content": "4"}]


@pytest.mark.parametrize("text", ["", "Hm"])
def test_a_list_is_taken_for_reasoning_details(text: str) -> None:
    """So a caller's own list goes back beside its text."""
    part = ReasoningPart(text=text, protocol="openai_chat", native=[{"type": "reasoning.text"}])
    wanted = {"role": "assistant", "content": None, "reasoning_details": [{"type": "reasoning.text"}]}
    assert turns(Message(role="assistant", content=[part])) == [wanted | ({"reasoning": text} if text else {})]


def test_signatures_of_calls_go_back_where_they_are_known() -> None:
    """Only Gemini's compatible endpoint mints them."""
    called = Message(role="assistant", tool_calls=[ToolCall(id="a", name="f", arguments="{}", signature="s")])
    assert "extra_content" not in turns(called)[0]["tool_calls"][0]
    assert turns(called, thought_signatures=True)[0]["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "s"}}


# --- attachments ---------------------------------------------------------------------------------


def test_images() -> None:
    """By address or by bytes, whose kind is seen from how they begin."""
    data = base64.b64encode(PNG).decode()
    assert user(TextPart(text="Look"), ImagePart(url="https://x", detail="low"), ImagePart(data=PNG)) == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "https://x", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
    ]


def test_sound() -> None:
    """Bytes alone, with the API's name for their kind."""
    assert user(
        AudioPart(data=b"x", media_type="audio/mpeg"), AudioPart(url="data:audio/x-wav;base64,eA=="), AudioPart(data=b"OggS...")
    ) == [
        {"type": "input_audio", "input_audio": {"data": "eA==", "format": "mp3"}},
        {"type": "input_audio", "input_audio": {"data": "eA==", "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": "T2dnUy4uLg==", "format": "ogg"}},
    ]


def test_documents() -> None:
    """Text is said, files are sent along or named."""
    assert user(
        DocumentPart(text="A"),
        DocumentPart(data=b"B", media_type="text/plain"),
        DocumentPart(data=b"%PDF", name="a.pdf"),
        DocumentPart(url="data:application/pdf;base64,eA=="),
        DocumentPart(file_id="f1"),
        FilePart(file_id="f2"),
    ) == [
        {"type": "text", "text": "A"},
        {"type": "text", "text": "B"},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}},
        {"type": "file", "file": {"filename": "document.pdf", "file_data": "data:application/pdf;base64,eA=="}},
        {"type": "file", "file": {"file_id": "f1"}},
        {"type": "file", "file": {"file_id": "f2"}},
    ]


def test_blocks_of_other_providers_are_left_out() -> None:
    """Thoughts too; one's own go back."""
    parts = [
        OpaquePart(protocol="anthropic_messages", data={"type": "x"}),
        OpaquePart(protocol="openai_chat", data={"type": "y"}),
        ReasoningPart(text="Hm"),
    ]
    assert user(*parts) == [{"type": "y"}]


@pytest.mark.parametrize(
    "part",
    [
        ImagePart(file_id="f"),
        AudioPart(url="https://x"),
        AudioPart(file_id="f"),
        DocumentPart(url="https://x"),
        VideoPart(url="https://x"),
        RefusalPart(refusal="no"),
    ],
    ids=lambda part: part.type,
)
def test_what_the_api_has_no_place_for_is_refused(part: Part) -> None:
    """Before anything is sent, naming the place."""
    with pytest.raises(UnsupportedParameterError) as caught:
        user(TextPart(text="Look"), part)
    assert (caught.value.path, caught.value.parameter) == ("messages[0].content[1]", part.type)


@pytest.mark.parametrize("part", [ImagePart(path="a.png"), AudioPart(path="a.wav"), DocumentPart(path="a.pdf")], ids=lambda part: part.type)
def test_a_file_that_nobody_read_is_a_fault(part: Part) -> None:
    """Reading is not done here."""
    with pytest.raises(InvalidMessageError) as caught:
        user(part)
    assert caught.value.path == "messages[0].content[0].path"


def test_bytes_must_be_of_a_known_kind() -> None:
    """Nobody can tell what these are."""
    with pytest.raises(InvalidMessageError) as caught:
        user(ImagePart(data=b"?"))
    assert caught.value.path == "messages[0].content[0].media_type"


# --- tools ---------------------------------------------------------------------------------------


def test_tools() -> None:
    """Functions with what is known of them, tools that take text, and a vendor's own by its name."""
    tools = (
        Tool(name="f", description="does", parameters={"type": "object"}, strict=True),
        Tool(name="g"),
        Tool(type="custom", name="sql", description="asks", config={"format": {"type": "text"}}),
        Tool(type="custom", config={"custom": {"name": "shell"}}),
        Tool(type="openrouter:web_search", config={"parameters": {}}),
        Tool(type="x:y", name="z"),
    )
    assert body(tools=tools)["tools"] == [
        {"type": "function", "function": {"name": "f", "description": "does", "parameters": {"type": "object"}, "strict": True}},
        {"type": "function", "function": {"name": "g"}},
        {"type": "custom", "custom": {"name": "sql", "description": "asks", "format": {"type": "text"}}},
        {"type": "custom", "custom": {"name": "shell"}},
        {"type": "openrouter:web_search", "parameters": {}},
        {"type": "x:y", "name": "z"},
    ]


def test_hosted_tools_are_refused() -> None:
    """They need another API, unless the server says that it has some."""
    assert body(tools=(Tool(type="web_search", config={"a": 1}),), quirks={"hosted_tools": True})["tools"] == [
        {"type": "web_search", "a": 1}
    ]
    with pytest.raises(UnsupportedParameterError) as caught:
        body(tools=(Tool(name="f"), Tool(type="web_search")))
    assert (caught.value.path, caught.value.parameter) == ("tools[1]", "tools")


@pytest.mark.parametrize(
    "choice,wanted",
    [
        ({"tool_choice": "required"}, "required"),
        ({"tool_choice": "function", "tool_name": "f"}, {"type": "function", "function": {"name": "f"}}),
        ({"tool_choice": "function", "tool_name": "sql"}, {"type": "custom", "custom": {"name": "sql"}}),
    ],
)
def test_the_choice_of_a_tool(choice: dict[str, Any], wanted: Any) -> None:
    """In the API's words, of the tool's own kind."""
    assert body(tools=(Tool(name="f"), Tool(type="custom", name="sql")), **choice)["tool_choice"] == wanted


def test_a_choice_without_tools_is_not_sent() -> None:
    """The API refuses it, and it says nothing."""
    assert body(tool_choice="auto") == {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


# --- settings ------------------------------------------------------------------------------------


def test_options_stand_where_the_spec_says() -> None:
    """Under the API's names; extra parameters come last."""
    options = {"temperature": 0.5, "stop": ["x"], "n": 2, "seed": 1, "max_tokens": 9, "reasoning": "low"}
    assert body(options=options, extra={"logit_bias": {"1": 2}, "odd": True}) == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.5,
        "stop": ["x"],
        "n": 2,
        "seed": 1,
        "max_completion_tokens": 9,
        "reasoning_effort": "low",
        "logit_bias": {"1": 2},
        "odd": True,
    }


def test_names_that_differ_by_provider() -> None:
    """Quirks say what a compatible server calls them."""
    told = body(options={"max_tokens": 9, "seed": 1}, quirks={"max_tokens_field": "max_tokens", "seed_field": "random_seed"})
    assert (told["max_tokens"], told["random_seed"]) == (9, 1)
    assert "seed" not in told
    assert "random_seed" not in body(options={"max_tokens": 9}, quirks={"seed_field": "random_seed"})


@pytest.mark.parametrize(
    "style,wanted,told",
    [
        ("effort", "high", {"reasoning_effort": "high"}),
        ("effort", {"effort": "low", "summary": "auto"}, {"reasoning_effort": "low"}),
        ("object", "high", {"reasoning": {"effort": "high"}}),
        ("object", 2000, {"reasoning": {"max_tokens": 2000}}),
        ("object", {"enabled": True}, {"reasoning": {"enabled": True}}),
        ("thinking", "high", {"thinking": {"type": "enabled"}}),
        ("thinking", "none", {"thinking": {"type": "disabled"}}),
        ("thinking", 0, {"thinking": {"type": "disabled"}}),
        ("flag", "none", {"enable_thinking": False}),
        ("flag", 500, {"enable_thinking": True, "thinking_budget": 500}),
        ("flag", {"budget_tokens": 7}, {"enable_thinking": True, "thinking_budget": 7}),
    ],
)
def test_how_hard_to_think_is_told_in_the_providers_style(style: str, wanted: Any, told: dict[str, Any]) -> None:
    """Effort, object, switch or flag."""
    encoded = body(options={"reasoning": wanted}, quirks={"reasoning_style": style})
    assert {key: value for key, value in encoded.items() if key not in {"model", "messages"}} == told


def test_a_budget_is_no_effort() -> None:
    """Where only an effort can be told, a number of tokens is refused."""
    with pytest.raises(UnsupportedParameterError) as caught:
        body(options={"reasoning": 2000})
    assert caught.value.parameter == "reasoning"


def test_the_form_of_the_answer() -> None:
    """Any object, or one of a schema with what is known of it."""
    assert body(response_format=ResponseFormat(kind="json_object"))["response_format"] == {"type": "json_object"}
    bare = ResponseFormat(kind="json_schema", name="n", schema={"type": "object"})
    assert body(response_format=bare)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "n", "schema": {"type": "object"}},
    }
    full = ResponseFormat(kind="json_schema", name="n", schema={}, description="d", strict=True)
    assert body(response_format=full)["response_format"]["json_schema"] == {"name": "n", "schema": {}, "description": "d", "strict": True}


def test_streams_ask_for_usage() -> None:
    """Unless the provider tells it anyway."""
    told = body(stream=True)
    assert (told["stream"], told["stream_options"]) == (True, {"include_usage": True})
    assert "stream_options" not in body(stream=True, quirks={"stream_options": False})
    assert openai_chat.encode(NormalRequest(messages=(HI,), stream=True), "m").stream


def test_cache_marks_go_where_they_are_known() -> None:
    """Proxies of Anthropic take them on messages, parts and tools; all others refuse unknown keys."""
    mark = {"type": "ephemeral"}
    messages = [
        Message(role="system", content="S", metadata={"cache_control": mark}),
        Message(role="user", content=[TextPart(text="A", cache_control=mark), ImagePart(url="u", cache_control=mark), TextPart(text="B")]),
        Message(role="assistant", content=[TextPart(text="C", cache_control=mark)], metadata={"other": 1}),
    ]
    tools = (Tool(name="f", cache_control=mark), Tool(name="g"))
    marked = body(*messages, tools=tools, quirks={"cache_control": True})
    assert marked["messages"] == [
        {"role": "system", "content": "S", "cache_control": mark},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "A", "cache_control": mark},
                {"type": "image_url", "image_url": {"url": "u"}, "cache_control": mark},
                {"type": "text", "text": "B"},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "C", "cache_control": mark}]},
    ]
    assert [tool.get("cache_control") for tool in marked["tools"]] == [mark, None]
    assert "cache_control" not in json.dumps(body(*messages, tools=tools))
