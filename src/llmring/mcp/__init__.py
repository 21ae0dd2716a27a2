"""The Model Context Protocol: the public names, each loaded when first asked for; the ``mcp`` SDK is loaded by the first connection."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmring.mcp.client.blocking import SyncMCPClient
    from llmring.mcp.client.client import MCPClient
    from llmring.mcp.client.offers import Elicitation, LogMessage, Progress, Prompt, Resource, ResourceTemplate, ServerInfo
    from llmring.mcp.client.results import MCPPrompt, MCPResult
    from llmring.mcp.client.tools import MCPTool
    from llmring.mcp.enhanced import EnhancedLLM, EnhancedStream, create_enhanced_llm
    from llmring.mcp.enhanced_blocking import SyncEnhancedLLM, create_sync_enhanced_llm

__all__ = [
    "Elicitation",
    "EnhancedLLM",
    "EnhancedStream",
    "LogMessage",
    "MCPClient",
    "MCPPrompt",
    "MCPResult",
    "MCPTool",
    "Progress",
    "Prompt",
    "Resource",
    "ResourceTemplate",
    "ServerInfo",
    "SyncEnhancedLLM",
    "SyncMCPClient",
    "create_enhanced_llm",
    "create_sync_enhanced_llm",
]

_HOMES = {
    "Elicitation": "client.offers",
    "EnhancedLLM": "enhanced",
    "EnhancedStream": "enhanced",
    "LogMessage": "client.offers",
    "MCPClient": "client.client",
    "MCPPrompt": "client.results",
    "MCPResult": "client.results",
    "MCPTool": "client.tools",
    "Progress": "client.offers",
    "Prompt": "client.offers",
    "Resource": "client.offers",
    "ResourceTemplate": "client.offers",
    "ServerInfo": "client.offers",
    "SyncEnhancedLLM": "enhanced_blocking",
    "SyncMCPClient": "client.blocking",
    "create_enhanced_llm": "enhanced",
    "create_sync_enhanced_llm": "enhanced_blocking",
}
"""Where each name is defined."""


def __getattr__(name: str) -> object:
    """Load *name* from the module that defines it."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(f"llmring.mcp.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
