"""Work out where each provider is reached, in which protocol and with which key; nothing is read from the environment here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._core.endpoint import Endpoint, Secret, missing_key
from llmring._core.settings_check import check, url
from llmring._gen.providers import NAMES, PROVIDERS, TEMPLATES
from llmring.exceptions import ConfigurationError, UnknownProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

    from llmring._gen.providers import Auth, Provider
    from llmring.exceptions import MissingAPIKeyError

    Options = Mapping[str, Any]


class Settings:
    """All providers that a ring knows: the table's, changed and joined by those of its constructor."""

    __slots__ = ("_options", "names")

    def __init__(self, providers: Mapping[str, Options] | None = None) -> None:
        """Judge *providers*, options by provider name.

        Raises:
            ConfigurationError: an option is unknown or wrong.
            UnknownProviderError: a name that the table does not have comes without a protocol.

        """
        self.names: dict[str, str] = dict(NAMES)
        """Every name that a provider goes by, to its id."""
        self._options: dict[str, dict[str, Any]] = {}
        for name, options in (providers or {}).items():
            check(name, options)
            given = {key: value for key, value in options.items() if value is not None}
            provider = self._adopt(name, given)
            self._options[provider] = {**self._options.get(provider, {}), **given}

    def canonical(self, name: str) -> str:
        """Return the id of the provider that goes by *name*.

        Raises:
            UnknownProviderError: none does; the text lists near matches.

        """
        provider = self.names.get(name)
        if provider is None:
            raise self._unknown(name)
        return provider

    def endpoint(self, name: str, environment: Mapping[str, str]) -> Endpoint:
        """Return how the provider *name* is reached, given the variables of *environment*; that a key is missing is no error yet.

        Raises:
            UnknownProviderError: there is no such provider.
            ConfigurationError: its base URL is not known, or is none; its key holds what no header can carry.

        """
        provider = self.canonical(name)
        options = self._options.get(provider, {})
        protocol, entry = _spoken(provider, options)
        ways = _ways(provider, entry, options)
        key, source, auth = _key(provider, ways, options, environment)
        return Endpoint(
            name=provider,
            entry=entry,
            protocol=protocol,
            base_url=_base_url(provider, entry, options, environment),
            headers={header.lower(): value for header, value in options.get("headers", {}).items()},
            auth=auth,
            key=key,
            key_source=source,
            key_optional=_key_optional(provider, options),
            variables=_variables(ways),
        )

    def missing_key(self, name: str, environment: Mapping[str, str]) -> MissingAPIKeyError | None:
        """Return the error of a call to *name* without the key that it needs, None where nothing is missing.

        Raises:
            UnknownProviderError: there is no such provider.

        """
        provider = self.canonical(name)
        options = self._options.get(provider, {})
        if options.get("api_key") or _key_optional(provider, options):
            return None
        variables = _variables(_ways(provider, _spoken(provider, options)[1], options))
        if any(_read(environment, variable) for variable in variables):
            return None
        return missing_key(provider, variables)

    def __repr__(self) -> str:
        """Show which providers were configured, and nothing else."""
        return f"Settings({', '.join(self._options)})"

    def _adopt(self, name: str, options: Options) -> str:
        """Return the id of the provider *name*, which the *options* may be the first to make known."""
        provider = self.names.setdefault(name, name) if "protocol" in options else self.names.get(name)
        if provider is None:
            raise self._unknown(name, "; to add one of your own, give its protocol and its base_url")
        if "base_url" in options or not options.get("protocol"):
            return provider
        if provider not in PROVIDERS:
            raise ConfigurationError(f"providers[{name!r}] needs a base_url, e.g. 'https://llm.corp/v1'")
        if options["protocol"] not in PROVIDERS[provider]["protocols"]:
            place = f"{provider} does not speak {options['protocol']} at its usual place"
            raise ConfigurationError(f"providers[{name!r}]: {place}; give the base_url that does")
        return provider

    def _unknown(self, name: str, remedy: str = "") -> UnknownProviderError:
        from llmring._core.near import closest, hint

        near = closest(name, self.names)
        return UnknownProviderError(f"Unknown provider {name!r}{remedy}{hint(near)}", name=name, near=near)


def _spoken(provider: str, options: Options) -> tuple[str, Provider]:
    """Return the protocol, and the row that tells what to expect of it: the vendor's own, or the protocol's template's."""
    own = PROVIDERS.get(provider)
    protocol: str = options["protocol"] if own is None else options.get("protocol", own["protocols"][0])
    return protocol, own if own is not None and protocol in own["protocols"] else PROVIDERS[TEMPLATES[protocol]]


def _ways(provider: str, entry: Provider, options: Options) -> Sequence[Auth]:
    """Return the ways in which the key may be found and sent; the variables of a template are never among them."""
    own = PROVIDERS.get(provider)
    named = options.get("api_key_env")
    if named is None and own is entry:
        return entry["auth"]
    if named is None:
        named = _variables(own["auth"]) if own else ()
    variables = (named,) if isinstance(named, str) else tuple(named)
    way = entry["auth"][0]
    return [{"header": way["header"], "scheme": way["scheme"], "env": variables}]


def _variables(ways: Sequence[Auth]) -> tuple[str, ...]:
    return tuple(variable for way in ways for variable in way["env"])


def _key(provider: str, ways: Sequence[Auth], options: Options, environment: Mapping[str, str]) -> tuple[Secret | None, str | None, Auth]:
    """Return the key, where it was found, and the way to send it."""
    if "api_key" in options:
        return Secret(options["api_key"].strip(), f"the api_key of {provider}"), "api_key", ways[0]
    for way in ways:
        for variable in way["env"]:
            value = _read(environment, variable)
            if value:
                return Secret(value, variable), variable, way
    return None, None, ways[0]


def _key_optional(provider: str, options: Options) -> bool:
    """Tell whether calls go without a key; a provider of the user's own needs one only if told where it is."""
    return PROVIDERS[provider]["key_optional"] if provider in PROVIDERS else "api_key_env" not in options


def _base_url(provider: str, entry: Provider, options: Options, environment: Mapping[str, str]) -> str:
    if "base_url" in options:
        return url(options["base_url"], f"the base_url of {provider}", entry["port"])
    for variable in entry["base_url_env"]:
        value = _read(environment, variable)
        if value:
            return url(value, variable, entry["port"])
    if entry["base_url"] is None:
        _no_url(entry, ())
    return _filled(entry, entry["base_url"], environment)


def _filled(entry: Provider, template: str, environment: Mapping[str, str]) -> str:
    """Put what *environment* holds into the places of a URL, ``{NAME}``."""
    text, *places = template.split("{")
    missing: list[str] = []
    for place in places:
        variable, _, rest = place.partition("}")
        value = _read(environment, variable).rstrip("/")
        if not value and variable not in missing:
            missing.append(variable)
        text += value + rest
    if missing:
        _no_url(entry, missing)
    return url(text, f"the base URL of {entry['id']}", entry["port"])


def _read(environment: Mapping[str, str], variable: str) -> str:
    """Return a variable without the white space around it; unset and empty are the same."""
    return environment.get(variable, "").strip()


def _no_url(entry: Provider, missing: Sequence[str]) -> NoReturn:
    name = entry["id"]
    ways = " or ".join(filter(None, (*entry["base_url_env"], " and ".join(missing))))
    raise ConfigurationError(f"No base URL for {name}: set {ways}, or pass providers={{{name!r}: {{'base_url': …}}}}.")
