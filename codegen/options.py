"""Emit the option names and parameter tables of ``spec/parameters.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codegen.load import Spec


def options_module(spec: Spec, header: str) -> str:
    """Give the module of the options, for editors and for telling a wrong name; *header* is its first line."""
    entries = spec.parameters["parameters"]
    lines = [
        header,
        '"""The options of every chat verb, for editors and type checkers."""',
        "from __future__ import annotations",
        "from collections.abc import Callable, Mapping, Sequence",
        "from decimal import Decimal",
        "from typing import TYPE_CHECKING, Any, Literal, TypedDict",
        "from llmring._gen.tool import Tool",
        "if TYPE_CHECKING:",
        "    from llmring._core.timeouts import Timeout",
        "class ChatOptions(TypedDict, total=False):",
        '    """Every option that a chat verb takes beside model, messages and ``response_format``."""',
        "    profile: str | None",
        '    """The lockfile profile to use."""',
    ]
    for name, entry in entries.items():
        lines += [f"    {name}: {entry['type']} | None", f'    """{entry["doc"]}"""']
    lines += [f"OPTION_NAMES = frozenset({sorted([*entries, 'profile'])!r})", '"""All option names, to tell a wrong one."""']
    return "\n".join(lines) + "\n"


def parameters_module(spec: Spec, header: str) -> str:
    """Give the module of tables: parameter to place, type and bounds; *header* is its first line."""
    entries: dict[str, dict[str, Any]] = spec.parameters["parameters"]
    extra: dict[str, dict[str, str]] = spec.parameters["extra_params"]
    protocols = sorted({p for entry in entries.values() for p in entry.get("wire", {})})
    wires = {p: {name: entry["wire"][p] for name, entry in entries.items() if p in entry.get("wire", {})} for p in protocols}
    paths = {p: {name: tuple(place.split(".")) for name, place in wire.items() if place != "code"} for p, wire in wires.items()}
    extras = {p: {n: tuple(e[p].split(".")) for n, e in extra.items() if p in e} for p in protocols}
    checks = {n: (e["type"], e.get("min"), e.get("max")) for n, e in entries.items()}
    lines = [
        header,
        '"""Where each protocol wants each parameter."""',
        "from __future__ import annotations",
        f"PATHS: dict[str, dict[str, tuple[str, ...]]] = {paths!r}",
        '"""Protocol -> parameter -> its path in the body, where it goes there as it is."""',
        f"KNOWN: dict[str, frozenset[str]] = {{{', '.join(f'{p!r}: frozenset({sorted(k)!r})' for p, k in wires.items())}}}",
        '"""Protocol -> the parameters it can express at all."""',
        f"EXTRA: dict[str, dict[str, tuple[str, ...]]] = {extras!r}",
        '"""Protocol -> known key of ``extra_params`` -> its path in the body."""',
        f"CHECKS: dict[str, tuple[str, float | None, float | None]] = {checks!r}",
        '"""Parameter -> its type as written in the spec, least and greatest value."""',
        f"RING: frozenset[str] = frozenset({sorted(n for n, e in entries.items() if e.get('ring'))!r})",
        '"""Options that steer the ring and are never sent."""',
    ]
    return "\n".join(lines) + "\n"
