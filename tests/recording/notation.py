"""How a cassette is written: YAML to be read by people, the same text for the same content every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDTH: Final = 140


class _Dumper(yaml.SafeDumper):
    """Writes long texts as blocks, never anchors; in Python alone, so that every machine writes the same."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal things out each time."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    represent: Callable[..., yaml.ScalarNode] = cast("Any", dumper).represent_scalar
    return represent("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def dump(value: Any) -> str:
    """Write *value* as YAML, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)


def load(text: str) -> Any:
    """Read what `dump` wrote."""
    return yaml.load(text, Loader=_Loader)
