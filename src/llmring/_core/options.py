"""Check the options of a call by name, type and range."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from llmring._base import near
from llmring._core.taking import shown
from llmring._gen.options import OPTION_NAMES
from llmring._gen.parameters import CHECKS
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

Test = Callable[[Any], bool]
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x20\x7f]([^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?|")


def check_names(names: Iterable[str], verb: str = "chat") -> None:
    """Raise ``TypeError`` for a name that is no option, naming the near match."""
    for name in names:
        if name not in OPTION_NAMES:
            hint = near(name, OPTION_NAMES) or "; keys of the provider's own go into extra_params"
            message = f"{verb}() got an unexpected option {name!r}{hint}"
            raise TypeError(message)


def check_options(options: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` for an unknown option and ``RequestError`` for a wrong value."""
    if not options.keys() <= OPTION_NAMES:
        check_names(options)
    for name, value in options.items():
        if value is not None and name in CHECKS:
            _check(name, value, *CHECKS[name])


def headers_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Give the ``extra_headers`` of *options*, names in lower case.

    Raises:
        RequestError: a name or value is none that HTTP can carry; values are not shown, for they may be secrets.

    """
    headers: Mapping[str, str] = options.get("extra_headers") or {}
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            path = f"extra_headers.{name}"
            message = f"{path!r} cannot be sent: names are letters, digits and dashes, values one line without control characters"
            raise RequestError(message, path=path)
    return {name.lower(): value for name, value in headers.items()}


def _check(name: str, value: Any, kind: str, least: float | None, most: float | None) -> None:
    tests = _tests(kind)
    for test, _ in tests:
        if test(value):
            break
    else:
        if tests:
            wanted = " or ".join(words for _, words in tests)
            message = f"{name} must be {wanted}, not {shown(value)}"
            raise RequestError(message, path=name)
    if (least is not None and value < least) or (most is not None and value > most):
        message = f"{name} must be {_range(least, most)}, not {value!r}"
        raise RequestError(message, path=name)


def _range(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"between {least} and {most}"


# --- types as the spec writes them ---------------------------------------------------------------


@cache
def _tests(kind: str) -> tuple[tuple[Test, str], ...]:
    """Give one test for each member of the union *kind*; none where a member is judged by those who read it."""
    members = kind.split(" | ")
    tests = [_literal(each) if each.startswith("Literal[") else _TESTS.get(each) for each in members]
    return tuple(test for test in tests if test) if all(tests) else ()


def _literal(kind: str) -> tuple[Test, str]:
    words = kind.removeprefix("Literal[").removesuffix("]").replace('"', "'").split(", ")
    return (lambda value: isinstance(value, str) and repr(value) in words), f"one of {', '.join(words)}"


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _texts(value: Any) -> bool:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        return False
    return all(isinstance(item, str) for item in cast("Sequence[Any]", value))


def _object(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in cast("Mapping[Any, Any]", value))


def _texts_by_name(value: Any) -> bool:
    return _object(value) and all(isinstance(item, str) for item in value.values())


_TESTS: Mapping[str, tuple[Test, str]] = {
    "float": (_number, "a number"),
    "int": (lambda value: isinstance(value, int) and not isinstance(value, bool), "a whole number"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "str": (lambda value: isinstance(value, str), "a string"),
    "Decimal": (lambda value: isinstance(value, Decimal), "a Decimal"),
    "Sequence[str]": (_texts, "a list of strings"),
    "Mapping[str, Any]": (_object, "a mapping with strings as keys"),
    "Mapping[str, str]": (_texts_by_name, "a mapping of strings to strings"),
}
