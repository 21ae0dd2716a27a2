"""Which names of a ring are offered, and what each may be asked for; nothing else of the ring can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring.exceptions import MissingAPIKeyError, UnknownAliasError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmring import AsyncLLMRing, LLMRing
    from llmring.registry import Registry

    AnyRing = AsyncLLMRing[Any] | LLMRing[Any]

EMBEDDING = "embedding"


class Offer:
    """The aliases *names* of *ring*, all of its profile where None; with *direct* any ``provider:model`` too.

    Raises:
        MissingAliasesError: the lockfile lacks one of *names*.

    """

    def __init__(self, ring: AnyRing, names: Iterable[str] | None, *, direct: bool = False) -> None:
        """Look up what is offered."""
        if names is not None:
            names = list(dict.fromkeys(names))
            ring.require_aliases(names, context="the MCP server")
        self._ring = ring
        self.direct = direct
        self.names: tuple[str, ...] = tuple(ring.aliases() if names is None else names)
        self._kinds = {name: self._kinds_of(name) for name in self.names}

    @property
    def talking(self) -> tuple[str, ...]:
        """Those that may answer messages."""
        return tuple(name for name in self.names if self._kinds[name] != {EMBEDDING})

    @property
    def embedding(self) -> tuple[str, ...]:
        """Those that may embed."""
        return tuple(name for name in self.names if self._kinds[name] & {EMBEDDING, None})

    def admit(self, name: str) -> str:
        """Give *name* back where it is offered.

        Raises:
            UnknownAliasError: it is not.

        """
        if name in self.names or (self.direct and ":" in name and not self._ring.has_alias(name)):
            return name
        also = ", or any provider:model" if self.direct else ""
        raise UnknownAliasError(f"{name!r} is not offered here; offered are: {', '.join(self.names)}{also}", name=name, near=self.names)

    def listed(self) -> dict[str, Any]:
        """Tell of every alias which models it stands for, which is used first, and by which tools it can be asked."""
        return {"aliases": [self._told(name) for name in self.names]}

    def _told(self, name: str) -> dict[str, Any]:
        tools = (["chat", "estimate"] if name in self.talking else []) + (["embed"] if name in self.embedding else [])
        return {"alias": name, "models": [str(each) for each in self._ring.resolve(name)], "uses": self._used(name), "tools": tools}

    def _used(self, name: str) -> str | None:
        try:
            return self._ring.resolve_alias(name)
        except MissingAPIKeyError:
            return None

    def _kinds_of(self, name: str) -> set[str | None]:
        """Say what kinds of models *name* stands for; None for one that the registry does not know."""
        registry = _registry()
        found = (registry.find(each.provider, each.model) for each in self._ring.resolve(name))
        return {None if info is None else info.kind for info in found}


def _registry() -> Registry:
    from llmring.registry import load

    return load()
