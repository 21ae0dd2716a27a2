"""Write entries as the YAML of ``spec/models``; one file per provider, a source for every figure."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from codegen.registry.claims import EFFORTS, RATES, Period, Source, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codegen.registry.merge import Entry

Node = str | int | bool | date | Sequence["Node"] | Mapping[str, "Node"]

ABILITIES = {
    "capabilities.tools": "tools",
    "capabilities.parallel_tools": "parallel_tools",
    "capabilities.forced_tools": "forced_tools",
    "capabilities.structured": "structured",
    "capabilities.reasoning": "reasoning",
    "capabilities.caching": "cache",
    "capabilities.web_search": "web_search",
    "capabilities.computer_use": "computer_use",
    "capabilities.prefill": "prefill",
    "in.image": "vision",
    "in.pdf": "pdf",
    "in.audio": "audio_input",
    "in.video": "video_input",
    "out.image": "image_output",
    "out.audio": "audio_output",
    "out.video": "video_output",
}
"""A figure, and the name of the ability in the registry: the providers' names where they have one."""

REFUSALS = ("temperature", "top_p", "top_k")
SAFE = re.compile(r"[A-Za-z][A-Za-z0-9_./ ()+-]*[A-Za-z0-9_/()+-]|[A-Za-z]")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
HEADER = (
    "# Written by `python -m codegen.registry`; what it decides wrongly, overlay.yaml decides. Prices are dollars per million tokens.\n"
)


def file(provider: str, entries: Iterable[Entry], sources: Mapping[str, Source], day: date) -> str:
    """Render the file of one provider as of *day*."""
    lines = [HEADER, f"provider: {provider}\n", f"date: {day}\n", "sources:\n"]
    lines += [f"  {source.key}: {scalar({'name': source.name, 'date': source.date, 'url': source.url})}\n" for source in sources.values()]
    lines += [f"  ov: {scalar({'name': 'spec/models/overlay.yaml', 'date': day})}\n", "models:\n"]
    for entry in entries:
        for at, (key, value) in enumerate(_rows(entry, day)):
            lines.append(f"{'  - ' if at == 0 else '    '}{key}:{_block(value)}\n")
    return "".join(lines)


def _block(value: Node) -> str:
    """Render the value of a key; a list of mappings takes a line each."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "".join(f"\n      - {scalar(item)}" for item in value)
    return f" {scalar(value)}"


def scalar(value: Node) -> str:
    """Render *value* on one line."""
    match value:
        case bool():
            return str(value).lower()
        case int() | date():
            return str(value)
        case str():
            return value if SAFE.fullmatch(value) and value.lower() not in WORDS else json.dumps(value, ensure_ascii=False)
        case Sequence():
            return f"[{', '.join(scalar(item) for item in value)}]"
        case _:
            return f"{{{', '.join(f'{scalar(key)}: {scalar(item)}' for key, item in value.items())}}}"


def _rows(entry: Entry, day: date) -> Iterator[tuple[str, Node]]:
    """Yield the keys of one entry in their order."""
    figures = entry.figures
    yield "id", entry.id
    if entry.aliases:
        yield "aliases", sorted(entry.aliases)
    for key in ("name", "kind", "family", "released", "retires", "speed", "intelligence", "protocol"):
        if key in figures:
            yield key, _plain(figures[key])
    limits: dict[str, Node] = {key: _plain(figures[key]) for key in ("context", "input", "output") if key in figures}
    if limits:
        yield "limits", limits
    able: list[Node] = [name for figure, name in ABILITIES.items() if figures.get(figure) is True]
    unable: list[Node] = [name for figure, name in ABILITIES.items() if figures.get(figure) is False]
    able += [name for name in REFUSALS if figures.get(f"refuses.{name}") is False]
    unable += [name for name in REFUSALS if figures.get(f"refuses.{name}") is True]
    if able:
        yield "can", able
    if unable:
        yield "cannot", unable
    reasoning = _reasoning(figures)
    if reasoning:
        yield "reasoning", reasoning
    prices = list(_prices(entry, day))
    if prices:
        yield "prices", prices
    yield "sources", _sources(entry)


def _reasoning(figures: Mapping[str, Value]) -> dict[str, Node]:
    """Gather how thinking is asked for: by effort, by budget, by a switch, always or as the model sees fit."""
    found: dict[str, Node] = {}
    efforts: list[Node] = [effort for effort in EFFORTS if figures.get(f"efforts.{effort}") is True]
    if efforts:
        found["efforts"] = efforts
    if figures.get("reasoning.budget") is True:
        found["budget"] = {end: _plain(figures[key]) for end in ("min", "max") if (key := f"reasoning.budget_{end}") in figures}
    return found | {key: True for key in ("toggle", "adaptive", "always") if figures.get(f"reasoning.{key}") is True}


def _prices(entry: Entry, day: date) -> Iterator[Node]:
    """Yield a row per period; the one in force on *day* holds what was decided, the others what their source says."""
    decided = {figure: value for figure, value in entry.figures.items() if figure.startswith("price.") and isinstance(value, Decimal)}
    history = entry.history or ((Period(start=None, rates=decided),) if decided else ())
    current = max((at for at, period in enumerate(history) if period.hours is None and (period.start or date.min) <= day), default=-1)
    for at, period in enumerate(history):
        rates = decided if at == current else period.rates
        if rates:
            when: dict[str, Node] = {"from": period.start} if period.start else {}
            yield when | ({"hours": period.hours} if period.hours else {}) | _rates(rates)


def _rates(rates: Mapping[str, Decimal]) -> dict[str, Node]:
    """Nest flat price figures: the rates, their tiers by context, then the service tiers; equal tiers refer to each other."""
    tables: dict[str, dict[int, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for figure, amount in rates.items():
        *path, rate = figure.split(".", 1)[1].split(".") if "over-" not in figure else figure.split(".")[1:]
        over = next((int(step.removeprefix("over-")) for step in path if step.startswith("over-")), 0)
        tier = next((step for step in path if not step.startswith("over-")), "")
        tables[tier][over][rate] = amount
    nested = {tier: _table(steps) for tier, steps in tables.items()}
    rendered = nested.pop("", {})
    if nested:
        services: dict[str, Node] = {}
        for tier in sorted(nested, reverse=True):
            same = next((name for name, table in services.items() if table == nested[tier]), None)
            services[tier] = same if same and {same, tier} == {"fast", "priority"} else nested[tier]
        rendered["service_tiers"] = services
    return rendered


def _table(steps: Mapping[int, Mapping[str, Decimal]]) -> dict[str, Node]:
    """Render base rates and the tiers above them."""
    rendered: dict[str, Node] = {rate: str(steps[0][rate]) for rate in RATES if rate in steps.get(0, {})}
    tiers: list[Node] = [
        {"over": over} | {rate: str(steps[over][rate]) for rate in RATES if rate in steps[over]} for over in sorted(steps) if over
    ]
    return rendered | ({"tiers": tiers} if tiers else {})


def _sources(entry: Entry) -> dict[str, Node]:
    """Name the source of every figure, grouped; ``prices`` stands for all prices that are not named one by one."""
    grouped: dict[str, list[Node]] = defaultdict(list)
    keys = {figure: key for figure, key in entry.sources.items() if figure in entry.figures}
    prices = [key for figure, key in keys.items() if figure.startswith("price.")]
    chief = "gp" if entry.history else max(sorted(set(prices)), key=prices.count, default="")
    if chief:
        grouped[chief].append("prices")
    for figure, key in sorted(keys.items()):
        if not figure.startswith("price.") or key != chief:
            grouped[key].append(figure)
    return {key: _folded(figures) for key, figures in sorted(grouped.items())}


def _folded(figures: list[Node]) -> list[Node]:
    """Fold figures of one group that share a stem: ``in.*`` where three or more of them come from one source."""
    stems: dict[str, list[str]] = defaultdict(list)
    for figure in figures:
        stems[str(figure).rpartition(".")[0]].append(str(figure))
    folded: list[Node] = []
    for stem, named in stems.items():
        folded += [f"{stem}.({'|'.join(name.rpartition('.')[2] for name in named)})"] if stem and len(named) > 1 else named
    return folded


def _plain(value: Value) -> Node:
    """Render a decimal as text; everything else is YAML's own."""
    return str(value) if isinstance(value, Decimal) else value
