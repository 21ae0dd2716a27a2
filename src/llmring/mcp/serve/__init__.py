"""Offer a ring, or the tools over a lockfile, to MCP clients; the servers are the official SDK's, loaded when first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from llmring.mcp.serve.app import http_app
    from llmring.mcp.serve.lockfile import lockfile_server
    from llmring.mcp.serve.program import Listening, run
    from llmring.mcp.serve.ring import ring_server

__all__ = ["Listening", "http_app", "lockfile_server", "ring_server", "run"]

_HOMES = {"Listening": "program", "http_app": "app", "lockfile_server": "lockfile", "ring_server": "ring", "run": "program"}
_EXTRA = ("anyio", "mcp", "mcp_types", "pydantic", "starlette", "uvicorn")
"""What the extra brings."""


def __getattr__(name: str) -> object:
    """Load the public *name*.

    Raises:
        ConfigurationError: the extra is not installed.

    """
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise ConfigurationError(f'serving over MCP needs {error.name}, of the extra mcp: pip install "llmring[mcp]"') from None
