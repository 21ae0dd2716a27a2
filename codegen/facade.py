"""Write ``LLMRing``: the blocking ring plus each waiting verb of ``AsyncLLMRing`` under a name in ``a…``."""

from __future__ import annotations

import ast
import builtins
from copy import copy
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import StrictUndefined, Template

from codegen import GenerationError
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codegen.load import Spec

SOURCE = "src/llmring/_async/ring.py"
TARGET = "src/llmring/_facade.py"
RING = "AsyncLLMRing"
STREAMS = frozenset({"AsyncChatStream", "AsyncToolStream"})
TYPE_VARIABLE = "A"
"""The type of the aliases, in which the rings are generic."""

_TEMPLATE = Template(Path(__file__).with_name("templates").joinpath("facade.py.j2").read_text(encoding="utf-8"), undefined=StrictUndefined)

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """A module of the asynchronous side, and where each of its names comes from."""

    name: str
    tree: ast.Module
    origins: dict[str, str]
    """Name -> the import statement that another module needs for it."""


class Verb(NamedTuple):
    """One waiting verb: its overloads if any, then its implementation, and the module that has them."""

    name: str
    forms: tuple[Function, ...]
    module: Module


def generate(spec: Spec) -> dict[str, str]:
    """Return the text of the module that defines ``LLMRing``."""
    return {TARGET: header(SOURCE, (spec.root / SOURCE).read_bytes()) + facade(spec.root)}


def facade(root: Path) -> str:
    """Return the module that offers every verb of the asynchronous ring below *root* beside the blocking ones."""
    found = list(verbs(root))
    methods = "\n\n".join(_written(form, verb) for verb in found for form in verb.forms)
    running, checking = _imports(found)
    return _TEMPLATE.render(verbs=methods, running=_joined(running), checking=indent(_joined(checking), "    "))


def verbs(root: Path) -> Iterator[Verb]:
    """Yield the waiting verbs of the asynchronous ring, those of its bases included, in the order they are written."""
    for module, ring in _lineage(root, _module(root, SOURCE), RING):
        methods: dict[str, list[Function]] = {}
        for node in ring.body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                methods.setdefault(node.name, []).append(node)
        if "aclose" in methods:
            raise GenerationError(f"{SOURCE}: write `aclose = close`, for the blocking twin of a method aclose is a second close")
        yield from (Verb(name, tuple(forms), module) for name, forms in methods.items() if name != "close" and _waits(forms[-1]))


def _waits(method: Function) -> bool:
    """Tell whether *method* is a verb that has to be awaited or iterated asynchronously."""
    returns = method.returns.value if isinstance(method.returns, ast.Subscript) else method.returns
    return isinstance(method, ast.AsyncFunctionDef) or (isinstance(returns, ast.Name) and returns.id in STREAMS)


def _module(root: Path, path: str) -> Module:
    """Read the module at *path*."""
    tree = ast.parse((root / path).read_text(encoding="utf-8"), path)
    name = ".".join(Path(path).with_suffix("").parts[1:])
    origins: dict[str, str] = {}
    for node in _top_level(tree):
        origins |= dict(_origins(node, name))
    return Module(name, tree, origins)


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements of a module, looking into ``if TYPE_CHECKING:``."""
    for node in tree.body:
        yield from (node.body if isinstance(node, ast.If) else [node])


def _origins(node: ast.stmt, module: str) -> Iterator[tuple[str, str]]:
    """Yield each name that *node* binds in *module*, with the import that gives it elsewhere."""
    match node:
        case ast.ImportFrom(module=str(source), names=names, level=0):
            yield from ((alias.asname or alias.name, f"from {source} import {ast.unparse(alias)}") for alias in names)
        case ast.Import(names=names):
            yield from ((alias.asname or alias.name, f"import {ast.unparse(alias)}") for alias in names)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) | ast.ClassDef(name=name):
            yield name, f"from {module} import {name}"
        case _:
            pass


def _lineage(root: Path, module: Module, name: str) -> Iterator[tuple[Module, ast.ClassDef]]:
    """Yield class *name* of *module*, then those of its bases that are part of the asynchronous side."""
    ring = next((node for node in module.tree.body if isinstance(node, ast.ClassDef) and node.name == name), None)
    if ring is None:
        raise GenerationError(f"{module.name}: there is no class {name}")
    yield module, ring
    for base in ring.bases:
        words = module.origins.get(_base_name(base), "").split()
        if words[:1] == ["from"] and words[1].startswith("llmring._async."):
            yield from _lineage(root, _module(root, f"src/{words[1].replace('.', '/')}.py"), words[3])


def _base_name(base: ast.expr) -> str:
    """Return the name of a *base* class, its type arguments left out."""
    return ast.unparse(base.value if isinstance(base, ast.Subscript) else base)


def _written(form: Function, verb: Verb) -> str:
    """Return *form* of *verb* as a method of the facade: same signature, same docstring, handing on to the twin."""
    hand_on: list[ast.stmt] = list(_hand_on(form, verb)) if form is verb.forms[-1] else [ast.Expr(ast.Constant(...))]
    docstring = form.body[:1] if ast.get_docstring(form) is not None else []
    method = copy(form)
    method.name, method.body = f"a{form.name}", [*docstring, *hand_on]
    return indent(ast.unparse(ast.fix_missing_locations(method)), "    ")


def _hand_on(form: Function, verb: Verb) -> Iterator[ast.stmt]:
    """Yield the statements that hand the arguments of *form* on to the same verb of the twin."""
    target = f"self._twin.{verb.name}"
    if len(verb.forms) > 1:
        yield from ast.parse(f"verb: Callable[..., Any] = {target}").body
        target = "verb"
    wait = "await " if isinstance(form, ast.AsyncFunctionDef) else ""
    returned = ast.parse(f"{wait}{target}({', '.join(_arguments(form.args))})", mode="eval").body
    nothing = isinstance(form.returns, ast.Constant) and form.returns.value is None
    yield ast.Expr(returned) if nothing else ast.Return(returned)


def _arguments(parameters: ast.arguments) -> Iterator[str]:
    """Yield how each of the *parameters*, ``self`` apart, is handed on."""
    yield from (parameter.arg for parameter in [*parameters.posonlyargs, *parameters.args][1:])
    if parameters.vararg:
        yield f"*{parameters.vararg.arg}"
    yield from (f"{parameter.arg}={parameter.arg}" for parameter in parameters.kwonlyargs)
    if parameters.kwarg:
        yield f"**{parameters.kwarg.arg}"


def _imports(found: list[Verb]) -> tuple[set[str], set[str]]:
    """Return the imports that the facade needs when it runs, and those that only its annotations need."""
    running = {"from typing import TYPE_CHECKING", "from typing import cast", "from llmring._sync.ring import SyncLLMRing"}
    checking = {"from llmring._async.ring import AsyncLLMRing", "from collections.abc import Callable", "from typing import Any"}
    for module, form in [(verb.module, form) for verb in found for form in verb.forms]:
        running |= {_origin(module, name) for name in _names(*form.decorator_list, *form.args.defaults, *form.args.kw_defaults)}
        checking |= {_origin(module, name) for name in _names(*_annotations(form))}
    running |= {origin for origin in checking if origin.endswith(f" import {TYPE_VARIABLE}")}
    return {origin.replace("._async.", "._sync.") for origin in running} - {""}, checking - running - {""}


def _joined(imports: set[str]) -> str:
    """Return the sorted *imports*, those from the same module as one statement."""
    halves = sorted(statement.partition(" import ") for statement in imports)
    return "\n".join(f"{source} import {', '.join(name for *_, name in same)}" for source, same in groupby(halves, key=itemgetter(0)))


def _origin(module: Module, name: str) -> str:
    """Return the import that gives *name* as *module* knows it; nothing for a builtin."""
    if name in module.origins:
        return module.origins[name]
    if hasattr(builtins, name):
        return ""
    raise GenerationError(f"{module.name}: cannot tell where {name} comes from")


def _names(*nodes: ast.AST | None) -> set[str]:
    """Return every name that *nodes* mention."""
    return {part.id for node in nodes if node for part in ast.walk(node) if isinstance(part, ast.Name)}


def _annotations(form: Function) -> list[ast.expr | None]:
    """Return the annotations of *form*."""
    parameters = form.args
    every = [*parameters.posonlyargs, *parameters.args, *parameters.kwonlyargs, parameters.vararg, parameters.kwarg]
    return [form.returns, *(parameter.annotation for parameter in every if parameter)]
