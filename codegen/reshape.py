"""Rewrite what renaming cannot make blocking: promised types, and names with two spellings."""

from __future__ import annotations

import ast

PROMISE = "Awaitable"
"""A type that blocking code does without: ``Awaitable[int]`` becomes ``int``, and its import goes."""

Place = tuple[int, int]
"""Line and column (in bytes of UTF-8) at which a token begins."""


def without_promises(text: str, tree: ast.Module) -> str:
    """Put what is promised in place of each promise of it, and import the type no more."""
    edits: list[tuple[Place, Place, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=inner) if name == PROMISE:
                edits += [(_start(node), _start(inner), ""), (_end(inner), _end(node), "")]
            case ast.ImportFrom(names=names) if any(alias.name == PROMISE for alias in names):
                rest = ast.ImportFrom(node.module, [alias for alias in names if alias.name != PROMISE], node.level)
                edits.append((_start(node), _end(node), ast.unparse(rest) if rest.names else "pass"))
            case _:
                pass
    lines = [line.encode() for line in text.split("\n")]
    for (first, begin), (last, end), instead in sorted(edits, reverse=True):
        lines[first - 1 : last] = [lines[first - 1][:begin] + instead.encode() + lines[last - 1][end:]]
    return b"\n".join(lines).decode()


def _start(node: ast.stmt | ast.expr) -> Place:
    """Return where *node* begins."""
    return node.lineno, node.col_offset


def _end(node: ast.stmt | ast.expr) -> Place:
    """Return where *node* ends."""
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def without_self_assignments(text: str, tree: ast.Module) -> str:
    """Drop each statement such as ``close = close``, which a name with two spellings (``aclose = close``) becomes."""
    lines = text.split("\n")
    gone: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=same)) if name == same:
                gone.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            case _:
                pass
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in gone)
