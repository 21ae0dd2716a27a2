"""Read lists to their last page, and leave out of a list of tools what cannot be one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCResponse, Tool
from pydantic import ValidationError

from llmring.mcp.client.faults import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

    from mcp.client._transport import ReadStream

_PAGES: Final = 1000


async def all_pages(method: Callable[..., Coroutine[Any, Any, Any]], key: str, server: str) -> list[Any]:
    """Ask *method* for page after page and give what each has under *key*.

    Raises:
        MCPError: there is no end to the pages.

    """
    found: list[Any] = []
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(_PAGES):
        page = await method(cursor=cursor)
        found += getattr(page, key)
        cursor = page.next_cursor
        if not cursor:
            return found
        if cursor in seen:
            break
        seen.add(cursor)
    raise fault(server, f"lists {key} without end")


class Sifted:
    """What a server sends, with unusable tools taken out of its lists: one of them would spoil the list."""

    def __init__(self, stream: ReadStream[SessionMessage | Exception], warn: Callable[[str], None]) -> None:
        """Read from *stream*; *warn* of what is left out."""
        self._stream = stream
        self._warn = warn

    @property
    def last_context(self) -> Any:
        """What the SDK looks for in its own streams."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        """Give the next message."""
        return self._sift(await self._stream.receive())

    async def aclose(self) -> None:
        """Close the stream."""
        await self._stream.aclose()

    def __aiter__(self) -> Self:
        """Read all messages."""
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        """Give the next message."""
        return self._sift(await self._stream.__anext__())

    async def __aenter__(self) -> Self:
        """Enter the stream."""
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool | None:
        """Leave it."""
        return await self._stream.__aexit__(kind, error, trace)

    def _sift(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        if isinstance(item, SessionMessage) and isinstance(item.message, JSONRPCResponse):
            result: dict[str, Any] = item.message.result
            if isinstance(tools := result.get("tools"), list):
                result["tools"] = [tool for tool in cast("list[Any]", tools) if self._usable(tool)]
        return item

    def _usable(self, tool: Any) -> bool:
        name = cast("dict[str, Any]", tool).get("name") if isinstance(tool, dict) else None
        why = _why_not(cast("dict[str, Any]", tool)) if isinstance(name, str) and name else "it has no name"
        if why:
            self._warn(f"The tool {name!r} is left out: {why}.")
        return not why


def _why_not(tool: dict[str, Any]) -> str | None:
    """Tell why *tool* cannot be used; mend what says nothing at all."""
    schema = tool.get("inputSchema")
    if not isinstance(schema, dict):
        return "its schema is no object"
    schema = cast("dict[str, Any]", schema)
    if schema.setdefault("type", "object") != "object":
        return f"its schema is of type {schema['type']!r}, not object"
    output = tool.get("outputSchema")
    if output is not None and not (isinstance(output, dict) and cast("dict[str, Any]", output).get("type") == "object"):
        del tool["outputSchema"]
    try:
        Tool.model_validate(tool, by_name=False)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None
