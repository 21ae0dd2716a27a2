"""What differs between the twins, for blocking code; `llmring._io.aio` holds the same names."""

from __future__ import annotations

from contextlib import nullcontext
from inspect import isawaitable, iscoroutine, iscoroutinefunction
from time import monotonic, sleep
from typing import TYPE_CHECKING, Annotated, Any, Final, ParamSpec, TypeAlias, TypeVar

from llmring._io.backend_blocking import Backend
from llmring._io.bells_blocking import Bell
from llmring._io.data import read_package_data
from llmring._io.environment import environment
from llmring._io.flights_blocking import joined, may_join
from llmring._io.pools_blocking import Pools
from llmring.exceptions import ConfigurationError, RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from llmring._io.gathering import GatheringStream
    from llmring._io.limits import PoolLimits
    from llmring._io.tls import TLS

__all__ = [
    "CLIENT",
    "MCP_CLIENT",
    "SIDE",
    "Backend",
    "Bell",
    "Home",
    "Pools",
    "call_function",
    "check_client",
    "check_function",
    "environment",
    "joined",
    "may_join",
    "monotonic",
    "read_file",
    "read_package_data",
    "run_all",
    "run_sync",
    "sleep",
    "swift_pools",
    "within",
]

P = ParamSpec("P")
T = TypeVar("T")

if TYPE_CHECKING:
    Stream: TypeAlias = GatheringStream
    """One connection of `Backend`."""
    Later: TypeAlias = Annotated[T, "at once"]
    """What a function that waits gives; here it is there at once."""

CLIENT: Final = "http_client"
"""The ring's setting that holds a client of the user's own."""
SIDE: Final = "_sync"
"""The package of this half of the ring."""
MCP_CLIENT: Final = "SyncMCPClient"
"""The class of clients of MCP servers."""


def swift_pools(limits: PoolLimits, tls: TLS) -> Pools[Any] | None:
    """Give None: what is swifter than the library's own pools needs an event loop."""


def read_file(path: str | Path) -> bytes:
    """Read a file."""
    with open(path, "rb") as file:
        return file.read()


def run_sync(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call *function*, which may block."""
    return function(*args, **kwargs)


def check_function(name: str, path: str, *, waits: bool) -> None:
    """Refuse the function *name* at *path* if it *waits*."""
    if waits:
        raise RequestError(f"{path}: {name}() is asynchronous; call arun_tools, or give one that is not.", path=path)


def call_function(call: Callable[[], Any], *, waits: bool) -> Any:  # noqa: ARG001 - none that waits comes here
    """Do *call*, which may block."""
    result = call()
    if isawaitable(result):
        if iscoroutine(result):
            result.close()
        raise TypeError("the tool gave something to be awaited; call arun_tools")
    return result


def run_all(calls: Iterable[Callable[[], T]], limit: int) -> list[T]:  # noqa: ARG001 - the twin's bound; here one runs at a time
    """Run *calls* one after the other and give their results in order."""
    return [call() for call in calls]


class Unbounded(nullcontext[None]):
    """A block that ends when it ends."""

    @staticmethod
    def expired() -> bool:
        """Tell that the time is never up."""
        return False


BOUNDS: Final = False
"""Whether `within` ends the waits of a client of the user's."""


def within(until: float) -> Unbounded:  # noqa: ARG001 - the twin's bound; blocking calls bound themselves
    """Bound nothing: a blocking client is bounded by the timeouts it is given."""
    return Unbounded()


class Home:
    """Stands for the event loop that something belongs to; blocking code has none."""

    __slots__ = ()

    def check(self, what: str) -> None:
        """Allow every thread."""


def check_client(client: object) -> None:
    """Refuse an HTTP client that does not block."""
    send = getattr(client, "send", None)
    if send is None or iscoroutinefunction(send):
        raise ConfigurationError(f"{CLIENT}= takes an httpx2.Client or httpx.Client, not {type(client).__name__}.")
