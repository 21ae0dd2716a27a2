"""Judge whether what a lockfile names is still there, still fit, and still what its pins say; everything known is given."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from llmring._core.drift_asked import asked
from llmring._core.finding import Finding
from llmring._core.near import closest, hint
from llmring._core.pins import Pin
from llmring._core.world import bound, models, pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring._core.lockfile import Lock
    from llmring._core.model_info import ModelInfo
    from llmring._core.pins import Change
    from llmring._core.world import Bound, World

_MANY: Final = 1000
"""Percent from which on no fraction is told."""


def check(lock: Lock, world: World) -> list[Finding]:
    """Hold *lock* against the *world*; errors come first, each group in the order of the file."""
    findings = list(dict.fromkeys([*_extends(lock, world), *_bindings(lock, world), *_pinned(lock, world), *_registry(lock, world)]))
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _extends(lock: Lock, world: World) -> Iterator[Finding]:
    for package, other in world.extended.items():
        if isinstance(other, str):
            yield Finding("error", "extends", package, other)
            continue
        if package in world.circles:
            way = " -> ".join(world.circles[package])
            message = f"goes in a circle: {way}; extensions of extensions are not followed, so take one out of its [extends]"
            yield Finding("warning", "extends-circle", package, message)
        elif other["extends"]:
            whom = ", ".join(other["extends"])
            yield Finding("warning", "extends-nested", package, f"itself extends {whom}, which is not followed; extend that too if needed")
        own = {alias for profile in other["profiles"].values() for alias in (row["alias"] for row in profile["bindings"])}
        for name, profile in lock["profiles"].items():
            for row in profile["bindings"]:
                head, colon, alias = row["alias"].partition(":")
                if colon and head == package and alias not in own:
                    message = f"{package} has no alias {alias!r} to override{hint(closest(alias, own))}"
                    yield Finding("warning", "extends-override", f"{name}/{row['alias']}", message)


def _bindings(lock: Lock, world: World) -> Iterator[Finding]:
    for each in bound(lock, world.extended):
        for model in each.models:
            head = model.partition(":")[0]
            if head not in world.providers:
                near = hint(closest(head, world.providers))
                yield Finding("error", "unknown-provider", each.subject, f"{model}: there is no provider {head!r}{near}")
                continue
            info = world.find(model)
            yield from _exists(each, model, info, world)
            if info is not None:
                yield from asked(each, model, info, world)


def _exists(each: Bound, model: str, info: ModelInfo | None, world: World) -> Iterator[Finding]:
    if info is None:
        if world.lists(model):
            provider = world.providers[model.partition(":")[0]]
            near = hint([f"{provider}:{name}" for name in closest(model.partition(":")[2], world.registry.names(provider))])
            yield Finding("error", "unknown-model", each.subject, f"{model}: the registry knows no such model{near}")
        else:
            yield Finding("warning", "unchecked", model, "not checked: the registry does not list the models of this provider")
        return
    if world.lists(model) and not world.exact(model):
        message = f"the registry knows it only as {info.id}; check the name"
        yield Finding("warning", "inexact-name", model, message)
    if info.retires is None:
        return
    if info.retired(world.day):
        yield Finding("error", "retired", model, f"was retired on {info.retires}; bind another model", now=info.retires)
    elif info.retires <= world.soon:
        left = (date.fromisoformat(info.retires) - date.fromisoformat(world.day)).days
        when = "today" if not left else "tomorrow" if left == 1 else f"on {info.retires}, in {left} days"
        yield Finding("error", "retiring", model, f"retires {when}; bind another model", now=info.retires)


def _pinned(lock: Lock, world: World) -> Iterator[Finding]:
    """Tell what is not pinned, and what is not as it was pinned."""
    current = pins(lock, world)
    for model, now in current.items():
        row = lock["pins"].get(model)
        if row is not None:
            yield from (_changed(model, change) for change in Pin.read(row).changes(now))
        elif now.id.lower() != model.partition(":")[2].lower():
            yield Finding("error", "unpinned", model, f"is a floating name (today {now.id}) without a pin; run llmring lock", now=now.id)
        elif lock["pins"]:
            yield Finding("error", "unpinned", model, "has no pin; run llmring lock")
    used = models(lock, world.extended)
    for model in lock["pins"]:
        if model not in used:
            yield Finding("warning", "stale-pin", model, "is pinned but bound to no alias; run llmring lock")


def _changed(model: str, change: Change) -> Finding:
    key, was, now = change
    percent = "" if change.percent is None else f" ({change.percent:{'+.4g' if abs(change.percent) < _MANY else '+,.0f'}} %)"
    if key == "id":
        return Finding(
            "error", "moved", model, f"means another model now: {was} then, {now} today; see to it, then run llmring lock", was, now
        )
    if key.startswith("price."):
        rate = key.removeprefix("price.")
        message = f"price of {rate}: ${was or '-'} then, ${now or '-'} now{percent}".replace("$-", "none")
        return Finding("error", "price-changed", model, f"{message}; see to it, then run llmring lock", was, now)
    if key.startswith("can."):
        return Finding("error", "ability-lost", model, f"no longer has {key.removeprefix('can.')}", was, now)
    if key == "retires":
        message = f"its retirement is no longer announced (was {was})" if now is None else f"is now to be retired on {now}"
        return Finding(
            "warning", "retirement-changed", model, message if was is None or now is None else f"{message} (was {was})", was, now
        )
    smaller = int(now or 0) < int(was or 0)
    word = "context" if key == "context" else "longest answer"
    message = f"{word}: {int(was or 0):,} tokens then, {int(now or 0):,} now{percent}"
    return Finding("error" if smaller else "warning", "limit-changed", model, message, was, now)


def _registry(lock: Lock, world: World) -> Iterator[Finding]:
    """Tell of registries by other versions."""
    version = int(world.registry.date.replace("-", "") or 0)
    here = world.registry.date
    for name, profile in lock["profiles"].items():
        for provider, written in profile["registry_versions"].items():
            subject = f"{name}/{provider}"
            if written > version:
                message = f"written by a newer registry ({written}) than the one here ({version}); run llmring registry refresh"
                yield Finding("error", "registry-older", subject, message, str(written), str(version))
            elif written < version:
                message = f"written by an older registry ({written}) than the one here ({version}); run llmring lock bump-registry"
                yield Finding("warning", "registry-newer", subject, message, str(written), str(version))
    hashes: set[str | None] = {
        pin.get("registry", {}).get("hash") for pin in lock["pins"].values() if pin.get("registry", {}).get("version") == here
    }
    if hashes - {world.registry.digest, None}:
        message = f"another registry of {here} wrote the pins; run llmring lock"
        yield Finding("warning", "registry-differs", "pins", message, ", ".join(sorted(filter(None, hashes))), world.registry.digest)
