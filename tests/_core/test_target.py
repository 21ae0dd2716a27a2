"""Models made ready: protocol, abilities, addressed calls, and errors without the key in them."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

from llmring._core.http import HttpCall, HttpReply
from llmring._core.model_info import ModelInfo
from llmring._core.plan import Candidate
from llmring._core.readying import make_ready, protocol_for, wants_alternate
from llmring._core.request import NormalRequest
from llmring._core.settings import Settings
from llmring._core.target import AGENT, Ready
from llmring._gen.message import FilePart, Message, OpaquePart, Part, ReasoningPart, TextPart, ToolResultPart
from llmring._gen.tool import Tool
from llmring.exceptions import MissingAPIKeyError, ProviderError, RequestError

KEY = "sk-very-secret"
HI = Message(role="user", content="Hi")


def info(**more: Any) -> ModelInfo:
    """Make what the registry knows of a model."""
    given: dict[str, Any] = {"provider": "openai", "id": "m", "abilities": {}, "as_of": "2026-11-23", **more}
    return ModelInfo(**given)


def endpoint(provider: str = "openai", *, key: bool = True) -> Any:
    """Reach *provider*."""
    return Settings({"openai": {"headers": {"X-Own": "1"}}}).endpoint(provider, {"OPENAI_API_KEY": KEY} if key else {})


def ready(known: ModelInfo | None = None, provider: str = "openai") -> Ready:
    """Make a model ready."""
    protocol = ModuleType("wire")
    vars(protocol)["NAME"] = "openai_chat"
    return make_ready(Candidate(provider, "m"), endpoint(provider), known, protocol)


def request(*parts: Part, **more: Any) -> NormalRequest:
    """Make a request."""
    return NormalRequest(messages=(HI, Message(role="user", content=list(parts))), **more)


# --- readying ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked, wants",
    [
        (request(TextPart(text="x")), False),
        (request(tools=(Tool(name="f"), Tool(type="custom", name="g"))), False),
        (request(tools=(Tool(name="f"), Tool(type="web_search"))), True),
        (request(options={"files": ["f"]}), True),
        (request(FilePart(file_id="f")), True),
        (request(ToolResultPart(tool_call_id="1", content="x")), False),
        (request(ToolResultPart(tool_call_id="1", content=[FilePart(file_id="f")])), True),
        (request(ReasoningPart(text="hm", protocol="anthropic_messages")), False),
        (request(ReasoningPart(text="hm", protocol="openai_responses")), True),
        (request(OpaquePart(protocol="openai_responses", data={})), True),
    ],
)
def test_what_chat_completions_cannot_say(asked: NormalRequest, wants: bool) -> None:  # noqa: FBT001
    """Hosted tools, files, and items of Responses."""
    assert wants_alternate(asked) is wants


@pytest.mark.parametrize(
    "provider, known, alternate, fixed, protocol",
    [
        ("openai", None, False, False, "openai_chat"),
        ("openai", None, True, False, "openai_responses"),
        ("openai", None, True, True, "openai_chat"),
        ("openai", info(protocol="openai_responses"), False, False, "openai_responses"),
        ("openai", info(protocol="openai_responses"), False, True, "openai_chat"),
        ("openai", info(), False, False, "openai_chat"),
        ("ollama", None, True, False, "ollama_chat"),
    ],
)
def test_the_protocol(provider: str, known: ModelInfo | None, alternate: bool, fixed: bool, protocol: str) -> None:  # noqa: FBT001
    """The provider's first, unless request or model need the other one that it speaks, and none is fixed."""
    assert protocol_for(endpoint(provider), known, alternate=alternate, fixed=fixed) == protocol


def test_what_is_known_of_a_model_overrides_its_provider() -> None:
    """Where it cannot do what its provider can; not where that is not known, or the provider could not either."""
    can: Any = ready().limits.capabilities
    assert (can["temperature"], can["stop"], can["top_k"]) == ("native", 4, "unsupported")
    limits = ready(
        info(abilities={"temperature": False, "stop": False, "top_k": True, "vision": True, "flying": False}, max_output=9)
    ).limits
    changed = {ability for ability in can if limits.capabilities[ability] != can[ability]}
    assert changed == {"temperature", "stop"}
    assert {limits.capabilities[ability] for ability in changed} == {"unsupported"}
    assert (limits.max_output, ready().limits.max_output) == (9, None)
    assert ready(info(abilities={"vision": True})).limits.capabilities == can


def test_a_missing_key_is_told_when_a_model_is_made_ready() -> None:
    """Before anything is sent."""
    protocol = ModuleType("wire")
    vars(protocol)["NAME"] = "openai_chat"
    with pytest.raises(MissingAPIKeyError, match="OPENAI_API_KEY"):
        make_ready(Candidate("openai", "m"), endpoint(key=False), None, protocol)


# --- calls -------------------------------------------------------------------------------------------


def test_calls_are_addressed_and_encoded() -> None:
    """The same headers for all of them, in one tuple."""
    model = ready()
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "é"}]}
    call = model.prepare(HttpCall("POST", "/chat/completions", body, stream=True), request())
    assert (call.method, call.url, call.stream) == ("POST", "https://api.openai.com/v1/chat/completions", True)
    assert call.content == '{"model":"m","messages":[{"role":"user","content":"é"}]}'.encode()
    assert call.headers is model.headers
    assert dict(call.headers) == {
        b"content-type": b"application/json",
        b"accept": b"application/json",
        b"user-agent": AGENT.encode(),
        b"authorization": f"Bearer {KEY}".encode(),
        b"x-own": b"1",
    }
    assert KEY not in repr(model)


def test_other_bodies() -> None:
    """None is empty; bytes are sent as they are."""
    assert ready().prepare(HttpCall("GET", "/models")).content == b""
    assert ready().prepare(HttpCall("POST", "/files", b"\x00")).content == b"\x00"


def test_headers_of_protocol_and_caller() -> None:
    """Go over the provider's, the caller's last; names are the same in any case."""
    asked = request(headers={"x-own": "3", "x-more": "é"})
    call = ready().prepare(HttpCall("POST", "/x", headers={"x-own": "2", "content-type": "multipart/form-data"}), asked)
    found = dict(call.headers)
    assert (found[b"x-own"], found[b"x-more"], found[b"content-type"]) == (b"3", "é".encode(), b"multipart/form-data")
    assert len(call.headers) == len(found)


def test_what_is_no_json_is_told() -> None:
    """By its path in the body."""
    with pytest.raises(RequestError, match=r"metadata\.when cannot be sent"):
        ready().prepare(HttpCall("POST", "/x", {"metadata": {"when": object()}}))


def test_errors_say_who_failed_and_hold_no_key() -> None:
    """Should the provider have quoted it, wherever."""
    error = ProviderError(f"wrong key {KEY}", code=f"bad_{KEY}", param=KEY, body={"error": {"message": f"key {KEY}", KEY: [KEY]}})
    ready().dress(error)
    assert (error.provider, error.model) == ("openai", "openai:m")
    assert error.message == "wrong key ***"
    assert KEY not in json.dumps([str(error), error.code, error.param, error.body, repr(error)])


def test_errors_of_keyless_providers() -> None:
    """Have nothing to hide."""
    error = ProviderError("no such model")
    ready(provider="ollama").dress(error)
    assert (error.provider, error.message) == ("ollama", "no such model")


def test_calls_and_replies_are_values() -> None:
    """Nothing but what was said."""
    assert HttpCall("GET", "/models") == HttpCall("GET", "/models", None, {}, stream=False)
    assert HttpReply(200, {}, b"").status == 200
