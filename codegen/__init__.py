"""Turn the spec and the asynchronous code into everything that is generated; run as ``python -m codegen``."""

from __future__ import annotations

__all__ = ["GenerationError"]


class GenerationError(Exception):
    """What stands in the way of generating; *problems* lists all of it, each with its place."""

    def __init__(self, *problems: str) -> None:
        """Carry every one of the *problems*."""
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """Give one problem per line."""
        return "\n".join(self.problems)
