"""The twins are the same ring: equal signatures and docstrings modulo names, and blocking code that only blocks."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, get_overloads

import pytest

import llmring
from codegen.unasync import RULES
from llmring import AsyncLLMRing, LLMRing, SyncLLMRing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

SOURCE = Path(llmring.__file__).parent


def modules(twin: str) -> list[str]:
    """Name the modules of one *twin*."""
    return sorted(path.relative_to(SOURCE / twin).as_posix().removesuffix(".py") for path in (SOURCE / twin).rglob("*.py"))


MODULES = modules("_async")
WAITING = {"chat", "chat_stream", "embed", "count_tokens", "list_models", "run_tools", "run_tools_stream", "deregister_file", "close"}
"""Verbs that wait for a provider; any other one is plain in every ring."""

ENTERING = {"__aenter__", "__aexit__"}
THREADS = {"Thread", "ThreadPoolExecutor", "Timer", "run_in_executor", "to_thread"}
LOOPS = {"anyio", "asyncio", "concurrent", "multiprocessing", "threading", "_thread"}


def neutral(text: str) -> str:
    """Return *text* as both twins would write it: without ``Async`` and ``Sync`` before names, and blocking names."""
    renamed = re.sub(r"\w+", lambda word: RULES.get(word[0], word[0]), text)
    return re.sub(r"\b(_*)(?:Async|Sync)(?=[A-Z])", r"\1", renamed)


def members(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, str, str | None]]:
    """Yield name, signature and docstring of every class and function below *tree*, overloads included."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef(args=args, returns=returns) | ast.AsyncFunctionDef(args=args, returns=returns):
                signature = f"({ast.unparse(args)}) -> {ast.unparse(returns) if returns else None}"
                yield neutral(prefix + node.name), neutral(signature), ast.get_docstring(node)
                yield from members(node, f"{prefix}{node.name}.")
            case ast.ClassDef(bases=bases):
                yield neutral(prefix + node.name), neutral(", ".join(map(ast.unparse, bases))), ast.get_docstring(node)
                yield from members(node, f"{prefix}{node.name}.")
            case ast.stmt():
                yield from members(node, prefix)
            case _:
                pass


def tree(twin: str, module: str) -> ast.Module:
    """Parse *module* of one *twin*."""
    return ast.parse((SOURCE / twin / f"{module}.py").read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", MODULES)
def test_modules_define_the_same(module: str) -> None:
    """Every class and function has its twin, with the same signature and the same docstring."""
    assert list(members(tree("_async", module))) == list(members(tree("_sync", module)))


def test_no_module_is_alone() -> None:
    """Both folders hold the same modules."""
    assert modules("_sync") == MODULES


BLOCKING = sorted([*(SOURCE / "_sync").rglob("*.py"), *(SOURCE / "_io").glob("*blocking*.py")])


@pytest.mark.parametrize("path", BLOCKING, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_blocking_code_only_blocks(path: Path) -> None:
    """Blocking code has no coroutine, no loop and no thread."""
    parsed = ast.parse(path.read_text(encoding="utf-8"))
    waiting = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    assert not [node for node in ast.walk(parsed) if isinstance(node, waiting)]
    assert not {top for top in imported(parsed) if top.partition(".")[0] in LOOPS}
    assert not THREADS & {name for node in ast.walk(parsed) for name in (getattr(node, "id", None), getattr(node, "attr", None)) if name}


def imported(parsed: ast.Module) -> Iterator[str]:
    """Yield the modules that *parsed* imports, anywhere."""
    for node in ast.walk(parsed):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(name)):
                yield name
            case _:
                pass


def public(ring: type, dunders: Collection[str] = ()) -> dict[str, Callable[..., object]]:
    """Return the public functions of *ring*, inherited ones included, and those named in *dunders*."""
    return {name: value for name, value in inspect.getmembers(ring, callable) if not name.startswith("_") or name in dunders}


def forms(function: Callable[..., object]) -> list[str]:
    """Return the signatures of *function*, its overloads before it, as both twins would write them."""
    return [neutral(str(inspect.signature(form))) for form in (*get_overloads(function), function)]


@pytest.mark.parametrize("name", sorted(public(AsyncLLMRing, ENTERING)))
def test_rings_are_called_alike(name: str) -> None:
    """Each public verb of the asynchronous ring has the same overloads, signature and docstring in the blocking one."""
    awaited, blocking = getattr(AsyncLLMRing, name), getattr(SyncLLMRing, RULES.get(name, name))
    assert forms(awaited) == forms(blocking)
    assert inspect.getdoc(awaited) == inspect.getdoc(blocking)


def test_rings_have_the_same_verbs() -> None:
    """Neither ring offers what the other does not; ``aclose`` is a second spelling of ``close``."""
    assert public(AsyncLLMRing).keys() - {"aclose"} == public(SyncLLMRing).keys()
    assert AsyncLLMRing.aclose is AsyncLLMRing.close


def test_rings_are_made_alike() -> None:
    """Both constructors take the same."""
    assert forms(AsyncLLMRing.__init__) == forms(SyncLLMRing.__init__)
    assert forms(LLMRing.__init__) == forms(SyncLLMRing.__init__)


def test_what_waits() -> None:
    """Only these verbs wait, and streams only once they are iterated; all others are plain in both twins."""
    waiting = {name for name, verb in public(AsyncLLMRing).items() if inspect.iscoroutinefunction(verb)}
    assert waiting == (WAITING & set(dir(AsyncLLMRing)) | {"aclose"}) - {"chat_stream", "run_tools_stream"}
    assert not [name for name, verb in public(SyncLLMRing).items() if inspect.iscoroutinefunction(verb)]


def test_facade_adds_the_waiting_verbs() -> None:
    """The ring for both ways has each waiting verb twice, and nothing else more than the blocking ring."""
    assert public(LLMRing).keys() - public(SyncLLMRing).keys() == {f"a{name}" for name in WAITING & set(dir(AsyncLLMRing))}


@pytest.mark.parametrize("name", sorted(WAITING & set(dir(AsyncLLMRing)) - {"close"}))
def test_facade_is_called_like_the_twin(name: str) -> None:
    """Each verb in ``a…`` has the overloads, signature and docstring of the asynchronous ring's."""
    verb, awaited = getattr(LLMRing, f"a{name}"), getattr(AsyncLLMRing, name)
    assert forms(verb) == forms(awaited)
    assert inspect.getdoc(verb) == inspect.getdoc(awaited)
    assert inspect.iscoroutinefunction(verb) == inspect.iscoroutinefunction(awaited)
