"""What every test stands on: no keys, no network beyond loopback, and the same examples in every run."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any, Final

from hypothesis import HealthCheck, settings

RECORDING: Final = "LLMRING_RECORD" in os.environ
"""Set by ``nox -s record``, which may use the keys it finds."""

OURS: Final = ("ANTHROPIC_", "GEMINI_", "GOOGLE_", "LLMRING_", "OLLAMA_", "OPENAI_")
FOREIGN: Final = ("_API_KEY", "_BASE_URL", "_PROXY")
KEPT: Final = ("LLMRING_SHARED",)

settings.register_profile("local", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a slow machine is no failure
)
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


if not RECORDING:
    forget_environment()
    sys.addaudithook(stay_local)
