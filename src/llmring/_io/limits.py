"""How much one transport may hold: connections, idle ones, bytes of an answer."""

from __future__ import annotations

from typing import Final

import attrs

MEGABYTE: Final = 1024 * 1024


@attrs.frozen(kw_only=True)
class PoolLimits:
    """Bounds of one transport; the defaults for connections are the OpenAI SDK's."""

    max_connections: int = 1000
    max_keepalive: int = 100
    keepalive_seconds: float = 5.0
    """Idle connections older than this are closed; common servers close theirs at about the same age."""
    max_response_bytes: int = 256 * MEGABYTE
    """Largest answer taken, decompressed; of a stream, the sum of its pieces."""
    http2: bool = False
    """Offer HTTP/2 to https hosts (needs the extra ``http2``)."""
