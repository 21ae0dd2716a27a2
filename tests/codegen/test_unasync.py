"""The blocking twin: what the conversion changes, what it keeps, and what it refuses."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from codegen import GenerationError
from codegen.unasync import NOT_YET_USED, RULES, blocking, mirror, rename

if TYPE_CHECKING:
    from pathlib import Path


def twin(text: str) -> str:
    """Convert *text* as if it stood in a file."""
    return blocking(text, "x.py")


@pytest.mark.parametrize(
    "source, expected",
    [
        ("async def f(): await g()", "def f(): g()"),
        ("async def f(): return await (g())", "def f(): return (g())"),
        ("async def f(): return [x async for x in y]", "def f(): return [x for x in y]"),
        ("async def f():\n    async with a as b:\n        pass", "def f():\n    with a as b:\n        pass"),
        ("async def f(): print(await(g()))", "def f(): print((g()))"),
        ("from llmring._async.stream import AsyncChatStream", "from llmring._sync.stream import SyncChatStream"),
        ("from llmring._io.aio import sleep", "from llmring._io.blocking import sleep"),
        ("class _AsyncPool: ...", "class _SyncPool: ..."),
        ("client: AsyncClient", "client: Client"),
        ("x: Callable[[Awaitable[AsyncX]], Awaitable[list[Awaitable[int]]]]", "x: Callable[[SyncX], list[int]]"),
        ("'ü', Awaitable[\n  int\n]", "'ü', int"),
        ("from collections.abc import Awaitable, Callable", "from collections.abc import Callable"),
        ("if x:\n    from typing import Awaitable", "if x:\n    pass"),
        ("async_http_client = asynchronous", "async_http_client = asynchronous"),
    ],
)
def test_converts(source: str, expected: str) -> None:
    """Keywords go with the space after them, names follow the rules, and nothing else changes."""
    assert twin(source) == expected


@pytest.mark.parametrize(
    "source, expected",
    [
        ('cast("AsyncIterator[bytes] | None", x)', 'cast("Iterator[bytes] | None", x)'),
        ("__all__ = ['AsyncLLMRing']", "__all__ = ['SyncLLMRing']"),
        ("patch('llmring._async.ring.sleep')", "patch('llmring._sync.ring.sleep')"),
        ("say('read it with aread')", "say('read it with aread')"),
        ("x = b'aclose'", "x = b'aclose'"),
    ],
)
def test_converts_strings_that_are_types_or_names(source: str, expected: str) -> None:
    """A quoted type or dotted name is converted; sentences and bytes are not."""
    assert twin(source) == expected


def test_keeps_docstrings() -> None:
    """A docstring may say what it likes."""
    source = '"""Await the AsyncClient of asyncio."""\nclass A:\n    """aclose"""\n'
    assert twin(source) == source


def test_drops_a_second_spelling() -> None:
    """``aclose = close`` would assign a name to itself, and goes."""
    source = "class A:\n    async def close(self): ...\n    aclose = close\n    x = 1\n"
    assert twin(source) == "class A:\n    def close(self): ...\n    x = 1\n"


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "x: Awaitable",
        "raise TypeError('use await here')",
        "say('The AsyncClient is closed')",
        "x = 1  # asyncio only",
    ],
)
def test_refuses_leftovers(source: str) -> None:
    """What has no place in blocking code is refused with its line, outside docstrings."""
    with pytest.raises(GenerationError, match=r"x\.py: the blocking twin still says"):
        twin(source)


@pytest.mark.parametrize("inner", ["await g()", "aclose", "x.aclose", "[y async for y in z]", "d['aclose']", "f(aread=1)"])
def test_refuses_code_inside_f_strings(inner: str) -> None:
    """An f-string is one token for some Pythons and many for others, so nothing inside may need conversion."""
    with pytest.raises(GenerationError, match=r"x\.py:1: an f-string"):
        twin(f'async def f(): return f"{{{inner}}}"')


def test_names_the_line_of_a_syntax_error() -> None:
    """Text that is no Python is refused with path and line."""
    with pytest.raises(GenerationError, match=r"x\.py:2: "):
        twin("x = 1\ndef :\n")


def test_is_idempotent() -> None:
    """Blocking code has nothing left to convert."""
    once = twin("async def f(x: 'AsyncIterator[AsyncThing]'):\n    async with aclosing(x): await anext(x)\n")
    assert twin(once) == once


def test_counts_rules() -> None:
    """Each use of a rule is counted, in names and in quoted types alike."""
    used: Counter[str] = Counter()
    blocking("x: AsyncIterator = f('AsyncIterator[int]')", "x.py", used)
    assert used == {"AsyncIterator": 2}


def test_rules_say_something_new() -> None:
    """No rule keeps its name or leads to another rule."""
    assert all(rename(new) == new for new in RULES.values())
    assert all(old != new for old, new in RULES.items())
    assert set(RULES) >= NOT_YET_USED


def put(root: Path, path: str, text: str) -> None:
    """Write *text* at *path* below *root*."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def test_mirrors_code_and_tests(tmp_path: Path) -> None:
    """Every asynchronous file has a twin, which names its source in its header."""
    put(tmp_path, "src/llmring/_async/deep/ring.py", "async def f(): ...\n")
    put(tmp_path, "tests/_async/test_ring.py", "async def test_f(): ...\n")
    files = mirror(tmp_path, optional=frozenset(RULES))
    assert set(files) == {"src/llmring/_sync/deep/ring.py", "tests/_sync/test_ring.py"}
    first, rest = files["tests/_sync/test_ring.py"].split("\n", 1)
    assert first.startswith("# Generated by `python -m codegen` from tests/_async/test_ring.py (")
    assert rest == "def test_f(): ...\n"


def test_unused_rules_fail(tmp_path: Path) -> None:
    """A rule that nothing needs is named, and so is each file that cannot be mirrored."""
    put(tmp_path, "src/llmring/_async/ring.py", "import asyncio\nx = aclose\n")
    with pytest.raises(GenerationError) as caught:
        mirror(tmp_path, optional=frozenset(RULES) - {"aclose", "aread"})
    assert caught.value.problems == (
        "src/llmring/_async/ring.py: the blocking twin still says 'asyncio': import asyncio",
        "codegen/unasync.py: nothing uses the rule 'aread'",
    )
