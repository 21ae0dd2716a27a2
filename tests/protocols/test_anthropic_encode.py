"""Requests as the Messages API takes them, one fact at a time."""

from __future__ import annotations

from typing import Any, cast

import pytest

from llmring._core.accumulate import fold
from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest, ResponseFormat, Texts
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
    Role,
    TextPart,
    ToolResultPart,
)
from llmring._gen.tool import Tool, ToolCall
from llmring.exceptions import InvalidMessageError, UnsupportedParameterError
from llmring.protocols import anthropic_extras
from llmring.protocols import anthropic_messages as anthropic

PNG = b"\x89PNG\r\n\x1a\n"
USER = Message(role="user", content="Hi")
MARK = {"type": "ephemeral", "ttl": "1h"}


def body(*messages: Message, **more: Any) -> dict[str, Any]:
    """Encode a request and give its body."""
    call = anthropic.encode(NormalRequest(messages=messages or (USER,), **more), "claude")
    return cast("dict[str, Any]", call.body)


def turns(*messages: Message) -> list[dict[str, Any]]:
    """Encode *messages* and give the turns."""
    return body(*messages)["messages"]


def content(*parts: Part) -> Any:
    """Encode one user's message of *parts* and give its content."""
    return turns(Message(role="user", content=list(parts)))[0]["content"]


def test_the_least_request() -> None:
    """A model, a limit and the turns are all that is needed."""
    call = anthropic.encode(NormalRequest(messages=(USER,)), "claude")
    assert (call.method, call.path, call.headers, call.stream) == ("POST", "/v1/messages", {}, False)
    assert call.body == {"model": "claude", "max_tokens": 4096, "messages": [{"role": "user", "content": "Hi"}]}


def test_streams_are_asked_for() -> None:
    """Body and call both say that the answer shall stream."""
    call = anthropic.encode(NormalRequest(messages=(USER,), stream=True), "claude")
    assert call.stream
    assert cast("dict[str, Any]", call.body)["stream"] is True


# --- system --------------------------------------------------------------------------------------


def test_one_system_text_stays_text() -> None:
    """The system's words stand apart from the turns."""
    found = body(Message(role="system", content="Be terse."), USER)
    assert (found["system"], found["messages"]) == ("Be terse.", [{"role": "user", "content": "Hi"}])


def test_texts_alone_are_rendered_as_any_other_turns() -> None:
    """Texts are taken at once where there is nothing else; empty ones are left out either way."""
    roles: tuple[Role, ...] = ("system", "user", "assistant", "developer")
    turns = [Message(role=role, content=text) for role in roles for text in ("Hi", "", "Well.")]
    at_once, one_by_one = (anthropic.encode(NormalRequest(messages=each), "claude").body for each in (Texts(turns), tuple(turns)))
    assert at_once == one_by_one


def test_system_words_are_gathered_wherever_they_stand() -> None:
    """System and developer messages keep their order, and their cache breakpoints."""
    marked = Message(role="system", content="One", metadata={"cache_control": MARK})
    found = body(marked, USER, Message(role="developer", content=[TextPart(text="Two")]))
    assert found["system"] == [{"type": "text", "text": "One", "cache_control": MARK}, {"type": "text", "text": "Two"}]
    assert len(found["messages"]) == 1
    assert body(marked, USER)["system"] == [{"type": "text", "text": "One", "cache_control": MARK}]


# --- turns ---------------------------------------------------------------------------------------


def test_results_join_one_turn() -> None:
    """All results of a round, and what the user says after them, are one user's turn, the results first."""
    calls = [ToolCall(id="a", name="f", arguments="{}"), ToolCall(id="b", name="g", arguments='{"x":1}')]
    found = turns(
        USER,
        Message(role="assistant", tool_calls=calls),
        Message(role="tool", tool_call_id="a", content="1"),
        Message(role="tool", tool_call_id="b", content="2", metadata={"is_error": True}),
        Message(role="user", content="Go on"),
        Message(role="assistant", content="Done"),
    )
    assert found[1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "tool_use", "id": "a", "name": "f", "input": {}},
                {"type": "tool_use", "id": "b", "name": "g", "input": {"x": 1}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "1"},
                {"type": "tool_result", "tool_use_id": "b", "content": "2", "is_error": True},
                {"type": "text", "text": "Go on"},
            ],
        },
        {"role": "assistant", "content": "Done"},
    ]


def test_calls_stand_at_their_places() -> None:
    """A call goes back between the parts where it came from."""
    parts: list[Part] = [TextPart(text="One"), TextPart(text="Two")]
    calls = [
        ToolCall(id="a", name="f", at=1),
        ToolCall(id="b", name="f", at=1),
        ToolCall(id="c", name="f"),
        ToolCall(id="d", name="f", at=9),
    ]
    found = turns(Message(role="assistant", content=parts, tool_calls=calls))[0]["content"]
    assert [block.get("id") or block["text"] for block in found] == ["One", "a", "b", "Two", "c", "d"]
    before = turns(Message(role="assistant", content="Text", tool_calls=[ToolCall(id="a", name="f", at=0)]))[0]["content"]
    assert [block["type"] for block in before] == ["tool_use", "text"]


def test_calls_that_anthropic_cannot_take_as_they_are() -> None:
    """Ids get the letters that are allowed, plain texts get an object around them, signatures of others stay here."""
    calls = [
        ToolCall(id="f.x:0", name="f", arguments="not json", signature="c2ln"),
        ToolCall(id="b", name="f", signature='{"caller":{"type":"x"}}'),
    ]
    found = turns(Message(role="assistant", tool_calls=calls), Message(role="tool", tool_call_id="f.x:0", content="1"))
    assert found[0]["content"] == [
        {"type": "tool_use", "id": "f_x_0", "name": "f", "input": {"input": "not json"}},
        {"type": "tool_use", "id": "b", "name": "f", "input": {}, "caller": {"type": "x"}},
    ]
    assert found[1]["content"][0]["tool_use_id"] == "f_x_0"


def test_turns_that_say_nothing_are_left_out() -> None:
    """An assistant that said nothing has no turn; empty texts are refused by the API."""
    empty: list[Part] = [TextPart(text=""), RefusalPart(refusal="")]
    assert turns(USER, Message(role="assistant"), Message(role="assistant", content=empty)) == [{"role": "user", "content": "Hi"}]


def test_metadata_marks_the_last_block_that_takes_it() -> None:
    """The breakpoint stands after the message, yet never on thoughts, and never changes what was given."""
    native = {"type": "container_upload", "file_id": "file_1"}
    opaque = OpaquePart(protocol="anthropic_messages", data=native)
    thought = ReasoningPart(text="Hm", signature="s", protocol="anthropic_messages")
    found = turns(Message(role="user", content=[opaque, thought], metadata={"cache_control": MARK}))[0]["content"]
    assert found[0] == {**native, "cache_control": MARK}
    assert found[1] == {"type": "thinking", "thinking": "Hm", "signature": "s"}
    assert "cache_control" not in native
    assert turns(Message(role="user", content=[thought], metadata={"cache_control": MARK}))[0]["content"] == [found[1]]
    result = turns(Message(role="tool", tool_call_id="a", content="1", metadata={"cache_control": MARK}))[0]["content"][0]
    assert result["cache_control"] == MARK
    assert turns(Message(role="user", content="Hi", metadata={"id": 7}))[0]["content"] == [{"type": "text", "text": "Hi"}]


# --- parts ---------------------------------------------------------------------------------------


def test_text_keeps_its_citations() -> None:
    """Anthropic's own citations go back with their text; those of others do not."""
    ours = {"type": "char_location", "cited_text": "x"}
    cited = TextPart(text="Hi", citations=[Citation(source=ours), Citation(url="https://a"), Citation(source={"type": "url_citation"})])
    assert content(cited) == [{"type": "text", "text": "Hi", "citations": [ours]}]
    assert content(TextPart(text="Hi", cache_control=MARK)) == [{"type": "text", "text": "Hi", "cache_control": MARK}]


@pytest.mark.parametrize(
    "image, source",
    [
        (ImagePart(url="https://a/b.png"), {"type": "url", "url": "https://a/b.png"}),
        (ImagePart(url="data:image/gif;base64,R0lG"), {"type": "base64", "media_type": "image/gif", "data": "R0lG"}),
        (ImagePart(url="data:;base64,R0lG"), {"type": "base64", "media_type": "image/png", "data": "R0lG"}),
        (ImagePart(data=PNG), {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}),
        (ImagePart(data=b"?", media_type="image/webp"), {"type": "base64", "media_type": "image/webp", "data": "Pw=="}),
        (ImagePart(data=b"?"), {"type": "base64", "media_type": "image/png", "data": "Pw=="}),
        (ImagePart(file_id="file_1"), {"type": "file", "file_id": "file_1"}),
    ],
)
def test_images(image: ImagePart, source: dict[str, Any]) -> None:
    """Images go by address, inline, or as an uploaded file."""
    assert content(image) == [{"type": "image", "source": source}]


TEXT = {"type": "text", "media_type": "text/plain", "data": "a,b"}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}


@pytest.mark.parametrize(
    "document, source",
    [
        (DocumentPart(url="https://a/b.pdf"), {"type": "url", "url": "https://a/b.pdf"}),
        (DocumentPart(url="data:application/pdf;base64,JVBERg=="), PDF),
        (DocumentPart(url="data:text/csv;base64,YSxi"), TEXT),
        (DocumentPart(url="data:text/csv,a%2Cb"), TEXT),
        (DocumentPart(data=b"%PDF"), PDF),
        (DocumentPart(data=b"%PDF", media_type="application/pdf"), PDF),
        (DocumentPart(data=b"a,b", media_type="text/csv"), TEXT),
        (DocumentPart(text="a,b"), TEXT),
        (DocumentPart(file_id="file_1"), {"type": "file", "file_id": "file_1"}),
        (FilePart(file_id="file_1"), {"type": "file", "file_id": "file_1"}),
    ],
)
def test_documents(document: DocumentPart | FilePart, source: dict[str, Any]) -> None:
    """PDFs go as they are, other documents as text."""
    assert content(document) == [{"type": "document", "source": source}]


def test_documents_have_titles_and_citations() -> None:
    """Name, citations and cache breakpoint stand beside the source."""
    found = content(DocumentPart(text="a,b", name="table", citations=True, cache_control=MARK))
    assert found == [{"type": "document", "source": TEXT, "title": "table", "citations": {"enabled": True}, "cache_control": MARK}]


@pytest.mark.parametrize("part", [ImagePart(), DocumentPart(), DocumentPart(data=b"\xff\xfe"), ImagePart(url="data:image/png")])
def test_attachments_without_anything_usable_are_refused(part: Part) -> None:
    """An error says what is missing before anything is sent."""
    with pytest.raises(InvalidMessageError):
        content(part)


def test_sound_is_refused() -> None:
    """There is no block for it."""
    with pytest.raises(UnsupportedParameterError, match="audio"):
        content(AudioPart(data=b"x"))


def test_results_have_parts_and_errors() -> None:
    """A result may hold text and images; several may stand in one message."""
    first = ToolResultPart(tool_call_id="a", content=[TextPart(text="1"), ImagePart(url="https://a/b.png")], is_error=True)
    second = ToolResultPart(tool_call_id="b", cache_control=MARK)
    image = {"type": "image", "source": {"type": "url", "url": "https://a/b.png"}}
    wanted = [
        {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "1"}, image], "is_error": True},
        {"type": "tool_result", "tool_use_id": "b", "content": "", "cache_control": MARK},
    ]
    assert content(first, second) == wanted
    assert turns(Message(role="tool", tool_call_id="a", content=[first, second])) == [{"role": "user", "content": wanted}]
    assert turns(Message(role="tool", tool_call_id="a", content=[TextPart(text="1")]))[0]["content"][0]["content"] == [
        {"type": "text", "text": "1"}
    ]


def test_only_own_opaque_parts_go_back() -> None:
    """What this protocol minted goes back byte for byte; nothing that is opaque of others leaves."""
    native = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}
    assert content(
        OpaquePart(protocol="anthropic_messages", data=native),
        OpaquePart(protocol="openai_responses", data={"secret": 1}),
        ReasoningPart(text="Hm", signature="sig", protocol="anthropic_messages"),
        ReasoningPart(data="redacted", protocol="anthropic_messages"),
        ReasoningPart(text="unsigned", protocol="anthropic_messages"),
        ReasoningPart(text="theirs", data="encrypted", protocol="openai_responses"),
        ReasoningPart(text="nobody's"),
        RefusalPart(refusal="No."),
    ) == [
        native,
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "redacted"},
        {"type": "text", "text": "No."},
    ]


# --- tools ---------------------------------------------------------------------------------------


def test_functions() -> None:
    """Name, description, schema, strictness and cache breakpoint have their fields."""
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    tools = (Tool(name="f"), Tool(name="g", description="G", parameters=schema, strict=True, cache_control=MARK))
    assert body(tools=tools)["tools"] == [
        {"name": "f", "input_schema": {"type": "object", "properties": {}}},
        {"name": "g", "description": "G", "input_schema": schema, "strict": True, "cache_control": MARK},
    ]


def test_tools_for_plain_text() -> None:
    """A tool that takes plain text becomes a function of one text."""
    schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
    tools = (Tool(type="custom", name="f", description="F"), Tool(type="custom", name="g"))
    assert body(tools=tools)["tools"] == [{"name": "f", "input_schema": schema, "description": "F"}, {"name": "g", "input_schema": schema}]


@pytest.mark.parametrize(
    "tool, wanted",
    [
        (Tool(type="web_search", config={"max_uses": 1}), {"type": "web_search_20250305", "name": "web_search", "max_uses": 1}),
        (Tool(type="web_search_20260209"), {"type": "web_search_20260209", "name": "web_search"}),
        (Tool(type="text_editor"), {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"}),
        (Tool(type="text_editor_20250124", name="str_replace_editor"), {"type": "text_editor_20250124", "name": "str_replace_editor"}),
        (Tool(type="mcp_toolset", config={"mcp_server_name": "x"}), {"type": "mcp_toolset", "mcp_server_name": "x"}),
    ],
)
def test_hosted_tools(tool: Tool, wanted: dict[str, Any]) -> None:
    """Hosted tools go by type; short types get a version, and each the name that the API wants."""
    assert body(tools=(tool,))["tools"] == [wanted]


@pytest.mark.parametrize(
    "choice, parallel, wanted",
    [
        (None, None, None),
        (None, True, None),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("auto", None, {"type": "auto"}),
        ("none", False, {"type": "none"}),
        ("required", None, {"type": "any"}),
        ("function", False, {"type": "tool", "name": "f", "disable_parallel_tool_use": True}),
    ],
)
def test_tool_choice(choice: Any, parallel: Any, wanted: dict[str, Any] | None) -> None:
    """Every choice has its type, and parallel calls are switched off beside it."""
    options: dict[str, Any] = {} if parallel is None else {"parallel_tool_calls": parallel}
    found = body(tools=(Tool(name="f"),), tool_choice=choice, tool_name="f" if choice == "function" else None, options=options)
    assert found.get("tool_choice") == wanted


# --- options -------------------------------------------------------------------------------------


def test_options_have_their_places() -> None:
    """Tuning options go where the API wants them."""
    options = {"temperature": 0.5, "top_k": 3, "stop": ("a", "b"), "user": "u1", "max_tokens": 7, "service_tier": "auto"}
    found = body(options=options)
    assert found.items() >= {"temperature": 0.5, "top_k": 3, "stop_sequences": ["a", "b"], "max_tokens": 7, "service_tier": "auto"}.items()
    assert found["metadata"] == {"user_id": "u1"}
    assert body(options={"stop": "a"})["stop_sequences"] == ["a"]


@pytest.mark.parametrize(
    "reasoning, thinking, effort",
    [
        (2000, {"type": "enabled", "budget_tokens": 2000}, None),
        (0, {"type": "disabled"}, None),
        ("none", {"type": "disabled"}, None),
        ("high", {"type": "adaptive"}, "high"),
        ("minimal", {"type": "adaptive"}, "low"),
        ({"effort": "max"}, {"type": "adaptive"}, "max"),
        ({"budget_tokens": 2000}, {"type": "enabled", "budget_tokens": 2000}, None),
        ({"max_tokens": 2000}, {"type": "enabled", "budget_tokens": 2000}, None),
        ({"type": "adaptive", "display": "omitted"}, {"type": "adaptive", "display": "omitted"}, None),
        ({}, {"type": "adaptive"}, "medium"),
    ],
)
def test_reasoning(reasoning: Any, thinking: dict[str, Any], effort: str | None) -> None:
    """A budget is a limit in tokens; an effort lets the model decide how much to think."""
    found = body(options={"reasoning": reasoning})
    assert found["thinking"] == thinking
    assert found.get("output_config", {}).get("effort") == effort


def test_a_budget_leaves_room_for_the_answer() -> None:
    """A limit that the thoughts alone would use up counts for what follows them."""
    assert body(options={"reasoning": 2000, "max_tokens": 500})["max_tokens"] == 2500
    assert body(options={"reasoning": 2000, "max_tokens": 5000})["max_tokens"] == 5000
    assert body(options={"reasoning": "high", "max_tokens": 500})["max_tokens"] == 500


def test_schemas_hold_the_answer() -> None:
    """A schema goes to the output's format, beside an effort; a mere wish for JSON has no field."""
    schema = {"type": "object"}
    wanted = ResponseFormat(kind="json_schema", schema=schema)
    found = body(response_format=wanted, options={"reasoning": "low"})
    assert found["output_config"] == {"format": {"type": "json_schema", "schema": schema}, "effort": "low"}
    assert "output_config" not in body(response_format=ResponseFormat(kind="json_object"))


@pytest.mark.parametrize(
    "cache, wanted",
    [
        (True, {"type": "ephemeral"}),
        ("1h", {"type": "ephemeral", "ttl": "1h"}),
        ({"ttl": "5m"}, {"type": "ephemeral", "ttl": "5m"}),
        (False, None),
    ],
)
def test_caching_the_prompt(cache: Any, wanted: dict[str, Any] | None) -> None:
    """The whole prompt is cached for as long as asked."""
    assert body(options={"cache": cache}).get("cache_control") == wanted


def test_extra_parameters_come_last() -> None:
    """Known and unknown keys reach the body; betas become a header."""
    extra = {"thinking": {"type": "disabled"}, "container": "c1", "betas": ["a", "b"]}
    call = anthropic.encode(NormalRequest(messages=(USER,), extra=extra), "claude")
    found = cast("dict[str, Any]", call.body)
    assert (found["thinking"], found["container"], "betas" in found) == ({"type": "disabled"}, "c1", False)
    assert call.headers == {"anthropic-beta": "a,b"}
    assert anthropic.encode(NormalRequest(messages=(USER,), extra={"betas": "a"}), "claude").headers == {"anthropic-beta": "a"}
    assert anthropic.encode(NormalRequest(messages=(USER,), extra={"container": "c1"}), "claude").headers == {}


def test_counting_takes_the_prompt_alone() -> None:
    """Counting knows model, turns, system and tools, and nothing of the answer."""
    request = NormalRequest(
        messages=(Message(role="system", content="S"), USER),
        tools=(Tool(name="f"),),
        options={"max_tokens": 5, "temperature": 1},
        extra={"container": "c"},
    )
    call = anthropic_extras.encode_count(request, "claude")
    assert (call.method, call.path) == ("POST", "/v1/messages/count_tokens")
    assert cast("dict[str, Any]", call.body).keys() == {"model", "messages", "system", "tools"}


def test_the_answer_can_be_said_again() -> None:
    """Every block of an answer goes back as it came."""
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "ZGF0YQ=="},
        {"type": "text", "text": "Let me see."},
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
        {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "f",
            "input": {"a": [1, None]},
            "caller": {"type": "code_execution_20260120", "tool_id": "s"},
        },
        {"type": "text", "text": "So.", "citations": [{"type": "char_location", "cited_text": "x"}]},
        {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
    ]
    state = anthropic.start()

    frames: list[dict[str, Any]] = []
    for at, block in enumerate(blocks):
        frames += [{"type": "content_block_start", "index": at, "content_block": block}, {"type": "content_block_stop", "index": at}]
    events = [event for frame in [*frames, {"type": "message_stop"}] for event in anthropic.events(state, frame)]
    message = fold(events, protocol=anthropic.NAME).message
    assert message is not None
    normal = normalise([message.to_dict()], {}).messages
    assert turns(message) == turns(*normal) == [{"role": "assistant", "content": blocks}]
