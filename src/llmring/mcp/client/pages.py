"""The pages that a server wants its user to have visited before it does what it is asked: shown to the user, then asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mcp import UrlElicitationRequiredError
from mcp.types import ElicitResult

from llmring.mcp.client.hearing import answered

if TYPE_CHECKING:
    import mcp
    from mcp.types import ElicitRequestURLParams

    from llmring.mcp.client.settings import Settings

_WANTED: Final = -32042
_MOST: Final = 10
"""Pages of one error that are looked at."""


def wanted(error: mcp.MCPError) -> list[ElicitRequestURLParams]:
    """Give the pages that *error* wants to be visited."""
    if error.code != _WANTED:
        return []
    try:
        return UrlElicitationRequiredError.from_error(error.error).elicitations[:_MOST]
    except (ValueError, TypeError, AttributeError):  # what the server wrote is no list of pages
        return []


async def visited(server: str, settings: Settings, error: mcp.MCPError) -> bool:
    """Show the user the pages that *error* wants; tell whether there were some, and all of them were visited."""
    pages = wanted(error) if settings.elicit else []
    for page in pages:
        answer: Any = await answered(server, settings, page)
        if not isinstance(answer, ElicitResult) or answer.action != "accept":
            return False
    return bool(pages)


def addresses(error: mcp.MCPError) -> str:
    """Tell where the pages are, for the words of an error."""
    pages = wanted(error)
    return f" ({', '.join(page.url for page in pages)})" if pages else ""
