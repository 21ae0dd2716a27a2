"""Headers and URLs between the wire's form and ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from llmring._io.inflate import ACCEPTED
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring._core.wire_call import Header, PreparedCall

_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


def lowered(raw: Sequence[Header]) -> dict[str, str]:
    """Read *raw* headers into a dict with lower-case names; repeated ones are joined by a comma and a space."""
    return joined([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])


def joined(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Put *fields* into a dict with lower-case names; repeated ones are joined by a comma and a space."""
    headers = {name.lower(): value for name, value in fields}
    if len(headers) != len(fields):
        headers = {}
        for name, value in fields:
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def checked(call: PreparedCall) -> None:
    """Refuse headers that cannot be sent, without ever showing a value (it may be a key), be it in the frame of the failure.

    Raises:
        ConfigurationError: one of them cannot be sent.

    """
    fault = _fault(call.headers)
    if fault is not None:
        raise ConfigurationError(fault)


def _fault(headers: Sequence[Header]) -> str | None:
    for name, value in headers:
        if not _NAME.fullmatch(name):
            return f"{name!r} is no name for a header."
        if not _VALUE.fullmatch(value):
            return f"The header {name.decode()!r} holds a line break or control character; is there one in the key?"
    return None


def packing(call: PreparedCall) -> bytes:
    """Give the encodings in which the answer to *call* may come: a stream's pieces are wanted at once, so unpacked."""
    return b"identity" if call.stream else ACCEPTED
