"""What the commands about models do: list those that the registry knows, tell what it knows of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from llmring.cli.tables import facts, table
from llmring.cli.terminal import note, out, paint, say_json
from llmring.exceptions import UnknownProviderError
from llmring.providers import ABILITIES, provider_status
from llmring.registry import can, load, price_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.registry import ModelInfo
    from llmring.schemas import ListedModel

MODEL = (
    "model",
    "name",
    "kind",
    "family",
    "aliases",
    "known",
    "told_by",
    "usable",
    "context",
    "max_input",
    "max_output",
    "price",
    "price_from",
    "price_source",
    "can",
    "released",
    "retires",
    "speed",
    "intelligence",
)
"""The keys of each model in ``--json``, always all of them."""
MODELS = ("registry", "models")
"""The keys of ``list --json``."""
INFO = ("name", "alias", "profile", "models")
"""The keys of ``info --json``."""

_THOUSAND, _MILLION = 1000, 1_000_000


class Filter(NamedTuple):
    """Which models to list."""

    provider: str | None
    can: tuple[str, ...]
    max_price: float | None
    kind: str
    retired: bool

    def takes(self, model: ModelInfo, today: str) -> bool:
        """Tell whether *model*, which is of the kind that is wanted, is to be listed."""
        if self.max_price is not None:
            price = price_on(model, today)
            rates = [price.rates.base.get(rate) for rate in ("input", "output")] if price else [None]
            if rates[0] is None or any(rate is not None and float(rate) > self.max_price for rate in rates):
                return False
        return all(can(model, ability) for ability in self.can)


def list_known(wanted: Filter, *, as_json: bool) -> None:
    """List the models that are *wanted*.

    Raises:
        UsageError: there is no such ability, or kind of models.
        UnknownProviderError: there is no such provider.

    """
    registry, today = load(), _today()
    for ability in wanted.can:
        if ability not in ABILITIES:
            raise click.UsageError(f"there is no ability {ability!r}; {_near(ability)}")
    provider = None if wanted.provider is None else provider_status(wanted.provider).name
    kinds = ["all", *registry.kinds()]
    if wanted.kind not in kinds:
        raise click.UsageError(f"there is no kind {wanted.kind!r}; known: {', '.join(kinds)}")
    kind, day = None if wanted.kind == "all" else wanted.kind, None if wanted.retired else today
    found = [model for model in registry.models(provider, kind=kind, day=day) if wanted.takes(model, today)]
    if as_json:
        rows = [_row(f"{model.provider}:{model.id}", model, today) for model in found]
        say_json(dict(zip(MODELS, ({"version": registry.date, "hash": registry.digest}, rows), strict=True)))
        return
    if found:
        table(("model", "context", "output", "$ in", "$ out", "retires"), [_cells(model, today) for model in found])
    count = f"{len(found) or 'no'} {'model' if len(found) == 1 else 'models'}"
    note(f"{count}, as of {registry.date}; limits in tokens, prices in dollars per million")


def _near(ability: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(ability, ABILITIES, 1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(ABILITIES)}"


def tell(name: str, profile: str | None, *, as_json: bool) -> None:
    """Tell what is known of the model, or of the models behind the alias, called *name*.

    Raises:
        UnknownAliasError: there is no such alias.
        UnknownProviderError: there is no such provider.

    """
    from llmring import LLMRing
    from llmring.cli.own_servers import told

    ring, today = LLMRing(profile=profile), _today()
    alias = name if ring.has_alias(name) else None
    found = ring.resolve(name)
    listed = told(map(str, found))
    rows = [_row(str(each), load().find(each.provider, each.model), today) | _shown(listed.get(str(each))) for each in found]
    if as_json:
        say_json(dict(zip(INFO, (name, alias, profile, rows), strict=True)))
        return
    for at, row in enumerate(rows):
        if at:
            out("\n")
        out(paint(row["model"], bold=True) + "\n")
        facts(_facts(row))


def _shown(model: ListedModel | None) -> dict[str, Any]:
    """Give what a server of the user's own told of its *model*, which is truer than any list."""
    if model is None:
        return {}
    known = {"context": model.context, "can": model.can}
    return {"known": True, "told_by": "server"} | {key: value for key, value in known.items() if value is not None}


def _facts(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not row["known"]:
        yield "known", f"no;{_meant(row['model'])} it can be called all the same, but its limits and its cost are not known"
    pairs = (("name", "name"), ("kind", "kind"), ("family", "family"), ("speed", "speed"), ("intelligence", "intelligence"))
    yield from ((label, str(row[key])) for label, key in pairs if row[key])
    if row["aliases"]:
        yield "also", ", ".join(row["aliases"])
    labels = (("context", "context"), ("prompt", "max_input"), ("answer", "max_output"))
    yield from ((label, f"{row[key]:,} tokens") for label, key in labels if row[key])
    if row["price"]:
        rates = "\n".join(f"${amount} {rate.replace('_', ' ')}" for rate, amount in row["price"].items())
        since = f", since {row['price_from']}" if row["price_from"] else ""
        yield "price", f"{rates}\nper million tokens{since}" + (f" ({row['price_source']})" if row["price_source"] else "")
    if row["told_by"] == "server":
        yield "told by", "the server itself"
    if known := [ability for ability in row["can"] if load().speaks_of(ability)]:
        yield "can", ", ".join(known)
    yield from ((key, row[key]) for key in ("released", "retires") if row[key])
    yield "key", "here" if row["usable"] else "none; see llmring providers"


def _meant(name: str) -> str:
    """Name the known model that is nearest to *name*, if one is near."""
    from difflib import get_close_matches

    known = (f"{model.provider}:{each}" for model in load().models(name.partition(":")[0]) for each in (model.id, *model.aliases))
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return f" did you mean {near[0]}?" if near else ""


def _row(name: str, model: ModelInfo | None, today: str) -> dict[str, Any]:
    """Give the stable shape of one model."""
    values: dict[str, Any] = {"model": name, "known": model is not None, "usable": _usable(name), "aliases": [], "can": [], "price": {}}
    values["told_by"] = None if model is None else "registry"
    if model is not None:
        price = price_on(model, today)
        keys = ("name", "kind", "family", "context", "max_input", "max_output", "released", "retires", "speed", "intelligence")
        values |= {key: getattr(model, key) for key in keys}
        values["aliases"] = [other for other in (model.id, *model.aliases) if f"{model.provider}:{other}" != name]
        values["can"] = [ability for ability in ABILITIES if can(model, ability)]
        if price is not None:
            values["price"] = {rate: f"{amount:f}" for rate, amount in price.rates.base.items()}
            values |= {"price_from": price.start, "price_source": model.price_source}
    return {key: values.get(key) for key in MODEL}


def _cells(model: ModelInfo, today: str) -> tuple[str, ...]:
    price = price_on(model, today)
    rates = [price.rates.base.get(rate) if price else None for rate in ("input", "output")]
    amounts = ["-" if rate is None else f"{rate:f}" for rate in rates]
    limits = ["-" if limit is None else _short(limit) for limit in (model.context, model.max_output)]
    return f"{model.provider}:{model.id}", *limits, *amounts, model.retires or ""


def _short(tokens: int) -> str:
    """Write so many tokens in few characters."""
    return f"{tokens / _MILLION:.3g}M" if tokens >= _MILLION else f"{tokens / _THOUSAND:.3g}k" if tokens >= _THOUSAND else str(tokens)


def _usable(name: str) -> bool:
    try:
        return provider_status(name.partition(":")[0]).usable
    except UnknownProviderError:
        return False


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
