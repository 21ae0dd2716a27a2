"""What is configured here and why: providers and their keys, and everything else that a call depends on."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from llmring import LLMRing, __version__
from llmring.cli.tables import table
from llmring.cli.terminal import note, say_json, without_secrets
from llmring.exceptions import ConfigurationError, LLMRingError, RegistryError, UnknownProfileError
from llmring.lockfile import Lockfile
from llmring.locking import check
from llmring.providers import ProviderStatus, provider_names, provider_status
from llmring.registry import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROVIDER = ("name", "doc", "protocol", "base_url", "base_url_from", "key_from", "variables", "key_optional", "usable", "fault")
"""The keys of each provider in ``providers --json``."""
FINDING = ("what", "is", "why", "ok")
"""The keys of each line of ``doctor --json``; *ok* is null where nothing can be wrong."""
VARIABLES = ("LLMRING_PROVIDER_TIMEOUT_S", "LLMRING_LEDGER", "LLMRING_REGISTRY_URL", "LLMRING_SERVER_URL")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
EXTRAS = {"openai": "openai", "anthropic": "anthropic", "google": "google.genai", "ollama": "ollama", "orjson": "orjson"}


class Line(NamedTuple):
    """One thing that was looked at."""

    what: str
    state: str
    why: str = ""
    ok: bool | None = None


def list_providers(*, everyone: bool, as_json: bool) -> None:
    """List the providers that can be called, or all of them."""
    known = [provider_status(name) for name in provider_names()]
    shown = [each for each in known if everyone or each.key_from or each.name in {"openai", "anthropic", "google", "ollama"}]
    if as_json:
        say_json([{key: getattr(each, key) for key in PROVIDER} for each in shown])
        return
    table(("provider", "key", "address"), [(each.name, _key(each), _address(each)) for each in shown])
    if not everyone:
        note(f"{len(known) - len(shown)} more without a key: llmring providers --all")


def _key(status: ProviderStatus) -> str:
    if status.key_from:
        return status.key_from
    if status.key_optional:
        return "not needed"
    return f"- (set {' or '.join(status.variables)})" if status.variables else "-"


def _address(status: ProviderStatus) -> str:
    if status.base_url is None:
        return f"- ({(status.fault or '').partition(': ')[2] or status.fault})"
    return status.base_url + (f" ({status.base_url_from})" if status.base_url_from else "")


def examine(profile: str | None, *, connect: bool, timeout: float, as_json: bool) -> int:
    """Tell what is in force and give the exit code: 1 where something is broken."""
    lines = [*_program(), *_configuration(profile), *_environment(), *_keys()]
    if connect:
        lines += _connections(timeout)
    broken = [line for line in lines if line.ok is False]
    if as_json:
        say_json([dict(zip(FINDING, line, strict=True)) for line in lines])
    else:
        marks = {True: "ok", False: "broken", None: ""}
        rows = [(marks[line.ok], line.what, line.state + (f"  ({line.why})" if line.why else "")) for line in lines]
        table(("", "what", "is"), rows, colours={"ok": "green", "broken": "red"})
        note("nothing is broken" if not broken else f"{len(broken)} broken")
    return 1 if broken else 0


def _program() -> Iterator[Line]:
    yield Line("llmring", __version__, f"{platform.python_implementation()} {platform.python_version()}, {sys.platform}")
    found = [name for name, module in EXTRAS.items() if _installed(module)]
    yield Line("packages", ", ".join(found) or "none", "optional: vendors' SDKs and a faster JSON")


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _configuration(profile: str | None) -> Iterator[Line]:
    yield _registry()
    try:
        lockfile = Lockfile.load()
    except LLMRingError as error:
        yield Line("lockfile", "cannot be read", str(error), ok=False)
        return
    yield Line("lockfile", lockfile.path or "", _found_by(lockfile.path), ok=True)
    why = "--profile" if profile else "LLMRING_PROFILE" if os.environ.get("LLMRING_PROFILE") else "default_profile of the lockfile"
    name = profile or os.environ.get("LLMRING_PROFILE") or lockfile.default_profile
    try:
        bound = LLMRing(profile=profile).aliases()
    except UnknownProfileError as error:
        yield Line("profile", name, str(error), ok=False)
        return
    except LLMRingError as error:
        yield Line("ring", "cannot be made", str(error), ok=False)
        return
    yield Line("profile", name, why, ok=True)
    idle = [alias for alias, models in bound.items() if not any(_usable(model) for model in models)]
    yield Line("aliases", f"{len(bound)} bound", f"no key for {', '.join(idle)}" if idle else "", ok=not idle)
    yield _pins(lockfile)


def _environment() -> Iterator[Line]:
    yield from (Line(name, without_secrets(os.environ[name]), "environment") for name in VARIABLES if os.environ.get(name))
    for name in PROXIES:
        value = os.environ.get(name) or os.environ.get(name.upper())
        if value:
            yield Line(name, value.rpartition("@")[2], "environment")


def _registry() -> Line:
    try:
        registry = load()
    except LLMRingError as error:
        return Line("registry", "cannot be read", str(error), ok=False)
    return Line("registry", f"{registry.date}, {registry.count()} models")


def _pins(lockfile: Lockfile) -> Line:
    if not lockfile.to_dict()["pins"]:
        return Line("pins", "none", "llmring lock writes them")
    try:
        errors = [finding for finding in check(lockfile) if finding.severity == "error"]
    except RegistryError:
        return Line("pins", "not checked", "there is no registry to hold them against")
    return Line(
        "pins",
        f"{len(errors)} {'error' if len(errors) == 1 else 'errors'}" if errors else "hold",
        "see llmring lock check" if errors else "",
        ok=not errors,
    )


def _found_by(path: str | None) -> str:
    if os.environ.get("LLMRING_LOCKFILE_PATH"):
        return "LLMRING_LOCKFILE_PATH"
    return "in this folder" if path and os.path.dirname(path) == os.getcwd() else "inside the package; llmring lock init writes one here"  # noqa: PTH109, PTH120 - pathlib would cost every command 5 ms


def _usable(model: str) -> bool:
    try:
        return provider_status(model.partition(":")[0]).usable
    except ConfigurationError:
        return False


def _keys() -> Iterator[Line]:
    for name in provider_names():
        status = provider_status(name)
        if status.key_from:
            yield Line(name, f"key in {status.key_from}", status.fault or _reached(status), ok=status.fault is None)


def _reached(status: ProviderStatus) -> str:
    return f"{status.base_url}, by {status.base_url_from}" if status.base_url_from else status.base_url or ""


def _connections(timeout: float) -> list[Line]:
    """Ask every provider that could be called, and say who is being asked."""
    callable_ = [status for status in map(provider_status, provider_names()) if status.key_from or status.name == "ollama"]
    try:
        with LLMRing(max_retries=0, ledger=False) as ring:
            return [_asked(ring, status, timeout) for status in callable_]
    except ConfigurationError:  # which is told of above
        return []


def _asked(ring: LLMRing, status: ProviderStatus, timeout: float) -> Line:
    note(f"asking {status.name} ...")
    try:
        models: Sequence[Any] = ring.list_models(status.name, timeout=timeout)
    except LLMRingError as error:
        return Line(f"{status.name} answers", "no", str(error), ok=None if status.key_from is None else False)
    return Line(f"{status.name} answers", f"{len(models)} models", status.base_url or "", ok=True)
