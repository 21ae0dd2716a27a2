"""Say what a tool that the provider runs is called in a wire format; how it is written there, the format knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from llmring._gen.hosted_tools import HOSTED, NAMES, PROTOCOLS

if TYPE_CHECKING:
    from llmring._gen.tool import Tool

OWN: Final = frozenset({"function", "custom"})
"""Types of tools that the caller runs."""
_DATE: Final = re.compile(r"_(?:\d{8}|\d{4}_\d\d_\d\d)$")
_DATED: Final = {"anthropic_messages": len("_20250305"), "openai_responses": len("_2025_03_11")}


class Hosted(NamedTuple):
    """A hosted tool as one wire format has it."""

    type: str
    name: str | None
    """Its name, where the spec or the caller gives one."""
    config: dict[str, Any]


def undated(kind: str) -> str:
    """Give the type *kind* without the date of its version."""
    return _DATE.sub("", kind)


def lacks(tool: Tool, protocol: str) -> bool:
    """Tell whether *protocol* is known not to have the hosted *tool*; what nobody knows, it may have."""
    name = NAMES.get(undated(tool.type))
    return tool.type not in OWN and protocol in PROTOCOLS and name is not None and protocol not in HOSTED[name]


def strange(tool: Tool, protocol: str) -> list[str]:
    """Name the settings of the hosted *tool* that other protocols are known to have, but *protocol* is not."""
    wires = HOSTED.get(NAMES.get(undated(tool.type), ""), {})
    if protocol not in wires:
        return []
    elsewhere = {key for wire in wires.values() for key in wire["settings"]} - wires[protocol]["settings"].keys()
    return [key for key in tool.config if key in elsewhere]


def hosted(tool: Tool, protocol: str) -> Hosted:
    """Give what *tool* is in *protocol*: its type, unless the caller chose one of the protocol's own, and its settings in their places."""
    kind = undated(tool.type)
    wire = HOSTED.get(NAMES.get(kind, ""), {}).get(protocol)
    if wire is None:
        return Hosted(tool.type, tool.name or None, tool.config)
    chosen = kind in wire["own"] and tool.type != undated(wire["type"]) and _is_own_date(tool.type.removeprefix(kind), protocol)
    config: dict[str, Any] = dict(wire["config"])
    for key, value in tool.config.items():
        _place(config, wire["settings"].get(key, (key,)), value)
    return Hosted(tool.type if chosen else wire["type"], tool.name or wire["name"], config)


def _is_own_date(date: str, protocol: str) -> bool:
    """Tell whether the versions of *protocol* are dated like that, if at all."""
    return not date or len(date) == _DATED.get(protocol)


def _place(config: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Put *value* at *path*, beside what is there."""
    *parents, last = path
    for key in parents:
        inner = config.get(key)
        config[key] = dict(cast("Mapping[str, Any]", inner)) if isinstance(inner, Mapping) else {}
        config = config[key]
    config[last] = value
