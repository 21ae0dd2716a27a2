"""A request made ready for the wire: absolute, encoded, and as reusable as can be between calls."""

from __future__ import annotations

import attrs

Header = tuple[bytes, bytes]
"""One header, name in lower case."""


@attrs.frozen
class PreparedCall:
    """One request as the transport sends it; it adds host, length and accept-encoding itself."""

    method: str
    url: str
    """Absolute; parsed once per transport, so equal texts cost nothing."""
    headers: tuple[Header, ...] = attrs.field(default=(), repr=False)
    """Auth, version, content type. The same tuple for all calls to a provider is checked and prepared once."""
    content: bytes = attrs.field(default=b"", repr=False)
    stream: bool = False
    """Whether the answer is to be read piece by piece."""
