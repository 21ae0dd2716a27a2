"""Requests as the Responses API takes them, one fact at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llmring._core.http import HttpReply
from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest, ResponseFormat
from llmring._gen.message import (
    AudioPart,
    Citation,
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
from llmring.protocols import openai_responses

NAME = openai_responses.NAME
PNG = b"\x89PNG\r\n\x1a\n"
HI = Message(role="user", content="Hi")
THOUGHT: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAA="}
BARE: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": []}
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
HEAD = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
KEPT: dict[str, Any] = {"store": False}


def body(*messages: Message, **told: Any) -> dict[str, Any]:
    """Encode *messages*, by default a greeting."""
    call = openai_responses.encode(NormalRequest(messages=messages or (HI,), **told), "m")
    assert (call.method, call.path) == ("POST", "/responses")
    assert isinstance(call.body, dict)
    json.dumps(call.body)
    return call.body


def items(*messages: Message, **extra: Any) -> list[dict[str, Any]]:
    """Give the encoded items."""
    return body(*messages, extra=extra)["input"]


def user(*parts: Part) -> list[dict[str, Any]]:
    """Give the content of an encoded user's message."""
    return items(Message(role="user", content=list(parts)))[0]["content"]


def answer(*parts: Part, calls: tuple[ToolCall, ...] = (), **extra: Any) -> list[dict[str, Any]]:
    """Give the items of an encoded answer."""
    return items(Message(role="assistant", content=list(parts), tool_calls=calls), **extra)


def thought(native: dict[str, Any]) -> ReasoningPart:
    """Make a thought of this API."""
    return ReasoningPart(protocol=NAME, native=native)


def opaque(item: dict[str, Any]) -> OpaquePart:
    """Make a native part of this API."""
    return OpaquePart(protocol=NAME, data=item)


# --- prompts -------------------------------------------------------------------------------------


def test_the_least_request() -> None:
    """A model and the items are all that is needed."""
    assert body() == {"model": "m", "input": [{"role": "user", "content": "Hi"}]}


def test_streams_are_asked_for() -> None:
    """Body and call both say that the answer shall stream."""
    call = openai_responses.encode(NormalRequest(messages=(HI,), stream=True), "m")
    assert call.stream
    assert call.body == {"model": "m", "input": [{"role": "user", "content": "Hi"}], "stream": True}


def test_every_message_keeps_role_and_place() -> None:
    """The system's words stand among the others."""
    told = [Message(role="system", content="A"), HI, Message(role="assistant", content="Yes?"), Message(role="developer", content="B")]
    assert [(item["role"], item["content"]) for item in items(*told)] == [
        ("system", "A"),
        ("user", "Hi"),
        ("assistant", "Yes?"),
        ("developer", "B"),
    ]


def test_messages_that_say_nothing_are_left_out() -> None:
    """An answer that was empty, and a prompt without parts."""
    assert items(HI, Message(role="assistant", content=""), Message(role="assistant"), Message(role="user")) == items(HI)
    assert answer(TextPart(text="")) == []


def test_text_and_files() -> None:
    """Texts, and files by id; thoughts have no place in a prompt."""
    assert user(TextPart(text="Hi"), RefusalPart(refusal="No"), ReasoningPart(text="Hm"), FilePart(file_id="file_1")) == [
        {"type": "input_text", "text": "Hi"},
        {"type": "input_text", "text": "No"},
        {"type": "input_file", "file_id": "file_1"},
    ]


@pytest.mark.parametrize(
    "image, wanted",
    [
        (ImagePart(url="https://a/b.png"), {"detail": "auto", "image_url": "https://a/b.png"}),
        (ImagePart(url="data:image/gif;base64,R0lG", detail="low"), {"detail": "low", "image_url": "data:image/gif;base64,R0lG"}),
        (ImagePart(data=PNG), {"detail": "auto", "image_url": "data:image/png;base64,iVBORw0KGgo="}),
        (ImagePart(data=b"?", media_type="image/webp"), {"detail": "auto", "image_url": "data:image/webp;base64,Pw=="}),
        (ImagePart(data=b"?"), {"detail": "auto", "image_url": "data:image/png;base64,Pw=="}),
        (ImagePart(file_id="file_1"), {"detail": "auto", "file_id": "file_1"}),
    ],
)
def test_images(image: ImagePart, wanted: dict[str, Any]) -> None:
    """Images go by address, inline, or as an uploaded file."""
    assert user(image) == [{"type": "input_image", **wanted}]


@pytest.mark.parametrize(
    "document, wanted",
    [
        (DocumentPart(file_id="file_1"), {"file_id": "file_1"}),
        (DocumentPart(url="https://a/b.pdf"), {"file_url": "https://a/b.pdf"}),
        (DocumentPart(data=b"%PDF"), {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBERg=="}),
        (DocumentPart(data=b"?", name="b.pdf"), {"filename": "b.pdf", "file_data": "data:application/pdf;base64,Pw=="}),
        (DocumentPart(data=b"a,b", media_type="text/csv"), {"filename": "document.csv", "file_data": "data:text/csv;base64,YSxi"}),
        (DocumentPart(url="data:text/plain;base64,YSxi"), {"filename": "document.txt", "file_data": "data:text/plain;base64,YSxi"}),
    ],
)
def test_documents(document: DocumentPart, wanted: dict[str, Any]) -> None:
    """Documents go by id or address, or inline with a name."""
    assert user(document) == [{"type": "input_file", **wanted}]


def test_documents_of_text_are_text() -> None:
    """Nothing has to be read from them."""
    assert user(DocumentPart(text="a,b")) == [{"type": "input_text", "text": "a,b"}]


@pytest.mark.parametrize("part", [ImagePart(), DocumentPart()])
def test_parts_without_content(part: Part) -> None:
    """There is nothing to send."""
    with pytest.raises(InvalidMessageError, match="needs url"):
        user(part)


@pytest.mark.parametrize("part", [AudioPart(data=b"x"), VideoPart(url="https://a/b.mp4")])
def test_what_the_api_does_not_take(part: Part) -> None:
    """Sound and video are refused before they are sent."""
    with pytest.raises(UnsupportedParameterError, match="does not take") as refused:
        user(part)
    assert refused.value.parameter == part.type


# --- answers -------------------------------------------------------------------------------------


def test_thoughts_go_back_as_they_came_with_the_ids_of_what_followed() -> None:
    """The API knows the message and the calls after a thought by their ids."""
    told: list[Part] = [thought(THOUGHT), TextPart(text="Hi"), opaque({**HEAD, "phase": "commentary"})]
    call = ToolCall(id="call_1", item_id="fc_1", name="f", arguments="{}")
    assert answer(*told, calls=(call,)) == [
        THOUGHT,
        {**HEAD, "phase": "commentary", "content": [{"type": "output_text", "text": "Hi", "annotations": []}]},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}", "id": "fc_1"},
    ]


def test_without_the_thought_no_id_goes_back() -> None:
    """An id alone would ask for the thought; the phase is still of use."""
    call = ToolCall(id="call_1", item_id="fc_1", name="f")
    assert answer(TextPart(text="Hi"), opaque({**HEAD, "phase": "commentary"}), calls=(call,)) == [
        {"role": "assistant", "content": "Hi", "phase": "commentary"},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
    ]


def test_thoughts_that_nothing_follows_are_left_out() -> None:
    """The API refuses them."""
    assert answer(TextPart(text="Hi"), thought(THOUGHT), thought(BARE)) == [{"role": "assistant", "content": "Hi"}]


def test_an_answer_may_be_several_messages() -> None:
    """Thoughts in a message of their own belong to what the next one says."""
    told = [
        Message(role="assistant", content=[thought(THOUGHT)]),
        Message(role="assistant", tool_calls=[ToolCall(id="call_1", item_id="fc_1", name="f")]),
        Message(role="assistant", content="One"),
        Message(role="assistant", content="Two"),
    ]
    assert items(*told) == [
        THOUGHT,
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}", "id": "fc_1"},
        {"role": "assistant", "content": "One"},
        {"role": "assistant", "content": "Two"},
    ]


def test_thoughts_where_nothing_is_kept() -> None:
    """An id stands for nothing then; what holds itself goes back all the same."""
    text = TextPart(text="Hi")
    clear = {**BARE, "content": [{"type": "reasoning_text", "text": "Hm"}]}
    assert answer(thought(BARE), text, **KEPT) == [{"role": "assistant", "content": "Hi"}]
    assert answer(thought(THOUGHT), text, **KEPT)[0] == THOUGHT
    assert answer(thought(clear), text, **KEPT)[0] == clear
    assert answer(thought(BARE), text)[0] == BARE


def test_thoughts_made_of_fields() -> None:
    """A thought without its native item is put together from what is known of it."""
    text = TextPart(text="Hi")
    encrypted = ReasoningPart(protocol=NAME, id="rs_1", data="gAA=", text="Hm")
    assert answer(encrypted, text)[0] == {**THOUGHT, "summary": [{"type": "summary_text", "text": "Hm"}]}
    assert answer(ReasoningPart(protocol=NAME, data="gAA="), text)[0] == {"type": "reasoning", "summary": [], "encrypted_content": "gAA="}
    assert answer(ReasoningPart(protocol=NAME, id="rs_1"), text)[0] == BARE
    assert len(answer(ReasoningPart(protocol=NAME, id="rs_1"), text, **KEPT)) == 1


def test_what_others_minted_is_left_out() -> None:
    """Only this API's own thoughts and blocks are understood."""
    others: list[Part] = [
        ReasoningPart(text="Hm", signature="s", protocol="anthropic_messages"),
        ReasoningPart(text="Hm"),
        OpaquePart(protocol="anthropic_messages", data={"type": "server_tool_use"}),
    ]
    assert answer(*others, TextPart(text="Hi")) == [{"role": "assistant", "content": "Hi"}]


def test_citations_go_back_with_their_message() -> None:
    """Those that the API wrote itself."""
    ours = {"type": "url_citation", "url": "https://a", "title": "A", "start_index": 0, "end_index": 2}
    file = {"type": "file_citation", "file_id": "file_1", "filename": "a.txt", "index": 1}
    nested = {"type": "url_citation", "url_citation": {"url": "https://a"}}
    citations = [Citation(source=ours), Citation(url="https://b"), Citation(source=nested), Citation(source=file)]
    sent = answer(opaque(SEARCH), TextPart(text="Hi", citations=citations), opaque(HEAD))
    assert sent[1]["content"] == [{"type": "output_text", "text": "Hi", "annotations": [ours, file]}]


def test_refusals_go_back() -> None:
    """In their message where that is known before them, else as words."""
    assert answer(opaque(SEARCH), opaque(HEAD), RefusalPart(refusal="No"))[1]["content"] == [{"type": "refusal", "refusal": "No"}]
    assert answer(RefusalPart(refusal="No")) == [{"role": "assistant", "content": "No"}]


def test_calls_stand_at_their_places() -> None:
    """A call goes back between the words where it came from."""
    calls = (
        ToolCall(id="a", name="f", at=1),
        ToolCall(id="b", name="g", kind="custom", arguments="4 + 4"),
        ToolCall(id="c", name="f", at=9),
    )
    assert answer(TextPart(text="One"), TextPart(text="Two"), calls=calls) == [
        {"role": "assistant", "content": "One"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        {"role": "assistant", "content": "Two"},
        {"type": "custom_tool_call", "call_id": "b", "name": "g", "input": "4 + 4"},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    ]
    assert len(items(Message(role="assistant", content="Text", tool_calls=[ToolCall(id="a", name="f", at=0)]))) == 2


def test_what_stands_beside_a_call_goes_back() -> None:
    """Its namespace belongs to the call with that id."""
    beside = opaque({"type": "function_call", "call_id": "a", "namespace": "crm"})
    assert answer(beside, calls=(ToolCall(id="a", name="f"),)) == [
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}", "namespace": "crm"}
    ]


def test_native_items_stand_at_their_places() -> None:
    """Hosted tools in an answer, a client's own answers to them in a prompt."""
    assert answer(TextPart(text="One"), opaque(SEARCH), TextPart(text="Two")) == [
        {"role": "assistant", "content": "One"},
        SEARCH,
        {"role": "assistant", "content": "Two"},
    ]
    output: dict[str, Any] = {"type": "shell_call_output", "call_id": "call_1", "output": []}
    told: list[Part] = [opaque(output), TextPart(text="Go on")]
    assert items(Message(role="user", content=told)) == [output, {"role": "user", "content": [{"type": "input_text", "text": "Go on"}]}]


def test_images_of_an_answer() -> None:
    """One that the API drew is in its item; another's is shown by the user, who alone may show files; sound is told in words."""
    drawn = {"type": "image_generation_call", "id": "ig_1", "result": "AA=="}
    assert answer(opaque(drawn), ImagePart(data=b"\x00")) == [drawn]
    sent = answer(TextPart(text="Look"), ImagePart(url="https://a/b.png"))
    assert [(item["role"], type(item["content"])) for item in sent] == [("assistant", str), ("user", list)]
    assert answer(AudioPart(data=b"x", transcript="Hello")) == [{"role": "assistant", "content": "Hello"}]
    assert answer(ToolResultPart(tool_call_id="a")) == []


# --- results -------------------------------------------------------------------------------------


def test_results_answer_their_calls() -> None:
    """A function's and a custom tool's result have types of their own."""
    calls = [ToolCall(id="a", name="f"), ToolCall(id="b", name="g", kind="custom")]
    results = [Message(role="tool", tool_call_id="a", content="1"), Message(role="tool", tool_call_id="b", content=None)]
    assert items(Message(role="assistant", tool_calls=calls), *results)[2:] == [
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "custom_tool_call_output", "call_id": "b", "output": ""},
    ]


def test_results_of_parts() -> None:
    """Text alone is one text; with images there are parts."""
    texts: list[Part] = [TextPart(text="1"), TextPart(text="2")]
    assert items(Message(role="tool", tool_call_id="a", content=texts))[0]["output"] == "12"
    shown = items(Message(role="tool", tool_call_id="a", content=[TextPart(text="1"), ImagePart(file_id="file_1")]))[0]["output"]
    assert shown == [{"type": "input_text", "text": "1"}, {"type": "input_image", "detail": "auto", "file_id": "file_1"}]


@pytest.mark.parametrize("role", ["user", "tool"])
def test_results_among_other_parts(role: Any) -> None:
    """Results in a user's message are items of their own, what the user says besides stays in order."""
    told: list[Part] = [TextPart(text="So"), ToolResultPart(tool_call_id="a", content="1"), TextPart(text="Go on")]
    assert items(Message(role=role, tool_call_id="a", content=told)) == [
        {"role": "user", "content": [{"type": "input_text", "text": "So"}]},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"role": "user", "content": [{"type": "input_text", "text": "Go on"}]},
    ]


# --- tools and options -----------------------------------------------------------------------------


def test_functions_are_flat() -> None:
    """A function is strict only where that is asked for."""
    schema = {"type": "object", "properties": {"x": {"type": "string"}}}
    told = (Tool(name="f", description="Does f.", parameters=schema, strict=True), Tool(name="g", config={"defer_loading": True}))
    assert body(tools=told)["tools"] == [
        {"type": "function", "name": "f", "description": "Does f.", "parameters": schema, "strict": True},
        {"type": "function", "name": "g", "parameters": {"type": "object", "properties": {}}, "strict": False, "defer_loading": True},
    ]


def test_hosted_tools_go_by_type() -> None:
    """Their settings are the API's own; code runs in a container that is made where none is named."""
    told = (
        Tool(type="web_search", config={"search_context_size": "low"}),
        Tool(type="code_execution"),
        Tool(type="code_interpreter", config={"container": "cntr_1"}),
        Tool(type="namespace", name="crm", config={"tools": []}),
    )
    assert body(tools=told)["tools"] == [
        {"type": "web_search", "search_context_size": "low"},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "code_interpreter", "container": "cntr_1"},
        {"type": "namespace", "name": "crm", "tools": []},
    ]


def test_tools_of_plain_text() -> None:
    """They may come in the form of chat completions."""
    grammar = {"syntax": "lark", "definition": "start: /a/"}
    flat = {"type": "custom", "name": "g", "description": "Does g.", "format": {"type": "grammar", **grammar}}
    nested = {"type": "custom", "custom": {"name": "h", "format": {"type": "grammar", "grammar": grammar}}}
    tools = normalise([HI], {"tools": [flat, nested]}).tools
    assert body(tools=(*tools, Tool(type="custom", name="i", description="Does i.")))["tools"] == [
        flat,
        {"type": "custom", "name": "h", "format": {"type": "grammar", **grammar}},
        {"type": "custom", "name": "i", "description": "Does i."},
    ]


@pytest.mark.parametrize(
    "choice, wanted",
    [
        (("auto", None), "auto"),
        (("none", None), "none"),
        (("required", None), "required"),
        (("function", "f"), {"type": "function", "name": "f"}),
        (("function", "g"), {"type": "custom", "name": "g"}),
    ],
)
def test_tool_choice(choice: tuple[Any, Any], wanted: Any) -> None:
    """One tool is forced by its kind and name."""
    told = (Tool(name="f"), Tool(type="custom", name="g"))
    assert body(tools=told, tool_choice=choice[0], tool_name=choice[1])["tool_choice"] == wanted
    assert "tool_choice" not in body(tools=told)
    assert "tool_choice" not in body(tool_choice=choice[0], tool_name=choice[1])


def test_forms_of_the_answer() -> None:
    """They stand under ``text``, beside which more may be said."""
    schema = {"type": "object"}
    told = ResponseFormat(kind="json_schema", name="x", schema=schema, strict=True, description="An x.")
    wanted = {"type": "json_schema", "name": "x", "schema": schema, "strict": True, "description": "An x."}
    assert body(response_format=told)["text"] == {"format": wanted}
    assert body(response_format=ResponseFormat(kind="json_object"))["text"] == {"format": {"type": "json_object"}}
    bare = body(response_format=ResponseFormat(kind="json_schema"), extra={"verbosity": "low"})["text"]
    assert bare == {"format": {"type": "json_schema", "name": "response", "schema": {}}, "verbosity": "low"}


@pytest.mark.parametrize(
    "reasoning, wanted",
    [
        ("high", {"effort": "high"}),
        (0, {"effort": "none"}),
        ({"effort": "low", "summary": "auto", "budget_tokens": None}, {"effort": "low", "summary": "auto"}),
    ],
)
def test_reasoning(reasoning: Any, wanted: dict[str, Any]) -> None:
    """Thoughts are asked for by effort."""
    assert body(options={"reasoning": reasoning})["reasoning"] == wanted


@pytest.mark.parametrize("reasoning", [2048, {"budget_tokens": 2048}])
def test_budgets_are_refused(reasoning: Any) -> None:
    """The API counts no tokens of thought beforehand."""
    with pytest.raises(UnsupportedParameterError, match="effort") as refused:
        body(options={"reasoning": reasoning})
    assert refused.value.parameter == "reasoning"


def test_encrypted_thoughts_are_asked_for_where_nothing_is_kept() -> None:
    """Where the request thinks, or brings thoughts; a model that does not think would refuse."""
    wanted = ["reasoning.encrypted_content"]
    turn = Message(role="assistant", content=[thought(THOUGHT), TextPart(text="Hi")])
    assert body(options={"reasoning": "low"}, extra=KEPT)["include"] == wanted
    assert body(HI, turn, HI, extra=KEPT)["include"] == wanted
    for told in ({"extra": KEPT}, {"options": {"reasoning": "none"}, "extra": KEPT}, {"options": {"reasoning": "low"}}):
        assert "include" not in body(**told)


def test_token_probabilities_are_asked_for() -> None:
    """They are included with the texts, with as many others as are wanted."""
    wanted = ["message.output_text.logprobs"]
    assert body(options={"logprobs": True})["include"] == wanted
    told = body(options={"logprobs": True, "top_logprobs": 2})
    assert (told["include"], told["top_logprobs"]) == (wanted, 2)


def test_options_stand_where_the_api_wants_them() -> None:
    """Most go as they are; what the caller adds comes last, and replaces."""
    options = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 20, "parallel_tool_calls": False, "metadata": {"a": "b"}, "user": "u"}
    told = body(options={**options, "service_tier": "flex"}, extra={"instructions": "Be terse.", "temperature": 1})
    del told["input"], told["model"]
    assert told == {
        "temperature": 1,
        "top_p": 0.9,
        "max_output_tokens": 20,
        "parallel_tool_calls": False,
        "metadata": {"a": "b"},
        "user": "u",
        "service_tier": "flex",
        "instructions": "Be terse.",
    }


def test_an_answer_is_ready_for_the_next_turn() -> None:
    """What was decoded goes back item by item, as it came."""
    said: dict[str, Any] = {**HEAD, "content": [{"type": "output_text", "text": "Hi", "annotations": []}]}
    call: dict[str, Any] = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "f",
        "arguments": '{"x": 1}',
        "namespace": "crm",
    }
    output = [THOUGHT, SEARCH, said, call]
    turn = openai_responses.decode(HttpReply(200, {}, json.dumps({"output": output}).encode())).message
    assert turn is not None
    assert items(turn) == output
