"""Write ``llmring.schemas``, the public door to the generated models; the models themselves are written by ``emit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import StrictUndefined, Template

from codegen.tree import header

if TYPE_CHECKING:
    from codegen.load import Spec

TARGET = "src/llmring/schemas.py"
PUBLIC = ("beside", "file", "ledger", "message", "request", "response", "stream", "tool", "usage")
"""The modules of ``spec/schema`` whose models users meet; the others have doors of their own."""

_TEMPLATE = Template(
    Path(__file__).with_name("templates").joinpath("schemas.py.j2").read_text(encoding="utf-8"), undefined=StrictUndefined, trim_blocks=True
)


def generate(spec: Spec) -> dict[str, str]:
    """Return the text of the door: every public model, type alias and the options of a chat verb."""
    modules = {name: _names(spec, name) for name in PUBLIC if name in spec.schema} | {"options": ["ChatOptions"]}
    names = sorted(name for names in modules.values() for name in names)
    return {TARGET: header("spec/schema", "\n".join(names)) + _TEMPLATE.render(modules=dict(sorted(modules.items())), names=names)}


def _names(spec: Spec, module: str) -> list[str]:
    """Return what *module* of the schema defines, sorted."""
    content = spec.schema[module]
    return sorted([*content["models"], *content.get("aliases", {})])
