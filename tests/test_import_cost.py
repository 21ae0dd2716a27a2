"""What it costs to import LLMRing, make a ring and require aliases: nothing that only a call needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers import AUTHORITY, Server

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

HEAVY = {
    "aiohttp", "anthropic", "asyncio", "cattrs", "click", "google", "httpcore", "httpcore2", "httpx", "httpx2", "importlib.metadata",
    "jsonschema", "mcp", "ollama", "openai", "orjson", "pydantic", "rich", "ssl", "tomlkit",
}  # fmt: skip
ENGINE = ("llmring.protocols", "llmring._data", "llmring._raw", "llmring._io.blocking", "llmring._io.aio", "llmring._async.transport")
MOST_ATTRS_CLASSES = 24
"""Defining one costs 0.7 ms."""

LOCKFILE = """
[[profiles.default.bindings]]
alias = "fast"
models = ["openai:gpt-5.4-mini"]
"""

PROBE = """
import sys
before = set(sys.modules)
{code}
loaded = sorted(set(sys.modules) - before)
ours = [vars(module) for name, module in sys.modules.items() if name.partition(".")[0] == "llmring"]
classes = {{value for names in ours for value in names.values() if isinstance(value, type) and "__attrs_attrs__" in vars(value)}}
import json
print(json.dumps([loaded, len(classes)]))
"""

IMPORT = "import llmring"
RING = "from llmring import LLMRing; ring = LLMRing()"
REQUIRE = f"{RING}.require_aliases(['fast'], context='a-library')"
CALL = """
from llmring import LLMRing
ring = LLMRing(providers={{"openai": {{"base_url": "{url}"}}}})
assert ring.chat("openai:gpt-5.4-mini", "Hi").content
"""
AWAITED = """
import asyncio
from llmring import AsyncLLMRing
ring = AsyncLLMRing(providers={{"openai": {{"base_url": "{url}"}}}})
assert asyncio.run(ring.chat("openai:gpt-5.4-mini", "Hi")).content
"""
SECURE = """
import os
os.environ["SSL_CERT_FILE"] = {authority!r}
from llmring._core.timeouts import Timeout
from llmring._core.wire_call import PreparedCall
from llmring._sync.transport import SyncTransport
transport = SyncTransport()
assert transport.send(PreparedCall("POST", {url!r}, (), b"hi"), Timeout.of(5)).status == 200
transport.close()
"""
HTTP = {"anyio", "h11", "h2", "httpcore2", "httpx2"}
NOT_FOR_A_CALL = {"anyio", "email", "encodings.idna", "h11", "h2", "http", "logging", "pathlib", "random", "urllib"}
ENTRANCES = {
    "import": IMPORT,
    "ring": RING,
    "require_aliases": REQUIRE,
    "asynchronous ring": "from llmring import AsyncLLMRing; ring = AsyncLLMRing()",
    "service": "from llmring.service import LLMRing; LLMRing().has_alias('fast')",
    "MCP": "import llmring.mcp; from llmring.mcp import MCPResult, ServerInfo",
    "resolve": f"{RING}; ring.resolve_alias('fast'); ring.aliases(); ring.with_options(timeout=3)",
}


def probe(folder: Path, code: str) -> tuple[list[str], int]:
    """Run *code* in a fresh interpreter beside a lockfile; return the modules it loaded and the number of attrs classes."""
    (folder / "llmring.lock").write_text(LOCKFILE)
    command = [sys.executable, "-c", PROBE.format(code=code)]
    done = subprocess.run(command, cwd=folder, env=os.environ | {"OPENAI_API_KEY": "none"}, capture_output=True, text=True, check=True)
    loaded: Any = json.loads(done.stdout)
    return loaded[0], loaded[1]


def belongs(module: str, tops: set[str] | tuple[str, ...]) -> bool:
    """Tell whether *module* is one of *tops* or lies below it."""
    return any(module == top or module.startswith(f"{top}.") for top in tops)


@pytest.mark.parametrize("code", ENTRANCES.values(), ids=ENTRANCES.keys())
def test_loads_nothing_that_only_a_call_needs(tmp_path: Path, code: str) -> None:
    """Neither HTTP, nor asyncio, nor validation, nor provider code is loaded before the first call."""
    loaded, _ = probe(tmp_path, code)
    assert [name for name in loaded if belongs(name, HEAVY) or belongs(name, ENGINE) or "registry" in name] == []


def test_importing_the_package_loads_one_module_of_it(tmp_path: Path) -> None:
    """Public names are loaded when asked for."""
    loaded, classes = probe(tmp_path, IMPORT)
    assert [name for name in loaded if belongs(name, ("llmring",))] == ["llmring"]
    assert classes == 0


def test_a_plain_call_loads_no_http_library(tmp_path: Path, simulator: Simulator) -> None:
    """A blocking call to an http address is made by our own code, without an event loop and without TLS."""
    loaded, _ = probe(tmp_path, CALL.format(url=simulator.urls["openai"]))
    assert "llmring._sync.connection" in loaded
    assert [name for name in loaded if belongs(name, HEAVY - {"orjson"} | NOT_FOR_A_CALL)] == []


def test_an_awaited_call_loads_no_http_library(tmp_path: Path, simulator: Simulator) -> None:
    """On an event loop it is the same."""
    loaded, _ = probe(tmp_path, AWAITED.format(url=simulator.urls["openai"]))
    assert "llmring._async.connection" in loaded
    assert [name for name in loaded if belongs(name, HTTP)] == []


def test_a_secure_call_loads_no_http_library(tmp_path: Path) -> None:
    """An https address needs TLS, and nothing else."""
    with Server(tls=True) as server:
        loaded, _ = probe(tmp_path, SECURE.format(authority=str(AUTHORITY), url=server.url + "/echo"))
    assert "ssl" in loaded
    assert [name for name in loaded if belongs(name, HTTP | {"asyncio"})] == []


def test_defines_few_attrs_classes(tmp_path: Path) -> None:
    """A library that requires its aliases pays for few class definitions."""
    _, classes = probe(tmp_path, REQUIRE)
    assert classes <= MOST_ATTRS_CLASSES


def test_the_probe_sees_heavy_modules(tmp_path: Path) -> None:
    """The measurement itself works: what is loaded is found."""
    loaded, classes = probe(tmp_path, "import asyncio; from llmring.schemas import Usage")
    assert belongs("asyncio.events", HEAVY)
    assert {"asyncio", "llmring._gen.usage"} <= set(loaded)
    assert classes
