"""Generate the compact registry and its page; what is known of a model, ``spec/models`` says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codegen import GenerationError
from codegen.providers import resolved
from codegen.registry.claims import RATES
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codegen.load import Spec

DATA = "src/llmring/_data/registry.json"
PAGE = "docs/reference/models.md"

SHORT = {"name": "n", "family": "f", "released": "r", "retires": "x", "speed": "s", "intelligence": "q", "protocol": "o"}
LIMITS = {"context": "c", "input": "i", "output": "t"}


def generate(spec: Spec) -> dict[str, str]:
    """Return the compact registry and the page of models.

    Raises:
        GenerationError: two entries of one provider share a name.

    """
    if problems := list(_clashes(spec)):
        raise GenerationError(*problems)
    files = [f"models/{provider}.yaml" for provider in sorted(spec.models)]
    return {DATA: _data(spec, spec.digest(*files)), PAGE: _page(spec, files)}


def _clashes(spec: Spec) -> Iterator[str]:
    """Name what one provider calls by the same name twice, and files whose provider is another."""
    for provider, file in sorted(spec.models.items()):
        if file["provider"] != provider:
            yield f"spec/models/{provider}.yaml: provider: is {file['provider']}, should be {provider}"
        seen: dict[str, str] = {}
        for model in file["models"]:
            for name in (model["id"], *model.get("aliases", ())):
                if name.lower() in seen:
                    yield f"spec/models/{provider}.yaml: {name}: names both {seen[name.lower()]} and {model['id']}"
                seen[name.lower()] = model["id"]


def _data(spec: Spec, digest: str) -> str:
    """Render the registry as one line of JSON per model, in short keys; ``_core.registry`` reads it."""
    abilities = sorted({ability for file in spec.models.values() for model in file["models"] for ability in _abilities(model)})
    head = {
        "format": 1,
        "date": max((str(file["date"]) for file in spec.models.values()), default=""),
        "digest": digest,
        "abilities": abilities,
        "rates": RATES,
        "sources": (sources := sorted({_told(file, model) for file in spec.models.values() for model in file["models"]} - {""})),
        "aliases": {alias: provider for provider, entry in sorted(spec.providers.items()) for alias in entry.get("aliases", ())},
    }
    providers = ",\n".join(
        f"{_compact(provider)}:{{\n"
        + ",\n".join(
            f"{_compact(model['id'])}:{_compact(_row(model, abilities) | _source(_told(file, model), sources))}" for model in file["models"]
        )
        + "\n}"
        for provider, file in sorted(spec.models.items())
    )
    return f'{_compact(head)[:-1]},\n"models":{{\n{providers}\n}}}}\n'


def _row(model: Mapping[str, Any], abilities: list[str]) -> dict[str, Any]:
    """Shorten one entry; the source of its prices is added elsewhere, the others stay in the spec."""
    row: dict[str, Any] = {"a": model["aliases"]} if "aliases" in model else {}
    row |= {short: str(model[key]) for key, short in SHORT.items() if key in model}
    if model["kind"] != "chat":
        row["k"] = model["kind"]
    row |= {short: model["limits"][key] for key, short in LIMITS.items() if key in model.get("limits", {})}
    for key, short in (("can", "y"), ("cannot", "w")):
        if key in model:
            row[short] = sum(1 << abilities.index(ability) for ability in model[key])
    if "reasoning" in model:
        row["e"] = model["reasoning"]
    if "prices" in model:
        row["p"] = [_price(price) for price in model["prices"]]
    return row


def _told(file: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    """Name the source of the model's prices, with its day; empty where it has none."""
    named = [file["sources"][key] for key, figures in model["sources"].items() if "prices" in figures]
    return f"{named[0]['name']}, {named[0]['date']}" if named and "prices" in model else ""


def _source(told: str, sources: list[str]) -> dict[str, int]:
    """Shorten the source of prices to its place among *sources*."""
    return {"g": sources.index(told)} if told else {}


def _price(price: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten one period of prices."""
    short: dict[str, Any] = {"d": str(price["from"])} if "from" in price else {}
    if "hours" in price:
        short["u"] = price["hours"]
    short |= _table(price)
    if "service_tiers" in price:
        short["s"] = {tier: rates if isinstance(rates, str) else _table(rates) for tier, rates in price["service_tiers"].items()}
    return short


def _table(rates: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten a table of rates to lists in the order of RATES."""
    table: dict[str, Any] = {"r": _amounts(rates)}
    if "tiers" in rates:
        table["t"] = [[tier["over"], *_amounts(tier)] for tier in rates["tiers"]]
    return table


def _amounts(rates: Mapping[str, Any]) -> list[str | None]:
    """List the rates in order, without the missing ones at the end."""
    amounts = [rates.get(rate) for rate in RATES]
    while amounts and amounts[-1] is None:
        amounts.pop()
    return amounts


def _abilities(model: Mapping[str, Any]) -> list[str]:
    """List everything that the entry speaks of."""
    return [*model.get("can", ()), *model.get("cannot", ())]


def _compact(value: Any) -> str:
    """Render *value* as JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _page(spec: Spec, files: list[str]) -> str:
    """Render the page: a table per provider of what can be called, newest first."""
    content = b"".join((spec.root / "spec" / name).read_bytes() for name in files)
    lines = [
        header("spec/models", content, markdown=True),
        "# Models\n\n",
        "What the registry knows of each model: names, limits in tokens, prices in dollars per million tokens and the day it retires.\n",
        "What it *lacks* of its provider's [API](providers.md#what-the-apis-can-do) is refused before anything is sent;\n",
        "tools and schemas are emulated.\n",
        "A model that is missing here can be called all the same; only its cost and its limits are not known.\n",
    ]
    for provider, file in sorted(spec.models.items()):
        named = ", ".join(f"{source['name']} ({source['date']})" for source in file["sources"].values())
        lines.append(f"\n## {provider}\n\nAs of {file['date']}, from {named}.\n\n")
        lines.append("| Model | Also | Context | Output | Input $ | Output $ | Cached $ | Abilities | Lacks | Retires |\n")
        lines.append("|---|---|--:|--:|--:|--:|--:|---|---|---|\n")
        models = [model for model in file["models"] if model["kind"] in {"chat", "embedding"}]
        models.sort(key=lambda model: (_gone(model, file), model["id"]))
        able = _native(spec, provider)
        lines += [_line(model, file, able) for model in models]
    return "".join(lines)


def _gone(model: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
    """Tell whether the model is retired on the day of the file."""
    return str(model.get("retires", "9999")) <= str(file["date"])


def _native(spec: Spec, provider: str) -> set[str]:
    """List what the API of *provider* can do by itself, as far as models may lack it."""
    cells: Mapping[str, Any] = resolved(spec.providers[provider], spec.providers)["capabilities"] if provider in spec.providers else {}
    native = {name for name, cell in cells.items() if cell not in {"emulated", "unsupported"}}
    return native | {"forced_tools"} if "tool_choice" in native else native


def _line(model: Mapping[str, Any], file: Mapping[str, Any], native: set[str]) -> str:
    """Render one row of the page, with the price in force on the day of the file, and what it lacks of what is *native* to its API."""
    limits = model.get("limits", {})
    prices = [price for price in model.get("prices", ()) if "hours" not in price and str(price.get("from", "")) <= str(file["date"])]
    price: Mapping[str, Any] = prices[-1] if prices else {}
    cells = [
        f"`{model['id']}`",
        " ".join(f"`{alias}`" for alias in model.get("aliases", ())),
        limits.get("context", ""),
        limits.get("output", ""),
        price.get("input", ""),
        price.get("output", ""),
        price.get("cache_read", ""),
        ", ".join(ability for ability in model.get("can", ()) if ability not in {"temperature", "top_p", "top_k"}),
        ", ".join(ability for ability in model.get("cannot", ()) if ability in native),
        model.get("retires", ""),
    ]
    return f"| {' | '.join(str(cell) for cell in cells)} |\n"
