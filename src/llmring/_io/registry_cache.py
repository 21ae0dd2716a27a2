"""Registries that were fetched, kept in the user's cache folder: each with its ETag, its age and a digest of its text."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from llmring._io.folders import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LIFETIME: Final = 24 * 60 * 60
"""Seconds after which a copy is looked at again; it is used all the same."""
_FOLDER: Final = "registries"
_ABOUT: Final = ".about.json"


class Copy(NamedTuple):
    """A registry that was fetched."""

    url: str
    text: str
    etag: str | None
    fetched: float
    """When it came, in seconds since the epoch."""
    checked: float
    """When it was last known to be what the address gives."""

    def stale(self, now: float) -> bool:
        """Tell whether it is time to look again; a clock that was set back counts as time passed."""
        return not 0 <= now - self.checked < LIFETIME


def folder(environment: Mapping[str, str]) -> str:
    """Give the folder of all copies."""
    return os.path.join(cache_folder(environment), _FOLDER)


def load(url: str, environment: Mapping[str, str]) -> Copy | None:
    """Give the copy of what is at *url*, None where there is none that is whole."""
    path = _path(url, environment)
    try:
        with open(path + _ABOUT, "rb") as file:
            about: Any = json.load(file)
        with open(path, "rb") as file:
            content = file.read()
        if about["url"] != url or about["digest"] != sha256(content).hexdigest():
            return None
        return Copy(url, content.decode(), about["etag"], float(about["fetched"]), float(about["checked"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(copy: Copy, environment: Mapping[str, str]) -> None:
    """Keep *copy*; a reader finds the old one or the new one, never half of one.

    Raises:
        OSError: it cannot be kept.

    """
    path = _path(copy.url, environment)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    content = copy.text.encode()
    about = {"url": copy.url, "digest": sha256(content).hexdigest(), "etag": copy.etag, "fetched": copy.fetched, "checked": copy.checked}
    _put(path, content)
    _put(path + _ABOUT, json.dumps(about).encode())


def copies(environment: Mapping[str, str]) -> Iterator[Copy]:
    """Yield every whole copy."""
    for path in sorted(_files(environment)):
        if path.endswith(_ABOUT):
            try:
                with open(path, "rb") as file:
                    about: Any = json.load(file)
            except (OSError, ValueError):
                continue
            url: Any = cast("dict[str, Any]", about).get("url") if isinstance(about, dict) else None
            found = load(url, environment) if isinstance(url, str) else None
            if found is not None:
                yield found


def clear(environment: Mapping[str, str]) -> tuple[int, int]:
    """Remove every file of ours; give how many went and how many bytes they had."""
    number = size = 0
    for path in _files(environment):
        with suppress(FileNotFoundError):  # another process is at it too
            had = os.path.getsize(path)
            os.unlink(path)
            number, size = number + 1, size + had
    return number, size


def _files(environment: Mapping[str, str]) -> list[str]:
    """List what is in the folder of copies, files alone."""
    place = folder(environment)
    try:
        return [each.path for each in os.scandir(place) if each.is_file(follow_symlinks=False)]
    except OSError:
        return []


def _path(url: str, environment: Mapping[str, str]) -> str:
    return os.path.join(folder(environment), f"{sha256(url.encode()).hexdigest()[:24]}.json")


def _put(path: str, content: bytes) -> None:
    fresh = f"{path}.{os.getpid()}.{time.monotonic_ns()}.new"
    try:
        with open(fresh, "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise
