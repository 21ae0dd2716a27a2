"""Generate the JSON Schemas that editors read: of the lockfile, and of every kind of spec file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from codegen.providers import abilities

if TYPE_CHECKING:
    from codegen.load import Spec

DATA = "src/llmring/_data"


def generate(spec: Spec) -> dict[str, str]:
    """Return the schemas by path; `_data` as a whole is generated, so they need no mark."""
    return {
        f"{DATA}/lockfile.schema.json": _text(lockfile(spec)),
        f"{DATA}/spec.schema.json": _text({"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": spec.meta}),
    }


def lockfile(spec: Spec) -> dict[str, Any]:
    """Fill the names of abilities into the lockfile's schema; they are listed in ``spec/meta.yaml``."""
    defs: dict[str, Any] = spec.lockfile["$defs"]
    return {**spec.lockfile, "$defs": {**defs, "ability": {**defs["ability"], "enum": list(abilities(spec.meta))}}}


def _text(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
