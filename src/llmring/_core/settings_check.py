"""Judge what a user configures of a provider before any call; the environment is not looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from llmring._core.endpoint import Secret
from llmring._gen.providers import NAMES, PROVIDERS, TEMPLATES
from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

OPTIONS: Final = ("protocol", "base_url", "api_key", "api_key_env", "headers")
"""What can be configured of a provider."""


def check(name: str, options: object) -> None:
    """Judge the *options* of the provider *name*; one that is None counts as left out.

    Raises:
        ConfigurationError: the name or an option is wrong; the text says which and never shows a key.

    """
    if not name or ":" in name or name != name.strip():
        raise ConfigurationError(f"providers: {name!r} cannot be a provider's name; leave out colons and spaces")
    if not isinstance(options, Mapping):
        raise ConfigurationError(f"providers[{name!r}] must be a mapping of options, not {type(options).__name__}")
    for key, value in cast("Mapping[str, object]", options).items():
        if key not in OPTIONS:
            from llmring._core.near import closest, hint

            near = hint(closest(str(key), OPTIONS))
            raise ConfigurationError(f"providers[{name!r}] has the unknown option {key!r}{near} Known: {', '.join(OPTIONS)}.")
        if value is not None:
            _option(name, key, value)


def url(value: str, place: str, port: int | None) -> str:
    """Return *value*, found at *place*, as a base URL without a slash at its end; where *port* is given, a bare host will do.

    Raises:
        ConfigurationError: it is none.

    """
    found = value.strip().rstrip("/")
    if port is not None and "://" not in found:
        found = _with_port(found, port)
    scheme, _, rest = found.partition("://")
    if scheme.lower() not in ("http", "https") or not rest or not found.isprintable() or " " in found:
        raise ConfigurationError(f"{place} is no base URL: {value!r}; write it as in https://host/path")
    return found


def _with_port(host: str, port: int) -> str:
    name, slash, path = host.partition("/")
    if ":" not in name or name.endswith("]"):
        name = f"{name}:{port}"
    return f"http://{'localhost' if name.startswith(':') else ''}{name}{slash}{path}"


def _option(name: str, key: str, value: object) -> None:
    place = f"providers[{name!r}][{key!r}]"
    if key == "headers":
        _headers(place, value)
        return
    if key == "api_key_env" and isinstance(value, (list, tuple)):
        _variables(place, cast("Sequence[object]", value))
        return
    if not isinstance(value, str):
        raise ConfigurationError(f"{place} must be a string, not {type(value).__name__}")
    if not value.strip():
        raise ConfigurationError(f"{place} is empty; leave it out instead")
    if key == "protocol" and value not in TEMPLATES:
        from llmring._core.near import closest, hint

        known = ", ".join(sorted(TEMPLATES))
        raise ConfigurationError(f"{place}: {value!r} is no protocol{hint(closest(value, TEMPLATES))} Known: {known}.")
    if key == "api_key":
        Secret(value.strip(), place)
    if key == "base_url":
        provider = NAMES.get(name)
        url(value, place, PROVIDERS[provider]["port"] if provider else None)


def _headers(place: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{place} must be a mapping of names to values, not {type(value).__name__}")
    for header, text in cast("Mapping[object, object]", value).items():
        if not isinstance(header, str) or not isinstance(text, str):
            raise ConfigurationError(f"{place}: every header must have a string for its name and its value")
        if not header or not header.isascii() or not (header + text).isprintable() or " " in header or ":" in header:
            raise ConfigurationError(f"{place}: the header {header!r} holds a character that no header can carry")


def _variables(place: str, names: Sequence[object]) -> None:
    if not names or not all(isinstance(one, str) and one for one in names):
        raise ConfigurationError(f"{place} must be the name of a variable, or several")
