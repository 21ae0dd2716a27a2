"""What a ring does beside chat: embeddings, token counts and lists of models, by the same walk through the pool."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from llmring._async.exchange import FAILED
from llmring._async.files import ensure
from llmring._async.loading import AsyncLoader
from llmring._async.tasks import AsyncLightTask
from llmring._core.loading import attachments
from llmring._core.outcome import Walk
from llmring._core.plan import Candidate, Plan
from llmring._core.pricing import quote
from llmring._core.readying import wants_alternate
from llmring._core.tokens import estimate
from llmring._core.weight import WEIGHTLESS, of_texts
from llmring._gen.beside import EmbeddingResponse, ListedModel, TokenCount
from llmring._gen.usage import Usage
from llmring._io import aio
from llmring.exceptions import ProviderError, RequestError, UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    from llmring._async.engine import AsyncEngine
    from llmring._async.transport import AsyncTransport
    from llmring._core.asked import Asked, Limits
    from llmring._core.http import HttpCall, HttpReply
    from llmring._core.target import Ready
    from llmring._core.timeouts import Timeout
    from llmring._core.weight import Weight
    from llmring._core.wire_call import PreparedCall
    from llmring._gen.providers import Capability

Got = TypeVar("Got")

MOST_PAGES = 100
"""Pages of a list that are read at most; a provider that never ends one is not waited for."""


class AsyncBesideTask(AsyncLightTask, Generic[Got]):
    """One call beside chat, to one model."""

    def __init__(
        self,
        what: Capability,
        encode: Callable[[ModuleType, Ready], HttpCall],
        decode: Callable[[ModuleType, HttpReply], Got],
        texts: Sequence[str] = (),
    ) -> None:
        """Do *what*, a capability, as the protocol's module for what is beside chat says; *texts* are what is charged for."""
        self._texts = texts
        self._what: Capability = what
        self._encode = encode
        self._decode = decode

    async def prepare(self, ready: Ready, _walk: Walk, /) -> PreparedCall:
        """Encode the call.

        Raises:
            UnsupportedParameterError: the model cannot do it.

        """
        if not can(ready, self._what):
            message = f"{ready.name} has no {self._what.replace('_', ' ')}"
            raise UnsupportedParameterError(message, parameter=self._what, model=ready.name)
        return ready.prepare(self._encode(extras(ready), ready))

    def weight(self, ready: Ready, walk: Walk, /) -> Weight:
        """Weigh the texts."""
        return of_texts(self._texts, ready.info, walk.when) if self._texts else WEIGHTLESS

    async def carry(self, transport: AsyncTransport, call: PreparedCall, ready: Ready, timeout: Timeout) -> Got:
        """Send the call and decode its answer."""
        reply = await transport.send(call, timeout)
        if reply.status >= FAILED:
            raise ready.protocol.decode_error(reply)
        return self._decode(extras(ready), reply)


def extras(ready: Ready) -> ModuleType:
    """Give the module that knows what the protocol's API has beside chat."""
    family = ready.limits.protocol.partition("_")[0]
    return import_module(f"llmring.protocols.{family}_extras")


def can(ready: Ready, what: Capability) -> bool:
    """Tell whether the provider does *what* itself."""
    return ready.limits.capabilities.get(what) == "native"


async def embed(
    engine: AsyncEngine, limits: Limits, texts: str | Sequence[str], dimensions: int | None, extra: Mapping[str, Any] | None
) -> EmbeddingResponse:
    """Embed *texts* by the first model that can."""
    inputs: list[Any] = [texts] if isinstance(texts, str) else list(texts)
    if not inputs or not all(isinstance(each, str) for each in inputs):
        message = "input must be a string or a list of strings, and not be empty"
        raise RequestError(message, path="input")
    walk = engine.walk(limits)
    task = AsyncBesideTask[tuple[list[list[float]], Usage]](
        "embeddings",
        lambda module, ready: module.encode_embed(inputs, ready.candidate.model, _embedding_keys(module, dimensions, extra)),
        lambda module, reply: module.decode_embed(reply),
        inputs,
    )
    (vectors, usage), ready = await engine.noted(limits, walk, task, kind="embed")
    cost, reason = quote(usage, ready.info, when=walk.when)
    walk.settled(usage, cost)
    response = EmbeddingResponse(
        embeddings=vectors,
        model=ready.name,
        provider=ready.candidate.provider,
        alias=walk.plan.alias,
        profile=walk.plan.profile,
        usage=usage,
        cost=cost,
        attempts=walk.attempts,
        warnings=[f"no cost: {reason}"] if reason else [],
        latency=aio.monotonic() - walk.began,
    )
    engine.core.record(response, kind="embed")
    return response


def _embedding_keys(module: ModuleType, dimensions: int | None, extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the further keys of the body."""
    return {**({} if dimensions is None else {module.DIMENSIONS: dimensions}), **(extra or {})}


async def count_tokens(engine: AsyncEngine, asked: Asked) -> TokenCount:
    """Count the prompt's tokens: by the provider where it counts, else by an estimate that says so."""
    walk = engine.walk(asked)
    naming = wants_alternate(asked.request)
    ready = engine.ready(walk.plan.candidates[0], alternate=naming)
    if not can(ready, "count_tokens"):
        return TokenCount(tokens=estimate(asked.request), model=ready.name, estimated=True)
    attached = attachments(asked.request.messages)
    request = await AsyncLoader(asked.request).load(ready, asked.timeout) if attached else asked.request
    if naming:
        request = await ensure(engine, asked, request, ready, walk)
        walk = Walk(Plan((ready.candidate,)), walk.began, walk.when)  # no other provider knows its copies
    task = AsyncBesideTask[int](
        "count_tokens",
        lambda module, ready: module.encode_count(request, ready.candidate.model),
        lambda module, reply: module.decode_count(reply),
    )
    tokens, ready = await engine.first(asked, walk, task)
    return TokenCount(tokens=tokens, model=ready.name)


async def list_models(engine: AsyncEngine, limits: Limits) -> list[ListedModel]:
    """List what the provider that *limits* names offers, page by page."""
    provider = engine.core.settings.canonical(limits.name)
    walk = Walk(Plan((Candidate(provider, ""),)), aio.monotonic(), engine.now())
    found: list[ListedModel] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        task = _page(after)
        (entries, after), _ready = await engine.first(limits, walk, task)
        for entry in entries:
            shown = await _shown(engine, limits, walk, entry)
            found.append(_listed(engine, provider, entry, shown))
        if after is None:
            break
    return found


def _page(after: str | None) -> AsyncBesideTask[tuple[list[dict[str, Any]], str | None]]:
    return AsyncBesideTask[tuple[list[dict[str, Any]], str | None]](
        "list_models", lambda module, _: module.encode_models(after), lambda module, reply: module.decode_models(reply)
    )


async def _shown(engine: AsyncEngine, limits: Limits, walk: Walk, entry: dict[str, Any]) -> dict[str, Any]:
    """Ask a server that tells more of each model than its list does; nothing is known where it does not answer."""
    ready = engine.ready(walk.plan.candidates[0])
    if not hasattr(extras(ready), "encode_show"):
        return {}
    task = AsyncBesideTask[dict[str, Any]](
        "list_models", lambda module, _: module.encode_show(entry["id"]), lambda module, reply: module.decode_show(reply)
    )
    try:
        shown, _ = await engine.first(limits, walk, task)
    except ProviderError:
        return {}
    return shown


def _listed(engine: AsyncEngine, provider: str, entry: dict[str, Any], shown: dict[str, Any]) -> ListedModel:
    """Join a provider's *entry*, and what its server has *shown* of the model, to what the registry knows."""
    name = str(entry.get("id") or entry.get("model") or entry.get("name") or "").removeprefix("models/")
    info = engine.core.registry.find(provider, name)
    title = entry.get("display_name") or entry.get("displayName")
    return ListedModel(
        model=f"{provider}:{name}",
        name=title if isinstance(title, str) else info.name if info else None,
        known=info is not None,
        context=shown.get("context") or (info.context if info else None),
        can=shown["can"] if "can" in shown else sorted(each for each, has in info.abilities.items() if has) if info else None,
        max_output=info.max_output if info else None,
        released=info.released if info else None,
        retires=info.retires if info else None,
        raw=entry,
    )
