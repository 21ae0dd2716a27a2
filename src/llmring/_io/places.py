"""Where a call goes, worked out once for each URL: the host, the way out, the form that each layer below wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore2

if TYPE_CHECKING:
    import httpx2


class WireURL(httpcore2.URL):
    """A URL that knows its origin and how its host is written; the pool asks for the origin at every call."""

    def __init__(self, url: httpx2.URL) -> None:
        """Take over *url*."""
        super().__init__(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        self._origin = super().origin
        self.netloc = url.netloc

    @property
    def origin(self) -> httpcore2.Origin:
        """Scheme, host and port."""
        return self._origin


class Place:
    """One URL, and the proxy that leads to it."""

    __slots__ = ("host", "proxy", "url", "wire")

    def __init__(self, url: httpx2.URL, proxy: str | None) -> None:
        """Reach *url* by *proxy*, directly where there is none."""
        self.url = url
        self.proxy = proxy
        self.wire = WireURL(url)
        self.host = url.host
