"""Where one server is: a program to run, an address to call, or an object of this process; and what of that must not be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Command:
    """A program that speaks over its standard input and output."""

    name: str
    command: str
    args: tuple[str, ...] = attrs.field(default=(), repr=False)
    env: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    cwd: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return tuple(self.env.values())


@attrs.frozen
class Address:
    """A server that is reached over HTTP."""

    name: str
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    kind: str = "http"
    """``http`` (streamable, or events where the server speaks only these), ``streamable`` or ``sse``."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown; of a header such as ``Bearer …`` and of a query ``key=…`` the value alone, too."""
        found = urlsplit(self.url)
        words = [word for value in self.headers.values() for word in (value, value.rpartition(" ")[2])]
        words += [value for _, value in parse_qsl(found.query)]
        return tuple(word for word in (*words, found.query, found.password or "") if word)


@attrs.frozen
class InProcess:
    """A server object of this process."""

    name: str
    server: Any = attrs.field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Nothing."""
        return ()


Source = Command | Address | InProcess
