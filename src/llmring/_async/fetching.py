"""Fetch what an address names, from public hosts only, whatever names, redirections and answers say."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from llmring._async.transport import AsyncTransport
from llmring._async.ways import AsyncWay
from llmring._core.addresses import MOST_BYTES, REDIRECTS, host_of, is_public, refusal
from llmring._core.inline import Content
from llmring._core.taking import fault
from llmring._core.target import AGENT
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._io.aio import Backend, Pools, monotonic, run_sync, within
from llmring._io.limits import MEGABYTE, PoolLimits
from llmring._io.resolving import addresses_of
from llmring._io.tls import TLS
from llmring._io.wire_errors import ConnectError
from llmring.exceptions import ConfigurationError, FileSizeError, InvalidMessageError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring._async.reply import AsyncReply
    from llmring._core.addresses import Permission
    from llmring._core.loading import Need

_OK: Final = 200
_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
_LIMITS: Final = PoolLimits(max_connections=16, max_response_bytes=MOST_BYTES + 128 * MEGABYTE)
"""Bodies are counted piece by piece below; the room above it is for what one piece unpacks to."""
_HEADERS: Final = ((b"user-agent", AGENT.encode()), (b"accept", b"*/*"))
_JUST: Final = 1e-3


class AsyncGuardedBackend(Backend):
    """Connects to nothing but addresses that *allowed* accepts: those that the name stands for now, not a moment later."""

    def __init__(self, tls: TLS, allowed: Callable[[str], bool], *, gather: bool) -> None:
        """Ask *allowed* about every address."""
        super().__init__(tls, gather=gather)
        self._allowed = allowed

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> Any:
        """Resolve *host*, refuse it if any of its addresses is not allowed, else connect to the first that answers."""
        async with within(getattr(timeout, "until", inf)):
            found = await run_sync(addresses_of, host, port)
        for address in found:
            if not self._allowed(address):
                raise InvalidMessageError(f"{host} has the address {address}, which is not public")
        failure = ConnectError(f"no address for {host}")
        for address in found:
            try:
                return await super().connect_tcp(address, port, timeout, *rest, **more)
            except ConnectError as error:
                failure = error
        raise failure


class AsyncGuardedWay(AsyncWay):
    """A pool on such a backend; a proxy would connect for us, unguarded, so there is none."""

    def __init__(self, tls: TLS, allowed: Callable[[str], bool]) -> None:
        """Open nothing yet."""
        self._allowed = allowed
        super().__init__(_LIMITS, tls, None)

    def network(self, *, gather: bool) -> Backend:
        """Make what asks before it connects."""
        return AsyncGuardedBackend(self.tls, self._allowed, gather=gather)


class AsyncFetcher(AsyncTransport):
    """Fetches addresses for one call."""

    def __init__(self, permission: Permission, timeout: Timeout, allowed: Callable[[str], bool] | None = None) -> None:
        """Fetch what *permission* allows from addresses that are *allowed*, by default public ones, until *timeout* is over."""
        super().__init__(limits=_LIMITS)
        tls = TLS()
        self._pools = Pools(lambda _proxy: AsyncGuardedWay(tls, allowed or is_public))
        self._permission = permission
        self._connect = timeout.connect
        limits = [limit for limit in (timeout.attempt, timeout.total) if limit is not None]
        self._until = monotonic() + min(limits) if limits else None

    async def fetch(self, need: Need) -> Content:
        """Give what the address of *need* holds.

        Raises:
            InvalidMessageError: it cannot be fetched, or must not be.
            FileSizeError: it is too large.

        """
        try:
            return await self._follow(need)
        except (ProviderError, ConfigurationError) as error:
            raise fault(need.path, f"could not be fetched: {error.message}") from error
        except InvalidMessageError as error:
            if error.path is None:
                raise fault(need.path, f"is not fetched: {error.message}") from None
            raise

    async def _follow(self, need: Need) -> Content:
        url = need.where
        for _ in range(REDIRECTS + 1):
            reply = await self.open(PreparedCall("GET", url, _HEADERS), self._left())
            try:
                if reply.status not in _ELSEWHERE:
                    return await self._taken(reply, need)
                url = self._next(url, reply.headers.get("location", ""), need.path)
            finally:
                await reply.aclose()
        raise fault(need.path, f"is redirected more than {REDIRECTS} times")

    def _left(self) -> Timeout:
        """Give what is left of the time."""
        left = None if self._until is None else max(self._until - monotonic(), _JUST)
        return Timeout(connect=self._connect, attempt=left)

    def _next(self, url: str, location: str, path: str) -> str:
        """Judge where *url* redirects to."""
        try:
            target = urljoin(url, location)
        except ValueError:
            target = ""
        host = host_of(target)
        if not location or host is None or (url.startswith("https:") and not target.startswith("https:")):
            raise fault(path, "is redirected to what is no address, or to one that is less safe")
        error = refusal(host, self._permission, path)
        if error is not None:
            raise error
        return target

    async def _taken(self, reply: AsyncReply, need: Need) -> Content:
        """Read the answer, as long as it is small enough."""
        if reply.status != _OK:
            raise fault(need.path, f"could not be fetched: the server answered {reply.status}")
        limit = MOST_BYTES if need.limit is None else min(need.limit, MOST_BYTES)
        told = reply.headers.get("content-length", "")
        _within_limit(int(told) if told.isdecimal() else 0, limit, need.path)
        pieces: list[bytes] = []
        size = 0
        async for piece in reply:
            size += len(piece)
            _within_limit(size, limit, need.path)
            pieces.append(piece)
        return Content(b"".join(pieces), reply.headers.get("content-type"))


def _within_limit(size: int, limit: int, path: str) -> None:
    if size > limit:
        raise FileSizeError(f"{path}: the address holds more than {limit:,} bytes", size=size, limit=limit, path=path)
