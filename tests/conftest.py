"""What every test stands on: no keys, no network beyond loopback, and the same examples in every run."""

from __future__ import annotations

import ast
import gc
import ipaddress
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmring.testing.simulator import Simulator


OURS: Final = ("ANTHROPIC_", "GEMINI_", "GOOGLE_", "LLMRING_", "OLLAMA_", "OPENAI_")
FOREIGN: Final = ("_API_KEY", "_BASE_URL", "_PROXY")
KEPT: Final = ("LLMRING_SHARED",)

RECORDINGS: Final = Path(os.environ.get("LLMRING_SHARED", Path(__file__).parents[2] / "shared")) / "wire"
"""Traffic of real providers, which is no part of the project; what needs it carries the marker ``conformance``."""

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a slow machine is no failure
)
settings.register_profile("fewer", settings.get_profile("ci"), max_examples=20)  # on one Python after another
settings.register_profile("fuzz", settings.get_profile("ci"), max_examples=500)
settings.register_profile("deep", settings.get_profile("local"), max_examples=20_000, print_blob=True)
settings.load_profile("ci" if "CI" in os.environ else "local")


class NetworkUsedError(AssertionError):
    """A test tried to leave this machine."""


def is_local(host: object) -> bool:
    """Tell whether *host* is this machine, a name that never resolves, or no Internet address at all."""
    if not isinstance(host, (str, bytes)):
        return True
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name in {"", "localhost"} or name.endswith((".localhost", ".invalid"))


def stay_local(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, as an audit hook, to look up or connect to anything that is not local."""
    match event:
        case "socket.connect" | "socket.sendto":
            host = "" if isinstance(arguments[1], (str, bytes)) else arguments[1][0]  # a Unix socket's path is local
        case "socket.getaddrinfo":
            host = arguments[0]
        case _:
            return
    if not is_local(host):
        message = f"{event} of {host!r}: tests use loopback only"
        raise NetworkUsedError(message)


def forget_environment() -> None:
    """Drop keys, addresses and proxies of the machine, so that a test sees only what it sets."""
    for name in list(os.environ):
        if name not in KEPT and (name.upper().startswith(OURS) or name.upper().endswith(FOREIGN)):
            del os.environ[name]


forget_environment()
os.environ["LLMRING_ASYNC_TRANSPORT"] = "httpx2"  # the other one, an extra, has tests/swift
sys.addaudithook(stay_local)


# --- what is left out, never skipped ---------------------------------------------------------------


def left_out(config: pytest.Config) -> set[str]:
    """Name the markers whose tests this run does without: those deselected by ``-m``, and what needs recordings that are not here."""
    absent = set[str]() if RECORDINGS.is_dir() else {"conformance"}
    return absent | set(re.findall(r"\bnot (\w+)", config.option.markexpr))


def marks(path: Path) -> Iterator[str]:
    """Read which markers a test file gives to all of its tests, without importing it."""
    text = path.read_text(encoding="utf-8")
    for node in ast.parse(text).body if "\npytestmark = " in text else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield from re.findall(r"pytest\.mark\.(\w+)", ast.unparse(node.value))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file alone whose every test is left out: it may import what is not installed."""
    outside = collection_path.suffix == ".py" and not left_out(config).isdisjoint(marks(collection_path))
    return True if outside else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the single tests that are left out."""
    names = left_out(config)
    inside: list[pytest.Item] = []
    outside: list[pytest.Item] = []
    for item in items:
        (outside if any(item.get_closest_marker(name) for name in names) else inside).append(item)
    items[:] = inside
    config.hook.pytest_deselected(items=outside)


# --- what no test needs to look at ---------------------------------------------------------------

IMPORTED: Final = pytest.StashKey[int]()
MANY: Final = 50
"""So many more modules than before are worth a look through the heap."""
CROWD: Final = 1000
"""So many tests are worth what all of them may need."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep the collected tests and the imported modules from the garbage collector, which many tests run: they stay to the end."""
    if len(sys.modules) > item.config.stash.get(IMPORTED, 0) + MANY:
        item.config.stash[IMPORTED] = len(sys.modules)
        gc.collect()
        gc.freeze()


# --- what every test is held to ---------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def shallow_stacks() -> Iterator[None]:
    """Have asyncio's debug mode remember one frame of where a callback comes from, not ten: a tenth of the time of asynchronous tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asyncio.constants.DEBUG_STACK_DEPTH", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and every program that one starts, out of the folders of the user who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture(scope="session", autouse=True)
def official_types(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every chat body that any test sends to the official SDKs' request types, where the SDKs are installed."""
    from tests.oracles.bodies import build
    from tests.oracles.watch import installed, watch

    with pytest.MonkeyPatch.context() as patch:
        if installed():
            if request.session.testscollected > CROWD:  # some of them have little time
                build()
            watch(patch)
        yield


# --- what many tests begin with ------------------------------------------------------------------


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Serve all providers."""
    from llmring.testing.simulator import Simulator

    with Simulator() as running:
        yield running
