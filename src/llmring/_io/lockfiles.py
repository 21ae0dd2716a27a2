"""Find and read lockfiles, those of extended packages among them; what they say is the core's business."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from llmring._core.lockfile import decode, parse
from llmring.exceptions import LockfileError, LockfileNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Final

    from llmring._core.lockfile import Lock
    from llmring._core.lockfile_faults import KeyPath

NAME: Final = "llmring.lock"
VARIABLE: Final = "LLMRING_LOCKFILE_PATH"
BUNDLED: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "_data", NAME)


class Found(NamedTuple):
    """A lockfile as read, and those of the packages that it extends."""

    lock: Lock
    path: str
    """Absolute."""
    extended: dict[str, Lock]


def find(path: str | os.PathLike[str] | None, environment: Mapping[str, str]) -> str:
    """Return where the lockfile is: at *path*, else where *environment* says, else in the current folder, else the bundled one.

    Raises:
        LockfileNotFoundError: one is named, and is not there.

    """
    if path is not None:
        return _named(os.fspath(path), "")
    if environment.get(VARIABLE):
        return _named(environment[VARIABLE], f", which {VARIABLE} names")
    return os.path.abspath(NAME) if os.path.lexists(NAME) else BUNDLED


def read(path: str | os.PathLike[str] | None, environment: Mapping[str, str]) -> Found:
    """Read the lockfile that :func:`find` finds, and those of the packages that it extends; these are not imported.

    Raises:
        LockfileNotFoundError: one is named, and is not there.
        LockfileParseError: it, or a package's, is broken.
        LockfileVersionError: its format, or that of a package's, is newer.
        LockfileError: it cannot be opened; a package that it extends is not installed, or has no lockfile.

    """
    found = find(path, environment)
    lock = parse(text_of(found), found)
    return Found(lock, found, {package: _package(package, found) for package in lock["extends"]})


def extended(packages: Iterable[str], extender: str) -> dict[str, Lock | str]:
    """Read the lockfiles of *packages*, which that at *extender* extends; in place of one that cannot be read, say why."""
    found: dict[str, Lock | str] = {}
    for package in packages:
        try:
            found[package] = _package(package, extender)
        except LockfileError as error:
            found[package] = str(error)
    return found


def circles(packages: Iterable[str], extender: str) -> dict[str, list[str]]:
    """Give the way on which each of *packages*, which the lockfile at *extender* extends, leads back to where it has been, if it does."""
    start = {os.path.realpath(extender): "this lockfile"}
    ways = {package: _way_back(package, start) for package in packages}
    return {package: way for package, way in ways.items() if way}


def _way_back(package: str, behind: Mapping[str, str]) -> list[str]:
    """Give the names from *package* to one of the lockfiles *behind* it, by path; none where it leads to none."""
    found = _found(package)
    if found is None:
        return []
    place = os.path.realpath(found)
    if place in behind:
        return [behind[place]]
    try:
        further = parse(text_of(found), found)["extends"]
    except LockfileError:
        return []
    ways = (_way_back(other, {**behind, place: package}) for other in further)
    return next(([package, *way] for way in ways if way), list[str]())


def line_in(path: str, place: KeyPath) -> int | None:
    """Give the line of *place* in the lockfile at *path*, as it is now; None where it is not known any more."""
    from llmring._core.lockfile_lines import line_of

    try:
        text = text_of(path)
        parse(text, path)
    except LockfileError:
        return None
    return line_of(text, place) if place else None


def text_of(path: str) -> str:
    """Return the text of the file at *path*.

    Raises:
        LockfileNotFoundError: it is not there.
        LockfileParseError: it is not UTF-8.
        LockfileError: it is a folder, or may not be read.

    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _not_found(path, "") from error
    except IsADirectoryError as error:
        raise LockfileError(f"{path} is a folder; name the lockfile in it: {os.path.join(path, NAME)}", lockfile=path) from error
    except PermissionError as error:
        raise LockfileError(f"{path} may not be read; check its permissions", lockfile=path) from error
    except (OSError, ValueError) as error:
        raise LockfileError(f"{path} cannot be read: {error}", lockfile=path) from error
    return decode(content, path)


def _named(path: str, by: str) -> str:
    """Give the absolute *path* of a lockfile that has to be there; *by* ends the sentence about one that is not."""
    found = os.path.abspath(os.path.expanduser(path)) if path else path
    if not os.path.lexists(found):
        raise _not_found(found, by)
    return found


def _not_found(path: str, why: str) -> LockfileNotFoundError:
    return LockfileNotFoundError(
        f"There is no lockfile {path!r}{why}. Name one that is there, or have one written: llmring lock init.",
        lockfile=path,
    )


def _found(package: str) -> str | None:
    return next((path for path in _places(package) if os.path.isfile(path)), None)


def _package(package: str, extender: str) -> Lock:
    found = _found(package)
    if found is None:
        fault = f"extends the package {package!r}, which is not installed or has no {NAME}"
        raise LockfileError(f"{extender} {fault}; install it, or take it out of [extends]", lockfile=extender, key="extends.packages")
    if os.path.realpath(found) == os.path.realpath(extender):
        fault = f"extends the package {package!r}, whose lockfile it is itself; take it out of [extends]"
        raise LockfileError(f"{extender} {fault}", lockfile=extender, key="extends.packages")
    return parse(text_of(found), found)


def _places(package: str) -> Iterator[str]:
    """Give the places where the lockfile of *package* may be, the likely ones first."""
    yield from _beside(package.replace("-", "_"))
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        installed = distribution(package)
    except (PackageNotFoundError, ValueError):
        return
    for file in sorted(installed.files or (), key=lambda file: len(file.parts)):
        if file.name == NAME:
            yield str(installed.locate_file(file))
    for module in (installed.read_text("top_level.txt") or "").split():
        yield from _beside(module)


def _beside(module: str) -> Iterator[str]:
    """Give the places beside the code of *module*, which is found but not imported."""
    from importlib.util import find_spec

    top, *below = module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return
    for folder in (spec and spec.submodule_search_locations) or ():
        yield os.path.join(folder, *below, NAME)
