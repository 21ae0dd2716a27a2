"""The errors of our network, and of the HTTP libraries, as a caller's; all of them have the same names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from llmring._io.wire_errors import WireError
from llmring.exceptions import ConfigurationError, LLMRingError, ProviderConnectionError, ProviderTimeoutError

if TYPE_CHECKING:
    from llmring._core.timeouts import Phase, Waits

WIRE: Final = (WireError, OSError)
"""Everything that our own connections can fail with."""
_PHASES: Final[dict[str, Phase]] = {"ConnectTimeout": "connect", "PoolTimeout": "pool", "WriteTimeout": "write"}


def librarys() -> tuple[type[BaseException], ...]:
    """Give everything that the HTTP library's transport, on our network, can fail with."""
    import httpcore2
    import httpx2

    cores = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError)
    return (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, *cores, *WIRE)


def family(client: object) -> tuple[type[BaseException], ...]:
    """Give the errors that a user's *client* can fail with: its library's, and the sockets'."""
    if (httpx := sys.modules.get("httpx")) is None or not isinstance(client, (httpx.Client, httpx.AsyncClient)):
        return librarys()
    return (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError)


def failure(error: BaseException, waits: Waits, host: str, now: float) -> LLMRingError:
    """Say in our words what *error* means for an exchange with *host*."""
    names = [kind.__name__ for kind in type(error).__mro__]
    if "TimeoutException" in names or isinstance(error, TimeoutError):
        phases: list[Phase] = [*(_PHASES[name] for name in names if name in _PHASES), waits.phase]
        return ProviderTimeoutError(f"{host}: {waits.overdue(phases[0], now)}.")
    if "UnsupportedProtocol" in names or "InvalidURL" in names:
        return ConfigurationError(f"The base URL of {host} cannot be used: {error}.")
    if "LocalProtocolError" in names:
        # The library's text quotes what it refused, and that may be a key.
        return ConfigurationError(f"The request to {host} cannot be sent: a header is malformed.")
    if "ProxyError" in names:
        return ProviderConnectionError(f"{host}: the proxy refused: {error}")
    doing = "cannot connect" if "ConnectError" in names else "the connection broke"
    return ProviderConnectionError(f"{host}: {doing}: {error or type(error).__name__}")
