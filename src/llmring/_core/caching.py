"""What ``cache`` asks for, and how each provider is asked; marks inside the prompt are the protocols' business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._base import near
from llmring._core.taking import shown
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from llmring._core.fitting import Fitting

_TIME: Final = re.compile(r"(\d{1,6})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_KEYS: Final = ("ttl", "key", "name")
SHORT: Final = 300
"""Seconds that Anthropic keeps a prompt for unless it is asked to keep it for an hour."""
USUAL: Final = 1800
"""Seconds that OpenAI keeps a marked prompt for at least, unless it is asked for twelve hours."""
_LONGEST: Final[Mapping[str, tuple[int, str]]] = {
    "anthropic_messages": (3600, "1h"),
    "openai_responses": (86400, "24h"),
    "openai_chat": (86400, "24h"),
}
_KEYED: Final = frozenset({"openai_chat", "openai_responses"})
_NAMED: Final = "gemini_generate"


@attrs.frozen
class Wish:
    """What ``cache`` asks for."""

    on: bool = True
    ttl: str | None = None
    """How long, e.g. ``1h``."""
    key: str | None = None
    """What requests with the same beginning have in common, for OpenAI to send them to the same machine."""
    name: str | None = None
    """Content that was cached beforehand, as Google calls it."""

    @property
    def seconds(self) -> int:
        """How long, 0 where nothing is said."""
        return seconds(self.ttl) or 0


def seconds(ttl: Any) -> int | None:
    """Read a time such as ``5m`` or ``1h``; None where it is none."""
    found = _TIME.fullmatch(ttl) if isinstance(ttl, str) else None
    return None if found is None else int(found[1]) * _SECONDS[found[2]]


def wish_of(cache: Any) -> Wish:
    """Understand *cache*: whether, how long, or a mapping with ``ttl``, ``key`` and ``name``.

    Raises:
        RequestError: it is none of these.

    """
    match cache:
        case bool():
            return Wish(cache)
        case str():
            return Wish(ttl=_time(cache, "cache"))
        case Mapping():
            return _from_mapping(cast("Mapping[str, Any]", cache))
        case _:
            raise _fault("cache", f"must be true, false, a time such as '1h', or a mapping, not {shown(cache)}")


def _from_mapping(cache: Mapping[str, Any]) -> Wish:
    for key in cache:
        if key not in _KEYS and key != "type":
            raise _fault(f"cache.{key}", f"is unknown{near(key, _KEYS)}; known are {', '.join(_KEYS)}")
    given = {key: cache[key] for key in _KEYS if cache.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str) or not value:
            raise _fault(f"cache.{key}", f"must be a string, not {shown(value)}")
    return Wish(ttl=_time(given.pop("ttl"), "cache.ttl") if "ttl" in given else None, **given)


def _fault(path: str, what: str) -> RequestError:
    return RequestError(f"{path} {what}", path=path)


def _time(ttl: str, path: str) -> str:
    if seconds(ttl) is None:
        raise _fault(path, f"must be a time such as '5m' or '1h', not {shown(ttl)}")
    return ttl


def fit_cache(options: dict[str, Any], fitting: Fitting) -> None:
    """See that the model can heed ``cache``; warn of what it does otherwise, and leave out what it has no words for."""
    target = fitting.target
    cache = options.get("cache")
    if cache is None:
        return
    wish = wish_of(cache)
    if wish.name is not None and target.protocol != _NAMED:
        fitting.refuse("cache", "cache.name", much="a name for ")
        del options["cache"]
        return
    changes: dict[str, str | None] = {}
    if wish.key is not None and target.protocol not in _KEYED:
        fitting.note(f"{target.name} finds cached prompts by themselves; cache.key was left out")
        changes["key"] = None
    most, longest = _LONGEST.get(target.protocol, (0, None))
    if wish.ttl is not None and longest is None:
        fitting.note(f"{target.name} decides itself how long prompts are cached; {wish.ttl} was left out")
        changes["ttl"] = None
    elif wish.seconds > most:
        fitting.note(f"{target.name} caches prompts for {longest} at most, not {wish.ttl}")
        changes["ttl"] = longest
    if changes:
        kept = {"ttl": wish.ttl, "key": wish.key, "name": wish.name} | changes
        options["cache"] = {key: value for key, value in kept.items() if value is not None}


# --- in their words ----------------------------------------------------------------------------------


def anthropic_mark(mark: Any) -> dict[str, Any]:
    """Give *mark*, a ``cache_control``, with one of the two times that Anthropic knows."""
    told: dict[str, Any] = {**mark}
    time = seconds(told.get("ttl"))
    if time is not None:
        told["ttl"] = "5m" if time <= SHORT else "1h"
    return told


def anthropic_words(cache: Any) -> dict[str, Any] | None:
    """Mark the end of the prompt for five minutes or an hour (docs: Prompt caching)."""
    wish = wish_of(cache)
    if not wish.on:
        return None
    return anthropic_mark({"type": "ephemeral", **({} if wish.ttl is None else {"ttl": wish.ttl})})


def gemini_words(cache: Any) -> dict[str, Any]:
    """Name what was cached beforehand (docs: Context caching); everything else Gemini caches by itself."""
    name = wish_of(cache).name
    return {} if name is None else {"cachedContent": name}


def openai_words(cache: Any, *, marked: bool, responses: bool) -> dict[str, Any]:
    """Say how long and under which key (docs: Prompt caching); *marked* says whether the model knows breakpoints."""
    wish = wish_of(cache)
    told: dict[str, Any] = {} if wish.key is None else {"prompt_cache_key": wish.key}
    if not wish.on:
        return told | ({"prompt_cache_options": {"mode": "explicit"}} if marked else {})
    if marked and responses and wish.seconds > USUAL:
        return told | {"prompt_cache_options": {"ttl": "12h"}}
    if wish.seconds > (USUAL if marked else SHORT):
        return told | {"prompt_cache_retention": "24h"}
    return told


def openai_mark(mark: Any) -> dict[str, Any]:
    """Give *mark*, a ``cache_control``, as a breakpoint of OpenAI's (docs: Prompt caching)."""
    lasting = (seconds(cast("Mapping[str, Any]", mark).get("ttl")) or 0) > USUAL
    return {"mode": "explicit", "ttl": "12h"} if lasting else {"mode": "explicit"}
