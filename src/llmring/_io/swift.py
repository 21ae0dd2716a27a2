"""Whether calls on an event loop go by aiohttp: where the environment says so."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from llmring._io.environment import environment
from llmring._io.pools_aio import Pools
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from llmring._io.aiohttp_pool import AiohttpPool
    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS

VARIABLE: Final = "LLMRING_ASYNC_TRANSPORT"
"""Names the library: ``aiohttp`` or ``httpx2``."""


def swift_pools(limits: PoolLimits, tls: TLS) -> Pools[AiohttpPool] | None:
    """Give aiohttp's connections, by event loop; None where our own are to be used.

    Raises:
        ConfigurationError: the environment names a library that is not there.

    """
    wish = environment().get(VARIABLE, "")
    if wish not in {"", "aiohttp", "httpx2"}:
        raise ConfigurationError(f"{VARIABLE} must be aiohttp or httpx2, not {wish!r}.")
    if wish != "aiohttp" or limits.http2 or tls.http2:
        return None
    if find_spec("aiohttp") is None:
        raise ConfigurationError(f"{VARIABLE} is aiohttp, which is not installed: pip install 'llmring[aiohttp]'.")
    return Pools(partial(_made, limits, tls))


def _made(limits: PoolLimits, tls: TLS, proxy: str | None) -> AiohttpPool:
    """Import aiohttp when the first loop needs it."""
    from llmring._io.aiohttp_pool import AiohttpPool

    return AiohttpPool(limits, tls, proxy)
