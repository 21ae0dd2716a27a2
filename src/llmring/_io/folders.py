"""Where a user's own files are on this system: folders for data and for what can be fetched again."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from llmring.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NAME: Final = "llmring"


def data_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Give the folder for what must be kept; it need not exist.

    Raises:
        ConfigurationError: this user has no home.

    """
    return _folder(
        environment, "XDG_DATA_HOME", {"darwin": "~/Library/Application Support", "win32": "Data"}.get(platform, "~/.local/share")
    )


def cache_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Give the folder for what can be fetched again; it need not exist.

    Raises:
        ConfigurationError: this user has no home.

    """
    usual = {"darwin": "~/Library/Caches", "win32": "Cache"}
    return _folder(environment, "XDG_CACHE_HOME", usual.get(platform, "~/.cache"))


def _folder(environment: Mapping[str, str], variable: str, usual: str) -> str:
    """Obey *variable* where it names an absolute path, as XDG says; on Windows both folders are in the local profile."""
    chosen = environment.get(variable, "")
    if os.path.isabs(chosen):
        return os.path.join(chosen, NAME)
    if not usual.startswith("~"):
        return os.path.join(_windows(environment), NAME, usual)
    home = environment.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(home):
        raise ConfigurationError(f"There is no home folder to keep files in: set {variable} to a folder of your own.")
    return os.path.join(home, *usual.split("/")[1:], NAME)


def _windows(environment: Mapping[str, str]) -> str:
    return environment.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), "AppData", "Local")
