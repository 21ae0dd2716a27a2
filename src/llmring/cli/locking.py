"""What the commands about pins do: write them, hold them against the registry, compare, make aliases a type."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from llmring import locking
from llmring.cli.naming import doubts
from llmring.cli.tables import table
from llmring.cli.terminal import complain, note, out, say, say_json, width
from llmring.exceptions import ConfigurationError
from llmring.lockfile import Lockfile, edit
from llmring.registry import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmring.locking import Finding, PinChange

CHECK = ("lockfile", "registry", "errors", "warnings", "findings")
"""The keys of ``lock check --json``."""
FINDING = ("severity", "code", "subject", "message", "was", "now", "line")
"""The keys of each of its findings."""
CHANGES = ("lockfile", "registry", "changes")
"""The keys of ``--json`` of the commands that tell of changes."""
CHANGE = ("model", "key", "was", "now", "percent")
"""The keys of each change."""
TYPES = ("lockfile", "module", "changed")
"""The keys of ``lock types --json``; *changed* tells whether the module was, or with ``--check`` is, another one."""
WIDE = 100
"""Columns from which on a table of findings has room for their codes."""
MANY = 1000
"""Percent from which on no fraction is told."""
COLOURS = {"error": "red", "warning": "yellow"}


def write(path: str | None, *, as_json: bool) -> None:
    """Pin every model of the lockfile at *path*."""
    with edit(path) as editor:
        changes = locking.lock(editor.lockfile)
    _told(editor.lockfile, changes, as_json=as_json)
    pins = editor.lockfile.to_dict()["pins"]
    if not as_json:
        told = f"{len(pins)} {_models(len(pins))} pinned in {_short(editor.lockfile)}, as of {load().date}"
        note(told + ("" if changes else "; nothing moved"))
    profiles = map(editor.lockfile.get_profile, editor.lockfile.profiles)
    bound = dict.fromkeys(model for profile in profiles for binding in profile.bindings for model in binding.models)
    for doubt in doubts([model for model in bound if model not in pins]):
        note(doubt)


def verify(path: str | None, *, within: int, strict: bool, providers: Sequence[str], as_json: bool) -> int:
    """Tell what is no longer as the lockfile at *path* says, and give the exit code."""
    lockfile = Lockfile.load(path)
    findings = locking.check(lockfile, within=within, providers=providers)
    errors = sum(each.severity == "error" for each in findings)
    warnings = len(findings) - errors
    if as_json:
        told = [each._asdict() for each in findings]
        values: tuple[Any, ...] = (lockfile.path, _registry(), errors, warnings, told)
        say_json(dict(zip(CHECK, values, strict=True)))
    else:
        _show(findings)
        note(f"{_short(lockfile)}: {_counted(errors, 'error')}, {_counted(warnings, 'warning')}, as of {load().date}")
    return 1 if errors or (strict and warnings) else 0


def compare(path: str | None, *, as_json: bool) -> bool:
    """Tell what pinning anew would change in the lockfile at *path*, and whether anything."""
    lockfile = Lockfile.load(path)
    changes = locking.diff(lockfile)
    _told(lockfile, changes, as_json=as_json)
    if not changes and not as_json:
        note(f"{_short(lockfile)} is as llmring lock would write it")
    return bool(changes)


def bump(path: str | None, *, as_json: bool) -> None:
    """Take the registry in force over into the lockfile at *path* where it says the same."""
    with edit(path) as editor:
        changes = locking.bump_registry(editor.lockfile)
    _told(editor.lockfile, changes, as_json=as_json)
    if not as_json:
        left = len({change.model for change in changes})
        kept = f"; {left} {_models(left)} left as pinned: llmring lock takes over what moved" if left else ""
        note(f"{_short(editor.lockfile)} speaks of the registry of {load().date}{kept}")


def write_types(path: str | None, output: str, profile: str | None, *, only_check: bool, as_json: bool) -> int:
    """Write the aliases of the lockfile at *path* as a type to *output*, or with *only_check* compare; give the exit code.

    Raises:
        ConfigurationError: the module cannot be written.

    """
    lockfile = Lockfile.load(path)
    text = locking.alias_module(lockfile, profile=profile)
    if output == "-":
        out(text)
        return 0
    fresh = _has(output, text)
    if not only_check:
        try:
            with open(output, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would cost every command 5 ms
                file.write(text)
        except OSError as error:
            raise ConfigurationError(f"{output} cannot be written: {error.strerror}") from error
    if as_json:
        say_json(dict(zip(TYPES, (lockfile.path, os.path.abspath(output), not fresh), strict=True)))  # noqa: PTH100 - no pathlib at the start of a command
    elif not only_check:
        say(output)
        note("ring: LLMRing[Alias] = LLMRing() makes a mistyped alias a type error")
    if only_check and not fresh:
        complain(f"{output} does not have the aliases of the lockfile; write it anew: llmring lock types --output {output}")
        return 1
    return 0


def _has(path: str, text: str) -> bool:
    """Tell whether there is a file at *path*, and *text* in it."""
    if not os.path.isfile(path):  # noqa: PTH113 - no pathlib at the start of a command
        return False
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - no pathlib at the start of a command
        return file.read() == text


def _told(lockfile: Lockfile, changes: Sequence[PinChange], *, as_json: bool) -> None:
    """Write *changes*, by model."""
    if as_json:
        say_json(dict(zip(CHANGES, (lockfile.path, _registry(), [each._asdict() for each in changes]), strict=True)))
        return
    if changes:
        table(("model", "what", "was", "now", "by"), [_cells(each) for each in changes])


def _cells(change: PinChange) -> tuple[str, ...]:
    dollars = "$" if change.key.startswith("price.") else ""
    was, now = (f"{dollars}{value}" if value else "-" for value in (change.was, change.now))
    percent = "" if change.percent is None else f"{change.percent:{'+.4g' if abs(change.percent) < MANY else '+,.0f'}} %"
    return change.model, change.key.replace(".", " ", 1), was, now, percent


def _show(findings: Sequence[Finding]) -> None:
    if findings:
        rows = [(each.severity, str(each.line or "-"), each.code, each.subject, each.message) for each in findings]
        headings = ("", "line", "code", "about", "what")
        if (width() or WIDE) < WIDE:  # the message says what the code says
            rows = [(severity, line, subject, message) for severity, line, _, subject, message in rows]
            headings = ("", "line", "about", "what")
        table(headings, rows, colours=COLOURS)


def _registry() -> dict[str, str]:
    registry = load()
    return {"version": registry.date, "hash": registry.digest}


def _short(lockfile: Lockfile) -> str:
    """Name the file as seen from here."""
    return (lockfile.path or "llmring.lock").removeprefix(os.path.join(os.getcwd(), ""))  # noqa: PTH109, PTH118 - no pathlib at the start of a command


def _models(count: int) -> str:
    return "model" if count == 1 else "models"


def _counted(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"
