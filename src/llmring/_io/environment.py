"""What the process's environment says about the way out: variables, proxies."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def environment() -> Mapping[str, str]:
    """Give the process's environment variables, live."""
    return os.environ


def proxy_for(scheme: str, host: str, port: int | None) -> str | None:
    """Find the proxy URL that the environment (on macOS and Windows also the system) names for a host, if any."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host if port is None else f"{host}:{port}"):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
