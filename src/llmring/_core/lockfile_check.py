"""Judge whether a decoded lockfile says only what one may; telling where in the text is left to the scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmring._core.allowance import LIMITS
from llmring._core.lockfile_asks import asks
from llmring._core.lockfile_faults import kind_of, nearest, not_table, unknown_keys
from llmring._core.lockfile_pins import pin
from llmring._gen.providers import NAMES
from llmring.exceptions import LockfileParseError, LockfileVersionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final, NoReturn

    from llmring._core.lockfile_faults import Fault, KeyPath

FORMAT: Final = "1.0"
"""The format that is written, and the newest one that is read."""

_TOP = ("version", "default_profile", "extends", "profiles", "limits", "metadata", "pins", "created_at", "updated_at", "$schema")
_PROFILE = ("name", "registry_versions", "bindings")
_BINDING = ("alias", "models", "constraints")


def check(tree: object, text: str, path: str) -> None:
    """Judge *tree*, as decoded from *text*, the content of *path*.

    Raises:
        LockfileVersionError: its format is newer, or none.
        LockfileParseError: it has a wrong key or value; the text tells all faults, the error's ``line`` and ``key`` the first.

    """
    if not isinstance(tree, dict):
        _refuse([((), f"a lockfile is a table, not {kind_of(tree)}")], text, path)
    top = cast("dict[str, Any]", tree)
    _check_version(top, text, path)
    faults = list(_document(top))
    if faults:
        _refuse(faults, text, path)


def check_binding(binding: Mapping[str, Any]) -> None:
    """Judge one *binding* that is about to be written.

    Raises:
        LockfileParseError: it is not what a lockfile may hold; the text tells all faults.

    """
    faults = list(_bindings([dict(binding)], ()))
    if faults:
        told = "; ".join(f"{dotted(place[1:])}: {reason}" for place, reason in faults)
        raise LockfileParseError(f"This cannot be bound: {told}", key=dotted(faults[0][0][1:]))


def dotted(path: KeyPath) -> str:
    """Write a key path as a reader would: ``profiles.default.bindings[0].models``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _check_version(tree: Mapping[str, Any], text: str, path: str) -> None:
    version = tree.get("version", FORMAT)
    if not isinstance(version, str):
        _refuse([(("version",), f'must be a string, as in version = "{FORMAT}", not {kind_of(version)}')], text, path)
    numbers = [int(part) for part in version.split(".") if part.isascii() and part.isdigit()]
    known = [int(part) for part in FORMAT.split(".")]
    if len(numbers) == version.count(".") + 1 and known[:1] <= numbers <= known:
        return
    from llmring._core.lockfile_lines import lines_of

    line = lines_of(text, [("version",)])[0]
    if numbers > known:
        remedy = f"newer than what this LLMRing reads ({FORMAT}); upgrade llmring"
    else:
        remedy = f'not known; write version = "{FORMAT}"'
    raise LockfileVersionError(f"{path}, line {line}: format {version!r} is {remedy}", lockfile=path, line=line, key="version")


def _document(tree: Mapping[str, Any]) -> Iterator[Fault]:
    if "bindings" in tree:
        yield ("bindings",), "bindings belong to a profile: write [[profiles.default.bindings]]"
    yield from unknown_keys(tree, (*_TOP, "bindings"), ())
    profiles: object = tree.get("profiles", {})
    if isinstance(profiles, dict):
        for name, profile in cast("dict[str, Any]", profiles).items():
            yield from _profile(profile, ("profiles", name))
    else:
        yield ("profiles",), f"must be a table of profiles, not {kind_of(profiles)}"
    if "default_profile" in tree:
        yield from _default(tree["default_profile"], cast("object", profiles))
    yield from _extends(tree.get("extends", {}))
    for key in ("limits", "metadata", "pins"):
        yield from not_table(tree.get(key, {}), (key,))
    yield from _limits(tree.get("limits"))
    pins = tree.get("pins")
    if isinstance(pins, dict):
        for name, row in cast("dict[str, Any]", pins).items():
            yield from _reference(name, ("pins", name))
            yield from pin(row, ("pins", name))


def _default(name: object, profiles: object) -> Iterator[Fault]:
    if not isinstance(name, str) or not name:
        yield ("default_profile",), f"must be the name of a profile, not {kind_of(name)}"
    elif isinstance(profiles, dict) and profiles and name not in profiles:
        yield ("default_profile",), f"there is no profile {name!r}{nearest(name, cast('dict[str, Any]', profiles))}"


def _extends(extends: object) -> Iterator[Fault]:
    if not isinstance(extends, dict):
        yield ("extends",), f'must be a table, as in [extends] packages = ["my-library"], not {kind_of(extends)}'
        return
    table = cast("dict[str, Any]", extends)
    yield from unknown_keys(table, ("packages",), ("extends",))
    packages = table.get("packages", [])
    if not isinstance(packages, list):
        yield ("extends", "packages"), f"must be a list of package names, not {kind_of(packages)}"
        return
    seen: dict[str, str] = {}
    for at, package in enumerate(cast("list[Any]", packages)):
        place = ("extends", "packages", at)
        if not isinstance(package, str) or not package or package != package.strip() or ":" in package:
            yield place, f"must be the name of a package, not {package!r}"
        elif package in NAMES:
            yield place, f"{package!r} is a provider's name, so {package}:… can never mean its aliases; bind them under names of your own"
        elif (one := package.lower().replace("_", "-")) in seen:
            same = "listed twice" if seen[one] == package else f"the same package as {seen[one]!r}; keep the one whose name code uses"
            yield place, f"{package!r} is {same}"
        else:
            seen[one] = package


def _limits(limits: object) -> Iterator[Fault]:
    """Judge the limits of providers; which providers there are, the ring knows."""
    if not isinstance(limits, dict):
        return
    for name, own in cast("dict[str, Any]", limits).items():
        place = ("limits", name)
        yield from not_table(own, place)
        if isinstance(own, dict):
            table = cast("dict[str, Any]", own)
            yield from unknown_keys(table, LIMITS, place)
            for key, value in table.items():
                if key in LIMITS and (type(value) is not int or value < 1):
                    yield (*place, key), f"must be a whole number of at least 1, not {kind_of(value)}"


def _profile(profile: object, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(profile, dict):
        yield place, f"must be a table, not {kind_of(profile)}"
        return
    table = cast("dict[str, Any]", profile)
    yield from unknown_keys(table, _PROFILE, place)
    name = table.get("name", "default")
    if not isinstance(name, str) or not name:
        yield (*place, "name"), f"must be a name, not {kind_of(name)}"
    versions = table.get("registry_versions", {})
    yield from not_table(versions, (*place, "registry_versions"))
    if isinstance(versions, dict):
        for provider, version in cast("dict[str, Any]", versions).items():
            if not isinstance(version, int) or isinstance(version, bool):
                yield (*place, "registry_versions", provider), f"must be a whole number, not {kind_of(version)}"
    bindings = table.get("bindings", [])
    if isinstance(bindings, list):
        yield from _bindings(cast("list[Any]", bindings), (*place, "bindings"))
    else:
        yield (*place, "bindings"), f"must be a list of tables, as in [[{dotted((*place, 'bindings'))}]], not {kind_of(bindings)}"


def _bindings(bindings: list[Any], place: KeyPath) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for at, binding in enumerate(bindings):
        if not isinstance(binding, dict):
            yield (*place, at), f"must be a table with alias and models, not {kind_of(binding)}"
            continue
        table = cast("dict[str, Any]", binding)
        yield from unknown_keys(table, _BINDING, (*place, at))
        yield from _alias(table, (*place, at), first)
        yield from _models(table, (*place, at))
        yield from asks(table.get("constraints", {}), (*place, at, "constraints"))


def _alias(binding: Mapping[str, Any], place: KeyPath, first: dict[str, int]) -> Iterator[Fault]:
    if "alias" not in binding:
        yield place, "has no alias; give it a name to be called by"
        return
    alias = binding["alias"]
    if not isinstance(alias, str) or not alias or alias != alias.strip():
        yield (*place, "alias"), f"must be a name, not {kind_of(alias) if not isinstance(alias, str) else repr(alias)}"
        return
    head, colon, _ = alias.partition(":")
    if colon and head in NAMES:
        yield (*place, "alias"), f"{alias!r} always means a model of the provider {head}; choose another name"
    at = cast("int", place[-1])
    if first.setdefault(alias, at) != at:
        yield (*place, "alias"), f"{alias!r} is already bound by {dotted((*place[:-1], first[alias]))}; keep one, with all models in order"


def _models(binding: Mapping[str, Any], place: KeyPath) -> Iterator[Fault]:
    if "models" not in binding:
        yield place, 'has no models; add models = ["provider:model"]'
        return
    models, place = binding["models"], (*place, "models")
    if not isinstance(models, list):
        yield place, f'must be a list, as in ["provider:model"], not {kind_of(models)}'
        return
    if not models:
        yield place, 'is empty; name at least one "provider:model"'
    for at, model in enumerate(cast("list[Any]", models)):
        yield from _reference(model, (*place, at))


def _reference(model: object, place: KeyPath) -> Iterator[Fault]:
    if not isinstance(model, str):
        yield place, f'must be a string "provider:model", not {kind_of(model)}'
    elif not all(part and part == part.strip() for part in (model.partition(":")[0], model.partition(":")[2])):
        yield place, f'must be "provider:model", not {model!r}'


def _refuse(faults: list[Fault], text: str, path: str) -> NoReturn:
    """Raise one error that tells all *faults*, in the order of their lines."""
    from llmring._core.lockfile_lines import lines_of

    lines = lines_of(text, [place for place, _ in faults])
    located = sorted(
        ((line, dotted(place), reason) for line, (place, reason) in zip(lines, faults, strict=True)), key=lambda fault: fault[0]
    )
    line, key, reason = located[0]
    if len(located) == 1:
        message = f"{path}, line {line}: {key and f'{key}: '}{reason}"
    else:
        told = "".join(f"\n  line {at}: {name}: {why}" for at, name, why in located)
        message = f"{path} has {len(located)} faults:{told}"
    raise LockfileParseError(message, lockfile=path, line=line, key=key or None)
