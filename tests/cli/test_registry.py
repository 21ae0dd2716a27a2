"""``llmring registry`` and ``llmring cache``: what is in force, fetched or kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests._io.test_registries import Host, registry, running_host

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

__all__ = ["running_host"]


def test_tells_what_is_in_force(llmring: Command) -> None:
    """The bundled one, unless another is named."""
    code, out, err = llmring("registry", "info")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "registry  bundled"
    found = json.loads(llmring("registry", "info", "--json").out)
    assert list(found) == ["source", "date", "digest", "wanted", "checked", "providers"]
    assert found["providers"]["anthropic"]["models"] > 10


def test_fetches_and_tells_what_is_new(llmring: Command, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time, an unchanged time, and a time when nothing works."""
    code, out, err = llmring("registry", "refresh", "--url", host.url)
    assert (code, out.splitlines()[0].split(" as of")[0]) == (0, "changed: 1 model")
    assert err.startswith("in force where LLMRING_REGISTRY_URL is this address")
    monkeypatch.setenv("LLMRING_REGISTRY_URL", host.url)
    assert llmring("registry", "refresh").out.startswith("unchanged: ")
    assert llmring("registry", "info").out.splitlines()[0] == f"registry  {host.url}"
    host.content = registry(-1)
    code, out, err = llmring("registry", "refresh")
    assert (code, out) == (1, "")
    assert "gives no registry that can be used" in err


def test_what_is_no_address_is_told(llmring: Command) -> None:
    """A broken one, and one of another kind."""
    broken = llmring("registry", "refresh", "--url", "http://[::1")
    assert (broken.code, broken.err) == (1, "error: 'http://[::1' is no address of a registry: Invalid IPv6 URL\n")
    assert "begins with https://" in llmring("registry", "refresh", "--url", "ftp://x").err


def test_refreshing_has_one_json_shape(llmring: Command, host: Host) -> None:
    """Every key is there, changed or not."""
    for changed in (True, False):
        found = json.loads(llmring("registry", "refresh", "--url", host.url, "--json").out)
        assert list(found) == ["url", "changed", "date", "digest", "bytes", "new"]
        assert found["changed"] is changed


def test_says_that_nothing_was_fetched_yet(llmring: Command, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address alone changes nothing."""
    host.status = 500
    monkeypatch.setenv("LLMRING_REGISTRY_URL", host.url)
    _, out, err = llmring("registry", "info")
    assert out.splitlines()[0] == "registry  bundled"
    assert "nothing has been fetched yet" in err


def test_needs_an_address(llmring: Command) -> None:
    """Without one there is nothing to fetch."""
    code, _, err = llmring("registry", "refresh")
    assert code == 1
    assert "no address to refresh from" in err


def test_the_cache_is_shown_and_emptied(llmring: Command, host: Host) -> None:
    """What it holds, where, and how much."""
    llmring("registry", "refresh", "--url", host.url)
    assert host.url in llmring("cache", "info").out
    found = json.loads(llmring("cache", "info", "--json").out)
    assert [list(each) for each in found["registries"]] == [["url", "bytes", "fetched", "checked", "stale"]]
    assert llmring("cache", "clear").out.startswith("2 files removed, ")
    assert json.loads(llmring("cache", "clear", "--json").out)["files"] == 0
    assert llmring("cache", "info").out.splitlines()[1] == "size      0 bytes"
