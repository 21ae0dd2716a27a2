"""The door to the registry for programs: what is known of each model, by provider and name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmring._core.registry import ModelInfo, Price, Rates, Registry
from llmring._io.registries import in_force

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["ModelInfo", "Price", "Rates", "Registry", "load"]


def load(registry: str | PathLike[str] | None = None) -> Registry:
    """Give the registry that a ring with the same *registry* works by.

    Raises:
        RegistryError: *registry* is a file that cannot be read.

    """
    return in_force(registry)
