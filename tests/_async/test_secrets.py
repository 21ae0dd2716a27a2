"""A key is in nothing that an error, a log, a representation or a pickle shows, whichever provider it is for and however a call ends."""

from __future__ import annotations

import gc
import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async.engine import AsyncEngine
from llmring._async.ring import AsyncLLMRing
from llmring._async.transport import AsyncTransport
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring.exceptions import ConfigurationError, LLMRingError, ProviderError, ProviderTimeoutError
from tests.rings import MODELS, settings
from tests.servers import DeafSocket, closed_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator import Simulator

KEY = "bad-key-4711"
EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
OURS = "/llmring/"
LIBRARIES = ("llmring.", "httpx2", "httpcore2")


def keyed(simulator: Simulator) -> dict[str, Any]:
    """Give a ring's settings whose every key is the one that is looked for."""
    made = settings(simulator)
    for options in made["providers"].values():
        options["api_key"] = KEY
    return made


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield *error* and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def in_frames(error: BaseException) -> list[str]:
    """Give the frames of ours whose locals show the key, of *error* and all that it came from; there must be frames to look at."""
    found: list[str] = []
    seen = 0
    for each in chain(error):
        trace = each.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if OURS in code.co_filename:
                seen += 1
                if KEY in "".join(repr(value) for value in trace.tb_frame.f_locals.values()):
                    found.append(code.co_qualname)
            trace = trace.tb_next
    assert seen > 3
    return found


def shown(error: BaseException) -> str:
    """Give whatever *error*, and all that it came from, shows of itself."""
    return "".join(repr(each) + str(each) + repr(vars(each)) + repr(getattr(each, "__notes__", ())) for each in chain(error))


@EVERY
@pytest.mark.parametrize("fault", ["+fault=401", "+fault=500", "+fault=close", "+fault=garbage"])
async def test_failures_show_no_key(simulator: Simulator, caplog: pytest.LogCaptureFixture, model: str, fault: str) -> None:
    """Refused, broken off or not to be understood: errors, frames of ours, pickles and every logger's records."""
    with caplog.at_level(logging.DEBUG):
        async with AsyncLLMRing(**keyed(simulator)) as ring:
            with pytest.raises(LLMRingError) as caught:
                await ring.chat(f"{model}{fault}", "Hi")
            with pytest.raises(LLMRingError) as streamed:
                assert [event async for event in ring.chat_stream(f"{model}{fault}", "Hi")]
    for error in (caught.value, streamed.value):
        assert in_frames(error) == []
        assert KEY not in shown(error)
        assert KEY.encode() not in pickle.dumps(error)
    assert KEY not in "".join(repr(vars(record)) + record.getMessage() for record in caplog.records)


@EVERY
async def test_no_object_shows_a_key(simulator: Simulator, model: str) -> None:
    """The ring, its engine, whatever they hold, and the transport's own objects, open connections among them."""
    async with AsyncLLMRing(**keyed(simulator)) as ring:
        with pytest.raises(ProviderError):
            await ring.chat(f"{model}+fault=401", "Hi")
        engine = ring._shared.core.engine(AsyncEngine)
        seen: dict[int, Any] = {}
        left: list[Any] = [ring, engine, engine.transport]
        while left:
            each = left.pop()
            if id(each) not in seen and type(each).__module__.startswith(LIBRARIES):
                seen[id(each)] = each
                left += gc.get_referents(each, *(value for value in gc.get_referents(each) if type(value) in {dict, list, tuple, set}))
        assert {"AsyncEngine", "AsyncTransport"} <= {type(each).__name__ for each in seen.values()}
        assert [type(each).__name__ for each in seen.values() if KEY in repr(each)] == []


async def test_a_request_that_could_not_be_sent_shows_no_key() -> None:
    """Its bytes hold the key, and stand in the frames that tried."""
    transport = AsyncTransport()
    call = PreparedCall("POST", "", ((b"authorization", f"Bearer {KEY}".encode()),), b"x" * 50_000_000)
    with DeafSocket() as deaf:
        deaf.listen_but_never_read()
        with pytest.raises(ProviderTimeoutError, match="could not be sent") as caught:
            await transport.send(PreparedCall(call.method, deaf.url, call.headers, call.content), Timeout.of(2))
    await transport.aclose()
    assert in_frames(caught.value) == []


async def test_a_malformed_key_stands_in_no_frame() -> None:
    """It is refused before anything is sent, by frames that hold its header."""
    transport = AsyncTransport()
    with pytest.raises(ConfigurationError, match="'authorization' holds a line break") as caught:
        await transport.send(PreparedCall("POST", "http://127.0.0.1:1/", ((b"authorization", f"Bearer {KEY}\n".encode()),)), Timeout.of(2))
    assert in_frames(caught.value) == []
    assert KEY not in shown(caught.value)


@pytest.mark.parametrize("proxy", [f"http://user:{KEY}@127.0.0.1:{{port}}", f"gopher://user:{KEY}@127.0.0.1:{{port}}"])
@pytest.mark.parametrize("stream", [False, True])
async def test_behind_a_proxy_no_frame_shows_a_key(monkeypatch: pytest.MonkeyPatch, proxy: str, *, stream: bool) -> None:
    """Neither the provider's nor the proxy's own, whether the proxy cannot be reached or cannot be used."""
    monkeypatch.setenv("HTTP_PROXY", proxy.format(port=closed_port()))
    transport = AsyncTransport()
    call = PreparedCall("POST", "http://far.invalid/", ((b"authorization", f"Bearer {KEY}".encode()),), b"{}", stream)
    with pytest.raises(LLMRingError) as caught:
        await transport.open(call, Timeout.of(2))
    await transport.aclose()
    assert in_frames(caught.value) == []
    assert KEY not in shown(caught.value)
