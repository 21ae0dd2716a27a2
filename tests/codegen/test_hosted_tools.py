"""The generated table of hosted tools: what it says, and what cannot be generated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from codegen import GenerationError, hosted_tools
from codegen.load import Spec, load_spec

ROOT = Path(__file__).parents[2]
SEARCH: dict[str, Any] = {"doc": "Searches | finds.", "wire": {"gemini_generate": {"type": "googleSearch"}}}


def made(**tools: Any) -> dict[str, str]:
    """Generate the table of *tools*."""
    spec: Spec = attrs.evolve(load_spec(ROOT), hosted_tools=tools)
    return hosted_tools.generate(spec)


def test_names_in_both_spellings() -> None:
    """Google's names are understood as others would write them, and dated types without their dates."""
    names: dict[str, Any] = {}
    fetch = {"doc": "Fetches.", "names": ["get"], "wire": {"anthropic_messages": {"type": "web_fetch_20250910"}}}
    exec(compile(made(search=SEARCH, fetch=fetch)[hosted_tools.MODULE], "table", "exec"), names)
    search = dict.fromkeys(["search", "googleSearch", "google_search"], "search")
    assert names["NAMES"] == {**search, "fetch": "fetch", "get": "fetch", "web_fetch": "fetch"}
    assert names["HOSTED"]["fetch"]["anthropic_messages"]["own"] == ("web_fetch",)
    assert names["PROTOCOLS"] == {"anthropic_messages", "gemini_generate"}


def test_a_name_of_two_tools() -> None:
    """Nobody could tell which is meant."""
    with pytest.raises(GenerationError) as caught:
        made(search=SEARCH, find={**SEARCH, "names": ["search"]})
    assert caught.value.problems == (
        "spec/hosted_tools.yaml: find: 'search' is already a name of search",
        "spec/hosted_tools.yaml: find: 'googleSearch' is already a name of search",
        "spec/hosted_tools.yaml: find: 'google_search' is already a name of search",
    )


def test_the_page() -> None:
    """It says where each tool is to be had."""
    text = made(search={**SEARCH, "doc": "Searches.", "settings": {"most": {"gemini_generate": "topK"}}})[hosted_tools.PAGE]
    assert "| `search` | Searches. | `googleSearch` | `most` |" in text
