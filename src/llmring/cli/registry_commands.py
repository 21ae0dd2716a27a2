"""The commands about the registry of models and the cache folder, and their options."""

from __future__ import annotations

import click

from llmring.cli.options import JSON


@click.group(short_help="Look at, or refresh, what is known of models.")
def registry() -> None:
    """Look at, or refresh, what is known of models: their limits, abilities and prices.

    A registry ships with the package. LLMRING_REGISTRY_URL names another one; no call ever waits for it.
    """


@registry.command(name="info", short_help="Tell which registry is in force.")
@JSON
def registry_info(as_json: bool) -> None:
    """Tell which registry is in force, of which day it is, and what it holds."""
    from llmring.cli.registry import info

    info(as_json=as_json)


@registry.command(name="refresh", short_help="Fetch a registry into the cache folder.")
@click.option("--url", help="Where to fetch it.  [env: LLMRING_REGISTRY_URL]")
@JSON
def registry_refresh(url: str | None, as_json: bool) -> None:
    """Fetch a registry into the cache folder, for rings and commands whose LLMRING_REGISTRY_URL names it.

    What is no registry is refused, and the one before stays in force.
    """
    from llmring.cli.registry import refreshed

    refreshed(url, as_json=as_json)


@click.group(short_help="Look at, or empty, the cache folder.")
def cache() -> None:
    """Look at, or empty, the cache folder: registries that were fetched."""


@cache.command(name="info")
@JSON
def cache_info(as_json: bool) -> None:
    """Tell where the cache folder is and what is in it."""
    from llmring.cli.registry import cached_info

    cached_info(as_json=as_json)


@cache.command(name="clear", short_help="Remove what can be fetched again.")
@JSON
def cache_clear(as_json: bool) -> None:
    """Remove what can be fetched again; the bundled registry and the ledger stay."""
    from llmring.cli.registry import cleared

    cleared(as_json=as_json)
