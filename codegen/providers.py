"""Generate the table of providers, its page and the bundled lockfile; what a provider is, ``spec/providers`` says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from codegen import GenerationError
from codegen.provider_page import page
from codegen.tree import header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codegen.load import Spec

MODULE = "src/llmring/_gen/providers.py"
PAGE = "docs/reference/providers.md"
BUNDLED = "src/llmring/_data/llmring.lock"

INHERITED = {
    "capabilities": "Mapping[Capability, Support]",
    "finish_reasons": "Mapping[str, str]",
    "quirks": "Mapping[str, str | bool]",
}
"""What an entry takes over from its protocol's template, key by key, and its type."""

PREAMBLE = '''"""What is known of each provider: its host, keys, wire format and abilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final, Literal, TypedDict

    Protocol = Literal[@protocols@]
    Capability = Literal[@capabilities@]
    Support = Literal["native", "emulated", "unsupported"] | int
    """How far something is supported; a number is a limit on what is native."""

    class Auth(TypedDict):
        """One way to prove oneself: a header, and the variables that may hold its key."""

        header: str
        scheme: str
        env: tuple[str, ...]

    class Provider(TypedDict):
        """One vendor, with its protocol's defaults filled in."""

        id: str
        doc: str
        protocols: tuple[Protocol, ...]
        aliases: tuple[str, ...]
        base_url: str | None
        base_url_env: tuple[str, ...]
        port: int | None
        auth: tuple[Auth, ...]
        key_optional: bool
        headers: Mapping[str, str]
        extra: str | None
        page: str | None
        capabilities: Mapping[Capability, Support]
        limits: Mapping[str, int]
        finish_reasons: Mapping[str, str]
        quirks: Mapping[str, str | bool]


'''


def generate(spec: Spec) -> dict[str, str]:
    """Return the provider table, its page and the bundled lockfile.

    Raises:
        GenerationError: entries contradict their file names or each other.

    """
    problems = list(_faults(spec.providers))
    if problems:
        raise GenerationError(*problems)
    sources = sorted(f"providers/{name}.yaml" for name in spec.providers)
    content = "".join((spec.root / "spec" / source).read_text(encoding="utf-8") for source in sources)
    bundled = (spec.root / "spec/bundled.lock").read_text(encoding="utf-8")
    return {
        MODULE: header("spec/providers", content) + _module(spec.providers, abilities(spec.meta)),
        PAGE: header("spec/providers", content, markdown=True)
        + page([resolved(entry, spec.providers) for entry in spec.providers.values()], _capabilities(spec.providers)),
        BUNDLED: header("spec/bundled.lock", bundled) + bundled,
    }


def resolved(entry: Mapping[str, Any], providers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return *entry* with everything filled in that its protocol's template says, in the shape of the generated table."""
    template = providers[_templates(providers)[entry["protocol"]]]
    base, auth = entry["base_url"], entry["auth"]
    ways = [auth, *auth.get("otherwise", ())]
    return {
        "id": entry["id"],
        "doc": entry["doc"],
        "protocols": (entry["protocol"], *entry.get("alternates", ())),
        "aliases": tuple(entry.get("aliases", ())),
        "base_url": base.get("default"),
        "base_url_env": tuple(base.get("env", ())),
        "port": base.get("port"),
        "auth": tuple({"header": way["header"], "scheme": way.get("scheme", ""), "env": tuple(way["env"])} for way in ways),
        "key_optional": auth.get("optional", False),
        "headers": dict(entry.get("headers", {})),
        "extra": entry.get("extra"),
        "page": entry.get("page"),
        **{key: {**template.get(key, {}), **entry.get(key, {})} for key in INHERITED},
        "limits": dict(entry.get("limits", {})),
    }


def _templates(providers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {protocol: name for name, entry in providers.items() for protocol in entry.get("template", ())}


def _faults(providers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Tell what no schema of a single entry can."""
    owners: dict[str, str] = {}
    speakers: dict[str, str] = {}
    for stem, entry in providers.items():
        place = f"spec/providers/{stem}.yaml"
        if entry["id"] != stem:
            yield f"{place}: id: is {entry['id']!r}, not the file's name"
        for name in (entry["id"], *entry.get("aliases", ())):
            if owners.setdefault(name, stem) != stem:
                yield f"{place}: aliases: {name!r} is already a name of {owners[name]}"
        for protocol in entry.get("template", ()):
            if speakers.setdefault(protocol, stem) != stem:
                yield f"{place}: template: {protocol} has its template in {speakers[protocol]}"
    meanings: dict[str, tuple[str, str]] = {}
    for stem, entry in providers.items():
        for word, kind in entry.get("errors", {}).items():
            known, first = meanings.setdefault(str(word).lower(), (kind, stem))
            if known != kind:
                yield f"spec/providers/{stem}.yaml: errors: {word!r} is {known} for {first} and {kind} here"
    for stem, entry in providers.items():
        if entry["protocol"] not in speakers:
            yield f"spec/providers/{stem}.yaml: protocol: no provider is the template of {entry['protocol']}"


def _literal(value: object) -> str:
    """Write *value* as Python with double quotes."""
    match value:
        case dict():
            pairs = cast("dict[object, object]", value).items()
            return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in pairs) + "}"
        case tuple():
            return "(" + "".join(f"{_literal(item)}, " for item in cast("tuple[object, ...]", value)) + ")"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)


def abilities(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """Give everything that can be asked of a model: what providers say of themselves, and what the registry says of models."""
    told: list[str] = meta["provider"]["$defs"]["capability"]["enum"] + meta["model"]["$defs"]["abilities"]["items"]["enum"]
    return tuple(sorted(set(told)))


def _module(providers: Mapping[str, Mapping[str, Any]], asked: tuple[str, ...]) -> str:
    templates = _templates(providers)
    names = {name: entry["id"] for entry in providers.values() for name in (entry["id"], *entry.get("aliases", ()))}
    lines = [
        PREAMBLE.replace("@protocols@", ", ".join(map(_literal, sorted(templates)))).replace(
            "@capabilities@", ", ".join(map(_literal, _capabilities(providers)))
        )
    ]
    # What several entries share is one object, made once: the table is on the path of every import of a library.
    shared: dict[str, str] = {}
    body: list[str] = []
    for entry in providers.values():
        row = resolved(entry, providers)
        cells = ", ".join(f"{_literal(key)}: {_cell(key, value, shared)}" for key, value in row.items())
        body.append(f"    {_literal(row['id'])}: {{{cells}}},\n")
    lines += [f"{name}: {INHERITED[name.strip('_0123456789').lower()]} = {text}\n" for text, name in shared.items()]
    lines.append("\nPROVIDERS: Final[Mapping[str, Provider]] = {\n" + "".join(body) + "}\n")
    lines.append('"""Every provider, by its id."""\n\n')
    lines.append(f"NAMES: Final[Mapping[str, str]] = {_literal(names)}\n")
    lines.append('"""Every name that a provider goes by, to its id."""\n\n')
    lines.append(f"ERRORS: Final[Mapping[str, str]] = {_literal(_errors(providers))}\n")
    lines.append(
        '"""Every code or type of an error that says what its status does not, in lower case, to the stem of an error class."""\n\n'
    )
    lines.append(f"TEMPLATES: Final[Mapping[str, str]] = {_literal(templates)}\n")
    lines.append('"""Each protocol, to the provider whose abilities a custom provider of that protocol is taken to have."""\n\n')
    lines.append(f"ABILITIES: Final[tuple[str, ...]] = {_literal(asked)}\n")
    lines.append('"""Everything that can be asked of a model."""\n')
    return "".join(lines)


def _errors(providers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Gather what providers say of errors: a word means the same whoever says it, for compatible servers borrow each other's."""
    return dict(sorted((str(word).lower(), stem) for entry in providers.values() for word, stem in entry.get("errors", {}).items()))


def _cell(key: str, value: object, shared: dict[str, str]) -> str:
    if key not in INHERITED or not value:
        return _literal(value)
    text = _literal(value)
    return shared.setdefault(text, f"_{key.upper()}_{len(shared)}")


def _capabilities(providers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    known: dict[str, None] = {}
    for entry in providers.values():
        known.update(dict.fromkeys(entry.get("capabilities", ())))
    return sorted(known)
