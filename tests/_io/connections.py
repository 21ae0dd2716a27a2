"""What a transport has open on the running loop, whichever library opened it; it looks inside so that tests need not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmring._async.transport import AsyncTransport


def pools(transport: AsyncTransport) -> Any:
    """Give what keeps the connections."""
    return transport._swift or transport._pools


def at_rest(transport: AsyncTransport) -> bool:
    """Tell whether nothing is left of any call but idle connections."""
    kept = pools(transport).get(None)
    if transport._swift is not None:
        return not kept.connector._acquired and not kept.connector._waiters
    pool = pool_of(kept)
    return not pool.waiting and all(connection.is_available() or connection.is_closed() for connection in pool.connections)


def count(transport: AsyncTransport) -> int:
    """Count the connections that are open."""
    kept = pools(transport).get(None)
    if transport._swift is not None:
        return sum(protocol.is_connected() for protocol in kept.connector._sockets)
    return sum(not connection.is_closed() for connection in pool_of(kept).connections)


def pool_of(way: Any) -> Any:
    """Give the pool of *way*: ours, or the library's."""
    return way.own or way.library._pool
