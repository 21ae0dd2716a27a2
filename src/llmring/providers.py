"""The door to providers for programs: how each would be reached from here, and which variable holds its key; keys are never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from llmring._core.settings import Settings
from llmring._gen.providers import ABILITIES, PROVIDERS
from llmring._io.environment import environment
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ABILITIES", "ProviderStatus", "provider_names", "provider_status"]


class ProviderStatus(NamedTuple):
    """How one provider would be reached."""

    name: str
    doc: str
    """Who it is, in a sentence."""
    protocol: str
    base_url: str | None = None
    """None where it is not known; *fault* says why."""
    base_url_from: str | None = None
    """The variable that set it; None where it is the usual one."""
    key_from: str | None = None
    """The variable that holds the key; None where there is none."""
    variables: tuple[str, ...] = ()
    """Where a key is looked for, in order."""
    key_optional: bool = False
    """Whether calls go without a key."""
    fault: str | None = None
    """Why it cannot be called."""

    @property
    def usable(self) -> bool:
        """Whether calls could go out."""
        return self.fault is None and (self.key_from is not None or self.key_optional)


def provider_names() -> tuple[str, ...]:
    """Give the names of all providers, without their other names."""
    return tuple(PROVIDERS)


def provider_status(name: str, providers: Mapping[str, Mapping[str, Any]] | None = None) -> ProviderStatus:
    """Say how the provider *name* would be reached by a ring with these *providers*.

    Raises:
        UnknownProviderError: there is no such provider.
        ConfigurationError: *providers* are wrong.

    """
    settings = Settings(providers)
    provider = settings.canonical(name)
    known = environment()
    row = PROVIDERS.get(provider)
    doc = row["doc"] if row else ""
    variables = tuple(variable for way in row["auth"] for variable in way["env"]) if row else ()
    try:
        endpoint = settings.endpoint(provider, known)
    except ConfigurationError as error:
        protocol = row["protocols"][0] if row else ""
        return ProviderStatus(name=provider, doc=doc, protocol=protocol, variables=variables, fault=str(error))
    addresses = [variable for variable in (row["base_url_env"] if row else ()) if known.get(variable, "").strip()]
    return ProviderStatus(
        name=provider,
        doc=doc,
        protocol=endpoint.protocol,
        base_url=endpoint.base_url,
        base_url_from=addresses[0] if addresses else None,
        key_from=endpoint.key_source,
        variables=endpoint.variables,
        key_optional=endpoint.key_optional,
    )
