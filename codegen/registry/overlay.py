"""Read ``overlay.yaml``: the decisions where sources disagree, each with its reason and its own source."""

from __future__ import annotations

from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

import attrs
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from codegen.registry.claims import Value


@attrs.define(kw_only=True)
class Line:
    """One line of the overlay; *used* counts what it decided, and a line that decides nothing is an error."""

    models: tuple[str, ...]
    figures: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    """Sources whose figure is set aside, where another source has one."""
    when: Value | None = None
    """Only where the ignored source says exactly this."""
    value: Value | None = None
    """The figure itself."""
    drop: bool = False
    alias_of: str | None = None
    reason: str
    source: str
    used: int = 0

    def covers(self, model: str, figure: str | None = None) -> bool:
        """Tell whether *model* (``provider:name``) and *figure* fall under this line."""
        named = any(fnmatchcase(model, pattern) for pattern in self.models)
        return named and (figure is None or any(fnmatchcase(figure, pattern) for pattern in self.figures))


@attrs.frozen
class Overlay:
    """All lines, in the order of the file."""

    names: tuple[Line, ...] = ()
    rules: tuple[Line, ...] = ()
    figures: tuple[Line, ...] = ()

    def unused(self) -> list[str]:
        """Name the lines that decided nothing."""
        lines = (*self.names, *self.rules, *self.figures)
        return [f"overlay: {' '.join(line.models)} {' '.join(line.figures)}: decides nothing any more" for line in lines if not line.used]


def read(path: Path) -> Overlay:
    """Read the overlay at *path*; a missing file decides nothing."""
    data: dict[str, list[dict[str, Any]]] = cast("Any", YAML(typ="safe")).load(path) or {} if path.exists() else {}
    names, rules, figures = (tuple(_line(row) for row in data.get(part) or ()) for part in ("names", "rules", "figures"))
    return Overlay(names, rules, figures)


def _line(row: Mapping[str, Any]) -> Line:
    """Read one row; lists may be written as one word."""
    return Line(
        models=_words(row.get("name", row.get("models"))),
        figures=_words(row.get("figures")),
        ignore=_words(row.get("ignore")),
        when=_value(row.get("when")),
        value=_value(row.get("value")),
        drop=row.get("drop", False),
        alias_of=row.get("alias_of"),
        reason=row["reason"],
        source=row["source"],
    )


def _words(value: str | list[str] | None) -> tuple[str, ...]:
    """Read one word or a list of them."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def _value(value: str | float | date | None) -> Value | None:
    """Read a figure; digits in quotes are dollars."""
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return Decimal(value)
    if isinstance(value, float):
        message = f"write {value} in quotes: prices are decimals"
        raise TypeError(message)
    return value
