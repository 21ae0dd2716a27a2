"""What the simulator promises beside wire formats: determinism, records, refusals, and that it ends when it is closed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import httpx2
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring.testing.simulator import Simulator, serve_forever
from llmring.testing.simulator.multipart import parts_of
from llmring.testing.simulator.reading import pieces
from llmring.testing.simulator.schema_instance import instance
from llmring.testing.simulator.steer import Steering, parse, split_model

if TYPE_CHECKING:
    from random import Random

KEYS: Final = {"authorization": "Bearer any"}
BODY: Final[dict[str, Any]] = {"model": "gpt-5.4", "messages": [{"role": "user", "content": "Tell me about otters"}]}

UNANSWERED: Final = {
    "role": "assistant",
    "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
UNASKED: Final = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "17"}]}


def test_it_needs_nothing_of_the_rest() -> None:
    """Importing it loads no HTTP client and nothing else of LLMRing but its exceptions."""
    code = """if True:
        import sys
        import llmring.testing.simulator
        own = {name for name in sys.modules if name.startswith("llmring.")}
        assert not {"httpx2", "httpx", "asyncio", "attrs", "jsonschema"} & set(sys.modules)
        assert all(name.startswith(("llmring.testing", "llmring.exceptions")) for name in own), own
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_same_question_has_the_same_answer() -> None:
    """Two simulators of one seed agree, another seed says something else."""
    said: list[bytes] = []
    for seed in (1, 1, 2):
        with Simulator(seed=seed) as simulator:
            said.append(httpx2.post(f"{simulator.url}/v1/chat/completions", json=BODY, headers=KEYS).content)
    assert said[0] == said[1] != said[2]


def test_requests_are_recorded_and_told() -> None:
    """Method, path with query, headers and body, and one line each."""
    lines: list[str] = []
    with Simulator(on_request=lines.append) as simulator:
        httpx2.post(f"{simulator.urls['openai']}/chat/completions?a=1", json={**BODY, "stream": True}, headers=KEYS)
        httpx2.get(f"{simulator.urls['ollama']}/api/version")
        first, second = simulator.requests
    assert (first.method, first.path, first.body["model"]) == ("POST", "/v1/chat/completions?a=1", "gpt-5.4")
    assert first.headers["authorization"] == "Bearer any"
    assert (second.path, second.body) == ("/api/version", None)
    assert lines == ["POST /v1/chat/completions gpt-5.4 -> 200 stream", "GET /api/version -> 200"]


def test_a_body_may_come_in_chunks() -> None:
    """A request without a length is read to its end."""
    data = json.dumps(BODY).encode()
    with Simulator() as simulator:
        reply = httpx2.post(f"{simulator.url}/v1/chat/completions", content=iter([data[:9], data[9:]]), headers=KEYS)
    assert reply.status_code == 200


@pytest.mark.parametrize("fault", ["hang", "stall", "drip", "delay"])
def test_closing_ends_what_hangs(fault: str) -> None:
    """No thread and no connection outlives close, and closing twice is no error."""
    before = set(threading.enumerate())
    arrived = threading.Event()
    simulator = Simulator(on_request=lambda _: arrived.set()).start()
    steer = "delay=60" if fault == "delay" else f"fault={fault}; pace=60"
    errors: list[Exception] = []

    def ask() -> None:
        try:
            httpx2.post(f"{simulator.url}/v1/chat/completions", json=BODY, headers={**KEYS, "x-simulate": steer}, timeout=30)
        except httpx2.TransportError as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert arrived.wait(10)
    simulator.close()
    asking.join()
    simulator.close()
    assert len(errors) == 1
    assert set(threading.enumerate()) == before


def test_serving_forever_ends_by_an_interrupt() -> None:
    """The one who waits is told where it listens; Ctrl-C closes it without a traceback."""
    urls: list[str] = []

    def interrupt(simulator: Simulator) -> None:
        urls.append(simulator.url)
        assert httpx2.get(f"{simulator.url}/").status_code == 200
        raise KeyboardInterrupt

    serve_forever(0, on_ready=interrupt)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(urls[0])


def test_it_can_start_again() -> None:
    """An instance that was closed listens anew."""
    simulator = Simulator()
    with pytest.raises(RuntimeError, match="not started"):
        _ = simulator.url
    for _ in range(2):
        with simulator:
            assert httpx2.get(f"{simulator.url}/").text == "Ollama is running"


WRONG: Final[list[tuple[str, Any, int, str]]] = [
    ("/v1/chat/nothing", {}, 404, "Invalid URL"),
    ("/v1/chat/completions", [], 400, "JSON object"),
    ("/v1/chat/completions", {"messages": []}, 400, "model"),
    ("/v1/chat/completions", {"model": "gpt-5.4"}, 400, "messages"),
    ("/v1/chat/completions", {"model": "gpt-5.4", "messages": [{"role": "nobody"}]}, 400, "nobody"),
    ("/v1/responses", {"model": "gpt-5.4", "messages": []}, 400, "moved to 'input'"),
    ("/v1/responses", {"model": "gpt-5.4", "input": "hi", "response_format": {}}, 400, "text.format"),
    ("/v1/responses", {"model": "gpt-5.4"}, 400, "must be provided"),
    (
        "/v1/responses",
        {"model": "gpt-5.4", "input": [{"type": "function_call_output", "call_id": "call_1"}]},
        400,
        "No tool call found",
    ),
    ("/v1/chat/completions", {"model": "gpt-5.4", "messages": [UNANSWERED, {"role": "user", "content": "hi"}]}, 400, "missing: call_1"),
    ("/v1/messages", {"model": "claude-sonnet-5", "max_tokens": 5}, 400, "messages: Field required"),
    ("/v1/messages", {"model": "claude-sonnet-5", "max_tokens": 5, "messages": [{"role": "system"}]}, 400, "should be 'user' or"),
    ("/v1/messages", {"model": "claude-sonnet-5", "max_tokens": 5, "messages": [UNASKED]}, 400, "unexpected `tool_use_id`"),
    ("/v1beta/models/gemini-2.5-flash:generateContent", {"contents": [{"role": "system", "parts": []}]}, 400, "valid role"),
    ("/v1beta/models/gemini-2.5-flash:generateContent", {"contents": [{"role": "user", "parts": []}]}, 400, "must not be empty"),
    ("/v1/embeddings", {"model": "text-embedding-3-small"}, 400, "input"),
    ("/v1beta/models", {}, 405, "Not allowed"),
    ("/v1beta/models/gemini-2.5-flash:generateContent", {"contents": []}, 400, "contents"),
    ("/v1beta/models/missing-one:generateContent", {"contents": []}, 404, "NOT_FOUND"),
    ("/api/chat", {"model": "llama3.2", "messages": [], "format": "xml"}, 400, "invalid format"),
]


@pytest.mark.parametrize("path,body,status,word", WRONG)
def test_wrong_requests_are_refused(path: str, body: object, status: int, word: str) -> None:
    """The message says what is wrong."""
    with Simulator() as simulator:
        reply = httpx2.post(f"{simulator.url}{path}", json=body, headers={**KEYS, "anthropic-version": "2023-06-01"})
    assert reply.status_code == status
    assert word in reply.text


@pytest.mark.parametrize(
    "path,headers,status",
    [
        ("/v1/models", {}, 401),
        ("/v1/models", {"authorization": "Bearer bad-key"}, 401),
        ("/v1/models", {"anthropic-version": "2023-06-01"}, 401),
        ("/v1/models", {"x-api-key": "bad", "anthropic-version": "2023-06-01"}, 401),
        ("/v1/models", {"x-api-key": "any"}, 400),
        ("/v1beta/models", {}, 403),
        ("/v1beta/models", {"x-goog-api-key": "bad"}, 400),
        ("/v1beta/models?key=any", {}, 200),
        ("/api/tags", {}, 200),
    ],
)
def test_a_key_is_wanted(path: str, headers: dict[str, str], status: int) -> None:
    """Each provider refuses a missing and a wrong key in its own way; Ollama wants none."""
    with Simulator() as simulator:
        assert httpx2.get(f"{simulator.url}{path}", headers=headers).status_code == status


def test_gemini_takes_a_multipart_upload() -> None:
    """Metadata first, then the bytes."""
    about = b'content-type: application/json\r\n\r\n{"file":{"displayName":"notes"}}'
    data = b"--b\r\n" + about + b"\r\n--b\r\ncontent-type: text/plain\r\n\r\notters\r\n--b--\r\n"
    headers = {"content-type": "multipart/related; boundary=b", "x-goog-api-key": "any"}
    with Simulator() as simulator:
        kept = httpx2.post(f"{simulator.url}/upload/v1beta/files?uploadType=multipart", content=data, headers=headers).json()["file"]
    assert (kept["displayName"], kept["sizeBytes"], kept["mimeType"]) == ("notes", "6", "text/plain")


def test_settings_are_read() -> None:
    """Header and name have one grammar."""
    assert parse("fault=429; times=2;pace=0.5; say=a%3Bb;") == Steering(fault="status", status=429, times=2, pace=0.5, say="a;b")
    assert split_model("a+b+parallel+reasoning") == ("a+b", Steering(calls=2, reasoning=True))
    assert parse("say=x").over(Steering(say="y", words=3)) == Steering(say="x", words=3)


def test_words_are_as_many_as_wanted() -> None:
    """A stream can be as long as a bench needs it."""
    with Simulator() as simulator:
        body = {**BODY, "model": "gpt-5.4+words=200", "stream": True}
        text = httpx2.post(f"{simulator.url}/v1/chat/completions", json=body, headers=KEYS).text
    assert text.count('"content":"') == 201


def test_a_limit_cuts_tool_arguments() -> None:
    """What is left of them is no JSON, and the reason is the limit."""
    function = {"name": "f", "parameters": {"type": "object", "properties": {"text": {"type": "string", "minLength": 99}}}}
    body = {**BODY, "tools": [{"type": "function", "function": function}], "max_completion_tokens": 5}
    with Simulator() as simulator:
        choice = httpx2.post(f"{simulator.url}/v1/chat/completions", json=body, headers=KEYS).json()["choices"][0]
    arguments = choice["message"]["tool_calls"][0]["function"]["arguments"]
    assert (choice["finish_reason"], len(arguments)) == ("length", 19)
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(arguments)


def test_any_json_is_an_object() -> None:
    """The plain JSON mode gives some object."""
    body = {**BODY, "response_format": {"type": "json_object"}}
    with Simulator() as simulator:
        said = httpx2.post(f"{simulator.url}/v1/chat/completions", json=body, headers=KEYS).json()["choices"][0]["message"]["content"]
    assert json.loads(said)["answer"] == "Tell me about otters"


SCHEMAS: Final[list[dict[str, Any]]] = [
    {},
    {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"const": 3}}, "required": ["a", "c"]},
    {"type": "array", "items": {"type": "integer", "minimum": 7, "maximum": 9}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": False, "maxItems": 2},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "integer", "multipleOf": 5, "minimum": 101, "maximum": 106},
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"type": "string"}, "minItems": 4, "uniqueItems": True},
    {"type": "string", "minLength": 30, "maxLength": 31},
    {"type": "string", "maxLength": 2},
    {"type": "string", "pattern": r"^[A-Z]{3}-\d{3}$"},
    {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"x": {"type": "string", "format": "date"}}, "required": ["x"]}]},
    {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"enum": [1, 2]}}, "required": ["b"]}]},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
        "$ref": "#/$defs/Node",
    },
    {
        "$defs": {
            "T": {"type": "object", "properties": {"v": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}
        },
        "$ref": "#/$defs/T",
    },
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
@given(prompt=st.text(max_size=60), dice=st.randoms(use_true_random=False))
def test_an_instance_satisfies_its_schema(schema: dict[str, Any], prompt: str, dice: Random) -> None:
    """Whatever the prompt, the validator agrees."""
    jsonschema.validate(instance(schema, prompt, dice), schema, cls=jsonschema.Draft202012Validator)


@given(
    low=st.integers(-50, 50),
    wide=st.integers(0, 40),
    whole=st.booleans(),
    prompt=st.integers().map(str),
    dice=st.randoms(use_true_random=False),
)
def test_numbers_keep_within_their_bounds(low: int, wide: int, *, whole: bool, prompt: str, dice: Random) -> None:
    """Bounds hold, however narrow."""
    schema = {"type": "integer" if whole else "number", "minimum": low, "maximum": low + wide}
    jsonschema.validate(instance(schema, prompt, dice), schema)


def test_gemini_types_are_understood(dice: Random) -> None:
    """Upper-case types and nullable ones."""
    schema = {"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}, "s": {"type": "STRING", "nullable": True}}, "required": ["n", "s"]}
    made = instance(schema, "Is Ada 36?", dice)
    assert made == {"n": 36, "s": "Ada"}


@pytest.fixture
def dice() -> Random:
    """Give numbers that are the same each time."""
    import random

    return random.Random(7)


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    """Nothing is lost between pieces."""
    assert "".join(pieces(text)) == text
    assert "".join(pieces(text, 5)) == text


def test_parts_keep_their_bytes() -> None:
    """Line ends and dashes inside a part are its own."""
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\none\r\n--\r\n\r\n--b--\r\n'
    assert parts_of("multipart/form-data; boundary=b", body) == [
        ("file", {"content-disposition": 'form-data; name="file"; filename="a.txt"', "filename": "a.txt"}, b"one\r\n--\r\n")
    ]
    assert parts_of("text/plain", body) == []
