"""Read a models.dev folder: one TOML file per model; limits, modalities, reasoning options, list prices."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

from codegen.registry.claims import EFFORTS, MODALITIES, RATES, Record, Source, Value, rate_key, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SOURCE = Source(key="md", name="models.dev", date=date(2026, 7, 2), url="https://github.com/sst/models.dev")
PROVIDERS = {"ollama-cloud": "ollama"}
FLAGS = {"tool_call": "capabilities.tools", "structured_output": "capabilities.structured", "reasoning": "capabilities.reasoning"}


def read(folder: Path) -> Iterator[Record]:
    """Yield a record per TOML file below *folder*."""
    for path in sorted(folder.glob("*/models/**/*.toml")):
        provider, _, *name = path.relative_to(folder).with_suffix("" if path.suffix == ".toml" else path.suffix).parts
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        yield Record(source=SOURCE.key, provider=PROVIDERS.get(provider, provider), name="/".join(name), figures=_figures(data))


def _figures(data: Mapping[str, Any]) -> dict[str, Value]:
    """Flatten one file."""
    limit, cost = data.get("limit", {}), data.get("cost", {})
    figures: dict[str, Value] = {key: data[label] for key, label in (("name", "name"), ("family", "family")) if label in data}
    if "release_date" in data:
        figures["released"] = _day(data["release_date"])
    figures |= {key: limit[label] for key, label in (("context", "context"), ("input", "input"), ("output", "output")) if limit.get(label)}
    figures |= {figure: data[flag] for flag, figure in FLAGS.items() if flag in data}
    if "temperature" in data:
        figures["refuses.temperature"] = not data["temperature"]
    for side, short in (("input", "in"), ("output", "out")):
        named = data.get("modalities", {}).get(side)
        if named:
            figures |= {f"{short}.{kind}": kind in named for kind in MODALITIES}
    figures |= _reasoning(data.get("reasoning_options", []))
    figures |= _rates(cost, None)
    for mode in data.get("experimental", {}).get("modes", {}).values():
        body = mode.get("provider", {}).get("body", {})
        figures |= _rates(mode.get("cost", {}), body.get("service_tier") or body.get("speed"))
    return figures


def _reasoning(options: list[Mapping[str, Any]]) -> dict[str, Value]:
    """Spell the reasoning options as flags, one per effort."""
    figures: dict[str, Value] = {}
    for option in options:
        match option:
            case {"type": "effort", "values": _}:
                figures |= {f"efforts.{effort}": effort in option["values"] for effort in EFFORTS}
            case {"type": "effort"}:
                figures |= {f"efforts.{effort}": True for effort in ("low", "medium", "high")}
            case {"type": "budget_tokens", **bounds}:
                figures |= {"reasoning.budget": True}
                figures |= {f"reasoning.budget_{end}": bounds[end] for end in ("min", "max") if end in bounds}
            case {"type": "toggle"}:
                figures["reasoning.toggle"] = True
            case _:
                message = f"a reasoning option of a kind not known here: {option}"
                raise ValueError(message)
    return figures


def _rates(cost: Mapping[str, Any], tier: str | None) -> dict[str, Value]:
    """Spell the prices of *cost* in service tier *tier*; a zero stands for unknown."""
    figures: dict[str, Value] = {rate_key(rate, tier=tier): tidy(cost[rate]) for rate in RATES if cost.get(rate)}
    for step in cost.get("tiers", []):
        over = step["tier"]["size"]
        figures |= {rate_key(rate, over=over, tier=tier): tidy(step[rate]) for rate in RATES if step.get(rate)}
    return figures


def _day(text: str | date) -> date | str:
    """Read a date; a month alone stays the text it is."""
    return text if isinstance(text, date) else date.fromisoformat(text) if text.count("-") == 2 else text  # noqa: PLR2004 - year, month, day
