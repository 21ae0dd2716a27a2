"""One model of one provider, made ready to be called: its protocol, its abilities, and how its calls are addressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._core.jsontext import dumps
from llmring._core.redact import without
from llmring._core.wire_call import PreparedCall
from llmring._version import __version__
from llmring.exceptions import FileSizeError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from llmring._core.endpoint import Endpoint
    from llmring._core.fit import Target
    from llmring._core.http import HttpCall
    from llmring._core.model_info import ModelInfo
    from llmring._core.plan import Candidate
    from llmring._core.request import NormalRequest
    from llmring.exceptions import ProviderError

_LARGE = 1024 * 1024
"""Bytes below which no provider refuses a request for its size."""
AGENT = f"llmring/{__version__}"


@attrs.frozen
class Ready:
    """A candidate, resolved."""

    candidate: Candidate
    endpoint: Endpoint
    protocol: ModuleType
    """The module of its wire format."""
    info: ModelInfo | None
    """What the registry knows of the model."""
    limits: Target
    """The model as fitting sees it."""
    headers: tuple[tuple[bytes, bytes], ...] = attrs.field(repr=False)
    """The headers of every JSON call, one tuple for all of them."""

    @property
    def name(self) -> str:
        """``provider:model``, as the user or the lockfile wrote it."""
        return self.limits.name

    def prepare(self, call: HttpCall, request: NormalRequest | None = None) -> PreparedCall:
        """Address *call* to the provider and encode its body."""
        body = call.body
        content = b"" if body is None else body if isinstance(body, bytes) else dumps(body)
        if len(content) > _LARGE and request is not None:
            self._check(len(content))
        headers = self.headers
        extra: Mapping[str, str] = request.headers if request is not None else {}
        if call.headers or extra:
            merged = {**{key.decode(): value.decode() for key, value in headers}, **call.headers}
            headers = encoded({**merged, **extra})
        return PreparedCall(call.method, self.endpoint.base_url + call.path, headers, content, call.stream)

    def _check(self, size: int) -> None:
        """Refuse a request of *size* bytes where the provider takes fewer."""
        most = self.endpoint.entry["limits"].get("request_bytes", size)
        if size > most:
            raise FileSizeError(f"the request has {size:,} bytes; {self.name} takes {most:,}", size=size, limit=most, path="messages")

    def dress(self, error: ProviderError) -> None:
        """Say on *error* who failed, and take the key out of it, should the provider have quoted it."""
        error.provider = self.candidate.provider
        error.model = self.name
        key = self.endpoint.key
        if key is not None:
            secret = key.reveal()
            error.args = tuple(without(secret, argument) for argument in error.args)
            for name in ("body", "code", "type", "param"):
                setattr(error, name, without(secret, getattr(error, name)))


def base_headers(endpoint: Endpoint) -> tuple[tuple[bytes, bytes], ...]:
    """Give the headers that every JSON call to *endpoint* has.

    Raises:
        MissingAPIKeyError: the provider needs a key, and there is none.

    """
    return encoded({"content-type": "application/json", "accept": "application/json", "user-agent": AGENT, **endpoint.headers()})


def encoded(headers: dict[str, Any]) -> tuple[tuple[bytes, bytes], ...]:
    """Give *headers* as bytes."""
    return tuple((name.encode("ascii"), str(value).encode("utf-8")) for name, value in headers.items())
