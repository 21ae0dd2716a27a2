"""Read and write the text of a lockfile as plain data; files are opened elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from llmring._core.lockfile_asks import filled
from llmring._core.lockfile_check import FORMAT, check
from llmring.exceptions import LockfileParseError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal, NotRequired, TypedDict

    Syntax = Literal["toml", "json"]

    class Binding(TypedDict):
        """One alias, and the models that it stands for, the preferred one first."""

        alias: str
        models: list[str]
        constraints: NotRequired[dict[str, Any]]

    class Profile(TypedDict):
        """One set of bindings."""

        name: str
        registry_versions: dict[str, int]
        bindings: list[Binding]

    class Lock(TypedDict):
        """A whole lockfile; what the file leaves out is filled in."""

        version: str
        default_profile: str
        extends: list[str]
        profiles: dict[str, Profile]
        limits: dict[str, Any]
        metadata: dict[str, Any]
        pins: dict[str, dict[str, Any]]


_REASONS: Final = {"Cannot overwrite a value": "Cannot overwrite a value: the key is there already; keep one"}
"""What to do about faults of which tomllib does not say it."""


def empty() -> Lock:
    """Return a lockfile that says nothing."""
    return {"version": FORMAT, "default_profile": "default", "extends": [], "profiles": {}, "limits": {}, "metadata": {}, "pins": {}}


def syntax(text: str) -> Syntax:
    """Tell the syntax of *text*: no TOML document opens with a brace, and every JSON lockfile does."""
    return "json" if text.lstrip().startswith("{") else "toml"


def parse(text: str, path: str = "llmring.lock") -> Lock:
    """Return what *text*, the content of *path*, says.

    Raises:
        LockfileParseError: it is neither TOML nor JSON, or says what no lockfile may; every fault is told, with its line.
        LockfileVersionError: its format is not one that this LLMRing reads.

    """
    return cast("Lock", _copied(_parsed(text, path)))


@lru_cache(maxsize=2)
def _parsed(text: str, path: str) -> Lock:
    """Read *text* once for all who ask in a row: a command, its ring, an edit and the check of what that made."""
    tree = _json(text, path) if syntax(text) == "json" else _toml(text, path)
    check(tree, text, path)
    return _filled(tree)


def _copied(value: Any) -> Any:
    """Copy tables and lists, so that who changes theirs changes nobody else's."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in cast("dict[str, Any]", value).items()}
    return [_copied(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def decode(content: bytes, path: str) -> str:
    """Return the text of *content*, the bytes of *path*, without a byte order mark.

    Raises:
        LockfileParseError: it is not UTF-8.

    """
    try:
        return content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{path}, line {line}: not UTF-8 (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        raise LockfileParseError(message, lockfile=path, line=line) from error


def render(lock: Lock, syntax: Syntax = "toml") -> str:
    """Return the text that :func:`parse` reads as *lock*, leaving out what goes without saying."""
    tree = _sparse(lock)
    if syntax == "json":
        from json import dumps

        return dumps(tree, indent=2, ensure_ascii=False) + "\n"
    from tomli_w import dumps as toml_dumps

    return toml_dumps(tree)


def digest(lock: Lock) -> str:
    """Return the SHA-256, in hexadecimal, of what *lock* says, whatever its syntax, order of keys, comments and white space."""
    from hashlib import sha256
    from json import dumps

    return sha256(dumps(_sparse(lock), sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()


def _toml(text: str, path: str) -> dict[str, Any]:
    from tomllib import loads

    try:
        return loads(text)
    except ValueError as error:
        reason, line = _located(str(error), text)
        raise _unreadable("TOML", _REASONS.get(reason, reason), line, path) from error
    except RecursionError:
        raise _unreadable("TOML", "nested too deeply", None, path) from None


def _located(message: str, text: str) -> tuple[str, int | None]:
    """Split what tomllib says into the reason and the line."""
    reason, found, place = message.rpartition(" (at ")
    match place.rstrip(")").replace(",", "").split():
        case ["line", line, *_] if found:
            return reason, int(line)
        case ["end", "of", "document"] if found:
            return reason, text.count("\n") + 1
        case _:
            return message, None


def _json(text: str, path: str) -> dict[str, Any]:
    from json import JSONDecodeError, loads

    twice = False

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        seen = dict(pairs)
        twice = twice or len(seen) < len(pairs)
        return seen

    try:
        tree = loads(text, object_pairs_hook=once)
    except JSONDecodeError as error:
        raise _unreadable("JSON", error.msg, error.lineno, path) from error
    except ValueError as error:
        raise _unreadable("JSON", str(error), None, path) from error
    except RecursionError:
        raise _unreadable("JSON", "nested too deeply", None, path) from None
    if twice:
        from llmring._core.lockfile_lines import Scan

        place, line = Scan(text).repeated[0]
        told = f"{path}, line {line}: the key {place[-1]!r} occurs twice in one object; keep one"
        raise LockfileParseError(told, lockfile=path, line=line, key=str(place[-1]))
    return cast("dict[str, Any]", tree)


def _unreadable(syntax: str, reason: str, line: int | None, path: str) -> LockfileParseError:
    place = path if line is None else f"{path}, line {line}"
    return LockfileParseError(f"{place}: not valid {syntax}: {reason}", lockfile=path, line=line)


def _filled(tree: Mapping[str, Any]) -> Lock:
    """Fill in what a checked *tree* leaves out."""
    profiles = cast("Mapping[str, Mapping[str, Any]]", tree.get("profiles", {}))
    return {
        "version": tree.get("version", FORMAT),
        "default_profile": tree.get("default_profile", "default"),
        "extends": list(tree.get("extends", {}).get("packages", ())),
        "profiles": {
            name: {
                "name": profile.get("name", name),
                "registry_versions": dict(profile.get("registry_versions", {})),
                "bindings": [_binding(row) for row in profile.get("bindings", ())],
            }
            for name, profile in profiles.items()
        },
        "limits": dict(tree.get("limits", {})),
        "metadata": dict(tree.get("metadata", {})),
        "pins": dict(tree.get("pins", {})),
    }


def _binding(row: Mapping[str, Any]) -> Any:
    return {**row, "constraints": filled(row["constraints"])} if "constraints" in row else row


def _sparse(lock: Lock) -> dict[str, Any]:
    """Return *lock* as a file has it, in the order in which a reader wants it."""
    tree: dict[str, Any] = {"version": lock["version"], "default_profile": lock["default_profile"]}
    if lock["extends"]:
        tree["extends"] = {"packages": lock["extends"]}
    tree.update({key: lock[key] for key in ("metadata", "limits") if lock[key]})
    tree["profiles"] = {
        name: {key: value for key, value in profile.items() if value or key == "name"} for name, profile in lock["profiles"].items()
    }
    if lock["pins"]:
        tree["pins"] = lock["pins"]
    return tree
