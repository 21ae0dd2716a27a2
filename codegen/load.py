"""Read the spec and check it against ``spec/meta.yaml``; every fault is told at once, with file, line and path."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import attrs
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

ROOT = Path(__file__).resolve().parent.parent


class SpecError(Exception):
    """The spec has faults; the text lists all of them, a line each."""


@attrs.frozen
class Spec:
    """The whole spec as plain data."""

    root: Path
    schema: dict[str, dict[str, Any]]
    """Module name -> its models and aliases (``spec/schema``)."""
    parameters: dict[str, Any]
    """Unified parameters and known extra parameters (``spec/parameters.yaml``)."""
    hosted_tools: dict[str, dict[str, Any]]
    """Tools that providers run (``spec/hosted_tools.yaml``)."""
    providers: dict[str, dict[str, Any]]
    """Provider id -> its entry (``spec/providers``)."""
    models: dict[str, dict[str, Any]]
    """Provider id -> its models (``spec/models``)."""
    overlay: dict[str, Any]
    """What decides where the registry's sources disagree."""
    lockfile: dict[str, Any]
    """JSON Schema of the lockfile (``spec/lockfile.yaml``)."""
    meta: dict[str, Any]
    """JSON Schemas of the spec's own files, by kind (``spec/meta.yaml``)."""

    def digest(self, *relative: str) -> str:
        """Give the first twelve hex digits of the SHA-256 over files of the spec, named relative to ``spec/``."""
        total = hashlib.sha256()
        for name in relative:
            total.update((self.root / "spec" / name).read_bytes())
        return total.hexdigest()[:12]

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every YAML file of the spec, relative to ``spec/``."""
        base = self.root / "spec"
        return tuple(sorted(str(path.relative_to(base)) for path in base.rglob("*.yaml")))


_SOUND: dict[tuple[bytes, str], dict[str, Any]] = {}
"""What files hold that were found right, by their bytes and the schema that judged them."""


@attrs.define
class _Reader:
    root: Path
    meta: dict[str, Any] = attrs.field(factory=dict[str, Any])
    faults: list[str] = attrs.field(factory=list[str])

    def one(self, relative: str, kind: str | None) -> dict[str, Any]:
        """Read one file and check it as *kind*, collecting faults; one that was read and found right before is not judged again."""
        try:
            text = (self.root / "spec" / relative).read_bytes()
        except FileNotFoundError:
            self.faults.append(f"spec/{relative}: missing")
            return {}
        known = (text, repr(self.meta.get(kind or "")))
        if known not in _SOUND:
            before = len(self.faults)
            plain = self._judged(relative, text, kind)
            if len(self.faults) > before:
                return plain
            _SOUND[known] = plain
        return deepcopy(_SOUND[known])

    def _judged(self, relative: str, text: bytes, kind: str | None) -> dict[str, Any]:
        """Parse *text* and check it as *kind*."""
        try:
            plain: Any = _yaml("safe").load(text) or {}
        except (YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            problem = str(getattr(error, "problem", None) or error).partition("\n")[0]
            self.faults.append(f"spec/{relative}:{mark.line + 1 if mark else 1}: {problem}")
            return {}
        if kind is not None:
            self._check(relative, kind, plain)
        return cast("dict[str, Any]", plain) if isinstance(plain, dict) else {}

    def many(self, folder: str, kind: str, leave: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
        """Read every file of *folder*, keyed by stem."""
        paths = sorted((self.root / "spec" / folder).glob("*.yaml"))
        return {path.stem: self.one(f"{folder}/{path.name}", kind) for path in paths if path.stem not in leave}

    def _check(self, relative: str, kind: str, plain: Any) -> None:
        schema = self.meta.get(kind)
        if schema is None:
            self.faults.append(f"spec/meta.yaml: no schema for {kind!r}")
            return
        errors: list[Any] = list(cast("Any", Draft202012Validator(schema)).iter_errors(_jsonable(plain)))
        tree = _yaml("rt").load(self.root / "spec" / relative) if errors else None  # twice as slow, but it knows the lines
        places = [(_line(tree, list(error.absolute_path)), ".".join(map(str, error.absolute_path)), error.message) for error in errors]
        self.faults += [f"spec/{relative}:{line}: {path or '(top)'}: {message}" for line, path, message in sorted(places)]


def load_spec(root: Path = ROOT) -> Spec:
    """Read the spec below *root*.

    Raises:
        SpecError: anything is missing or misshapen; the text lists every fault with file, line and path.

    """
    reader = _Reader(root)
    reader.meta = reader.one("meta.yaml", None)
    spec = Spec(
        root=root,
        schema=reader.many("schema", "schema"),
        parameters=reader.one("parameters.yaml", "parameters"),
        hosted_tools=reader.one("hosted_tools.yaml", "hosted_tools").get("hosted_tools", {}),
        providers=reader.many("providers", "provider"),
        models=reader.many("models", "model", leave=("overlay",)),
        overlay=reader.one("models/overlay.yaml", "overlay") if (root / "spec/models/overlay.yaml").exists() else {},
        lockfile=reader.one("lockfile.yaml", "lockfile"),
        meta=reader.meta,
    )
    if reader.faults:
        raise SpecError("\n".join(reader.faults))
    return spec


def _yaml(kind: str) -> Any:
    """Give a reader of YAML; its package is only partly typed."""
    return cast("Any", YAML(typ=kind))


def _jsonable(value: Any) -> Any:
    """Dates become text, so that the JSON Schema can judge them."""
    match value:
        case dict():
            return {str(key): _jsonable(item) for key, item in cast("dict[Any, Any]", value).items()}
        case list():
            return [_jsonable(item) for item in cast("list[Any]", value)]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)


def _line(tree: Any, path: list[Any]) -> int:
    """Find the line of the deepest known step of *path*."""
    line = 1
    for step in path:
        try:
            line = int(tree.lc.data[step][0]) + 1
            tree = tree[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line
