"""Write the module that makes aliases a type; where it goes is decided elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = '''"""The aliases of the lockfile, as a type; written by `llmring lock types`."""

from typing import Literal

'''


def module(aliases: Iterable[str]) -> str:
    """Return the text of a module whose ``Alias`` is any one of *aliases*, of which there are some; formatters leave it as it is."""
    from json import dumps

    names = [dumps(alias, ensure_ascii=False).replace("\x7f", "\\u007f") for alias in sorted(set(aliases))]
    if len(names) == 1:
        return f"{HEAD}Alias = Literal[{names[0]}]\n"
    lines = "".join(f"    {name},\n" for name in names)
    return f"{HEAD}Alias = Literal[\n{lines}]\n"
