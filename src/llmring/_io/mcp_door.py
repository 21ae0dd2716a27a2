"""The one way from a ring up to MCP, which stands on a higher floor: by name, when a call first brings servers along."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, TypeGuard


class Client(Protocol):
    """A client of MCP servers, awaited or not."""

    @property
    def tools(self) -> list[Any]:
        """The tools of all connected servers; an ``MCPError`` where none is."""
        ...

    @property
    def warnings(self) -> list[str]:
        """What was left out, and why."""
        ...

    def connect(self) -> Any:
        """Connect to all servers."""
        ...

    def close(self) -> Any:
        """Close all connections."""
        ...


def client_class(name: str) -> Any:
    """Give the class *name* of clients."""
    return getattr(import_module("llmring.mcp"), name)


def is_client(server: object) -> TypeGuard[Client]:
    """Tell whether *server* is a client already."""
    return all(hasattr(type(server), name) for name in ("tools", "connect", "close", "call_tool"))  # a look at ``tools`` itself may raise
