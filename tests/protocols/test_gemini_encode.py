"""Requests as generateContent takes them, one fact at a time."""

from __future__ import annotations

from typing import Any, cast

import pytest

from llmring._core.normalise import normalise
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
from llmring.exceptions import InvalidMessageError
from llmring.protocols import gemini_extras
from llmring.protocols import gemini_generate as gemini
from llmring.protocols.gemini_content import UNSIGNED
from tests.protocols.test_gemini_decode import answer, decoded

USER = Message(role="user", content="Hi")
HI = {"role": "user", "parts": [{"text": "Hi"}]}


def body(*messages: Message, model: str = "gemini-2.5-flash", **more: Any) -> dict[str, Any]:
    """Encode a request and give its body."""
    call = gemini.encode(NormalRequest(messages=messages or (USER,), **more), model)
    return cast("dict[str, Any]", call.body)


def contents(*messages: Message, model: str = "gemini-2.5-flash") -> list[dict[str, Any]]:
    """Encode *messages* and give the contents."""
    return body(*messages, model=model)["contents"]


def parts(*given: Part) -> Any:
    """Encode one user's message and give its parts."""
    return contents(Message(role="user", content=list(given)))[0]["parts"]


def config(model: str = "gemini-2.5-flash", **more: Any) -> dict[str, Any]:
    """Encode a request and give its generation config."""
    return body(model=model, **more).get("generationConfig", {})


def test_the_least_request() -> None:
    """The contents are all that is needed."""
    call = gemini.encode(NormalRequest(messages=(USER,)), "gemini-2.5-flash")
    assert (call.method, call.path, call.headers, call.stream) == ("POST", "/v1beta/models/gemini-2.5-flash:generateContent", {}, False)
    assert call.body == {"contents": [HI]}


@pytest.mark.parametrize(
    "model, path",
    [
        ("gemini", "/v1beta/models/gemini:streamGenerateContent?alt=sse"),
        ("models/gemini", "/v1beta/models/gemini:streamGenerateContent?alt=sse"),
        ("tunedModels/mine", "/v1beta/tunedModels/mine:streamGenerateContent?alt=sse"),
        ("odd name?", "/v1beta/models/odd%20name%3F:streamGenerateContent?alt=sse"),
    ],
)
def test_streams_have_an_address_of_their_own(model: str, path: str) -> None:
    """Events are asked for in the address; a model may name its collection."""
    call = gemini.encode(NormalRequest(messages=(USER,), stream=True), model)
    assert (call.path, call.stream) == (path, True)


# --- contents ------------------------------------------------------------------------------------


def test_system_words_are_gathered_wherever_they_stand() -> None:
    """System and developer messages keep their order."""
    found = body(Message(role="system", content="One"), USER, Message(role="developer", content=[TextPart(text="Two")]))
    assert found["systemInstruction"] == {"parts": [{"text": "One"}, {"text": "Two"}]}
    assert found["contents"] == [HI]


def test_roles_have_googles_names() -> None:
    """The assistant is the model; one that said nothing has no content."""
    silent = [Message(role="assistant"), Message(role="assistant", content="")]
    found = contents(USER, Message(role="assistant", content="Hello"), *silent, Message(role="user", content=""), Message(role="user"))
    nothing = {"role": "user", "parts": [{"text": ""}]}
    assert found == [HI, {"role": "model", "parts": [{"text": "Hello"}]}, nothing, nothing]


def test_results_join_one_content() -> None:
    """All results of a round stand together, each naming its tool; ids that were made up are not told."""
    calls = [ToolCall(id="call_0", name="f", arguments='{"x":1}', signature="s"), ToolCall(id="id1", name="g", arguments="no json")]
    found = contents(
        USER,
        Message(role="assistant", content="So", tool_calls=calls),
        Message(role="tool", tool_call_id="call_0", content='{"a":1}'),
        Message(role="system", content="S"),
        Message(role="tool", tool_call_id="id1", content="two", metadata={"is_error": True}),
        USER,
    )
    assert found[1:] == [
        {
            "role": "model",
            "parts": [
                {"text": "So"},
                {"functionCall": {"name": "f", "args": {"x": 1}}, "thoughtSignature": "s"},
                {"functionCall": {"name": "g", "args": {"input": "no json"}, "id": "id1"}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "f", "response": {"a": 1}}},
                {"functionResponse": {"name": "g", "response": {"error": "two"}, "id": "id1"}},
            ],
        },
        HI,
    ]


def test_results_are_objects() -> None:
    """Text is the output, and so are a list and broken JSON; an object is the result itself; images follow it."""
    image = ImagePart(url="https://a/b.png")
    first = ToolResultPart(tool_call_id="a", name="f", content=[TextPart(text="1"), image])
    second = ToolResultPart(tool_call_id="b", content="[1]", is_error=True)
    assert parts(first, second) == [
        {"functionResponse": {"name": "f", "response": {"output": "1"}, "id": "a"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "https://a/b.png"}},
        {"functionResponse": {"name": "b", "response": {"error": "[1]"}, "id": "b"}},
    ]
    both = contents(Message(role="tool", tool_call_id="a", content=[first, second]))[0]["parts"]
    assert both == parts(first, second)
    empty = contents(Message(role="tool", tool_call_id="call_7", name="f", content="{}"))[0]["parts"]
    assert empty == [{"functionResponse": {"name": "f", "response": {}}}]
    for text in ("{", "[1]", ""):
        found = contents(Message(role="tool", tool_call_id="call_7", name="f", content=text))[0]["parts"]
        assert found == [{"functionResponse": {"name": "f", "response": {"output": text}}}]
    assert contents(Message(role="tool"))[0]["parts"] == [{"functionResponse": {"name": "", "response": {"output": ""}}}]


def test_calls_stand_at_their_places() -> None:
    """A call goes back between the parts where it came from."""
    calls = [ToolCall(id="a", name="a", at=1), ToolCall(id="b", name="b"), ToolCall(id="c", name="c", at=9), ToolCall(name="d", at=0)]
    said: list[Part] = [TextPart(text="One"), TextPart(text="Two")]
    found = contents(Message(role="assistant", content=said, tool_calls=calls))[0]["parts"]
    assert [part.get("text") or part["functionCall"]["name"] for part in found] == ["d", "One", "a", "Two", "b", "c"]
    assert contents(Message(role="assistant", tool_calls=calls[:1]))[0]["parts"] == [{"functionCall": {"name": "a", "args": {}, "id": "a"}}]


def test_calls_of_others_are_excused_from_signatures() -> None:
    """Models that insist on a signature get the one that stands for none, on the first call of a turn that has none."""
    unsigned = Message(role="assistant", tool_calls=[ToolCall(id="a", name="f", signature='{"caller":{}}'), ToolCall(id="b", name="f")])
    signed = Message(role="assistant", tool_calls=[ToolCall(id="a", name="f", signature="s"), ToolCall(id="b", name="f")])
    assert [part.get("thoughtSignature") for part in contents(unsigned, model="gemini-3-pro")[0]["parts"]] == [UNSIGNED, None]
    assert [part.get("thoughtSignature") for part in contents(signed, model="gemini-3.5-flash")[0]["parts"]] == ["s", None]
    assert [part.get("thoughtSignature") for part in contents(unsigned)[0]["parts"]] == [None, None]


# --- parts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part, wanted",
    [
        (ImagePart(data=b"\x89PNG\r\n\x1a\n"), {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}),
        (ImagePart(url="data:image/gif;base64,R0lG"), {"inlineData": {"mimeType": "image/gif", "data": "R0lG"}}),
        (ImagePart(url="https://a/B.JPG?x=1#y"), {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://a/B.JPG?x=1#y"}}),
        (ImagePart(url="https://a/b"), {"fileData": {"fileUri": "https://a/b"}}),
        (ImagePart(data=b"?", signature="s"), {"inlineData": {"mimeType": "image/png", "data": "Pw=="}, "thoughtSignature": "s"}),
        (DocumentPart(text="a,b"), {"text": "a,b"}),
        (DocumentPart(data=b"%PDF"), {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}}),
        (DocumentPart(data=b"a,b"), {"inlineData": {"mimeType": "text/plain", "data": "YSxi"}}),
        (
            DocumentPart(file_id="files/x", media_type="text/csv"),
            {"fileData": {"mimeType": "text/csv", "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x"}},
        ),
        (AudioPart(data=b"?"), {"inlineData": {"mimeType": "audio/wav", "data": "Pw=="}}),
        (VideoPart(url="https://youtu.be/x"), {"fileData": {"fileUri": "https://youtu.be/x"}}),
        (VideoPart(data=b"?", media_type="video/webm"), {"inlineData": {"mimeType": "video/webm", "data": "Pw=="}}),
        (FilePart(file_id="https://a/files/x"), {"fileData": {"fileUri": "https://a/files/x"}}),
        (TextPart(text="", signature="s"), {"text": "", "thoughtSignature": "s"}),
        (RefusalPart(refusal="No."), {"text": "No."}),
    ],
)
def test_parts(part: Part, wanted: dict[str, Any]) -> None:
    """Bytes go inline, files and addresses by their URI, signatures on the part they came on."""
    assert parts(part) == [wanted]


@pytest.mark.parametrize("part", [ImagePart(), ImagePart(url="data:image/png")])
def test_attachments_without_anything_usable_are_refused(part: Part) -> None:
    """An error says what is missing before anything is sent."""
    with pytest.raises(InvalidMessageError):
        parts(part)


def test_only_own_opaque_parts_go_back() -> None:
    """What this protocol minted goes back byte for byte; nothing that is opaque of others leaves, nor what is empty."""
    native = {"executableCode": {"code": "1", "language": "PYTHON"}, "thoughtSignature": "s"}
    assert parts(
        OpaquePart(protocol="gemini_generate", data=native),
        OpaquePart(protocol="anthropic_messages", data={"secret": 1}),
        ReasoningPart(text="Hm", signature="s", protocol="gemini_generate"),
        ReasoningPart(text="theirs", signature="s", protocol="anthropic_messages"),
        ReasoningPart(text="unsigned", protocol="gemini_generate"),
        TextPart(text=""),
        RefusalPart(refusal=""),
    ) == [native, {"text": "Hm", "thought": True, "thoughtSignature": "s"}]


def test_the_answer_can_be_said_again() -> None:
    """Every part of an answer that matters to the model goes back as it came."""
    said: list[dict[str, Any]] = [
        {"text": "Hm", "thought": True, "thoughtSignature": "s0"},
        {"text": "One"},
        {"text": "two", "thoughtSignature": "s1"},
        {"executableCode": {"code": "1+1", "language": "PYTHON"}, "thoughtSignature": "s2"},
        {"functionCall": {"name": "f", "args": {"a": [1, None]}, "id": "x"}, "thoughtSignature": "s3"},
        {"functionCall": {"name": "g", "args": {}}},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}, "thoughtSignature": "s4"},
        {"text": "", "thoughtSignature": "s5"},
    ]
    message = decoded(answer(*said)).message
    assert message is not None
    normal = normalise([message.to_dict()], {}).messages
    assert contents(message) == contents(*normal) == [{"role": "model", "parts": said}]


# --- tools ---------------------------------------------------------------------------------------


def test_functions_are_one_tool() -> None:
    """All functions stand in one list; schemas are JSON Schema, unless they are Google's own."""
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    google = {"type": "OBJECT", "properties": {"x": {"type": "INTEGER"}}}
    tools = (
        Tool(name="f"),
        Tool(type="web_search"),
        Tool(name="g", description="G", parameters=schema),
        Tool(name="h", parameters=google, config={"behavior": "NON_BLOCKING"}),
        Tool(type="custom", name="c", config={"description": "C"}),
    )
    text = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    assert body(tools=tools)["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f"},
                {"name": "g", "description": "G", "parametersJsonSchema": schema},
                {"name": "h", "parameters": google, "behavior": "NON_BLOCKING"},
                {"name": "c", "description": "C", "parametersJsonSchema": text},
            ]
        },
        {"googleSearch": {}},
    ]


@pytest.mark.parametrize(
    "kind, name",
    [
        ("web_search", "googleSearch"),
        ("google_search", "googleSearch"),
        ("googleSearch", "googleSearch"),
        ("web_fetch", "urlContext"),
        ("url_context", "urlContext"),
        ("code_execution", "codeExecution"),
        ("code_interpreter", "codeExecution"),
        ("file_search", "fileSearch"),
        ("google_maps", "googleMaps"),
    ],
)
def test_hosted_tools(kind: str, name: str) -> None:
    """Each hosted tool is a tool of its own, under Google's name."""
    assert body(tools=(Tool(type=kind, config={"a": 1}),))["tools"] == [{name: {"a": 1}}]


@pytest.mark.parametrize(
    "choice, wanted",
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        ("function", {"mode": "ANY", "allowedFunctionNames": ["f"]}),
    ],
)
def test_tool_choice(choice: Any, wanted: dict[str, Any]) -> None:
    """Every choice has its mode."""
    found = body(tools=(Tool(name="f"),), tool_choice=choice, tool_name="f" if choice == "function" else None)
    assert found["toolConfig"] == {"functionCallingConfig": wanted}


# --- options -------------------------------------------------------------------------------------


def test_options_have_their_places() -> None:
    """Tuning options go into the generation config, the tier beside it."""
    options = {"temperature": 0.5, "top_k": 3, "stop": ("a", "b"), "max_tokens": 7, "n": 2, "seed": 1, "service_tier": "flex"}
    found = body(options=options)
    assert found["generationConfig"] == {
        "stopSequences": ["a", "b"],
        "temperature": 0.5,
        "topK": 3,
        "maxOutputTokens": 7,
        "candidateCount": 2,
        "seed": 1,
    }
    assert found["serviceTier"] == "flex"
    assert config(options={"stop": "a"}) == {"stopSequences": ["a"]}
    assert "generationConfig" not in body(options={"service_tier": "flex"})


@pytest.mark.parametrize(
    "model, reasoning, wanted",
    [
        ("gemini-2.5-pro", 512, {"includeThoughts": True, "thinkingBudget": 512}),
        ("gemini-3-pro", 512, {"includeThoughts": True, "thinkingBudget": 512}),
        ("gemini-2.5-pro", 0, {"thinkingBudget": 0}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-pro", "low", {"includeThoughts": True, "thinkingBudget": 1024}),
        ("gemini-2.5-pro", "max", {"includeThoughts": True, "thinkingBudget": 24576}),
        ("gemini-3-pro", "low", {"includeThoughts": True, "thinkingLevel": "low"}),
        ("gemini-3-pro", "max", {"includeThoughts": True, "thinkingLevel": "high"}),
        ("gemini-3-pro", {"effort": "medium"}, {"includeThoughts": True, "thinkingLevel": "medium"}),
        ("gemini-3-pro", {"budget_tokens": 9}, {"includeThoughts": True, "thinkingBudget": 9}),
        ("gemini-3-pro", {}, {"includeThoughts": True, "thinkingLevel": "medium"}),
    ],
)
def test_reasoning(model: str, reasoning: Any, wanted: dict[str, Any]) -> None:
    """Older models think by a budget, newer ones at a level."""
    assert config(model, options={"reasoning": reasoning})["thinkingConfig"] == wanted


def test_schemas_hold_the_answer() -> None:
    """JSON is a media type, with or without a schema."""
    schema = {"type": "object"}
    assert config(response_format=ResponseFormat(kind="json_schema", schema=schema)) == {
        "responseMimeType": "application/json",
        "responseJsonSchema": schema,
    }
    assert config(response_format=ResponseFormat(kind="json_object")) == {"responseMimeType": "application/json"}


def test_extra_parameters_come_last() -> None:
    """Known keys go to their places, objects merge, and what was given stays as it was."""
    given: dict[str, Any] = {"temperature": 1, "speechConfig": {}}
    extra: dict[str, Any] = {
        "safety_settings": [{"category": "c"}],
        "generation_config": given,
        "top_k": 5,
        "cached_content": "c1",
        "labels": {"a": "b"},
    }
    found = body(extra=extra, options={"temperature": 0, "max_tokens": 3})
    assert found == {
        "contents": [HI],
        "generationConfig": {"temperature": 1, "maxOutputTokens": 3, "speechConfig": {}, "topK": 5},
        "safetySettings": [{"category": "c"}],
        "cachedContent": "c1",
        "labels": {"a": "b"},
    }
    assert given == {"temperature": 1, "speechConfig": {}}


def test_counting_takes_the_prompt_alone() -> None:
    """Counting knows model, contents, system and tools, and nothing of the answer."""
    request = NormalRequest(
        messages=(Message(role="system", content="S"), USER),
        tools=(Tool(name="f"),),
        options={"max_tokens": 5},
        extra={"cached_content": "c", "labels": {}},
    )
    call = gemini_extras.encode_count(request, "gemini")
    assert (call.method, call.path) == ("POST", "/v1beta/models/gemini:countTokens")
    asked = cast("dict[str, Any]", call.body)["generateContentRequest"]
    assert asked.keys() == {"model", "contents", "systemInstruction", "tools", "cachedContent"}
    assert asked["model"] == "models/gemini"
