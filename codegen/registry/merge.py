"""Bring the sources together: one entry per pinned model, one value per figure, every disagreement named."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from codegen.registry import genai
from codegen.registry.claims import LABELS, Period, Record, Source, Value, service_tier
from codegen.registry.names import added, dropped, groups, guess_kind, moved

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from codegen.registry.overlay import Overlay

CORE = ("openai", "anthropic", "google", "ollama")
"""Providers whose sources may not disagree; of the others the most trusted one is believed."""

TRUST = {"price": ("gp", "ll", "md", "lr"), "retires": ("ll", "lr"), "kind": ("ll",), "protocol": ("ll",)}
"""First word of a figure to the sources that are asked for it, the most trusted first."""

FIRST = ("md", "ll", "gp", "lr")
"""Whom to believe about everything else: models.dev for limits and capabilities."""


@attrs.frozen(kw_only=True)
class Entry:
    """One model as the registry will hold it."""

    provider: str
    id: str
    aliases: tuple[str, ...]
    figures: dict[str, Value]
    sources: dict[str, str]
    """Figure to the key of the source that it was taken from."""
    history: tuple[Period, ...]


@attrs.frozen
class Merged:
    """The entries, and what keeps them from being written."""

    entries: tuple[Entry, ...]
    disagreements: tuple[str, ...]


def merge(records: Iterable[Record], sources: Mapping[str, Source], overlay: Overlay, day: date) -> Merged:
    """Join *records* into entries as of *day*, deciding by *overlay*."""
    said: dict[tuple[str, str], dict[str, Record]] = defaultdict(dict)
    for record in records:
        said[record.provider, record.name.lower()].setdefault(record.source, record)
    listed = {*said, *genai.names(), *added(overlay)}
    grouped = groups({name for name in listed if not dropped(":".join(name), overlay)}, overlay)
    judge = _Judge(said, sources, overlay, day)
    entries = tuple(judge.entry(provider, pinned, others) for (provider, pinned), others in sorted(grouped.items()))
    return Merged(entries, tuple(judge.problems))


@attrs.define
class _Judge:
    said: Mapping[tuple[str, str], Mapping[str, Record]]
    sources: Mapping[str, Source]
    overlay: Overlay
    day: date
    problems: list[str] = attrs.field(factory=list[str])

    def entry(self, provider: str, pinned: str, others: list[str]) -> Entry:
        """Decide every figure of one model."""
        model = f"{provider}:{pinned}"
        claims = self._claims(provider, [pinned, *others])
        figures: dict[str, Value] = {}
        origin: dict[str, str] = {}
        for figure in sorted({figure for record in claims.values() for figure in record.figures}):
            decided = self._decide(model, figure, self._told(figure, claims))
            if len({value for _, value in decided}) > 1 and provider in CORE and figure not in LABELS:
                both = ", ".join(f"{self.sources[key].name} ({self.sources[key].date}) says {value}" for key, value in decided)
                self.problems.append(f"{model}: {figure}: {both}")
            if decided:
                origin[figure], figures[figure] = decided[0]
        self._complete(model, figures, origin)
        history = claims["gp"].history if "gp" in claims else ()
        return Entry(provider=provider, id=pinned, aliases=tuple(others), figures=figures, sources=origin, history=history)

    def _complete(self, model: str, figures: dict[str, Value], origin: dict[str, str]) -> None:
        """Fill in what follows from the rest, then what the overlay says."""
        figures.setdefault("kind", guess_kind(model.partition(":")[2]))
        window, prompt = figures.get("context", 0), figures.get("input", 0)
        if isinstance(window, int) and isinstance(prompt, int) and prompt > window:  # none named, or one rounded down
            figures["context"], origin["context"] = prompt, origin["input"]
        if figures.get("input") == figures.get("context"):
            figures.pop("input", None)
        for line in self.overlay.figures:
            if line.value is not None and line.covers(model):
                line.used += 1
                figures |= dict.fromkeys(line.figures, line.value)
                origin |= dict.fromkeys(line.figures, "ov")

    def _claims(self, provider: str, names: list[str]) -> dict[str, Record]:
        """Join what each source says under any of *names*; the first name has the last word.

        What was said of a floating name that the overlay gives to another model may have meant an earlier one, so it is no claim.
        """
        claims: dict[str, Record] = {}
        for name in reversed(names):
            if name != names[0] and moved(f"{provider}:{name}", self.overlay):
                continue
            found = dict(self.said.get((provider, name), {}))
            priced = genai.record(provider, name, self.day)
            if priced:
                found["gp"] = priced
            for key, record in found.items():
                earlier = claims[key].figures if key in claims else {}
                claims[key] = attrs.evolve(record, figures=earlier | record.figures)
        return claims

    def _told(self, figure: str, claims: Mapping[str, Record]) -> list[tuple[str, Value]]:
        """List what each source says, the most trusted first.

        Where prices have a history, an old one that was right on its day is no claim about today, and the history alone knows
        what belongs to a service tier that it has and whether a long context costs more.
        """
        order = TRUST.get(figure.partition(".")[0], FIRST)
        told = [(key, claims[key].figures[figure]) for key in order if key in claims and figure in claims[key].figures]
        history = claims["gp"].history if "gp" in claims else ()
        if not figure.startswith("price.") or not history:
            return told
        now = claims["gp"].figures
        kept: list[tuple[str, Value]] = []
        for key, value in told:
            then = genai.rates_on(history, self.sources[key].date)
            outdated = any(then.get(rate) != now.get(rate) for rate in ("price.input", "price.output"))
            foreign = figure not in then and (outdated or _settled(figure, now))
            if key == "gp" or not (then.get(figure) == value or foreign):
                kept.append((key, value))
        return kept

    def _decide(self, model: str, figure: str, told: list[tuple[str, Value]]) -> list[tuple[str, Value]]:
        """Set aside what the overlay says to, as long as something is left."""
        left = list(told)
        for line in self.overlay.rules:
            if len({value for _, value in left}) > 1 and line.covers(model, figure):
                rest = [(key, value) for key, value in left if key not in line.ignore or (line.when is not None and value != line.when)]
                if rest and len(rest) < len(left):
                    line.used += 1
                    left = rest
        return left


def _settled(figure: str, now: Mapping[str, Value]) -> bool:
    """Tell whether the prices *now* leave nothing to add about the tier that *figure* belongs to."""
    tier = service_tier(figure)
    if tier:
        return any(service_tier(known) == tier for known in now if known.startswith("price."))
    return ".over-" in figure
