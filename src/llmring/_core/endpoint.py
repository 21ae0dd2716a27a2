"""One provider as a ring reaches it, as a value; working it out is the settings' business."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from llmring.exceptions import ConfigurationError, MissingAPIKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Auth, Capability, Provider, Support


class Secret:
    """A key that shows itself to nobody who does not ask for it."""

    __slots__ = ("_value",)

    def __init__(self, value: str, place: str) -> None:
        """Hold *value*, found at *place*.

        Raises:
            ConfigurationError: it has a character that no header can carry.

        """
        if not (value.isascii() and value.isprintable()):
            raise ConfigurationError(f"{place} holds a character that no header can carry; copy the key again")
        self._value = value

    def reveal(self) -> str:
        """Return the key itself, for a header."""
        return self._value

    def __repr__(self) -> str:
        """Show that there is a key."""
        return "Secret(***)"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled, which would write the key out."""
        raise TypeError("a Secret cannot be pickled")


class Endpoint:
    """Where a provider is, what it speaks, and how a call proves that it may."""

    __slots__ = ("_auth", "_headers", "base_url", "entry", "key", "key_optional", "key_source", "name", "protocol", "variables")

    def __init__(  # noqa: PLR0913 - a record, keyword-only
        self,
        *,
        name: str,
        entry: Provider,
        protocol: str,
        base_url: str,
        headers: Mapping[str, str],
        auth: Auth,
        key: Secret | None,
        key_source: str | None,
        key_optional: bool,
        variables: tuple[str, ...],
    ) -> None:
        """Hold what the settings say of the provider *name*; *auth* is the way to send *key*, *headers* are the user's own."""
        self.name = name
        self.entry = entry
        """The provider's row of the table; of one made of configuration alone, that of its protocol's template."""
        self.protocol = protocol
        self.base_url = base_url
        """Without a slash at its end."""
        self.key = key
        self.key_source = key_source
        """The variable that held the key, ``api_key`` for the constructor's, None without one."""
        self.key_optional = key_optional
        self.variables = variables
        """The environment variables that may hold the key, in order."""
        self._headers = headers
        self._auth = auth

    @property
    def capabilities(self) -> Mapping[Capability, Support]:
        """What the provider can do, unless a model says otherwise."""
        return self.entry["capabilities"]

    def missing_key(self) -> MissingAPIKeyError | None:
        """Return the error of a call without the key that it needs, None where nothing is missing."""
        return None if self.key or self.key_optional else missing_key(self.name, self.variables)

    def headers(self) -> dict[str, str]:
        """Return the headers of every request, their names lower-case: the provider's, the key's, then the user's own.

        Raises:
            MissingAPIKeyError: the provider needs a key, and there is none.

        """
        error = self.missing_key()
        if error is not None:
            raise error
        headers = dict(self.entry["headers"])
        if self.key is not None:
            headers[self._auth["header"]] = f"{self._auth['scheme']} {self.key.reveal()}".lstrip()
        headers.update(self._headers)
        return headers

    def __repr__(self) -> str:
        """Show where it is, never the key."""
        return f"Endpoint({self.name!r}, {self.protocol!r}, {self.base_url!r})"


def missing_key(provider: str, variables: tuple[str, ...]) -> MissingAPIKeyError:
    """Say which *variables* would have held the key of *provider*."""
    ways = [f"set {' or '.join(variables)}"] if variables else []
    ways.append(f"pass providers={{{provider!r}: {{'api_key': …}}}}")
    return MissingAPIKeyError(f"No key for {provider}: {', or '.join(ways)}.", provider=provider, variables=variables)
