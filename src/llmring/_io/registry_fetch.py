"""Fetch a registry from its address: bounded in size and time, and only anew where it has changed."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from llmring._core.registry_check import MOST_BYTES
from llmring._io.inflate import Inflater
from llmring.exceptions import ProviderResponseError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

CONNECTING: Final = 10.0
WHOLE: Final = 60.0
"""Seconds for everything; each wait has *CONNECTING*."""
_UNCHANGED: Final = 304
_DONE: Final = 200
_REDIRECTS: Final = 3


class Fetched(NamedTuple):
    """What an address gave; *content* is None where nothing has changed."""

    content: bytes | None
    etag: str | None


def is_address(text: str) -> bool:
    """Tell whether *text* is an address rather than a path."""
    return text.lower().startswith(("http://", "https://"))


def malformed(url: str) -> str | None:
    """Say why *url* is no address that could be split, None where it can."""
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        return str(error)
    return None


def shown(url: str) -> str:
    """Give *url* without what may be secret: user, password, query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def fetch(url: str, etag: str | None) -> Fetched:
    """Fetch what is at *url*, unless it still is what *etag* names.

    Raises:
        RegistryError: it cannot be had, or is too large.

    """
    import httpx2

    headers = {"accept": "application/json", "accept-encoding": "gzip"} | ({"if-none-match": etag} if etag else {})
    try:
        with (
            httpx2.Client(follow_redirects=True, max_redirects=_REDIRECTS, timeout=CONNECTING) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            _check(url, response)
            if response.status_code == _UNCHANGED:
                return Fetched(None, etag)
            return Fetched(_content(url, response), response.headers.get("etag"))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
        raise RegistryError(f"{shown(url)} cannot be reached: {str(error) or type(error).__name__}") from error


def _check(url: str, response: httpx2.Response) -> None:
    if url.lower().startswith("https:") and any(step.url.scheme != "https" for step in (*response.history, response)):
        raise RegistryError(f"{shown(url)} leads to an address without encryption")
    if response.status_code not in {_DONE, _UNCHANGED}:
        raise RegistryError(f"{shown(url)} answers with status {response.status_code}")


def _content(url: str, response: httpx2.Response) -> bytes:
    """Read the body, no further than it may go."""
    until = monotonic() + WHOLE
    left = MOST_BYTES
    pieces: list[bytes] = []
    for piece in _unpacked(url, response):
        left -= len(piece)
        if left < 0:
            raise RegistryError(f"{shown(url)} is larger than {MOST_BYTES // 1024 // 1024} MB")
        if monotonic() > until:
            raise RegistryError(f"{shown(url)} takes longer than {WHOLE:g} s")
        pieces.append(piece)
    return b"".join(pieces)


def _unpacked(url: str, response: httpx2.Response) -> Iterator[bytes]:
    packing = response.headers.get("content-encoding", "identity").lower()
    try:
        inflater = None if packing in {"", "identity"} else Inflater(packing, MOST_BYTES)
        for packed in response.iter_raw():
            yield packed if inflater is None else inflater.feed(packed)
        if inflater is not None:
            inflater.finish()
    except ProviderResponseError as error:  # what is packed is broken, or too large
        raise RegistryError(f"{shown(url)}: {error}") from error
