"""Write the page that tells of every provider; what to tell, the generated table's rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

HEAD = """
# Providers

A model is named `provider:model`. Keys and URLs come from the variables below, the first one set wins.
`LLMRing(providers={"name": {"base_url": …, "api_key": …}})` overrides them, and adds providers of your own.
"""

MATRIX = """## What the APIs can do

`native`: the API has it. `emulated`: LLMRing makes up for it, for tools in words, for
[forms of the answer](../guide/structured.md#how-it-is-held) by a tool or in words. `no`: refused before anything is sent.
A number is a limit.
`citations` are those of documents that are given; the sources of a web search come with its answers everywhere.
[Models](models.md) that lack what their API has are refused it as well.
"""

BASE = "openai-compatible"
"""What other servers are held against."""

DIALECTS = "## Where compatible servers differ\n"


def page(rows: Sequence[Row], capabilities: Sequence[str]) -> str:
    """Return the page of all *rows*: where they are, what those with an SDK of their own can do, and where the others differ."""
    own = [row for row in rows if row["extra"] or row["id"] == BASE]
    base = next((row for row in rows if row["id"] == BASE), None)
    matrix = ((f"`{name}`", *(_support(row, name) for row in own)) for name in capabilities)
    parts = [
        HEAD,
        _table(("provider", "protocol", "base URL", "URL variables", "key variables", "what it is"), map(_place, rows)),
        MATRIX,
        _table(("", *(f"`{row['id']}`" for row in own)), matrix),
    ]
    others = [(f"`{row['id']}`", told) for row in rows if base and not row["extra"] and (told := _differences(row, base))]
    if others:
        parts += [DIALECTS, _table(("provider", f"differs from `{BASE}` in"), others)]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, tuple("---" for _ in head), *rows))


def _place(row: Row) -> tuple[str, ...]:
    keys = _codes(name for way in row["auth"] for name in way["env"])
    return (
        _codes((row["id"], *row["aliases"])),
        _codes(row["protocols"]),
        f"`{row['base_url']}`" if row["base_url"] else "yours",
        _codes(row["base_url_env"]),
        f"{keys} (optional)" if row["key_optional"] else keys,
        f"[{row['doc']}]({row['page']})" if row["page"] else row["doc"],
    )


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _support(row: Row, name: str) -> str:
    cell = row["capabilities"].get(name, "unsupported")
    return "no" if cell == "unsupported" else str(cell)


def _differences(row: Row, base: Row) -> str:
    cells = [f"{name}: {_support(row, name)}" for name, cell in row["capabilities"].items() if base["capabilities"].get(name) != cell]
    quirks = [f"`{name}: {str(value).lower()}`" for name, value in row["quirks"].items() if base["quirks"].get(name) != value]
    return ", ".join(cells + quirks)
