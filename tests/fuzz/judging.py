"""Put a body through everything that may ever read it, and use what comes out; any error that is not the library's own escapes."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import attrs

from llmring._core.accumulate import Accumulator
from llmring._core.fit import fit
from llmring._core.http import HttpReply
from llmring._core.jsontext import dumps
from llmring._core.normalise import normalise
from llmring._core.partial_json import best_effort
from llmring._core.plan import Candidate
from llmring._core.pricing import quote
from llmring._core.readying import make_ready
from llmring._core.request import ResponseFormat
from llmring._core.settings import Settings
from llmring._core.structured import parse
from llmring._core.totals import Totals
from llmring._io.registries import bundled
from llmring.exceptions import LLMRingError, ProviderError, RequestError, SchemaValidationError
from llmring.protocols.emulation import EmulatedTools
from llmring.protocols.stream import Reading
from tests.fuzz.corpus import PROTOCOLS, Sample
from tests.protocols.wire import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from llmring._core.target import Ready
    from llmring._gen.response import LLMResponse

_SPEAKERS: Final[Mapping[str, tuple[str, str]]] = {
    "openai_chat": ("openai", "gpt-5.4-mini"),
    "openai_responses": ("openai", "gpt-5.4-mini"),
    "anthropic_messages": ("anthropic", "claude-haiku-4-5-20251001"),
    "gemini_generate": ("google", "gemini-3.5-flash"),
    "ollama_chat": ("ollama", "qwen3:8b"),
}
_WHEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
_JSON: Final = ResponseFormat(kind="json_object")
_QUESTION: Final = {"role": "user", "content": "Hi"}
_FOLLOW_UP: Final = {"role": "user", "content": "And then?"}
_STATUSES: Final = (400, 401, 404, 429, 500, 529)


@cache
def ready_for(protocol: str) -> Ready:
    """Make a model of *protocol* ready, by the bundled registry."""
    provider, model = _SPEAKERS[protocol]
    endpoint = Settings({provider: {"protocol": protocol, "api_key": "sk-not-a-key"}}).endpoint(provider, {})
    return make_ready(Candidate(provider, model), endpoint, bundled().find(provider, model), import_module(f"llmring.protocols.{protocol}"))


def judge(sample: Sample, *, seed: int = 0) -> Counter[str]:
    """Read *sample* in every way there is and count how that went; *seed* decides where a stream is cut and which status an error has."""
    found: Counter[str] = Counter()
    ready = ready_for(sample.protocol)
    reply = sample.reply
    _whole(ready, reply, found)
    status = reply.status if reply.status >= 400 else _STATUSES[seed % len(_STATUSES)]
    _told(ready.protocol.decode_error(HttpReply(status, reply.headers, reply.body)))
    found["refusal"] += 1
    _streamed(ready.protocol, ready, cut(reply.body, seed, 400), found)
    emulated: Any = EmulatedTools(ready.protocol, 0)
    _whole(attrs.evolve(ready, protocol=emulated), reply, found)
    _streamed(emulated, ready, [reply.body], found)
    for read in _beside(sample.protocol):
        _outcome(lambda read=read: read(reply), found, "beside")
    return found


def _whole(ready: Ready, reply: HttpReply, found: Counter[str]) -> None:
    response = _outcome(lambda: ready.protocol.decode(reply), found, "answer")
    if response is not None:
        use(response, ready)


def _streamed(protocol: ModuleType, ready: Ready, pieces: list[bytes], found: Counter[str]) -> None:
    accumulator = Accumulator(protocol.NAME)
    reading = Reading(protocol, accumulator)
    for piece in (*pieces, None):
        for event in reading.read(piece):
            repr(event)
        if reading.failure is not None:
            _told(reading.failure)
            break
    found["stream" if reading.failure is None else f"stream {type(reading.failure).__name__}"] += 1
    use(accumulator.response(), ready)


def _outcome(read: Callable[[], Any], found: Counter[str], kind: str) -> Any:
    try:
        value = read()
    except LLMRingError as error:
        _told(error)
        found[f"{kind} {type(error).__name__}"] += 1
        return None
    found[kind] += 1
    return value


@cache
def _beside(protocol: str) -> list[Callable[[HttpReply], Any]]:
    family = protocol.partition("_")[0]
    extras = import_module(f"llmring.protocols.{family}_extras")
    readers: list[Callable[[HttpReply], Any]] = [lambda reply: extras.encode_models(extras.decode_models(reply)[1])]
    readers += [getattr(extras, name) for name in ("decode_embed", "decode_count") if hasattr(extras, name)]
    if family == "ollama":
        return readers
    files = import_module(f"llmring.protocols.{family}_files")
    return [
        *readers,
        files.gone,
        lambda reply: files.encode_rest(reply, "http://127.0.0.1", b"data"),
        lambda reply: files.encode_get(files.decode_upload(reply).file_id),
        lambda reply: files.encode_delete(files.decode_upload(reply).file_id),
    ]


def _told(error: LLMRingError) -> None:
    """Look at *error* as handlers and logs do."""
    assert str(error)
    repr(error)
    again = pickle.loads(pickle.dumps(error))
    assert again.message == error.message
    if isinstance(error, ProviderError):
        assert error.retry_after is None or 0 <= error.retry_after < float("inf")


# --- what a caller does with a response --------------------------------------------------------------


def use(response: LLMResponse[Any], ready: Ready) -> None:
    """Do with *response* what rings and their callers do."""
    _shown(response)
    for call in response.tool_calls:
        assert call.arguments is None or isinstance(call.arguments, dict)
        assert isinstance(call["function"]["arguments"], str)
    best_effort(response.content)
    with suppress(SchemaValidationError):
        parse(response, _JSON)
    cost, _ = quote(response.usage, ready.info, service_tier=response.service_tier, when=_WHEN)
    assert cost is None or cost.total >= 0
    totals = Totals().plus([(response.usage, cost, 1)])
    assert totals.usage == response.usage
    for protocol in PROTOCOLS:
        _answered(response, ready_for(protocol))


def _shown(response: LLMResponse[Any]) -> None:
    assert repr(response)
    assert response != response.to_dict()
    json.dumps(response.to_dict())
    assert repr(pickle.loads(pickle.dumps(response))) == repr(response)  # NaN equals nothing


def _answered(response: LLMResponse[Any], ready: Ready) -> None:
    """Go on with the conversation."""
    results = [{"role": "tool", "tool_call_id": call.id, "content": "done"} for call in response.tool_calls]
    with suppress(RequestError):
        request = normalise([_QUESTION, response.message, *results, _FOLLOW_UP], {}, None, stream=False)
        fitted = fit(request, ready.limits, "drop").request
        dumps(ready.protocol.encode(fitted, ready.candidate.model).body)
