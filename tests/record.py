"""Record the cassettes: ``python -m tests.record [name …]``; a name is a scenario, a protocol, or ``protocol/scenario``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tests.recording.studio import kept, record
from tests.recording.tape import FOLDER, Cassette, path_of
from tests.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.scenarios import Scenario


def wanted(names: Sequence[str]) -> list[Scenario]:
    """Give the scenarios that *names* mean, all of them without any."""
    unknown = {name for name in names if not any(_means(name, scenario) for scenario in SCENARIOS.values())}
    if unknown:
        sys.exit(f"no scenario is called {', '.join(sorted(unknown))}")
    return [scenario for scenario in SCENARIOS.values() if not names or any(_means(name, scenario) for name in names)]


def _means(name: str, scenario: Scenario) -> bool:
    return name in {str(scenario), scenario.name, scenario.protocol}


def write(scenario: Scenario) -> str:
    """Record *scenario*, write it, and say what has become of its file."""
    path = path_of(scenario)
    old = Cassette.read(path) if path.exists() else None
    fresh = kept(record(scenario, os.environ), old)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fresh.text(), encoding="utf-8")
    state = "added" if old is None else "unchanged" if fresh == old else "changed"
    return f"{state}: {scenario} (from the {fresh.recorded['from']})"


def prune() -> list[str]:
    """Remove the cassettes of scenarios that are no more."""
    orphans = sorted(set(FOLDER.rglob("*.yaml")) - {path_of(scenario) for scenario in SCENARIOS.values()})
    for orphan in orphans:
        orphan.unlink()
    return [f"removed: {orphan.relative_to(FOLDER)}" for orphan in orphans]


def main(names: Sequence[str]) -> None:
    """Record what *names* mean."""
    for scenario in wanted(names):
        sys.stdout.write(write(scenario) + "\n")
    if not names:
        sys.stdout.writelines(line + "\n" for line in prune())


if __name__ == "__main__":
    main(sys.argv[1:])
