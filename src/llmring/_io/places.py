"""Where a call goes, worked out once for each URL: the host, the way out, the form that each layer below wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from llmring._io.environment import proxy_for
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    import httpx2

Origin = tuple[str, str, int]
"""Scheme, host and port: what a connection leads to."""
Parts = tuple[str, str, str, int | None, str]
"""Scheme, host, the host as it is shown to people, port unless it goes without saying, target."""

_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 8192
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_SAFE: Final = "[A-Za-z0-9_.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"
_EVERYDAY: Final = re.compile(
    "(https?)://"
    rf"((?:{_OCTET}\.){{3}}{_OCTET}|(?![^:/?]*xn--)(?=[^:/?]*[a-z])[a-z0-9._-]+)"
    "(?::([1-9][0-9]{0,4}))?"
    rf"((?:/(?!\.\.?(?:[/?]|\Z))(?:{_SAFE})*)*)"
    rf"(\?(?:{_SAFE}|[/?])*)?"
)
"""A URL that means what it says: nothing to escape, to decode, to lower or to resolve."""


class Place:
    """One URL, and the proxy that leads to it."""

    __slots__ = ("_url", "host", "netloc", "origin", "proxy", "scheme", "target", "text")

    def __init__(self, text: str) -> None:
        """Take *text* to pieces, and look for a proxy.

        Raises:
            ConfigurationError: it is no URL that HTTP leads to.

        """
        self.text = text
        self.scheme, host, self.host, port, target = everyday(text) or unusual(text)
        self.target = target.encode("ascii")
        self.netloc = _netloc(host, port).encode("ascii")
        """What the header Host says."""
        self.origin: Origin = (self.scheme, host, port or _PORTS[self.scheme])
        self.proxy = proxy_for(self.scheme, self.host, port)
        self._url: httpx2.URL | None = None

    @property
    def url(self) -> httpx2.URL:
        """The URL as the HTTP library has it, for what goes through the library."""
        if self._url is None:
            import httpx2

            self._url = httpx2.URL(self.text)
        return self._url


def everyday(text: str) -> Parts | None:
    """Read a URL as most are, None where it takes more."""
    found = _EVERYDAY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    scheme, host, port, path, query = found.groups()
    number = None if port is None or int(port) == _PORTS[scheme] else int(port)
    return scheme, host, host, number, (path or "/") + (query or "")


def unusual(text: str) -> Parts:
    """Read any URL, by the HTTP library: other scripts, escapes, IPv6, dots in paths.

    Raises:
        ConfigurationError: it is no URL that HTTP leads to.

    """
    import httpx2

    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise ConfigurationError(f"The URL {text!r} is malformed: {error}.") from error
    if url.scheme not in _PORTS or not url.host:
        raise ConfigurationError(f"The URL {text!r} must begin with http:// or https:// and name a host.")
    return url.scheme, url.raw_host.decode("ascii"), url.host, url.port, url.raw_path.decode("ascii")


def _netloc(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"
