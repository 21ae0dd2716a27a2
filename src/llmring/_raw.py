"""The vendors' own clients, set up as the ring is; the one place that imports their packages, and only when a client is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring._core.endpoint import Endpoint
    from llmring._core.timeouts import Timeout
    from llmring._io.shared import Shared

Side = Literal["_async", "_sync"]
"""The half of the ring that a client belongs to, named like its package."""

_ENGINES: Final[Mapping[Side, str]] = {"_async": "AsyncEngine", "_sync": "SyncEngine"}
_SDKS: Final = {
    "openai_chat": "openai",
    "openai_responses": "openai",
    "anthropic_messages": "anthropic",
    "gemini_generate": "google",
    "ollama_chat": "ollama",
}
"""Whose client speaks a protocol; it is also the name of the extra that brings the package."""
_KEY_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {"openai": ("authorization",), "anthropic": ("authorization", "x-api-key")}
"""The headers of which each client is told the key, not the value."""
_KEYLESS: Final = "none"
"""Stands for the key of a server that wants none, where a client insists on one."""
_MILLISECONDS: Final = 1000


class Provider:
    """One provider as the ring reaches it, with its vendor's own clients."""

    def __init__(self, shared: Shared, name: str, side: Side) -> None:
        """Look up the provider *name*; no package is imported and no key needed yet.

        Raises:
            UnknownProviderError: there is no such provider.
            ConfigurationError: its base URL is not known.

        """
        self._shared = shared
        self._side: Side = side
        self._endpoint = shared.core.settings.endpoint(name, shared.core.environment)
        self.name = self._endpoint.name
        self.base_url = self._endpoint.base_url

    @property
    def client(self) -> Any:
        """The official client for this half of the ring: blocking, or of an asynchronous ring asynchronous.

        It is built at the first access, with the ring's key, URL, timeout and retries, on the ring's connections where it can be
        (Ollama's has its own), and closed with the ring.

        Raises:
            ConfigurationError: the package is missing; the text says how to install it.
            MissingAPIKeyError: the provider needs a key, and there is none.

        """
        return self._client(self._side)

    @property
    def async_client(self) -> Any:
        """The official asynchronous client, built and closed like `client`."""
        return self._client("_async")

    def __repr__(self) -> str:
        """Show where it is, never the key."""
        return f"Provider({self.name!r}, {self.base_url!r})"

    def _client(self, side: Side) -> Any:
        """Give the client of one *side*, the same at every call until that side is closed."""
        lending = self._lending(side)
        defaults = self._shared.defaults
        key = (self.name, defaults.timeout, defaults.max_retries)
        if key not in lending.kept:
            sdk = _SDKS[self._endpoint.protocol]
            try:
                made = _MAKERS[sdk](self._endpoint, defaults.timeout, defaults.max_retries, side, self._lending)
            except ImportError as error:
                message = f'{self.name} has no client here: install its package by pip install "llmring[{sdk}]" ({error}).'
                raise ConfigurationError(message) from error
            lending.kept.setdefault(key, made)
        return lending.kept[key]

    def _lending(self, side: Side) -> Any:
        """Give what lends the connections of one *side*, which is imported by name as it stands above this module."""
        core = self._shared.core
        return core.engine(getattr(import_module(f"llmring.{side}.engine"), _ENGINES[side])).transport.lending


# --- one maker a vendor ------------------------------------------------------------------------------


class _Common(TypedDict):
    """What the clients of OpenAI and Anthropic take alike."""

    base_url: str
    timeout: Any
    max_retries: int
    default_headers: dict[str, str]
    http_client: Any


def _common(endpoint: Endpoint, timeout: Timeout, retries: int, lending: Any, sdk: Any) -> _Common:
    """Give the arguments for the classes of *sdk*, of which both are made alike."""
    own = _KEY_HEADERS[sdk.__name__]
    headers = _headers(endpoint, *own)
    http_client = lending.client(None if "authorization" in headers or _sent_as(endpoint, *own) else _without_key)
    if "authorization" in headers:
        headers["Authorization"] = headers.pop("authorization")  # spelt as the package does, or both would be sent
    limit = sdk.Timeout(timeout.attempt) if timeout.connect is None else sdk.Timeout(timeout.attempt, connect=timeout.connect)
    return _Common(base_url=endpoint.base_url, timeout=limit, max_retries=retries, default_headers=headers, http_client=http_client)


def _openai(endpoint: Endpoint, timeout: Timeout, retries: int, side: Side, lending: Callable[[Side], Any]) -> Any:
    import openai

    kind = openai.AsyncOpenAI if side == "_async" else openai.OpenAI
    return kind(api_key=_key(endpoint), **_common(endpoint, timeout, retries, lending(side), openai))


def _anthropic(endpoint: Endpoint, timeout: Timeout, retries: int, side: Side, lending: Callable[[Side], Any]) -> Any:
    import anthropic

    kind = anthropic.AsyncAnthropic if side == "_async" else anthropic.Anthropic
    common = _common(endpoint, timeout, retries, lending(side), anthropic)
    if _sent_as(endpoint, "authorization"):
        return kind(auth_token=_key(endpoint), **common)
    return kind(api_key=_key(endpoint), **common)


def _google(endpoint: Endpoint, timeout: Timeout, retries: int, _side: Side, lending: Callable[[Side], Any]) -> Any:
    from google import genai
    from google.genai import types

    options = types.HttpOptions(
        base_url=endpoint.base_url,
        api_version="v1beta",
        headers=_headers(endpoint, "x-goog-api-key"),
        timeout=None if timeout.attempt is None else int(timeout.attempt * _MILLISECONDS),
        retry_options=types.HttpRetryOptions(attempts=retries + 1),
        httpx_client=lending("_sync").client(),
        httpx_async_client=lending("_async").client(),
    )
    return genai.Client(api_key=_key(endpoint), vertexai=False, http_options=options)


def _ollama(endpoint: Endpoint, timeout: Timeout, _retries: int, side: Side, lending: Callable[[Side], Any]) -> Any:
    import ollama

    kind = ollama.AsyncClient if side == "_async" else ollama.Client
    more: dict[str, Any] = {} if endpoint.key is not None else {"auth": _without_key}
    client = kind(endpoint.base_url, headers=endpoint.headers(), timeout=timeout.attempt, **more)
    lending(side).also(client.close)
    return client


_MAKERS: Final = {"openai": _openai, "anthropic": _anthropic, "google": _google, "ollama": _ollama}


# --- keys ----------------------------------------------------------------------------------------------


def _key(endpoint: Endpoint) -> str:
    return _KEYLESS if endpoint.key is None else endpoint.key.reveal()


def _sent_as(endpoint: Endpoint, *names: str) -> bool:
    """Tell whether the key goes out in one of the headers *names*."""
    key = endpoint.key
    return key is not None and any(endpoint.headers().get(name, "").endswith(key.reveal()) for name in names)


def _headers(endpoint: Endpoint, *names: str) -> dict[str, str]:
    """Give the headers of every request but those among *names* that hold the key, which the client sends by itself."""
    return {name: value for name, value in endpoint.headers().items() if not (name in names and _sent_as(endpoint, name))}


def _without_key(request: Any) -> Any:
    """Take out of a *request* the key that a package puts in by itself: its environment's, or a stand-in for none."""
    request.headers.pop("authorization", None)
    return request
