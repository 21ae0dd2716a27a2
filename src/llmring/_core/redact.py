"""Take a secret out of anything that an error or a record may carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

HIDDEN = "***"


class Sealed(bytes):
    """Bytes that hold a secret and go to the wire: what shows the locals of a traceback shows their number."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show how many there are."""
        return f"<{len(self)} bytes>"

    def __add__(self, other: Any) -> Sealed:
        """Stay sealed with *other* after it."""
        return Sealed(bytes.__add__(self, other))


class SealedText(str):
    """Text that holds a secret, such as a proxy's password: what shows the locals of a traceback shows none of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show nothing."""
        return repr(HIDDEN)


def without(secret: str, value: Any) -> Any:
    """Give *value* with *secret* replaced wherever it occurs in text, at any depth."""
    match value:
        case str():
            return value.replace(secret, HIDDEN) if secret and secret in value else value
        case Mapping():
            return {without(secret, key): without(secret, item) for key, item in cast("Mapping[Any, Any]", value).items()}
        case list() | tuple():
            return [without(secret, item) for item in cast("list[Any]", value)]
        case _:
            return value
