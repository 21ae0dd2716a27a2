"""Gemini's answers and their streams, part by part: what the recordings do not show, and shapes that nobody should send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.accumulate import fold
from llmring._core.http import HttpReply
from llmring._gen.message import AudioPart, ImagePart, OpaquePart, ReasoningPart, TextPart
from llmring._gen.response import LLMResponse
from llmring._gen.stream import Finish, StreamEvent, ToolCallComplete, ToolCallDelta
from llmring._gen.usage import Usage
from llmring.exceptions import (
    ContentFilterError,
    LLMRingError,
    ProviderOverloadedError,
    ProviderPermissionError,
    ProviderRateLimitError,
    ProviderResponseError,
    ProviderServerError,
)
from llmring.protocols import gemini_extras
from llmring.protocols import gemini_generate as gemini

Chunk = dict[str, Any]
KEYS = ("text", "parts", "content", "index", "finishReason", "functionCall", "inlineData", "thoughtSignature", "name", "args", "jsonPath")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | st.sampled_from(["", "text", "STOP", "$.a", "{"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
OBJECT: st.SearchStrategy[Chunk] = st.dictionaries(WORDS, st.none() | st.booleans() | st.integers() | WORDS, max_size=3)
SIGNED = {"thoughtSignature": WORDS}
PART: st.SearchStrategy[Chunk] = st.one_of(
    st.fixed_dictionaries({"text": WORDS}, optional=SIGNED),
    st.fixed_dictionaries({"text": st.just(""), "thoughtSignature": WORDS}),
    st.fixed_dictionaries({"text": WORDS, "thought": st.sampled_from([True])}, optional=SIGNED),
    st.fixed_dictionaries(
        {"functionCall": st.fixed_dictionaries({"name": WORDS, "args": OBJECT}, optional={"id": WORDS})}, optional=SIGNED
    ),
    st.fixed_dictionaries({"executableCode": st.fixed_dictionaries({"code": WORDS, "language": st.just("PYTHON")})}),
    st.fixed_dictionaries({"inlineData": st.just({"mimeType": "image/png", "data": "iVBORw=="})}),
)
CANDIDATE: st.SearchStrategy[Chunk] = st.fixed_dictionaries(
    {"parts": st.lists(PART, max_size=5), "finishReason": st.sampled_from(["STOP", "MAX_TOKENS", "SAFETY", "SOMETHING_NEW"])}
)


def answer(*parts: Chunk, reason: Any = "STOP", **more: Any) -> Chunk:
    """Give a whole answer of one candidate."""
    candidate = {"content": {"parts": list(parts), "role": "model"}, "finishReason": reason, "index": 0}
    return {"candidates": [{**candidate, **more}], "responseId": "r1", "modelVersion": "gemini"}


def decoded(body: Any) -> LLMResponse[Any]:
    """Decode *body* as a whole answer."""
    return gemini.decode(HttpReply(200, {}, json.dumps(body).encode()))


def streamed(*chunks: Chunk) -> list[StreamEvent]:
    """Translate all *chunks* of a stream."""
    state = gemini.start()
    events = [event for chunk in chunks for event in gemini.events(state, chunk)]
    return events + gemini.finish(state)


def told(*chunks: Chunk) -> LLMResponse[Any]:
    """Fold what *chunks* tell."""
    return fold(streamed(*chunks), protocol=gemini.NAME)


def said(response: LLMResponse[Any]) -> Any:
    """Give the content of the answer's message."""
    assert response.message is not None
    return response.message.content


def pieces(part: Chunk) -> list[Chunk]:
    """Cut unsigned text in two, as a stream would."""
    if "text" not in part or "thoughtSignature" in part:
        return [part]
    text = part["text"]
    return [{**part, "text": half} for half in (text[: len(text) // 2], text[len(text) // 2 :])]


@given(st.lists(CANDIDATE, min_size=1, max_size=2))
def test_a_stream_tells_what_the_whole_answer_says(candidates: list[Chunk]) -> None:
    """Folding the events of a stream gives what decoding the answer gives, for each of its candidates."""
    usage = {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 5}
    beside = {"responseId": "r1", "modelVersion": "gemini"}
    whole = [{"content": {"parts": each["parts"]}, "finishReason": each["finishReason"], "index": at} for at, each in enumerate(candidates)]
    chunks: list[Chunk] = [
        {"candidates": [{"content": {"parts": [piece]}, "index": at}], "usageMetadata": {"promptTokenCount": 3}, **beside}
        for at, each in enumerate(candidates)
        for part in each["parts"]
        for piece in pieces(part)
    ]
    chunks += [
        {"candidates": [{"finishReason": each["finishReason"], "index": at}], "usageMetadata": usage, **beside}
        for at, each in enumerate(candidates)
    ]
    assert told(*chunks) == decoded({"candidates": whole, "usageMetadata": usage, **beside})


@given(
    st.lists(st.dictionaries(st.sampled_from(["candidates", "promptFeedback", "usageMetadata", "error", "modelVersion"]), JSON), max_size=3)
)
def test_any_chunks_are_answer_or_error(chunks: list[Chunk]) -> None:
    """Whatever JSON a stream or a whole answer brings, nothing but our own errors is raised."""
    for read in (lambda: told(*chunks), lambda: decoded(chunks), lambda: decoded({**(chunks[0] if chunks else {})})):
        try:
            assert isinstance(read(), LLMResponse)
        except LLMRingError:
            continue


@given(
    st.lists(st.dictionaries(st.sampled_from(["candidates", "content", "groundingMetadata", "citationMetadata", "logprobsResult"]), JSON))
)
def test_any_candidates_are_an_answer(candidates: list[Chunk]) -> None:
    """Candidates of any shape make an answer."""
    assert isinstance(told({"candidates": candidates}), LLMResponse)


@given(st.lists(st.dictionaries(st.sampled_from(["text", "functionCall", "inlineData", "thoughtSignature", "thought"]), JSON), max_size=3))
def test_any_parts_are_an_answer(parts: list[Chunk]) -> None:
    """Parts of any shape make an answer."""
    assert isinstance(decoded(answer(*parts)), LLMResponse)


@given(st.lists(st.dictionaries(st.sampled_from(["name", "id", "args", "partialArgs", "willContinue"]), JSON), max_size=4))
def test_any_calls_are_an_answer(calls: list[Chunk]) -> None:
    """Function calls of any shape make an answer."""
    assert isinstance(decoded(answer(*({"functionCall": call} for call in calls))), LLMResponse)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"jsonPath": st.from_regex(r"(\$(\.[ab]|\[[0-2]\]|\['a'\]){0,3}|x)", fullmatch=True)},
            optional={"stringValue": JSON, "nullValue": st.just("NULL_VALUE"), "willContinue": st.booleans()},
        )
    )
)
def test_any_pieces_of_arguments_are_an_answer(arguments: list[Chunk]) -> None:
    """Arguments that contradict each other still make an object."""
    call = decoded(answer({"functionCall": {"name": "f", "partialArgs": arguments}})).tool_calls
    assert all(isinstance(each.arguments, dict) for each in call)


@given(JSON)
def test_any_error_body_is_an_error(body: Any) -> None:
    """Whatever JSON an error's body holds, it becomes a typed error."""
    assert isinstance(gemini.decode_error(HttpReply(500, {}, json.dumps(body).encode())), ProviderServerError)


# --- parts ---------------------------------------------------------------------------------------


def test_signed_parts_stay_apart() -> None:
    """A signature stays on its own part, be it empty; unsigned text joins what came before it."""
    response = decoded(
        answer(
            {"text": "Hm", "thought": True},
            {"text": ".", "thought": True},
            {"text": "So", "thought": True, "thoughtSignature": "s0"},
            {"text": "One"},
            {"text": " two"},
            {"text": "three", "thoughtSignature": "s1"},
            {"text": "four"},
            {"text": "", "thoughtSignature": "s2"},
            {"thoughtSignature": "s3"},
            {"text": ""},
            {},
        )
    )
    assert response.content == "One twothreefour"
    assert response.reasoning == "Hm.\n\nSo"
    assert said(response) == [
        ReasoningPart(text="Hm."),
        ReasoningPart(text="So", signature="s0", protocol="gemini_generate"),
        TextPart(text="One two"),
        TextPart(text="three", signature="s1"),
        TextPart(text="four"),
        TextPart(text="", signature="s2"),
        TextPart(text="", signature="s3"),
    ]


def test_calls_have_ids_and_signatures() -> None:
    """An id that is missing is made up; a signature on the first of parallel calls stays there."""
    response = decoded(
        answer(
            {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "s"},
            {"functionCall": {"name": "f"}},
            {"functionCall": {"name": "g", "args": "odd", "id": "x"}},
            {"functionCall": {"args": {}}},
        )
    )
    assert [(call.id, call.name, call.arguments, call.signature) for call in response.tool_calls] == [
        ("call_0", "f", {"a": 1}, "s"),
        ("call_1", "f", {}, None),
        ("x", "g", None, None),
    ]
    assert (response.finish_reason, response.raw_finish_reason) == ("tool_calls", "STOP")


def test_images_and_sound_are_parts() -> None:
    """Inline data is decoded where its kind is known; what is broken, or a mere thought, stays as it came."""
    image = {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}}
    broken = {"inlineData": {"mimeType": "image/png", "data": "x"}}
    foreign = {"inlineData": {"mimeType": "audio/wav", "data": "ü"}}
    video = {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}
    response = decoded(
        answer(
            {**image, "thoughtSignature": "s"},
            {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
            broken,
            foreign,
            video,
            {**image, "thought": True},
        )
    )
    assert said(response) == [
        ImagePart(data=b"\x89PNG", media_type="image/png", signature="s"),
        AudioPart(data=b"\x00\x00\x00", media_type="audio/wav"),
        OpaquePart(protocol="gemini_generate", data=broken),
        OpaquePart(protocol="gemini_generate", data=foreign),
        OpaquePart(protocol="gemini_generate", data=video),
        OpaquePart(protocol="gemini_generate", data={**image, "thought": True}),
    ]


def test_hosted_tools_are_kept_but_never_called() -> None:
    """Code, its result, and Gemini's own tool calls stay as they came."""
    parts = [
        {"executableCode": {"code": "1+1", "language": "PYTHON"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
        {"toolCall": {"id": "t", "toolType": "GOOGLE_SEARCH_WEB"}, "thoughtSignature": "s"},
    ]
    response = decoded(answer(*parts))
    assert response.tool_calls == []
    assert said(response) == [OpaquePart(protocol="gemini_generate", data=part) for part in parts]


# --- calls that grow -----------------------------------------------------------------------------


def grown(*calls: Chunk, reason: str | None = "STOP") -> list[StreamEvent]:
    """Stream *calls*, one in each chunk."""
    return streamed(*(answer({"functionCall": call}, reason=None) for call in calls), answer(reason=reason))


def whole_calls(events: list[StreamEvent]) -> list[tuple[str, str, Any]]:
    """Give the calls that became whole."""
    return [
        (event.tool_call.id, event.tool_call.name, event.tool_call.arguments) for event in events if isinstance(event, ToolCallComplete)
    ]


def test_arguments_grow_by_their_paths() -> None:
    """Texts grow, numbers, booleans and nulls are set, inside objects and lists, until the call goes on no more."""
    events = grown(
        {"name": "f", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "New ", "willContinue": True}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "Delhi", "willContinue": True}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city"}], "willContinue": True},
        {
            "partialArgs": [
                {"jsonPath": "$.days[0].n", "numberValue": 3},
                {"jsonPath": "$.days[1]['is\\'so']", "boolValue": True},
                {"jsonPath": '$["x.y"]', "nullValue": "NULL_VALUE"},
                {"jsonPath": "$.city[0]", "stringValue": "over"},
                {"jsonPath": "$.days[1].more[1]", "stringValue": "last"},
                {"jsonPath": "$.days[1].more[1]", "stringValue": "last"},
                {"jsonPath": "$", "stringValue": "nowhere"},
            ],
            "willContinue": True,
        },
        {},
    )
    wanted = {"city": ["over"], "days": [{"n": 3}, {"is'so": True, "more": [None, "last"]}], "x.y": None}
    assert whole_calls(events) == [("call_0", "f", wanted)]
    assert [type(event) for event in events] == [ToolCallDelta, ToolCallDelta, ToolCallComplete, Finish]


def test_text_grows_only_while_it_goes_on() -> None:
    """A later text at a path that was complete replaces it."""
    piece = {"jsonPath": "$.a", "stringValue": "x"}
    assert whole_calls(grown({"name": "f", "partialArgs": [piece, piece]})) == [("call_0", "f", {"a": "x"})]
    more = {**piece, "willContinue": True}
    assert whole_calls(grown({"name": "f", "args": {"b": 1}, "partialArgs": [more, piece]})) == [("call_0", "f", {"b": 1, "a": "xx"})]


def test_a_new_call_ends_the_one_before() -> None:
    """A name, another id, or a call made in one go are no continuation; the same name with pieces is."""
    piece = {"jsonPath": "$.a", "stringValue": "x"}
    events = grown(
        {"name": "f", "id": "1", "willContinue": True},
        {"name": "f", "id": "1", "partialArgs": [piece], "willContinue": True},
        {"name": "f", "id": "2", "partialArgs": [piece], "willContinue": True},
        {"id": "3"},
        {"name": "g", "willContinue": True},
        {"name": "g", "args": {"b": 2}},
        {"name": "h", "willContinue": True},
    )
    assert whole_calls(events) == [
        ("1", "f", {"a": "x"}),
        ("2", "f", {"a": "x"}),
        ("call_2", "g", {}),
        ("call_3", "g", {"b": 2}),
        ("call_4", "h", {}),
    ]


def test_a_call_that_was_cut_is_never_completed() -> None:
    """At the limit its arguments stay open; where the stream broke off there is no call."""
    piece = {"jsonPath": "$.a", "stringValue": "x", "willContinue": True}
    growing = {"name": "f", "partialArgs": [piece], "willContinue": True}
    events = grown(growing, reason="MAX_TOKENS")
    assert [(event.tool_call.raw_arguments, event.tool_call.arguments) for event in events if isinstance(event, ToolCallComplete)] == [
        ('{"a":"x"', None)
    ]
    assert whole_calls(grown(growing, reason=None)) == []


# --- the answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw, name, unified",
    [
        ("STOP", "STOP", "stop"),
        ("MAX_TOKENS", "MAX_TOKENS", "length"),
        ("SAFETY", "SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "MALFORMED_FUNCTION_CALL", "error"),
        ("SOMETHING_NEW", "SOMETHING_NEW", "other"),
        (1, "STOP", "stop"),
        (2, "MAX_TOKENS", "length"),
        (99, "99", "other"),
        (None, None, None),
    ],
)
def test_finish_reasons_are_unified(raw: Any, name: str | None, unified: str | None) -> None:
    """Google's word is kept beside ours; a number stands for its name."""
    response = decoded(answer(reason=raw))
    assert (response.raw_finish_reason, response.finish_reason) == (name, unified)


def test_ends_that_need_words_are_explained() -> None:
    """Why a call was refused is a warning; that all went well is none."""
    assert decoded(answer(reason="UNEXPECTED_TOOL_CALL", finishMessage="no such function: f")).warnings == ["no such function: f"]
    assert decoded(answer(finishMessage="Model generated function call(s).")).warnings == []


def test_usage_is_that_of_the_last_chunk() -> None:
    """Counters replace; tools' prompts are input, thoughts are output, sound is told apart, and anything may be missing."""
    first = {"promptTokenCount": 1, "candidatesTokenCount": 1}
    last = {
        "promptTokenCount": 10,
        "toolUsePromptTokenCount": 5,
        "cachedContentTokenCount": 4,
        "thoughtsTokenCount": 7,
        "totalTokenCount": 22,
        "serviceTier": "standard",
        "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 3}, {"modality": "TEXT", "tokenCount": 7}],
    }
    response = told({**answer(reason=None), "usageMetadata": first}, {**answer(), "usageMetadata": last}, answer())
    assert response.usage == Usage(
        input_tokens=15, output_tokens=7, total_tokens=22, cache_read_tokens=4, reasoning_tokens=7, input_audio_tokens=3
    )
    assert response.service_tier == "standard"


def test_the_end_is_that_of_every_candidate() -> None:
    """A stream is over when each candidate has its reason."""
    state = gemini.start()
    gemini.events(state, {"candidates": [{"index": 0, "finishReason": "STOP"}]})
    assert state.done
    gemini.events(state, {"candidates": [{"index": 1, "content": {"parts": [{"text": "b"}]}}]})
    assert not state.done
    gemini.events(state, {"candidates": [{"index": 1, "finishReason": "STOP"}]})
    assert state.done
    assert len(gemini.finish(state)) == 2
    assert gemini.finish(state) == []


def test_log_probabilities_are_gathered() -> None:
    """Each chunk tells those of its own tokens."""
    chunks = [answer(logprobsResult={"chosenCandidates": [{"token": word}], "logProbabilitySum": at}) for at, word in enumerate("ab")]
    assert told(*chunks).logprobs == {"chosenCandidates": [{"token": "a"}, {"token": "b"}], "logProbabilitySum": 1}


def test_grounding_becomes_citations() -> None:
    """Segments are told in bytes or words; sources that support nothing in particular come last."""
    grounding = {
        "groundingChunks": [
            {"web": {"uri": "https://a", "title": "A"}},
            {"retrievedContext": {"uri": "gs://b", "title": "B", "text": "words"}},
            {"odd": 1},
        ],
        "groundingSupports": [
            {"segment": {"endIndex": 7, "text": "Grüße"}, "groundingChunkIndices": [0, 9, "odd"]},
            {"segment": {"startIndex": 70, "endIndex": 80, "text": "Ende"}, "groundingChunkIndices": [1]},
            {"segment": {"startIndex": 0, "endIndex": 3, "text": "nowhere"}, "groundingChunkIndices": [1]},
            {"segment": {"startIndex": 0}, "groundingChunkIndices": [0]},
            {"segment": {"startIndex": -1, "endIndex": 2}, "groundingChunkIndices": [0]},
            {"groundingChunkIndices": None},
        ],
    }
    response = told(answer({"text": "Grüße, "}, reason=None), answer({"text": "Ende"}, groundingMetadata=grounding))
    assert [(each.url, each.title, each.cited_text, each.start, each.end) for each in response.citations] == [
        ("https://a", "A", None, 0, 5),
        ("gs://b", "B", "words", 7, 11),
        ("gs://b", "B", "words", None, None),
        ("https://a", "A", None, None, None),
        ("https://a", "A", None, None, 2),
        (None, None, None, None, None),
    ]


def test_recitations_become_citations() -> None:
    """Sources of recited text have a span, too."""
    for key in ("citations", "citationSources"):
        recited = {key: [{"startIndex": 0, "endIndex": 3, "uri": "https://a", "license": "MIT"}]}
        response = decoded(answer({"text": "abcdef"}, citationMetadata=recited))
        assert [(each.url, each.start, each.end) for each in response.citations] == [("https://a", 0, 3)]


# --- errors --------------------------------------------------------------------------------------


def test_a_blocked_prompt_is_an_error() -> None:
    """Without any candidate the reason of the block is the answer; with candidates it is not."""
    feedback = {"blockReason": "SAFETY", "blockReasonMessage": "unsafe"}
    with pytest.raises(ContentFilterError, match=r"SAFETY \(unsafe\)") as caught:
        decoded({"promptFeedback": feedback})
    assert (caught.value.status_code, caught.value.code) == (200, "SAFETY")
    assert told(answer({"text": "Hi"}), {"promptFeedback": feedback}).content == "Hi"
    with pytest.raises(ContentFilterError, match="no stated reason"):
        decoded({"promptFeedback": {"blockReason": None}})


def test_an_answer_may_have_no_candidates() -> None:
    """Counters alone are an answer that says nothing."""
    response = decoded({"usageMetadata": {"promptTokenCount": 3}, "modelVersion": "gemini", "responseId": "r1"})
    assert (response.content, response.model, response.id, response.usage.input_tokens) == ("", "gemini", "r1", 3)


def test_an_error_inside_a_stream_is_raised() -> None:
    """The class is that of the error's status."""
    state = gemini.start()
    with pytest.raises(ProviderOverloadedError, match="overloaded") as caught:
        gemini.events(state, {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
    assert (caught.value.status_code, caught.value.type, caught.value.code) == (200, "UNAVAILABLE", "503")


@pytest.mark.parametrize("body", [b"<html>", b"[", b"[]", b"[1]", b"{}", b'{"id": 1}', b"7"])
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    """A body that cannot be understood says so."""
    with pytest.raises(ProviderResponseError):
        gemini.decode(HttpReply(200, {}, body))


@pytest.mark.parametrize(
    "delay, seconds", [("17s", 17.0), ("1.5s", 1.5), ("-1s", None), ("inf s", None), ("xs", None), ("17", None), (17, None), (None, None)]
)
def test_the_time_to_wait_is_among_the_details(delay: Any, seconds: float | None) -> None:
    """A delay is a text in seconds."""
    details = [{"@type": "type.googleapis.com/google.rpc.Help"}, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]
    body = {"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED", "details": details}}
    error = gemini.decode_error(HttpReply(429, {}, json.dumps(body).encode()))
    assert isinstance(error, ProviderRateLimitError)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "body, told_message",
    [(b'[{"error": {"message": "denied"}}]', "denied"), (b'{"error": "denied"}', "denied"), (b"denied\n", "denied"), (b"[]", "[]")],
)
def test_errors_of_those_in_between_are_read(body: bytes, told_message: str) -> None:
    """Streams, gateways and proxies word their errors in their own way."""
    error = gemini.decode_error(HttpReply(403, {}, body))
    assert isinstance(error, ProviderPermissionError)
    assert error.message == told_message


# --- beside chat ---------------------------------------------------------------------------------


def test_pages_of_models_follow_each_other() -> None:
    """Names lose their collection, and the token leads to the next page."""
    page = {"models": [{"name": "models/a"}, {"name": "tunedModels/b"}, {}], "nextPageToken": "t"}
    models, after = gemini_extras.decode_models(HttpReply(200, {}, json.dumps(page).encode()))
    assert ([model["id"] for model in models], after) == (["a", "tunedModels/b"], "t")
    assert gemini_extras.encode_models().path == "/v1beta/models?pageSize=1000"
    assert gemini_extras.encode_models("a=b").path == "/v1beta/models?pageSize=1000&pageToken=a%3Db"


def test_embeddings_are_asked_for_in_one_call() -> None:
    """Each input is a request of its own."""
    call = gemini_extras.encode_embed(["a", "b"], "embedder", {"dimensions": 8, "taskType": "RETRIEVAL_QUERY"})
    beside = {"model": "models/embedder", "outputDimensionality": 8, "taskType": "RETRIEVAL_QUERY"}
    assert call.path == "/v1beta/models/embedder:batchEmbedContents"
    assert call.body == {"requests": [{"content": {"parts": [{"text": "a"}]}, **beside}, {"content": {"parts": [{"text": "b"}]}, **beside}]}
    assert gemini_extras.encode_embed(["a"], "e").body == {"requests": [{"model": "models/e", "content": {"parts": [{"text": "a"}]}}]}


def test_counts_and_embeddings_tell_what_was_used() -> None:
    """Newer embedding models count, too."""
    body = {"embeddings": [{"values": [0.5, 1]}], "usageMetadata": {"promptTokenCount": 4}}
    assert gemini_extras.decode_count(HttpReply(200, {}, b'{"totalTokens": 7}')) == 7
    vectors, usage = gemini_extras.decode_embed(HttpReply(200, {}, json.dumps(body).encode()))
    assert (vectors, usage) == ([[0.5, 1]], Usage(input_tokens=4, total_tokens=4))


@pytest.mark.parametrize("body", [b"{}", b'{"totalTokens": "7", "models": {}, "embeddings": [{"values": [1]}, {}]}'])
def test_what_does_not_say_what_was_asked_is_an_error(body: bytes) -> None:
    """Neither count, list nor vectors are guessed."""
    for read in (gemini_extras.decode_count, gemini_extras.decode_models, gemini_extras.decode_embed):
        with pytest.raises(ProviderResponseError):
            read(HttpReply(200, {}, body))
