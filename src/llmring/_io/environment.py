"""What the process's environment says about the way out: variables, proxies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from llmring._core.redact import SealedText

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITH_SETTINGS: Final = frozenset({"darwin", "win32"})
"""Systems that name proxies outside the environment."""


def environment() -> Mapping[str, str]:
    """Give the process's environment variables, live."""
    return os.environ


def proxy_for(scheme: str, host: str, port: int | None) -> str | None:
    """Find the proxy URL that the environment (on macOS and Windows also the system) names for a host, if any."""
    if sys.platform not in _WITH_SETTINGS and not _names_any(scheme):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host if port is None else f"{host}:{port}"):
        return None
    return SealedText(proxy if "://" in proxy else f"http://{proxy}")


def _names_any(scheme: str) -> bool:
    """Tell whether the environment names a proxy at all; what reads it in full takes longer to import than a call takes."""
    wanted = {f"{scheme}_proxy", "all_proxy"}
    return any(value and name.lower() in wanted for name, value in os.environ.items())
