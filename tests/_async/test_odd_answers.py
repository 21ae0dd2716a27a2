"""What answers with something else than the API: one typed error that says so, and nothing that costs is asked for twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from llmring._async.ring import AsyncLLMRing
from llmring.exceptions import ProviderAuthenticationError, ProviderResponseError
from tests.servers import Script

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL = "openai:gpt-5.4-mini"
PAGE = b"<html><body>Log in</body></html>"
WHOLE = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]}).encode()
REFUSAL = json.dumps({"error": {"message": "Incorrect API key provided", "type": "authentication_error"}}).encode()
MOVED = {"location": "https://elsewhere.example/v1/chat/completions"}

EITHER = pytest.mark.parametrize("stream", [False, True], ids=["answer", "stream"])


async def ask(ring: AsyncLLMRing, *, stream: bool) -> None:
    """Answer, or stream to the end."""
    if not stream:
        await ring.chat(MODEL, "Hi")
        return
    async for _ in ring.chat_stream(MODEL, "Hi"):
        pass


async def refused(server: Script, kind: type[Exception], says: str, *, stream: bool) -> None:
    """Ask once, with retries allowed, and see that one request went out."""
    providers = {"openai": {"base_url": server.url, "api_key": "sk-simulated"}}
    async with AsyncLLMRing(providers=providers, max_retries=2, timeout=10) as ring:
        with pytest.raises(kind, match=says) as caught:
            await ask(ring, stream=stream)
    assert [attempt.outcome for attempt in getattr(caught.value, "attempts", ())] == [kind.__name__]
    assert server.asked == 1


@EITHER
@pytest.mark.parametrize("status, headers, body, says", [
    (200, {}, PAGE, "Log in"),
    (200, {"content-type": "text/html"}, PAGE, "Log in"),
    (307, MOVED, b"", "sends calls elsewhere, to https://elsewhere.example/v1/chat/completions: set its base_url"),
    (301, MOVED, PAGE, "sends calls elsewhere"),
])  # fmt: skip
async def test_no_answer(status: int, headers: Mapping[str, str], body: bytes, says: str, *, stream: bool) -> None:
    """A page, or a way to another place, is no answer and no broken connection."""
    with Script(status, headers, body) as server:
        await refused(server, ProviderResponseError, says, stream=stream)


async def test_a_whole_answer_is_no_stream() -> None:
    """A server that does not stream has done, and billed, the work; it is not done three times."""
    with Script(200, {}, WHOLE) as server:
        await refused(server, ProviderResponseError, "no stream of events: .*Hello", stream=True)


@EITHER
async def test_an_error_that_came_with_status_200(*, stream: bool) -> None:
    """Is the error that it tells of, also where a stream was asked for."""
    with Script(200, {}, REFUSAL) as server:
        await refused(server, ProviderAuthenticationError, "Incorrect API key", stream=stream)
