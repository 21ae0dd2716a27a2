"""Which names are models, and which of them mean the same one."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from codegen.registry.genai import same_price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.registry.overlay import Overlay

DATED = re.compile(r"(?P<stem>.+?)-(?P<date>20\d{6}|20\d\d-\d\d-\d\d)")
KINDS = {
    "embed": "embedding",
    "image": "image",
    "tts": "speech",
    "whisper": "transcription",
    "transcribe": "transcription",
    "realtime": "realtime",
    "live": "realtime",
    "native-audio": "realtime",
    "voice": "realtime",
    "ocr": "ocr",
    "moderation": "moderation",
    "orpheus": "speech",
}


def guess_kind(name: str) -> str:
    """Guess from its name what a model is for, where no source says it."""
    return next((kind for part, kind in KINDS.items() if part in name), "chat")


def added(overlay: Overlay) -> Iterator[tuple[str, str]]:
    """Yield provider and name of the models that only the overlay has."""
    for line in overlay.names:
        if not line.drop and not line.alias_of:
            for model in line.models:
                provider, _, name = model.partition(":")
                line.used += 1
                yield provider, name


def dropped(model: str, overlay: Overlay) -> bool:
    """Tell whether the overlay leaves *model* (``provider:name``) out."""
    for line in overlay.names:
        if line.drop and line.covers(model):
            line.used += 1
            return True
    return False


def moved(model: str, overlay: Overlay) -> bool:
    """Tell whether the overlay gives the floating name *model* to another one than its spelling says."""
    return any(line.alias_of and line.covers(model) for line in overlay.names)


def groups(names: set[tuple[str, str]], overlay: Overlay) -> dict[tuple[str, str], list[str]]:
    """Map each pinned name to the floating names that mean it; the newest date is what a bare name means."""
    dated: dict[tuple[str, str], list[str]] = defaultdict(list)
    for provider, name in names:
        hit = DATED.fullmatch(name)
        if hit:
            dated[provider, hit["stem"]].append(name)
    target: dict[tuple[str, str], str] = {}
    for provider, name in names:
        line = next((line for line in overlay.names if line.alias_of and line.covers(f"{provider}:{name}")), None)
        stem = name.removesuffix("-latest")
        snapshots = dated.get((provider, name)) or dated.get((provider, stem))
        if line and line.alias_of:
            line.used += 1
            target[provider, name] = line.alias_of
        elif snapshots and not DATED.fullmatch(name):
            target[provider, name] = max(snapshots)
        elif stem != name and (provider, stem) in names and same_price(provider, name, stem):
            target[provider, name] = stem
    grouped: dict[tuple[str, str], list[str]] = {name: [] for name in names if name not in target}
    for (provider, name), pinned in sorted(target.items()):
        grouped.setdefault((provider, target.get((provider, pinned), pinned)), []).append(name)
    return grouped
