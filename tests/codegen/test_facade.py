"""The facade: which verbs it takes over, and how it hands them on."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from codegen import GenerationError
from codegen.facade import facade

if TYPE_CHECKING:
    from pathlib import Path

RING = '''
from __future__ import annotations
from typing import TYPE_CHECKING, Any, Generic, overload
from llmring._async.base import AsyncBase
LIMIT = 8
if TYPE_CHECKING:
    from collections.abc import Sequence
    from llmring._async.stream import AsyncChatStream
    A = 1

class AsyncLLMRing(AsyncBase[A], Generic[A]):
    @overload
    async def chat(self, request: int, /) -> str: ...
    @overload
    async def chat(self, model: A, messages: Sequence[str] = ..., *, n: int = 1) -> str: ...
    async def chat(self, model: Any, *args: Any, n: int = 1, **options: Any) -> str:
        """Answer."""
        return "a"
    def chat_stream(self, model: A) -> AsyncChatStream[str]:
        """Stream."""
    async def forget(self, id: str, /, steps: int = LIMIT) -> None:
        """Forget."""
    async def close(self) -> None: ...
    aclose = close
    def plain(self) -> int: ...
    async def _hidden(self) -> int: ...
'''
BASE = '''
from __future__ import annotations
from decimal import Decimal
class AsyncBase:
    async def price(self) -> Decimal:
        """Price."""
'''


def write(root: Path, ring: str) -> None:
    """Put an asynchronous side with *ring* below *root*."""
    folder = root / "src/llmring/_async"
    folder.mkdir(parents=True)
    (folder / "ring.py").write_text(ring)
    (folder / "base.py").write_text(BASE)


@pytest.fixture
def text(tmp_path: Path) -> str:
    """Return the facade of the ring above."""
    write(tmp_path, RING)
    return facade(tmp_path)


def test_takes_over_what_waits(text: str) -> None:
    """Awaited methods and streams come under a name in ``a``, with all overloads; plain and hidden ones do not."""
    (ring,) = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    names = [node.name for node in ring.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert names == ["_twin", "__aenter__", "__aexit__", "aclose", "achat", "achat", "achat", "achat_stream", "aforget", "aprice"]


@pytest.mark.parametrize(
    "expected",
    [
        "    async def achat(self, request: int, /) -> str:\n        ...",
        "        verb: Callable[..., Any] = self._twin.chat\n        return await verb(model, *args, n=n, **options)",
        '        """Stream."""\n        return self._twin.chat_stream(model)',
        'steps: int=LIMIT) -> None:\n        """Forget."""\n        await self._twin.forget(id, steps)',
    ],
)
def test_hands_on(text: str, expected: str) -> None:
    """Signatures and docstrings are copied; arguments are handed on as they came."""
    assert expected in text


@pytest.mark.parametrize(
    "expected",
    [
        "\nfrom typing import TYPE_CHECKING, cast, overload\n",
        "\nfrom llmring._sync.ring import A, LIMIT, SyncLLMRing\n",
        "\n    from collections.abc import Callable, Sequence\n",
        "\n    from llmring._async.stream import AsyncChatStream\n",
        "\n    from decimal import Decimal\n",
    ],
)
def test_imports_what_it_mentions(text: str, expected: str) -> None:
    """Defaults and decorators are imported at run time, never from the asynchronous side; annotations for checkers."""
    assert expected in text


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("    aclose = close\n", "    async def aclose(self) -> None: ...\n", "write `aclose = close`"),
        ("n: int = 1) -> str: ...", "n: Nowhere = 1) -> str: ...", "cannot tell where Nowhere comes from"),
        ("class AsyncLLMRing", "class AsyncOther", "there is no class AsyncLLMRing"),
    ],
)
def test_refuses_what_it_cannot_carry_over(tmp_path: Path, old: str, new: str, said: str) -> None:
    """A ring that the facade could not follow is refused, with the reason."""
    assert old in RING
    write(tmp_path, RING.replace(old, new))
    with pytest.raises(GenerationError, match=said):
        facade(tmp_path)
