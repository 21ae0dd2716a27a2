"""Write the reference pages of options and shapes; the pages of providers and models are written beside their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codegen.schemas import PUBLIC
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codegen.load import Spec

OPTIONS = "docs/reference/parameters.md"
SHAPES = "docs/reference/shapes.md"

_OPTIONS_HEAD = """
# Options of a call

Every option of `chat` and `chat_stream`, which is also a field of `LLMRequest`, with its place in the body of each wire format.
*Rendered* means that the value takes a form of its own there, *no* that the format has no such thing;
`on_unsupported` then decides between an error, a warning and silence.

"""
_RING_HEAD = """
## For LLMRing itself

These are never sent.

"""
_EXTRA_HEAD = """
## Known keys of `extra_params`

Any other key goes into the body as it is.

"""
_SHAPES_HEAD = """
# Shapes

All are frozen, equal by value, picklable, and also readable by key; `to_dict()` and `from_dict()` convert them.
"""


def generate(spec: Spec) -> dict[str, str]:
    """Return both pages."""
    content = "".join((spec.root / "spec/schema" / f"{name}.yaml").read_text(encoding="utf-8") for name in sorted(_shown(spec)))
    options = (spec.root / "spec/parameters.yaml").read_text(encoding="utf-8")
    return {
        OPTIONS: header("spec/parameters.yaml", options, markdown=True) + options_page(spec.parameters).replace("``", "`"),
        SHAPES: header("spec/schema", content, markdown=True) + shapes_page(spec).replace("``", "`"),
    }


def options_page(parameters: Mapping[str, Any]) -> str:
    """Return the page of all options, those for the ring apart, and of the known extra ones."""
    sent = {name: entry for name, entry in parameters["parameters"].items() if "wire" in entry}
    kept = {name: entry for name, entry in parameters["parameters"].items() if "wire" not in entry}
    extra = parameters["extra_params"]
    protocols = sorted({protocol for wire in [*(entry["wire"] for entry in sent.values()), *extra.values()] for protocol in wire})
    places = [f"`{protocol}`" for protocol in protocols]
    return "".join(
        [
            _OPTIONS_HEAD,
            _table(["option", "what it does", *places], ([*_option(*item), *_wire(item[1]["wire"], protocols)] for item in sent.items())),
            _RING_HEAD,
            _table(["option", "what it does"], (_option(*item) for item in kept.items())),
            _EXTRA_HEAD,
            _table(["key", *places], ([f"`{name}`", *_wire(wire, protocols)] for name, wire in extra.items())),
        ]
    )


def _option(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Return the cells that tell what option *name* is."""
    limits = [f"{word} {entry[key]}" for key, word in (("min", "at least"), ("max", "at most")) if key in entry]
    bounds = f" ({', '.join(limits)})" if limits else ""
    return [f"`{name}`: `{entry['type']}`{bounds}", entry["doc"]]


def _wire(wire: Mapping[str, str], protocols: Iterable[str]) -> Iterator[str]:
    """Yield where each of the *protocols* wants a value."""
    for protocol in protocols:
        place = wire.get(protocol)
        yield "*no*" if place is None else "*rendered*" if place == "code" else f"`{place}`"


def shapes_page(spec: Spec) -> str:
    """Return the page of all public shapes: a section per schema, a table per shape."""
    return _SHAPES_HEAD + "".join(_section(spec.schema[name]) for name in _shown(spec))


def _shown(spec: Spec) -> list[str]:
    """Return the schemas that are public, in the order in which a call meets them."""
    order = ["request", "message", "tool", "response", "usage", "stream"]
    return [*order, *(name for name in PUBLIC if name in spec.schema and name not in order)]


def _section(schema: Mapping[str, Any]) -> str:
    """Return the section of one *schema*."""
    first, *more = schema["doc"].split("\n\n")
    aliases = "".join(f"\n`{name}`: {entry['doc']} {_members(entry)}\n" for name, entry in schema.get("aliases", {}).items())
    shapes = "".join(_shape(name, entry) for name, entry in schema["models"].items())
    return f"\n## {first.rstrip('.')}\n" + "".join(f"\n{text}\n" for text in more) + aliases + shapes


def _members(alias: Mapping[str, Any]) -> str:
    """Return what a type *alias* stands for."""
    return " \\| ".join(f"`{name}`" for name in alias.get("literal") or alias.get("union", []))


def _shape(name: str, entry: Mapping[str, Any]) -> str:
    """Return the table of one shape's fields."""
    options = "\nBeside these, every [option](parameters.md).\n" if entry.get("parameters") else ""
    rows = ([f"`{field}`", f"`{about['type']}`", _default(about), about["doc"]] for field, about in entry["fields"].items())
    return f"\n### `{name}`\n\n{entry['doc']}\n\n{_table(['field', 'type', 'default', 'what it is'], rows)}{options}"


def _default(about: Mapping[str, Any]) -> str:
    """Return what a field holds when it is left out."""
    match about:
        case {"factory": str(name)}:
            return f"`{name}()`"
        case {"default": None}:
            return "`None`"
        case {"default": str(text)}:
            return f'`"{text}"`'
        case {"default": value}:
            return f"`{value}`"
        case _:
            return "required"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
