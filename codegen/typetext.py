"""Turn the spec's type expressions into reader expressions and imports; annotations are taken as they are written."""

from __future__ import annotations

import ast

import attrs

PRIMITIVES = {
    "str": "read_str",
    "int": "read_int",
    "float": "read_float",
    "bool": "read_bool",
    "bytes": "read_bytes",
    "Decimal": "read_decimal",
    "Any": "read_any",
}
KINDS = {"str": "str", "int": "int", "float": "(int, float)", "bool": "bool", "bytes": "(str, bytes)", "list": "list", "dict": "dict"}


@attrs.frozen
class Names:
    """What the spec defines, by kind."""

    models: dict[str, str]
    """Model -> module."""
    literals: dict[str, tuple[str, tuple[str, ...]]]
    """Literal alias -> module and words."""
    unions: dict[str, tuple[str, tuple[str, ...]]]
    """Union alias -> module and models."""

    def module_of(self, name: str) -> str | None:
        """Name the module that defines *name*, if the spec does."""
        if name in self.models:
            return self.models[name]
        for table in (self.literals, self.unions, {table_of(union): home for union, home in self.unions.items()}):
            if name in table:
                return table[name][0]
        return None


def table_of(union: str) -> str:
    """Name the table that maps the tags of *union* to its models."""
    return f"{union.upper()}S"


def reader(text: str, names: Names) -> str:
    """Render the expression that reads a value of type *text* from its plain form."""
    return _reader(ast.parse(text, mode="eval").body, names)


def _reader(node: ast.expr, names: Names) -> str:
    match node:
        case ast.Constant(value=None):
            return "read_none"
        case ast.Name(id=name):
            return _named(name, names)
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            return f"read_list({_reader(inner, names)})"
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, inner])):
            return "read_object" if ast.unparse(inner) == "Any" else f"read_map({_reader(inner, names)})"
        case ast.BinOp(op=ast.BitOr()):
            return _either(_members(node), names)
        case _:
            return "read_any"


def _named(name: str, names: Names) -> str:
    if name in PRIMITIVES:
        return PRIMITIVES[name]
    if name in names.literals:
        return f"read_literal({', '.join(map(repr, names.literals[name][1]))})"
    if name in names.unions:
        return f"read_tagged(lambda: {table_of(name)})"
    if name in names.models:
        return f"read_model(lambda: {name})"
    return "read_any"


def _members(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_members(left), *_members(right)]
        case _:
            return [node]


def _either(members: list[ast.expr], names: Names) -> str:
    """Order the members so that each but the last is told by its Python type; null comes first."""
    ranked = sorted(members, key=lambda node: (not _is_none(node), _kind(node) is None))
    pairs = ", ".join(f"({_kind(node) or 'object'}, {_reader(node, names)})" for node in ranked)
    return f"read_either({pairs})"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _kind(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=None):
            return "type(None)"
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return KINDS.get(name)
        case _:
            return None
