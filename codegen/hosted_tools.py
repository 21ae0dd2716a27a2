"""Generate the table of the tools that providers run, and its page; what there is, ``spec/hosted_tools.yaml`` says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from codegen import GenerationError
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codegen.load import Spec

SOURCE = "spec/hosted_tools.yaml"
MODULE = "src/llmring/_gen/hosted_tools.py"
PAGE = "docs/reference/hosted-tools.md"

_DATE = re.compile(r"_\d{8}$")
_NEXT = re.compile(r"(?<=[a-z])[A-Z]")

_MODULE = '''"""Tools that providers run, under one name each, and what each wire format calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, TypedDict

    class HostedWire(TypedDict):
        """What one wire format calls a tool."""

        type: str
        own: tuple[str, ...]
        """Types that are left as they are, dates taken off."""
        name: str | None
        config: Mapping[str, Any]
        """What it must say at least."""
        settings: Mapping[str, tuple[str, ...]]
        """Where it wants the settings that others know too."""


HOSTED: Final[Mapping[str, Mapping[str, HostedWire]]] = @hosted@
"""Tool -> wire format -> what it is there; a wire format that is not named does not have it."""

NAMES: Final[Mapping[str, str]] = @names@
"""Every name that a tool goes by, dates taken off, to its own."""

PROTOCOLS: Final[frozenset[str]] = frozenset(@protocols@)
"""The wire formats whose hosted tools are known; others may have any."""
'''

_HEAD = """
# Hosted tools

Tools that the provider runs are given by type: `tools=[{"type": "web_search"}]`. Settings stand beside the type, as the provider names
them; those below go by one name everywhere. A tool that the chosen provider does not have is refused before anything is sent, unless
`on_unsupported` says otherwise; a type that is not listed is sent as it is, and so is a version that you choose yourself.

"""


def generate(spec: Spec) -> dict[str, str]:
    """Return the table and its page.

    Raises:
        GenerationError: two tools have a name in common.

    """
    tools = spec.hosted_tools
    names, problems = _names(tools)
    if problems:
        raise GenerationError(*problems)
    protocols = sorted({protocol for tool in tools.values() for protocol in tool["wire"]})
    hosted = {name: {protocol: _wire(tool, protocol) for protocol in tool["wire"]} for name, tool in tools.items()}
    text = _MODULE.replace("@hosted@", repr(hosted)).replace("@names@", repr(names)).replace("@protocols@", repr(protocols))
    content = (spec.root / SOURCE).read_bytes()
    told = page(tools, protocols).replace("``", "`")
    return {MODULE: header(SOURCE, content) + text, PAGE: header(SOURCE, content, markdown=True) + told}


def _wire(tool: Mapping[str, Any], protocol: str) -> dict[str, Any]:
    """Return the row of *tool* in *protocol*."""
    wire = tool["wire"][protocol]
    settings = {name: tuple(places[protocol].split(".")) for name, places in tool.get("settings", {}).items() if protocol in places}
    own = (_DATE.sub("", wire["type"]), *wire.get("also", ()))
    return {"type": wire["type"], "own": own, "name": wire.get("name"), "config": wire.get("config", {}), "settings": settings}


def _names(tools: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Return what every name means, and the names that mean two things."""
    owners: dict[str, str] = {}
    claims = [(name, tool) for tool, entry in tools.items() for name in dict.fromkeys([tool, *entry.get("names", ()), *_types(entry)])]
    double = [(name, tool) for name, tool in claims if owners.setdefault(name, tool) != tool]
    return owners, [f"{SOURCE}: {tool}: {name!r} is already a name of {owners[name]}" for name, tool in double]


def _types(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the wire formats call a tool, dates taken off, and Google's names also as others would write them."""
    for wire in entry["wire"].values():
        for written in (wire["type"], *wire.get("also", ())):
            kind = _DATE.sub("", written)
            yield kind
            yield _NEXT.sub(lambda found: f"_{found[0].lower()}", kind)


def page(tools: Mapping[str, Any], protocols: list[str]) -> str:
    """Return the page of all *tools*: what each does, where it is to be had, and the settings that go by one name."""
    rows = [["tool", "what it does", *(f"`{protocol}`" for protocol in protocols), "settings"]]
    rows.append(["---"] * len(rows[0]))
    for name, tool in tools.items():
        told = ", ".join(f"`{setting}`" for setting in tool.get("settings", {}))
        places = [f"`{tool['wire'][protocol]['type']}`" if protocol in tool["wire"] else "no" for protocol in protocols]
        rows.append([f"`{name}`", tool["doc"], *places, told])
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)
