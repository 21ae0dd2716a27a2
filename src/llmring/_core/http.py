"""HTTP exchanges as values; who carries them is the transport's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from llmring._base import new_dict

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class HttpCall:
    """One request as a protocol renders it, relative to the provider's base URL."""

    method: str
    path: str
    """Below the base URL, with a leading slash; query included where there is one."""
    body: dict[str, Any] | bytes | None = None
    """A JSON object to be encoded by the sender, or ready bytes (multipart)."""
    headers: Mapping[str, str] = attrs.field(factory=new_dict)
    """What the protocol needs beside the provider's own (auth, version); lower-case names."""
    stream: bool = False


@attrs.frozen
class HttpReply:
    """One answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; repeated headers joined by a comma and a space."""
    body: bytes
