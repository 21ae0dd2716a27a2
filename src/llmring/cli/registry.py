"""``llmring registry`` and ``llmring cache``: which list of models is in force, where it came from, and fetching it anew."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from llmring.cli.terminal import is_terminal, note, out, paint, say, say_json, without_secrets
from llmring.registry import cache_folder, cached, clear_cache, load, refresh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring.registry import CachedRegistry

URL = "LLMRING_REGISTRY_URL"
_NAMED = 10
"""New models that are named; of more, the number is told."""
_KILO = 1000
_MINUTE = 60


def info(*, as_json: bool) -> None:
    """Tell which registry is in force."""
    wanted = os.environ.get(URL, "").strip() or None
    found = load()
    held = {provider: _held(provider) for provider in found.providers()}
    copy = next((each for each in cached() if each.url == wanted), None)
    source = without_secrets(wanted) if wanted and (copy is not None or "://" not in wanted) else "bundled"
    named = wanted and without_secrets(wanted)
    facts: dict[str, Any] = {"source": source, "date": found.date, "digest": found.digest, "wanted": named}
    if as_json:
        say_json(facts | {"checked": copy and copy.checked.isoformat(), "providers": held})
        return
    _list([("registry", source), ("date", f"{found.date} ({_days(found.date)})"), ("digest", found.digest)])
    if copy is not None:
        _list([("fetched", _ago(copy.fetched)), ("checked", _ago(copy.checked) + (", due again" if copy.stale else ""))])
    elif source != named and named is not None:
        note(f"{URL} is set, but nothing has been fetched yet: llmring registry refresh")
    rows = [("provider", "models", "priced", "retired"), *((name, *map(str, counts.values())) for name, counts in held.items())]
    out("\n")
    _table(rows)


def refreshed(url: str | None, *, as_json: bool) -> None:
    """Fetch the registry and tell what came."""
    if is_terminal(sys.stderr) and (url or os.environ.get(URL)):
        note("fetching ...")
    done = refresh(url)
    copy, found, new = done.copy, done.registry, done.new
    if as_json:
        facts = {
            "url": without_secrets(copy.url),
            "changed": done.changed,
            "date": found.date,
            "digest": found.digest,
            "bytes": copy.size,
            "new": list(new),
        }
        say_json(facts)
        return
    models = sum(1 for _ in found.models())
    state, noun = "changed" if done.changed else "unchanged", "model" if models == 1 else "models"
    say(f"{state}: {models} {noun} as of {found.date}, {_size(copy.size)}")
    if done.changed and new:
        say(f"new: {', '.join(new[:_NAMED])}" + (f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""))
    if os.environ.get(URL, "").strip() != copy.url:
        note(f"in force where {URL} is this address, or a ring has it as registry=")


def cached_info(*, as_json: bool) -> None:
    """Tell what is in the cache folder."""
    copies = cached()
    if as_json:
        say_json({"folder": cache_folder(), "bytes": sum(each.size for each in copies), "registries": [_plain(each) for each in copies]})
        return
    _list([("folder", cache_folder()), ("size", _size(sum(each.size for each in copies)))])
    for each in copies:
        _list(
            [
                ("registry", without_secrets(each.url)),
                ("", f"{_size(each.size)}, fetched {_ago(each.fetched)}, checked {_ago(each.checked)}"),
            ]
        )


def cleared(*, as_json: bool) -> None:
    """Empty the cache folder and tell what went."""
    files, size = clear_cache()
    if as_json:
        say_json({"folder": cache_folder(), "files": files, "bytes": size})
    else:
        say(f"{files} {'file' if files == 1 else 'files'} removed, {_size(size)}")


def _held(provider: str) -> dict[str, int]:
    """Count the models of *provider*."""
    today = datetime.now(UTC).date().isoformat()
    models = list(load().models(provider))
    return {
        "models": len(models),
        "priced": sum(bool(each.prices) for each in models),
        "retired": sum(each.retired(today) for each in models),
    }


def _plain(each: CachedRegistry) -> dict[str, Any]:
    return {
        "url": without_secrets(each.url),
        "bytes": each.size,
        "fetched": each.fetched.isoformat(),
        "checked": each.checked.isoformat(),
        "stale": each.stale,
    }


def _list(facts: Sequence[tuple[str, str]]) -> None:
    for label, text in facts:
        out(f"{paint(label.ljust(10), fg='cyan')}{text}\n")


def _table(rows: Sequence[Sequence[str]]) -> None:
    """Write a table, its first column a text, the others numbers."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for at, (name, *numbers) in enumerate(rows):
        cells = [name.ljust(wide[0]), *(number.rjust(width) for number, width in zip(numbers, wide[1:], strict=True))]
        out(paint("  ".join(cells), bold=at == 0) + "\n")


def _size(number: int) -> str:
    return f"{number} bytes" if number < 10 * _KILO else f"{number / _KILO:.0f} kB"


def _ago(when: datetime) -> str:
    seconds = (datetime.now(UTC) - when).total_seconds()
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", _MINUTE)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return "just now" if seconds < _MINUTE else "a minute ago"


def _days(date: str) -> str:
    days = (datetime.now(UTC).date() - datetime.fromisoformat(date).date()).days
    return "today" if days <= 0 else "yesterday" if days == 1 else f"{days} days ago"
