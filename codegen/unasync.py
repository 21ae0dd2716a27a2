"""Write the blocking twin of the asynchronous code, token by token; what cannot be said so belongs into ``_io``."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

from tokenize_rt import Token, src_to_tokens, tokens_to_src  # pyright: ignore[reportMissingTypeStubs] - annotated, only unmarked

from codegen import GenerationError
from codegen.reshape import Place, without_promises, without_self_assignments
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codegen.load import Spec

MIRRORS = (("src/llmring/_async", "src/llmring/_sync"), ("tests/_async", "tests/_sync"))
"""Each folder written by hand, and the one that holds its twin."""

RULES = {
    "AsyncBaseTransport": "BaseTransport",
    "AsyncClient": "Client",
    "AsyncConnectionInterface": "ConnectionInterface",
    "AsyncConnectionPool": "ConnectionPool",
    "AsyncGenerator": "Generator",
    "AsyncHTTPTransport": "HTTPTransport",
    "AsyncIterable": "Iterable",
    "AsyncIterator": "Iterator",
    "AsyncNetworkBackend": "NetworkBackend",
    "AsyncNetworkStream": "NetworkStream",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aio": "blocking",
    "aiter": "iter",
    "anext": "next",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
    "handle_async_request": "handle_request",
}
"""Whole names and what they become; any other name in ``Async`` before a capital becomes one in ``Sync``."""

NOT_YET_USED = frozenset({"AsyncIterable", "AsyncIterator", "aclosing", "aiter", "asynccontextmanager"})
"""Rules that nothing needs so far; any other rule without a use fails the run."""

_KEYWORDS = frozenset({"async", "await"})
_ASYNC_NAME = re.compile(r"(_*)Async(?=[A-Z])")
_WORD = re.compile(r"\w+")
_LEFTOVER = re.compile(r"\b(async|await|asyncio|aiter|anext|Awaitable|Coroutine|_*Async[A-Z]\w*)\b")
_STRING = re.compile(r"""(?P<open>[rRuU]?(?P<quote>'''|\"\"\"|'|"))(?P<inner>.*)(?P=quote)""", re.DOTALL)
_TYPE_NODES = (ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List, ast.BinOp, ast.BitOr, ast.Constant, ast.Load)


def generate(spec: Spec) -> dict[str, str]:
    """Return the blocking twin of everything in `MIRRORS` below the root of *spec*, by path."""
    return mirror(spec.root)


def mirror(root: Path, *, optional: frozenset[str] = NOT_YET_USED) -> dict[str, str]:
    """Return the blocking twins of the asynchronous files below *root*, by path; rules without use must be *optional*."""
    used: Counter[str] = Counter()
    files: dict[str, str] = {}
    problems: list[str] = []
    for source, target in MIRRORS:
        for place in sorted((root / source).rglob("*.py")):
            path = place.relative_to(root).as_posix()
            text = place.read_text(encoding="utf-8")
            try:
                files[target + path.removeprefix(source)] = header(path, text) + blocking(text, path, used)
            except GenerationError as error:
                problems.extend(error.problems)
    problems.extend(f"codegen/unasync.py: nothing uses the rule {name!r}" for name in RULES if not used[name] and name not in optional)
    if problems:
        raise GenerationError(*problems)
    return files


def blocking(text: str, path: str, used: Counter[str] | None = None) -> str:
    """Return the blocking form of *text*, which stands at *path*; count in *used* how often each rule applied."""
    tree = _parsed(text, path)
    if problems := list(_opaque(tree, path)):
        raise GenerationError(*problems)
    text = without_promises(text, tree)
    prose = _prose(ast.parse(text))
    tokens = list(_converted(src_to_tokens(text), prose, Counter() if used is None else used))
    renamed = tokens_to_src(tokens)
    result = without_self_assignments(renamed, _parsed(renamed, path))
    if problems := [f"{path}: the blocking twin still says {word!r}: {line.strip()}" for word, line in _leftovers(result)]:
        raise GenerationError(*problems)
    compile(result, path, "exec", dont_inherit=True)
    return result


def _parsed(text: str, path: str) -> ast.Module:
    """Parse *text*, naming *path* and line where that fails."""
    try:
        return ast.parse(text, path)
    except SyntaxError as error:
        message = f"{path}:{error.lineno}: {error.msg}"
        raise GenerationError(message) from error


def _converted(tokens: list[Token], prose: set[Place], used: Counter[str]) -> Iterator[Token]:
    """Drop ``async`` and ``await`` with the space after them, and rename; docstrings, found by *prose*, stay."""
    after_keyword = False
    for token in tokens:
        if token.name == "NAME" and token.src in _KEYWORDS:
            after_keyword = True
            continue
        if not (after_keyword and token.name == "UNIMPORTANT_WS"):
            yield _renamed_token(token, prose, used)
        after_keyword = False


def _renamed_token(token: Token, prose: set[Place], used: Counter[str]) -> Token:
    """Rename in *token*, if it is a name or a string that is nothing but names."""
    if token.name == "NAME":
        return token._replace(src=rename(token.src, used))
    if token.name != "STRING" or (token.line, token.utf8_byte_offset) in prose:
        return token
    match = _STRING.fullmatch(token.src)
    if match is None or not _is_type(match["inner"]):
        return token
    inner = _WORD.sub(lambda word: rename(word[0], used), match["inner"])
    return token._replace(src=match["open"] + inner + match["quote"])


def rename(name: str, used: Counter[str] | None = None) -> str:
    """Return what *name* is called in blocking code; count in *used* the rule that said so."""
    if name not in RULES:
        return _ASYNC_NAME.sub(r"\1Sync", name) if _ASYNC_NAME.match(name) else name
    if used is not None:
        used[name] += 1
    return RULES[name]


def _is_type(text: str) -> bool:
    """Tell whether *text* could be a quoted type or dotted name, such as ``AsyncIterator[bytes] | None``."""
    try:
        return all(isinstance(node, _TYPE_NODES) for node in ast.walk(ast.parse(text, mode="eval")))
    except (SyntaxError, ValueError):
        return False


def _prose(tree: ast.Module) -> set[Place]:
    """Return where the strings stand that are statements of their own: docstrings."""
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    return {(value.lineno, value.col_offset) for value in values if isinstance(value, ast.Constant)}


def _opaque(tree: ast.Module, path: str) -> Iterator[str]:
    """Name the f-strings with something to convert inside: Pythons before 3.12 see them as one token, later ones do not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and any(_is_async(part) for part in ast.walk(node.value)):
            yield f"{path}:{node.lineno}: an f-string holds asynchronous code or a name to convert; give it a name before"


def _is_async(node: ast.AST) -> bool:
    """Tell whether *node* by itself would change in blocking code."""
    match node:
        case ast.Await():
            return True
        case ast.comprehension(is_async=flag):
            return bool(flag)
        case ast.Name(id=str(name)) | ast.Attribute(attr=str(name)) | ast.Constant(value=str(name)) | ast.keyword(arg=str(name)):
            return rename(name) != name
        case _:
            return False


def _leftovers(text: str) -> Iterator[tuple[str, str]]:
    """Find in *text*, docstrings apart, what has no place in blocking code: each word with its line."""
    prose = _prose(ast.parse(text))
    lines = text.split("\n")
    for token in src_to_tokens(text):
        found = _LEFTOVER.search(token.src)
        if found and (token.line, token.utf8_byte_offset) not in prose and token.line is not None:
            yield found[0], lines[token.line - 1]
