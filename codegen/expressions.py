"""Judge the type expressions and unions of the spec, which no JSON Schema can; every fault is told with file and path."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.load import Spec
    from codegen.typetext import Names

OUTSIDE = frozenset({"Any", "Callable", "Decimal", "Literal", "Mapping", "Sequence", "T", "Timeout"})
"""Names that every generated module can import."""


def faults(spec: Spec, names: Names) -> list[str]:
    """List what is wrong with the types that *spec* writes; *names* are those that it defines."""
    return [f"{place}: {fault}" for place, text in _types(spec) if (fault := _fault(text, names))] + list(_unions(spec, names))


def _types(spec: Spec) -> Iterator[tuple[str, str]]:
    for module, content in spec.schema.items():
        for model, entry in content["models"].items():
            for name, field in entry["fields"].items():
                for key in ("type", "reads", "accepts"):
                    if key in field:
                        yield f"spec/schema/{module}.yaml: models.{model}.fields.{name}.{key}", field[key]
    for name, entry in spec.parameters["parameters"].items():
        yield f"spec/parameters.yaml: parameters.{name}.type", entry["type"]


def _fault(text: str, names: Names) -> str | None:
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        return f"{text!r} is no type: {error.msg}"
    mentioned = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    unknown = [name for name in mentioned if name not in OUTSIDE and not hasattr(builtins, name) and names.module_of(name) is None]
    return f"{', '.join(unknown)} in {text!r} is not defined" if unknown else None


def _unions(spec: Spec, names: Names) -> Iterator[str]:
    for module, content in spec.schema.items():
        for alias, entry in content.get("aliases", {}).items():
            for member in entry.get("union", ()):
                place = f"spec/schema/{module}.yaml: aliases.{alias}.union"
                if names.models.get(member) != module:
                    yield f"{place}: {member} is no model of this file"
                elif "tag" not in content["models"][member]:
                    yield f"{place}: {member} has no tag to be told by"
