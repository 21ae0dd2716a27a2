"""Recorded bodies as calls of the ring: what all wire formats have in common; each format is read in a module of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.protocols.wire import Exchange

Body = dict[str, Any]
Call = tuple[list[Any], Body]
"""Messages and options."""


class Dialect(Protocol):
    """One wire format, as its users write it."""

    def left_out(self, body: Body) -> str | None:
        """Say why *body* cannot be asked of the ring; None where it can."""
        ...

    def call_of(self, body: Body) -> Call:
        """Give the messages and the options that say what *body* says."""
        ...

    def canonical(self, body: Mapping[str, Any]) -> Body:
        """Give *body* in one of the spellings that say the same."""
        ...


def without_nothing(value: Any) -> Any:
    """Give *value* without what says nothing: null, and empty lists."""
    match value:
        case dict():
            plain = cast("Body", value)
            return {key: without_nothing(item) for key, item in plain.items() if item is not None and item != []}
        case list():
            return [without_nothing(item) for item in cast("list[Any]", value)]
        case _:
            return value


def differences(dialect: Dialect, wanted: Body, sent: Body) -> Iterator[str]:
    """Name every place where the two bodies do not say the same."""
    yield from _differ(dialect.canonical(wanted), dialect.canonical(sent), "")


def _differ(wanted: Any, sent: Any, path: str) -> Iterator[str]:
    match wanted, sent:
        case dict(), dict():
            first, second = cast("Body", wanted), cast("Body", sent)
            for key in {**first, **second}:
                yield from _differ(first.get(key), second.get(key), f"{path}.{key}".lstrip("."))
        case list(), list() if len(cast("list[Any]", wanted)) == len(cast("list[Any]", sent)):
            for at, (one, other) in enumerate(zip(cast("list[Any]", wanted), cast("list[Any]", sent), strict=True)):
                yield from _differ(one, other, f"{path}[{at}]")
        case _:
            if wanted != sent:
                yield f"{path}: {str(sent)[:120]!r}, wanted {str(wanted)[:120]!r}"


def recorded_body(exchange: Exchange) -> Body | None:
    """Give the JSON body that was sent, if it was recorded."""
    body = (exchange.request or {}).get("body")
    return cast("Body", body) if isinstance(body, dict) else None
