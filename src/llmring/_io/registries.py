"""Which registry is in force: the bundled one, a file's, or the copy of what an address gave; no call ever waits for an address."""

from __future__ import annotations

import os
import time
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Final, cast

from llmring._io.locks import new_lock
from llmring.exceptions import ConfigurationError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._core.registry import Registry
    from llmring._io.registry_cache import Copy

VARIABLE: Final = "LLMRING_REGISTRY_URL"

_lock = new_lock()
_looked: set[str] = set()
"""Addresses that this process has looked at."""


@cache
def bundled() -> Registry:
    """Read the registry that ships with the package, once a process."""
    from llmring._core.registry import Registry
    from llmring._io.data import read_package_data

    return Registry(read_package_data("registry.json").decode())


def chosen(choice: object, environment: Mapping[str, str]) -> str | None:
    """Give the path or address that *choice* names, or where it is None the environment; None for the bundled registry.

    Raises:
        ConfigurationError: *choice* is neither.

    """
    if choice is None:
        return environment.get(VARIABLE, "").strip() or None
    if choice and isinstance(choice, (str, os.PathLike)):
        return os.fsdecode(cast("str | os.PathLike[str]", choice))
    raise ConfigurationError(f"registry must be a path, an address or None, not {choice!r}")


def in_force(place: str | None, environment: Mapping[str, str]) -> Registry:
    """Give the registry at *place*; for an address its copy, or where there is none the bundled one.

    A copy past its time is used, while a thread looks for a newer one for the next process.

    Raises:
        RegistryError: *place* is a file that cannot be read, or is no registry.

    """
    if place is None:
        return bundled()
    from llmring._io.registry_fetch import is_address

    if not is_address(place):
        return _from_file(place)
    return _from_copy(place, environment)


def _from_file(path: str) -> Registry:
    from llmring._core.registry_check import MOST_BYTES, read

    try:
        with open(os.path.expanduser(path), "rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RegistryError(f"The registry {path!r} is larger than {MOST_BYTES // 1024 // 1024} MB")
        return read(content.decode())
    except OSError as error:
        raise RegistryError(f"The registry {path!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise RegistryError(f"The registry {path!r} cannot be used: {error}") from error


def _from_copy(url: str, environment: Mapping[str, str]) -> Registry:
    from llmring._core.registry import Registry
    from llmring._io.registry_cache import load

    try:
        copy = load(url, environment)
    except ConfigurationError:  # no folder for copies
        return bundled()
    if copy is None or copy.stale(time.time()):
        _look_again(url, environment)
    if copy is None:
        return bundled()
    try:
        return Registry(copy.text)
    except ValueError:  # of a format that another version of this package wrote
        return bundled()


def _look_again(url: str, environment: Mapping[str, str]) -> None:
    """Refresh the copy of *url* in a thread, once a process; that nothing comes of it is no concern of any call."""
    with _lock:
        if url in _looked:
            return
        _looked.add(url)
    Thread(target=_refresh_quietly, args=(url, environment), name="llmring-registry", daemon=True).start()


def _refresh_quietly(url: str, environment: Mapping[str, str]) -> None:
    from contextlib import suppress

    with suppress(RegistryError, ConfigurationError):
        refresh(url, environment)


def _whole(copy: Copy | None) -> Copy | None:
    """Give *copy* unless it is of a format that another version of this package wrote: that it is still the same is no use then."""
    from llmring._core.registry import Registry

    try:
        if copy is not None:
            Registry(copy.text)
    except ValueError:
        return None
    return copy


def refresh(url: str, environment: Mapping[str, str]) -> tuple[Copy, Copy | None]:
    """Fetch what is at *url* and keep it if it is a registry; give the copy, and the one before if there was one.

    Raises:
        RegistryError: it cannot be had, or is none, or cannot be kept; a copy that was there stays.
        ConfigurationError: there is no folder for copies.

    """
    from llmring._core.registry_check import read
    from llmring._io.registry_cache import Copy, load, save
    from llmring._io.registry_fetch import fetch, is_address, malformed, shown

    if reason := malformed(url):
        raise RegistryError(f"{url!r} is no address of a registry: {reason}")
    if not is_address(url):
        raise RegistryError(f"a registry's address begins with https:// or http://, not {url!r}")
    _looked.add(url)
    before = _whole(load(url, environment))
    fetched = fetch(url, before.etag if before else None)
    now = time.time()
    if fetched.content is None and before is not None:
        copy = before._replace(checked=now)
    else:
        try:
            text = (fetched.content or b"").decode()
            read(text)
        except ValueError as error:
            raise RegistryError(f"{shown(url)} gives no registry that can be used: {error}") from error
        copy = Copy(url, text, fetched.etag, now, now)
    try:
        save(copy, environment)
    except OSError as error:
        raise RegistryError(f"the registry cannot be kept: {error}") from error
    return copy, before
