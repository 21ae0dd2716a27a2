"""Check the options of a call by name, type and range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmring._gen.options import OPTION_NAMES
from llmring._gen.parameters import CHECKS
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check_names(names: Iterable[str], verb: str = "chat") -> None:
    """Raise ``TypeError`` for a name that is no option, naming the near match."""
    for name in names:
        if name not in OPTION_NAMES:
            from difflib import get_close_matches

            near = get_close_matches(name, OPTION_NAMES, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; keys of the provider's own go into extra_params"
            message = f"{verb}() got an unexpected option {name!r}{hint}"
            raise TypeError(message)


def check_options(options: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` for an unknown option and ``RequestError`` for a wrong value."""
    if not options.keys() <= OPTION_NAMES:
        check_names(options)
    for name, value in options.items():
        if value is not None and name in CHECKS:
            _check(name, value)


def _check(name: str, value: Any) -> None:
    kind, least, most = CHECKS[name]
    if kind in {"float", "int"}:
        wanted = (int, float) if kind == "float" else int
        if not isinstance(value, wanted) or isinstance(value, bool):
            message = f"{name} must be a {'number' if kind == 'float' else 'whole number'}, not {value!r}"
            raise RequestError(message, path=name)
        if (least is not None and value < least) or (most is not None and value > most) or value != value:  # noqa: PLR0124 - a NaN
            message = f"{name} must be {_range(least, most)}, not {value!r}"
            raise RequestError(message, path=name)
    elif kind in _SIMPLE and not isinstance(value, _SIMPLE[kind]):
        message = f"{name} must be a {_WORDS[kind]}, not {value!r}"
        raise RequestError(message, path=name)


_SIMPLE: dict[str, type] = {"bool": bool, "str": str}
_WORDS = {"bool": "truth value", "str": "string"}


def _range(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"between {least} and {most}"
