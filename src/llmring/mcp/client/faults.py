"""Say what went wrong with a server, in our own errors; what is secret stays unsaid."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, cast

from llmring.exceptions import ConfigurationError, MCPError

if TYPE_CHECKING:
    from llmring.mcp.client.tail import Tail

INSTALL: Final = 'MCP needs the mcp SDK: pip install "llmring[mcp]"'
CLOSED: Final = -32000
TIMED_OUT: Final = -32001
UNKNOWN: Final = frozenset({-32601, -32602})
"""Codes of a server that does not know what it is asked for."""
_LONGEST: Final = 2000


def need_sdk() -> None:
    """See that the SDK is there.

    Raises:
        ConfigurationError: it is not installed.

    """
    if find_spec("mcp") is None:
        raise ConfigurationError(INSTALL)


def not_connected() -> MCPError:
    """Make the error that says that there is no connection yet."""
    return MCPError("The MCP client is not connected: use it in `with` or `async with`, or call connect().")


def fault(server: str, words: str, tail: Tail | None = None, code: int | None = None) -> MCPError:
    """Make the error that says of *server* what *words* say; it carries what is in *tail*, and the *code* of an answer."""
    words = (tail.clean(words) if tail else words)[:_LONGEST]
    return MCPError(f"MCP server {server!r} {words}", server=server, stderr=tail.text if tail else "", code=code)


def end(server: str, words: str, tail: Tail) -> MCPError:
    """Make the error that says of *server* how it ended, with its last words."""
    error = fault(server, f"{words}; its last words: {tail.last}" if tail.last else words, tail)
    if "\n" in tail.text:
        error.add_note(f"What {server} wrote last:\n{tail.text}")
    return error


def leaves(error: BaseException) -> list[BaseException]:
    """Give the single errors of a group, however deep."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for each in cast("BaseExceptionGroup[BaseException]", error).exceptions for leaf in leaves(each)]
    return [error]


def told(error: BaseException) -> str:
    """Give the first words of the most telling part of *error*."""
    found = leaves(error)
    best = next((each for each in found if str(each)), found[0])
    text = _misfit(best) or str(best).strip().partition("\n")[0]
    return f"{type(best).__name__}: {text}" if text else type(best).__name__


def _misfit(error: Any) -> str | None:
    """Give the place and the fault of the first misfit that pydantic tells of, without the value."""
    if type(error).__name__ != "ValidationError":
        return None
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
