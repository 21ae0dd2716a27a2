"""The blocking classes of MCP say what their asynchronous counterparts say: they are written beside each other, not generated."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest

from llmring import mcp
from llmring.mcp import EnhancedLLM, MCPClient, SyncEnhancedLLM, SyncMCPClient

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.extra

PAIRS: list[tuple[Any, Any]] = [(MCPClient, SyncMCPClient), (EnhancedLLM, SyncEnhancedLLM)]


def public(cls: type) -> set[str]:
    """Name what users see of *cls*; ``aclose`` is the asynchronous word for ``close``."""
    return {name for name in dir(cls) if not name.startswith("_")} - {"aclose"}


def shape(function: Any) -> list[tuple[str, Any, Any, str]]:
    """Give the parameters, with the types of the two worlds named alike."""
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default, plain(str(each.annotation))) for each in found]


def plain(text: str) -> str:
    """Leave out what tells the two worlds apart."""
    return re.sub(r"\b(\w+) \| \1\b", r"\1", re.sub(r"Async|Sync", "", text))


@pytest.mark.parametrize("waiting, blocking", PAIRS)
def test_have_the_same_names(waiting: type, blocking: type) -> None:
    """Whatever one has, the other has."""
    assert public(waiting) == public(blocking)


def common() -> Iterator[tuple[Any, Any]]:
    """Give what both of each pair have, by twos."""
    for waiting, blocking in PAIRS:
        yield waiting.__init__, blocking.__init__
        for name in sorted(public(waiting) & public(blocking)):
            yield getattr(waiting, name), getattr(blocking, name)
    yield mcp.create_enhanced_llm, mcp.create_sync_enhanced_llm


@pytest.mark.parametrize("waiting, blocking", [pair for pair in common() if callable(pair[0])])
def test_take_the_same(waiting: Any, blocking: Any) -> None:
    """The parameters are the same, by name, kind, default and type."""
    assert shape(waiting) == shape(blocking)


@pytest.mark.parametrize("waiting, blocking", list(common()))
def test_say_the_same(waiting: Any, blocking: Any) -> None:
    """And so are the docstrings."""
    said = inspect.getdoc(waiting)
    assert said
    assert plain(said) == plain(inspect.getdoc(blocking) or "")
