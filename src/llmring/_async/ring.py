"""The ring as its users hold it: names and options in, answers out; what it takes to answer is loaded at the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, overload

from llmring._core.allowance import Allowance
from llmring._core.defaults import SEPARATE_DEFAULT, Defaults
from llmring._core.plan import first_usable
from llmring._io.shared import Core, Shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal
    from os import PathLike
    from types import TracebackType
    from typing import Literal, Unpack

    from typing_extensions import TypeVar

    from llmring._async.engine import AsyncEngine
    from llmring._async.stream import AsyncChatStream
    from llmring._async.tool_stream import AsyncToolStream
    from llmring._core.plan import Candidate
    from llmring._core.timeouts import Timeout
    from llmring._core.tool_bounds import RunBounds, RunOptions
    from llmring._core.totals import Totals
    from llmring._gen.beside import EmbeddingResponse, ListedModel, TokenCount
    from llmring._gen.file import RegisteredFile
    from llmring._gen.message import Message
    from llmring._gen.options import ChatOptions
    from llmring._gen.request import LLMRequest
    from llmring._gen.response import LLMResponse
    from llmring._gen.usage import Cost, CostEstimate
    from llmring._io.shared import AwaitedClient, BlockingClient
    from llmring._raw import Provider

    Messages = Sequence[Message | Mapping[str, Any]] | str
    A = TypeVar("A", bound=str, default=str)
    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    A = TypeVar("A", bound=str)
    T = TypeVar("T")


class AsyncLLMRing(Generic[A]):
    """Calls any model by the alias that the lockfile binds to it.

    Generic in the aliases: ``LLMRing[Alias]`` with ``Alias = Literal["fast", …]`` makes a mistyped one a type error.
    """

    _shared: Shared

    def __init__(  # noqa: PLR0913 - the constructor's settings, keyword-only
        self,
        *,
        lockfile_path: str | PathLike[str] | None = None,
        profile: str | None = None,
        origin: str = "llmring",
        timeout: float | Timeout | None = SEPARATE_DEFAULT,
        max_retries: int = 2,
        providers: Mapping[str, Mapping[str, Any]] | None = None,
        http_client: BlockingClient | None = None,
        async_http_client: AwaitedClient | None = None,
        max_cost: Decimal | float | str | None = None,
        max_concurrency: int | None = None,
        limits: Mapping[str, Mapping[str, int | None]] | None = None,
        on_unsupported: Literal["error", "warn", "drop"] = "error",
        message_logging: Literal["none", "metadata", "full"] = "none",
        ledger: str | PathLike[str] | bool | None = None,
        registry: str | PathLike[str] | None = None,
        http2: bool = False,
    ) -> None:
        """Read the lockfile and the settings; nothing is sent, no key is needed yet.

        *lockfile_path* names the lockfile, else ``LLMRING_LOCKFILE_PATH``, ``./llmring.lock`` or the bundled one; *profile* the set of
        bindings, else ``LLMRING_PROFILE`` or the lockfile's default. *on_unsupported* is for what a model cannot take: an error, or
        left out with a warning on the response (``"warn"``) or without one (``"drop"``).
        *timeout* is in seconds for each attempt (of a stream: each wait), or a ``Timeout`` of phases; None is no limit.
        *max_retries* counts further tries of one model.
        *providers* adds or overrides providers by name: ``api_key``, ``api_key_env``, ``base_url``, ``headers``, ``protocol``.
        *http_client* and *async_http_client* are used through ``send`` and never closed. *origin* labels records.
        *max_cost* is what all calls together may cost in dollars, *max_concurrency* how many may be under way at once; *limits* are those
        of providers by name: ``max_concurrency``, ``requests_per_minute``, ``tokens_per_minute``; they come before the lockfile's.
        *message_logging* is what the log, at its level DEBUG, tells of prompts and answers: nothing, roles and lengths, or all.
        *ledger* keeps metadata of every call in a file: True in the user's data folder, a path elsewhere; None asks ``LLMRING_LEDGER``.
        *registry* is the path or address of another list of models and prices; None asks ``LLMRING_REGISTRY_URL``.
        *http2* offers HTTP/2 to https hosts (needs the extra ``http2``).

        Raises:
            LockfileError: the lockfile is missing, broken or too new.
            ConfigurationError: a setting is wrong.

        """
        core = Core(
            lockfile_path=lockfile_path,
            profile=profile,
            providers=providers,
            http_client=http_client,
            async_http_client=async_http_client,
            origin=origin,
            ledger=ledger,
            registry=registry,
            http2=http2,
            allowance=Allowance(max_cost, max_concurrency, limits),
            message_logging=message_logging,
        )
        self._shared = Shared(core, Defaults.read(profile, timeout, max_retries, on_unsupported, core.environment))
        self.origin = origin

    @classmethod
    def _from_shared(cls, shared: Shared) -> Self:
        """Make another ring over the same core."""
        ring = cls.__new__(cls)
        ring._shared = shared  # noqa: SLF001 - of the same class
        return ring

    @property
    def _engine(self) -> AsyncEngine:
        from llmring._async.engine import AsyncEngine

        return self._shared.core.engine(AsyncEngine)

    @overload
    async def chat(self, request: LLMRequest[T], /, *, profile: str | None = None) -> LLMResponse[T]: ...
    @overload
    async def chat(self, model: A, messages: Messages, *, response_format: type[T], **options: Unpack[ChatOptions]) -> LLMResponse[T]: ...
    @overload
    async def chat(
        self, model: A, messages: Messages, *, response_format: Mapping[str, Any] | None = None, **options: Unpack[ChatOptions]
    ) -> LLMResponse[Any]: ...
    async def chat(
        self,
        model: LLMRequest[Any] | str,
        messages: Messages | None = None,
        *,
        response_format: Any = None,
        **options: Unpack[ChatOptions],
    ) -> LLMResponse[Any]:
        """Answer *messages* by the model that *model*, an alias or ``provider:model``, stands for.

        Failures that may pass are tried again, then the alias's next model is tried.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            RequestError: the request is wrong, or no model of the pool can take it; nothing was sent.
            MissingAPIKeyError: no provider behind the alias has its key.
            BudgetExceededError: it could cost more than ``max_cost`` allows; nothing was sent.
            ProviderError: no model of the pool answered; it carries every attempt.
            SchemaValidationError: the answer does not fit *response_format*, nor does a repaired one.

        """
        from llmring._core.asked import understand_call

        return await self._engine.chat(understand_call(model, messages, response_format, options, self._shared.defaults))

    @overload
    def chat_stream(self, request: LLMRequest[T], /, *, profile: str | None = None) -> AsyncChatStream[T]: ...
    @overload
    def chat_stream(
        self, model: A, messages: Messages, *, response_format: type[T], **options: Unpack[ChatOptions]
    ) -> AsyncChatStream[T]: ...
    @overload
    def chat_stream(
        self, model: A, messages: Messages, *, response_format: Mapping[str, Any] | None = None, **options: Unpack[ChatOptions]
    ) -> AsyncChatStream[Any]: ...
    def chat_stream(
        self,
        model: LLMRequest[Any] | str,
        messages: Messages | None = None,
        *,
        response_format: Any = None,
        **options: Unpack[ChatOptions],
    ) -> AsyncChatStream[Any]:
        """Answer like ``chat``, event by event; the request goes out at the first iteration.

        Iterating raises what ``chat`` does, and `StreamInterruptedError`, with ``.partial``, where it breaks after its first event.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            RequestError: the request is wrong; nothing was sent.

        """
        from llmring._async.stream import AsyncChatStream
        from llmring._core.asked import understand_call

        asked = understand_call(model, messages, response_format, options, self._shared.defaults, stream=True)
        return AsyncChatStream(self._engine, asked)

    async def embed(  # noqa: PLR0913 - what the endpoints take, keyword-only
        self,
        model: str,
        input: str | Sequence[str],  # noqa: A002 - OpenAI's word for it
        *,
        dimensions: int | None = None,
        profile: str | None = None,
        timeout: float | Timeout | None = None,
        extra_params: Mapping[str, Any] | None = None,
    ) -> EmbeddingResponse:
        """Turn each text of *input* into a vector, of *dimensions* numbers where the model lets one choose.

        ``embeddings`` of the response are the vectors, one for each text and in their order. *timeout* is as in ``chat``;
        *extra_params* are keys of the provider's own, put into the body.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            RequestError: *input* is empty or no text; or no model of the pool embeds.
            MissingAPIKeyError: no provider behind the alias has its key.
            ProviderError: no model of the pool answered.

        """
        from llmring._async.beside import embed
        from llmring._core.asked import limits_of

        limits = limits_of(model, {"profile": profile, "timeout": timeout}, self._shared.defaults)
        return await embed(self._engine, limits, input, dimensions, extra_params)

    async def count_tokens(self, model: A, messages: Messages, **options: Unpack[ChatOptions]) -> TokenCount:
        """Count the input tokens of *messages* and tools: by the provider where it counts, else by a labelled estimate.

        The first usable model behind *model* is asked; ``estimated`` of the count says whether it is a guess.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            RequestError: the request is wrong; nothing was sent.
            ProviderError: the provider did not answer.

        """
        from llmring._async.beside import count_tokens
        from llmring._core.asked import understand_call

        return await count_tokens(self._engine, understand_call(model, messages, None, options, self._shared.defaults))

    async def list_models(self, provider: str, *, timeout: float | Timeout | None = None) -> list[ListedModel]:
        """List the models that *provider* offers to this key, each with what the registry knows of it.

        Raises:
            UnknownProviderError: there is no such provider.
            MissingAPIKeyError: it has no key.
            ProviderError: it did not answer.

        """
        from llmring._async.beside import list_models
        from llmring._core.asked import limits_of

        return await list_models(self._engine, limits_of(provider, {"timeout": timeout}, self._shared.defaults))

    @overload
    async def run_tools(self, request: LLMRequest[T], /, *, profile: str | None = None, **bounds: Unpack[RunBounds]) -> LLMResponse[T]: ...
    @overload
    async def run_tools(
        self, model: A, messages: Messages, *, response_format: type[T], **options: Unpack[RunOptions]
    ) -> LLMResponse[T]: ...
    @overload
    async def run_tools(
        self, model: A, messages: Messages, *, response_format: Mapping[str, Any] | None = None, **options: Unpack[RunOptions]
    ) -> LLMResponse[Any]: ...
    async def run_tools(
        self,
        model: LLMRequest[Any] | str,
        messages: Messages | None = None,
        *,
        response_format: Any = None,
        **options: Unpack[RunOptions],
    ) -> LLMResponse[Any]:
        """Answer like ``chat``, running the functions among ``tools`` whenever the model calls them, until it answers.

        At most *max_rounds* requests go out (10), and none that could make all of them cost more than ``max_cost``; all of it takes
        no longer than *max_seconds*. *parallel* bounds the calls made at once (8): in threads where functions block, one after the
        other in blocking code. *approve* is asked before each call, with the call and its tool: True lets it be made, False or a
        text refuses it. What a function raises is told to the model, and so is a refusal. The tools of *mcp* servers join; the run
        connects to those that are not connected, and closes them when it ends.
        A call of any other tool ends the loop: ``tool_calls`` of the answer are those left to make. Usage, cost and attempts
        are those of all rounds; ``turns`` are all turns to be appended to *messages*.

        Raises:
            RequestError: the request is wrong, or a function cannot be described; nothing was sent.
            MCPError: a server cannot be reached; nothing was sent.
            ToolError: the model still calls tools after *max_rounds*, or *max_seconds* are over; it carries the last answer and the
                conversation.
            BudgetExceededError: the next round could cost more than is left of ``max_cost``; it carries the same.
            ProviderError: no model of the pool answered a round.

        """
        from llmring._async.tools import run_tools
        from llmring._core.tool_asked import tools_asked

        return await run_tools(self._engine, tools_asked(model, messages, response_format, options, self._shared.defaults))

    @overload
    def run_tools_stream(
        self, request: LLMRequest[T], /, *, profile: str | None = None, **bounds: Unpack[RunBounds]
    ) -> AsyncToolStream[T]: ...
    @overload
    def run_tools_stream(
        self, model: A, messages: Messages, *, response_format: type[T], **options: Unpack[RunOptions]
    ) -> AsyncToolStream[T]: ...
    @overload
    def run_tools_stream(
        self, model: A, messages: Messages, *, response_format: Mapping[str, Any] | None = None, **options: Unpack[RunOptions]
    ) -> AsyncToolStream[Any]: ...
    def run_tools_stream(
        self,
        model: LLMRequest[Any] | str,
        messages: Messages | None = None,
        *,
        response_format: Any = None,
        **options: Unpack[RunOptions],
    ) -> AsyncToolStream[Any]:
        """Answer like ``run_tools``, event by event: those of each round's stream, then a ``ToolResultEvent`` for each call made.

        Raises:
            RequestError: the request is wrong, or a function cannot be described; nothing was sent.

        """
        from llmring._async.tool_stream import AsyncToolStream
        from llmring._core.tool_asked import tools_asked

        return AsyncToolStream(self._engine, tools_asked(model, messages, response_format, options, self._shared.defaults, stream=True))

    def register_file(self, path: str | PathLike[str]) -> str:
        """Give an id for the file at *path*, for ``files=[id]`` or a ``FilePart``; it is only looked at, nothing is sent.

        It is uploaded when a model first needs it, once for each provider, and again once its content has changed or the
        provider's copy expired. The same path has the same id.

        Raises:
            RequestError: there is no such file, or it cannot be read.

        """
        return self._shared.core.uploads.register(path)

    def list_registered_files(self) -> list[RegisteredFile]:
        """Give the registered files of this ring, its twin and its copies, with what providers hold of each."""
        return self._shared.core.uploads.listed()

    async def deregister_file(self, file_id: str, *, timeout: float | Timeout | None = None) -> None:
        """Delete every provider's copy of the file *file_id*, then forget it.

        Raises:
            RequestError: no such file is registered.
            LLMRingError: not all copies could be deleted; the file stays registered, and another call deletes the rest.

        """
        from llmring._async.files import deregister
        from llmring._core.asked import limits_of

        await deregister(self._engine, limits_of("files", {"timeout": timeout}, self._shared.defaults), file_id)

    def resolve(self, model: str, *, profile: str | None = None) -> tuple[Candidate, ...]:
        """Give every model that *model* stands for, in the order of preference.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            UnknownProviderError: there is no such provider.

        """
        return self._shared.core.book.plan(model, profile or self._shared.defaults.profile).candidates

    def resolve_alias(self, alias: str, profile: str | None = None) -> str:
        """Give the first usable model behind *alias*, one whose provider's key is there, as ``provider:model``.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            MissingAPIKeyError: no provider behind it has its key.

        """
        core = self._shared.core
        plan = core.book.plan(alias, profile or self._shared.defaults.profile)
        return str(first_usable(plan, lambda provider: core.settings.missing_key(provider, core.environment)))

    def aliases(self, profile: str | None = None) -> dict[str, tuple[str, ...]]:
        """Give every alias with its models in order; those of extended packages as ``package:alias``.

        Raises:
            UnknownProfileError: the lockfile has no such profile.

        """
        return dict(self._shared.core.book.aliases(profile or self._shared.defaults.profile))

    def has_alias(self, name: str, profile: str | None = None) -> bool:
        """Tell whether *name* is an alias of the profile; never raises."""
        return self._shared.core.book.has(name, profile or self._shared.defaults.profile)

    def require_aliases(self, names: Iterable[str], context: str | None = None) -> None:
        """Insist that the lockfile binds every one of *names*, on behalf of the library *context*.

        Raises:
            MissingAliasesError: some are missing; the text lists them.

        """
        self._shared.core.book.require(names, context=context, profile=self._shared.defaults.profile)

    def estimate(self, model: A, messages: Messages, **options: Unpack[ChatOptions]) -> CostEstimate:
        """Say what a call could cost in dollars, whichever model behind *model* answers; nothing is sent, nobody is asked.

        ``upper`` is None where a price or the longest answer is not known; ``unknown`` says why.

        Raises:
            UnknownAliasError: nothing is bound to the alias.
            RequestError: the request is wrong.

        """
        from datetime import UTC, datetime

        from llmring._core.asked import understand_call
        from llmring._core.budget import estimated

        core = self._shared.core
        asked = understand_call(model, messages, None, options, self._shared.defaults)
        pool = [(str(each), core.registry.find(each.provider, each.model)) for each in core.plan(asked).candidates]
        return estimated(asked.request, pool, datetime.now(UTC))

    def calculate_cost(self, response: LLMResponse[Any]) -> Cost | None:
        """Give what *response* cost in dollars by today's prices, None where none is known for the model that answered."""
        from datetime import UTC, datetime

        from llmring._core.pricing import price

        provider, _, model = response.model.partition(":")
        info = self._shared.core.registry.find(provider, model)
        return price(response.usage, info, service_tier=response.service_tier, when=datetime.now(UTC))

    def get_provider(self, name: str) -> Provider:
        """Give the provider *name* as this ring reaches it; its ``client`` is the vendor's own, for what this ring does not offer.

        Raises:
            UnknownProviderError: there is no such provider.
            ConfigurationError: its base URL is not known.

        """
        from llmring._io.aio import SIDE
        from llmring._raw import Provider

        return Provider(self._shared, name, SIDE)

    def usage(self) -> Totals:
        """Give the calls, tokens and dollars of this ring, its twin and its copies so far, in this process."""
        return self._shared.core.totals

    def with_options(
        self,
        *,
        profile: str | None = None,
        timeout: float | Timeout | None = SEPARATE_DEFAULT,
        max_retries: int | None = None,
        on_unsupported: Literal["error", "warn", "drop"] | None = None,
    ) -> Self:
        """Give a cheap copy with some settings changed; it shares connections, keys and totals.

        The settings are those of the constructor; what is left out stays, and a *timeout* of None takes all limits away.

        Raises:
            ConfigurationError: a setting is wrong.

        """
        changed = self._shared.defaults.changed(profile=profile, timeout=timeout, max_retries=max_retries, on_unsupported=on_unsupported)
        ring = self._from_shared(Shared(self._shared.core, changed))
        ring.origin = self.origin
        return ring

    async def close(self) -> None:
        """Close the connections, and end the ledger's file; the ring may be used again and then opens new ones."""
        from llmring._async.engine import AsyncEngine

        engine: AsyncEngine | None = self._shared.core.made(AsyncEngine)
        if engine is not None:
            await engine.aclose()
        if self._shared.core.recorder is not None:
            from llmring._io import aio

            await aio.run_sync(self._shared.core.flush)

    aclose = close

    async def __aenter__(self) -> Self:
        """Hand out the ring; leaving the block closes its connections."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        await self.close()

    def __repr__(self) -> str:
        """Show the lockfile and the profile, never a key."""
        book = self._shared.core.book
        return f"{type(self).__name__}(lockfile={book.path!r}, profile={self._shared.defaults.profile or book.default!r})"
