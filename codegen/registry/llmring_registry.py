"""Read the JSON files of the public llmring registry: prices, dates, output limits and hints.

Its flags and its input limit are not read: they were guessed from price pages (no Claude reads PDF there, o1 takes a temperature,
the input limit is the context less the output limit).
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from codegen.registry.claims import Record, Source, Value, rate_key, tidy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SOURCE = Source(key="lr", name="llmring-registry", date=date(2026, 8, 18), url="https://llmring.github.io/registry")
RATES = {
    "input": "input",
    "output": "output",
    "cached_input": "cache_read",
    "cache_read": "cache_read",
    "cache_write_5m": "cache_write",
    "cache_write_1h": "cache_write_1h",
}


def read(folder: Path) -> Iterator[Record]:
    """Yield a record per model of the JSON files in *folder*."""
    for path in sorted(folder.glob("*.json")):
        for key, model in json.loads(path.read_text(encoding="utf-8"))["models"].items():
            provider, _, name = key.partition(":")
            yield Record(source=SOURCE.key, provider=provider, name=name, figures=_figures(model))


def _figures(model: Mapping[str, Any]) -> dict[str, Value]:
    """Flatten one model; a null, or a limit or price of zero, says nothing."""
    labels = {"name": "display_name", "family": "model_family", "speed": "speed_tier", "intelligence": "intelligence_tier"}
    figures: dict[str, Value] = {key: model[label] for key, label in labels.items() if model.get(label)}
    if model.get("max_output_tokens"):
        figures["output"] = model["max_output_tokens"]
    dates = (("released", "release_date"), ("retires", "deprecated_date"))
    figures |= {key: date.fromisoformat(model[label]) for key, label in dates if model.get(label)}
    prefix = "dollars_per_million_tokens_"
    figures |= {rate_key(rate): tidy(model[prefix + label]) for label, rate in RATES.items() if model.get(prefix + label)}
    over = model.get("long_context_threshold_tokens")
    for rate in ("input", "output"):
        above = model.get(f"{prefix}{rate}_long_context")
        if over and above is not None:
            figures[rate_key(rate, over=over)] = tidy(above)
    return figures
