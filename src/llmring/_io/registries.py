"""Where the registry comes from: the bundled one; what it says is the core's business."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from os import PathLike

    from llmring._core.registry import Registry


@cache
def bundled() -> Registry:
    """Read the registry that ships with the package, once a process."""
    from llmring._core.registry import Registry
    from llmring._io.data import read_package_data

    return Registry(read_package_data("registry.json").decode())


def in_force(choice: str | PathLike[str] | None) -> Registry:  # noqa: ARG001 - files and addresses come with the next change
    """Give the registry that *choice* names."""
    return bundled()
