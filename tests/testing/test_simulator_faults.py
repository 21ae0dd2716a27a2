"""Every fault is what it says, seen by a plain HTTP client."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest

from llmring.testing.simulator import FAULTS, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

SAID: Final = [{"role": "user", "content": "Tell me about otters"}]
PROTOCOLS: Final = ("chat", "responses", "anthropic", "gemini", "gemini-array", "ollama")


@pytest.fixture
def client(simulator: Simulator) -> Iterator[httpx2.Client]:
    """Give a client with every key, which waits a second at most."""
    with httpx2.Client(base_url=simulator.url, timeout=1.0) as made:
        yield made


def call(client: httpx2.Client, protocol: str, steer: str = "", *, stream: bool = False) -> httpx2.Response:
    """Ask one protocol the same thing as every other, steered by the header."""
    headers = {"x-simulate": steer, "authorization": "Bearer any", "anthropic-version": "2023-06-01"}
    path, body = ask(protocol, stream=stream)
    return client.post(path, json=body, headers=headers)


def ask(protocol: str, *, stream: bool) -> tuple[str, dict[str, Any]]:
    """Give path and body of the question."""
    match protocol:
        case "chat":
            return "/v1/chat/completions", {"model": "gpt-5.4", "messages": SAID, "stream": stream}
        case "responses":
            return "/v1/responses", {"model": "gpt-5.4", "input": SAID, "stream": stream}
        case "anthropic":
            return "/v1/messages", {"model": "claude-sonnet-5", "max_tokens": 500, "messages": SAID, "stream": stream}
        case "ollama":
            return "/api/chat", {"model": "llama3.2", "messages": SAID, "stream": stream}
        case _:
            verb = "generateContent"
            if stream:
                verb = "streamGenerateContent" if protocol == "gemini-array" else "streamGenerateContent?alt=sse"
            return f"/v1beta/models/gemini-2.5-flash:{verb}", {"contents": [{"role": "user", "parts": [{"text": "Tell me about otters"}]}]}


def events(reply: httpx2.Response) -> list[str]:
    """Take a stream apart into the texts that should each be JSON."""
    if "event-stream" in reply.headers["content-type"]:
        return re.findall(r"^data: (.*?)\r?$", reply.text, re.MULTILINE)
    return [line.strip("[],\r") for line in reply.text.split("\n") if line.strip("[],\r")]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("stream", [False, True])
def test_without_a_fault_all_is_json(client: httpx2.Client, protocol: str, *, stream: bool) -> None:
    """Each protocol answers, whole and streamed."""
    reply = call(client, protocol, stream=stream)
    assert reply.status_code == 200
    texts = events(reply) if stream else [reply.text]
    assert "otters" in reply.text
    assert all(json.loads(text) for text in texts if text != "[DONE]")
    assert len(texts) > 8 if stream else len(texts) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 429, 500, 503, 529])
def test_a_status_comes_with_the_providers_own_body(client: httpx2.Client, protocol: str, status: int) -> None:
    """The error is where the protocol has it; 429 says when to come back."""
    reply = call(client, protocol, f"fault={status}")
    body = reply.json()
    assert reply.status_code == status
    match protocol:
        case "ollama":
            assert isinstance(body["error"], str)
        case "anthropic":
            assert (body["type"], body["error"]["type"].endswith("_error")) == ("error", True)
        case "gemini" | "gemini-array":
            assert body["error"]["code"] == status
        case _:
            assert set(body["error"]) == {"message", "type", "param", "code"}
    assert reply.headers.get("retry-after") == ("1" if status == 429 else None)
    assert call(client, protocol, f"fault={status}; retry-after=7").headers["retry-after"] == "7"
    assert "retry-after" not in call(client, protocol, f"fault={status}; retry-after=none").headers


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["refused", "close", "cut", "reset"])
def test_the_connection_breaks(client: httpx2.Client, protocol: str, fault: str, *, stream: bool) -> None:
    """A client sees that the answer is not whole."""
    with pytest.raises(httpx2.TransportError) as broken:
        call(client, protocol, f"fault={fault}", stream=stream)
    reset = fault in {"refused", "reset"}
    assert isinstance(broken.value, httpx2.ReadError if reset else httpx2.RemoteProtocolError)


@pytest.mark.parametrize("fault", ["hang", "stall", "drip-head", "drip"])
@pytest.mark.parametrize("stream", [False, True])
def test_the_answer_does_not_come(simulator: Simulator, fault: str, *, stream: bool) -> None:
    """Waiting ends by the client's patience alone."""
    with httpx2.Client(base_url=simulator.url, timeout=0.05) as client, pytest.raises(httpx2.ReadTimeout):
        call(client, "chat", f"fault={fault}; pace=0.2", stream=stream)


@pytest.mark.parametrize("fault", ["drip", "drip-head", "drip-body"])
def test_dripping_bytes_are_the_same_bytes(client: httpx2.Client, fault: str) -> None:
    """However slow, the answer is whole."""
    for stream in (False, True):
        assert (
            call(client, "ollama", f"fault={fault}; pace=0; say=hi", stream=stream).text
            == call(client, "ollama", "say=hi", stream=stream).text
        )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stream_is_malformed_in_one_event(client: httpx2.Client, protocol: str) -> None:
    """The event after two is broken, its framing is not."""
    texts = events(call(client, protocol, "fault=malformed; after=2", stream=True))
    assert [is_json(text) for text in texts[:4]] == [True, True, False, True]
    assert not is_json(call(client, protocol, "fault=malformed").text)


def is_json(text: str) -> bool:
    """Say whether *text* is JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stream_tells_an_error_with_status_200(client: httpx2.Client, protocol: str) -> None:
    """Two events come, then the error, then no more."""
    reply = call(client, protocol, "fault=error; after=2; status=503", stream=True)
    told = [json.loads(text) for text in events(reply)[2:]]
    assert reply.status_code == 200
    assert "overloaded" in json.dumps(told[0])
    assert [event.get("type") for event in told] == {"responses": ["error", "response.failed"], "anthropic": ["error"]}.get(
        protocol, [None]
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_whole_answer_tells_an_error_with_status_200(client: httpx2.Client, protocol: str) -> None:
    """A response is failed; others hold the error alone."""
    reply = call(client, protocol, "fault=error")
    assert (reply.status_code, bool(reply.json()["error"])) == (200, True)
    assert reply.json().get("status") == ("failed" if protocol == "responses" else None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_stream_ends_short(client: httpx2.Client, protocol: str) -> None:
    """The last events are missing and nothing tells so."""
    texts = events(call(client, protocol, "fault=short", stream=True))
    assert len(texts) == 3
    assert all(map(is_json, texts))


def test_pages_and_empty_bodies(client: httpx2.Client) -> None:
    """A proxy's page is HTML; an empty answer is a 200."""
    page = call(client, "chat", "fault=html")
    empty = call(client, "chat", "fault=empty", stream=True)
    assert (page.status_code, page.headers["content-type"], page.text[:6]) == (502, "text/html", "<html>")
    assert (empty.status_code, empty.content) == (200, b"")


@pytest.mark.parametrize("fault,status,word", [("quota", 429, "quota"), ("context", 400, "context"), ("filter", 400, "safety")])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_finer_kinds_say_what_they_are(client: httpx2.Client, protocol: str, fault: str, status: int, word: str) -> None:
    """The message tells them apart everywhere, and OpenAI's code too."""
    reply = call(client, protocol, f"fault={fault}")
    assert reply.status_code == status
    assert word in reply.text


def test_only_the_first_requests_fail(client: httpx2.Client) -> None:
    """Failures are counted by key."""
    steer = "fault=500; times=2; key=mine"
    assert [call(client, "chat", steer).status_code for _ in range(4)] == [500, 500, 200, 200]
    assert call(client, "anthropic", "fault=500; times=2; key=other").status_code == 500
    assert call(client, "anthropic", steer).status_code == 200


def test_a_models_name_steers_and_the_header_wins(client: httpx2.Client) -> None:
    """Settings are taken off the name."""
    headers = {"authorization": "Bearer any"}
    body = {"model": "gpt-5.4+say=a%20b+fault=500", "messages": SAID}
    assert client.post("/v1/chat/completions", json=body, headers=headers).status_code == 500
    reply = client.post("/v1/chat/completions", json=body, headers={**headers, "x-simulate": "fault=429; times=0"})
    assert (reply.json()["model"], reply.json()["choices"][0]["message"]["content"]) == ("gpt-5.4", "a b")


def test_a_wrong_setting_is_refused(client: httpx2.Client) -> None:
    """The near match is named."""
    reply = call(client, "chat", "falt=429")
    assert reply.status_code == 400
    assert "did you mean 'fault'?" in reply.json()["error"]["message"]
    for wrong in ("fault=999", "fault=none", "times=few", "pace=-1", "finish=soon", "reasoning=maybe"):
        assert call(client, "chat", wrong).status_code == 400


def test_the_refused_url_refuses(simulator: Simulator) -> None:
    """Nobody listens there."""
    with httpx2.Client(base_url=simulator.refused_url) as client, pytest.raises(httpx2.ConnectError):
        client.get("/")


def test_every_fault_is_tried_here() -> None:
    """A fault that the grammar knows has a test."""
    tried = {"refused", "close", "cut", "reset", "hang", "stall", "drip", "drip-head", "drip-body", "malformed", "error", "short"}
    assert set(FAULTS) == tried | {"html", "empty", "quota", "context", "filter"}
